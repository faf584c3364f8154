"""Show what is held about the customer, why, who may read it and until when.

The look is the customer's own and recorded like any. Sensitive values stand in a closed box, for
somebody may be looking over a shoulder. What somebody else gave is told here. Nothing on this page
asks for a consent.
Source: portal note, 2 and 7; GDPR 15.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from policies.model import ConsentState
from portal import groups, left_rows, looks, uses
from portal.answers import Go, Page
from portal.groups import Group
from portal.labels import Labels
from portal.language import N_, translate
from portal.left_rows import Left
from portal.rule_rows import Row, Rows
from portal.state import ALLOWING, SOON
from portal.visit import Visit
from portal.words import Moment, day, moment, of_ms
from vault.core.errors import OpenError
from vault.core.request import State
from vault.services import choices as choices_service
from vault.services import (
    erasure,
    follow_up_own,
    left_over,
    own,
    published,
    request,
    restriction,
    terms,
    third_party,
    who_looked,
)
from vault.services.choices import Choice
from vault.services.entries import Line
from vault.services.own import Held
from vault.services.restriction import Restriction

HERE: Final = "/home"
RESTRICT: Final = "/restriction"
TERMS: Final = "/privacy/terms"
MOST_ACTIONS: Final = 3
MOST_LOOKS: Final = 5
_ANSWERED: Final = ALLOWING | {ConsentState.REFUSED, ConsentState.WITHDRAWN}
_NEWS: Final = {
    State.WAITING: N_("We need something from you for your request {number}."),
    State.ANSWERED: N_("Your request {number} is answered."),
    State.REFUSED: N_("Your request {number} is answered."),
}
_DONE: Final = {
    "restricted": N_("Restricted. From this moment no app reads or changes anything about you."),
    "let-go": N_("Lifted. It is deleted within a day."),
    "lifted": N_("Lifted. Your details are used again as they were before."),
    "same": N_("Nothing was to be changed. All is as it was."),
}


class _Restrict(BaseModel):
    model_config = ConfigDict(frozen=True)

    do: Literal["restrict", "lift"]


@dataclass(frozen=True, slots=True)
class Action:
    """Something that waits for the customer; at most three are shown."""

    words: str
    href: str
    link: str


@dataclass(frozen=True, slots=True)
class Look:
    """One of the last looks, in one line."""

    who: str
    purpose: str
    at: Moment
    outcome: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """Everything of `/home`."""

    title: str
    done: str
    kept: int
    possible: int
    shared: int
    apps: int
    open: int
    pause: Row | None  # of what rests on consent; None where the code offers none
    restricted: bool  # everything is
    erasing: bool  # until everything is erased, which can be taken back on its own page
    csrf: str  # of the form that restricts everything, and lifts it
    actions: tuple[Action, ...]
    looks: tuple[Look, ...]
    groups: tuple[Group, ...]
    left: tuple[Left, ...]


async def show(visit: Visit) -> Page:
    """Show everything, and record that the customer looked."""
    deps, customer = visit.deps, visit.customer
    held = await own.held(deps, customer, request=visit.request_id)
    choices = await choices_service.choices(deps, customer)
    seen = await who_looked.others(deps, customer, limit=MOST_LOOKS)
    found = await restriction.of(deps, customer)
    labels = Labels(await published.in_force(deps), visit.lang)
    read_by = {one.field.name: uses.of(one.field.name, choices).readers for one in held if one.kept}
    page = HomePage(
        title=translate(visit.lang, N_("Home")),
        done=translate(visit.lang, _DONE.get(visit.query.get("done", ""), "")),
        kept=len(read_by),
        possible=len(held),
        shared=0 if found.whole else sum(bool(readers) for readers in read_by.values()),
        apps=0 if found.whole else len({app.id for apps in read_by.values() for app in apps}),
        open=sum(one.state is not None and one.state not in _ANSWERED for one in choices),
        pause=await _pause(visit, labels),
        restricted=found.whole,
        erasing=bool(found.erasing),
        csrf=visit.csrf(RESTRICT),
        actions=(
            *_erasing(found, visit.lang),
            *(await _requests(visit))[:1],
            *(await _offered(visit)),
            *_actions(visit, held, choices, labels),
        )[:MOST_ACTIONS],
        looks=_looks(seen.lines, labels),
        groups=groups.of(held, choices, found, labels),
        left=left_rows.of(await left_over.of(deps, customer), visit),
    )
    new = own.new_from_others(held)
    if new:  # the page is made with where they came from, and the look is recorded: this is telling
        await third_party.tell(deps, customer, new, request=visit.request_id)
    return Page("home.html", page, HERE)


async def _pause(visit: Visit, labels: Labels) -> Row | None:
    try:
        standing = await terms.load(visit.deps, visit.customer)
    except OpenError:  # the record is broken: nobody reads anything, and nothing can change
        return None
    return Rows(standing, labels, visit.csrf(TERMS)).pause()


async def restrict(visit: Visit) -> Go:
    """Restrict everything, or lift that; one press, and one to take it back."""
    form = visit.form.read(_Restrict)
    act, said = (
        (restriction.lift, "lifted") if form.do == "lift" else (restriction.restrict, "restricted")
    )
    changed = await act(visit.deps, visit.customer, request=visit.request_id)
    return Go(f"{HERE}?done={said if changed else 'same'}")


def _actions(
    visit: Visit, held: Sequence[Held], choices: Sequence[Choice], labels: Labels
) -> tuple[Action, ...]:
    """Return what waits; a choice that was never answered does not: nobody is pressed here."""
    lang = visit.lang
    broken = tuple(
        Action(
            words=translate(
                lang,
                N_("“{label}” did not pass its check and cannot be shown. Nobody can read it."),
                label=one.field.label.get(lang),
            ),
            href=f"{HERE}/{one.field.name}",
            link=translate(lang, N_("See what you can do")),
        )
        for one in held
        if one.damaged
    )
    ending = tuple(
        Action(
            words=translate(
                lang,
                N_("What you allowed for “{purpose}” ends on {date}."),
                purpose=one.purpose.label.get(lang),
                date=day(of_ms(one.until_ms), lang).text,
            ),
            href=f"/privacy/{one.purpose.id}",
            link=translate(lang, N_("Read and decide")),
        )
        for one in choices
        if one.state in ALLOWING and one.until_ms and of_ms(one.until_ms) - visit.now <= SOON
    )
    return (*broken, *_untold(held, labels), *_stopped(choices, lang), *ending)


def _stopped(choices: Sequence[Choice], lang: str) -> tuple[Action, ...]:
    """Return what new rules ended, until the customer answers or puts it off: asked once."""
    return tuple(
        Action(
            words=translate(
                lang,
                N_("Our rules for “{purpose}” changed, so what you allowed has stopped."),
                purpose=one.purpose.label.get(lang),
            ),
            href=f"/privacy/{one.purpose.id}",
            link=translate(lang, N_("See what changed")),
        )
        for one in choices
        if one.state is ConsentState.REVOKED
    )


async def _requests(visit: Visit) -> tuple[Action, ...]:
    """Return the requests that were answered, or that wait for the customer, until they are closed."""
    lang = visit.lang
    return tuple(
        Action(
            words=translate(lang, _NEWS[one.request.state], number=one.number),
            href=f"/requests/{one.request_id}",
            link=translate(lang, N_("Read it")),
        )
        for one in await request.list_(visit.deps, visit.customer)
        if one.request and one.request.state in _NEWS
    )


async def _offered(visit: Visit) -> tuple[Action, ...]:
    """Return what the business says is settled, until the customer says yes or no."""
    if not await follow_up_own.offered(visit.deps, visit.customer):
        return ()
    lang = visit.lang
    return (
        Action(
            words=translate(lang, N_("We say that something you told us is settled. Do you?")),
            href="/follow-ups",
            link=translate(lang, N_("Read it, and say yes or no")),
        ),
    )


def _erasing(found: Restriction, lang: str) -> tuple[Action, ...]:
    if not found.erasing:
        return ()
    words = N_("You asked us to erase everything. It happens on {date}; until then nobody uses it.")
    return (
        Action(
            words=translate(lang, words, date=day(of_ms(found.erasing), lang).text),
            href=erasure.PAGE,
            link=translate(lang, N_("See it, or take it back")),
        ),
    )


def _untold(held: Sequence[Held], labels: Labels) -> tuple[Action, ...]:
    """Return one action for all that somebody else gave and that is shown here for the first time."""
    new = [one for one in held if one.untold]
    if not new:
        return ()
    lang = labels.lang
    words = N_("Somebody else gave us something about you: {details}. No app has seen it yet.")
    return (
        Action(
            words=translate(
                lang, words, details=", ".join(one.field.label.get(lang) for one in new)
            ),
            href=f"{HERE}/{new[0].field.name}",
            link=translate(lang, N_("See it, and say if it is wrong")),
        ),
    )


def _looks(lines: Sequence[Line], labels: Labels) -> tuple[Look, ...]:
    return tuple(
        Look(
            who=looks.who(line, labels),
            purpose=labels.purpose(line.purpose) if line.purpose else "",
            at=moment(of_ms(line.at), labels.lang),
            outcome=looks.outcome(line, labels.lang).words,
        )
        for line in lines
        if line.at is not None
    )
