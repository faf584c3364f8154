"""Show what is held about the customer, why, who may read it and until when.

The look is the customer's own and recorded like any. Sensitive values stand in a closed box, for
somebody may be looking over a shoulder. Nothing on this page asks for a consent.
Source: portal note, 2 and 7; GDPR 15.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from policies.model import ConsentState, Sensitivity, Source
from portal import looks, uses
from portal.answers import Page
from portal.labels import Labels
from portal.language import N_, translate
from portal.state import ALLOWING, SOON
from portal.visit import Visit
from portal.words import Moment, day, ends, lasting, moment, of_ms
from vault.services import choices as choices_service
from vault.services import own, published, third_party, who_looked
from vault.services.choices import Choice
from vault.services.entries import Line
from vault.services.own import Held

HERE: Final = "/home"
MOST_ACTIONS: Final = 3
MOST_LOOKS: Final = 5
_ANSWERED: Final = ALLOWING | {ConsentState.REFUSED, ConsentState.WITHDRAWN}
_ENTRIES: Final = 40  # read to find the last looks of others
_SOURCES: Final = {
    Source.TOLD: N_("You told us"),
    Source.OBSERVED: N_("We observed it"),
    Source.INFERRED: N_("We inferred it"),
    Source.THIRD_PARTY: N_("Somebody else told us"),
}


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
class Detail:
    """One field with a value."""

    field: str
    label: str
    lines: tuple[str, ...]
    hidden: bool  # sensitive: stands in a closed box
    source: str
    since: Moment | None
    why: str
    purposes: tuple[str, ...]
    asleep: tuple[str, ...]  # purposes that may not use it without the customer's yes
    readers: tuple[str, ...]
    until: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A field without a value: what we would like to know, and why."""

    label: str
    why: str


@dataclass(frozen=True, slots=True)
class Group:
    """The fields of one group of the code of ethics."""

    label: str
    details: tuple[Detail, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class HomePage:
    """Everything of `/home`."""

    title: str
    kept: int
    possible: int
    apps: int
    open: int
    actions: tuple[Action, ...]
    looks: tuple[Look, ...]
    groups: tuple[Group, ...]


async def show(visit: Visit) -> Page:
    """Show everything, and record that the customer looked."""
    deps, customer = visit.deps, visit.customer
    held = await own.held(deps, customer, request=visit.request_id)
    new = own.new_from_others(held)
    if new:  # shown here with where it came from, and that look is recorded: so this is telling
        await third_party.tell(deps, customer, new, request=visit.request_id)
    choices = await choices_service.choices(deps, customer)
    lines = await who_looked.latest(deps, customer, limit=_ENTRIES)
    labels = Labels(await published.in_force(deps), visit.lang)
    found = [one for one in held if _is_kept(one)]
    readers = {app.id for one in found for app in uses.of(one.field.name, choices).readers}
    page = HomePage(
        title=translate(visit.lang, N_("Home")),
        kept=len(found),
        possible=len(held),
        apps=len(readers),
        open=sum(one.state is not None and one.state not in _ANSWERED for one in choices),
        actions=_actions(visit, held, choices, labels)[:MOST_ACTIONS],
        looks=_looks(lines, labels)[:MOST_LOOKS],
        groups=_groups(held, choices, labels),
    )
    return Page("home.html", page, HERE)


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
            href=f"mailto:{labels.rulebook.code.publisher.dpo.email}",
            link=translate(lang, N_("Write to us about it")),
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
    return broken + ending


def _looks(lines: Sequence[Line], labels: Labels) -> tuple[Look, ...]:
    return tuple(
        Look(
            who=looks.who(line, labels),
            purpose=labels.purpose(line.purpose) if line.purpose else "",
            at=moment(of_ms(line.at), labels.lang),
            outcome=looks.outcome(line, labels.lang).words,
        )
        for line in lines
        if line.at is not None and line.actor != "customer"
    )


def _groups(held: Sequence[Held], choices: Sequence[Choice], labels: Labels) -> tuple[Group, ...]:
    names = dict.fromkeys(one.field.group for one in held)
    return tuple(
        Group(
            label=labels.group(name),
            details=tuple(
                _detail(one, choices, labels)
                for one in held
                if one.field.group == name and _is_kept(one)
            ),
            missing=tuple(
                Missing(one.field.label.get(labels.lang), one.field.why.get(labels.lang))
                for one in held
                if one.field.group == name and not _is_kept(one)
            ),
        )
        for name in names
    )


def _detail(one: Held, choices: Sequence[Choice], labels: Labels) -> Detail:
    lang, field = labels.lang, one.field
    used = uses.of(field.name, choices)
    since = one.since
    source = translate(lang, _SOURCES[one.source]) if one.source else ""
    return Detail(
        field=field.name,
        label=field.label.get(lang),
        lines=_lines(one, labels),
        hidden=field.sensitivity is not Sensitivity.ORDINARY,
        source=source,
        since=day(since, lang) if since else None,
        why=field.why.get(lang),
        purposes=tuple(labels.purpose(purpose) for purpose in used.purposes),
        asleep=tuple(labels.purpose(purpose) for purpose in used.asleep),
        readers=labels.apps(app.id for app in used.readers),
        until=_until(field.retention, one, lang),
    )


def _is_kept(one: Held) -> bool:
    return one.value is not None or one.damaged


def _lines(one: Held, labels: Labels) -> tuple[str, ...]:
    if one.damaged:
        return (translate(labels.lang, N_("This did not pass its check and was not opened.")),)
    return labels.lines(one.field, one.value)


def _until(retention: str, one: Held, lang: str) -> str:
    end = ends(retention, one.since) if one.since else None
    if end is None:
        return lasting(retention, lang)
    return translate(
        lang, N_("{date} ({time} in all)"), date=day(end, lang).text, time=lasting(retention, lang)
    )
