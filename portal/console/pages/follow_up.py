"""Show staff one follow-up: what for first, then the contact and what was done; answer, offer, hand over.

Without a purpose the page says how it stands and opens nothing. With one, each time it is shown is a
look at the customer's words: recorded under the follow-up's number before anything opens, and on
the customer's list. Nobody settles it here. What was typed comes back with what is wrong with it.
Source: portal note, 8.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from policies.model import InteractionKind, StaffRole
from portal import follow_up_words as words
from portal.answers import Go, Page
from portal.console.pages.follow_ups import HERE
from portal.console.visit import StaffVisit
from portal.follow_up_words import Line
from portal.labels import Labels
from portal.language import N_, translate
from portal.look_filter import Option
from portal.pages.requests import shown, wrong_words
from portal.state import Badge
from portal.words import Moment, day
from vault.core.errors import ConflictError, WrongValueError
from vault.core.follow_up import Outcome, State
from vault.core.staff import Right
from vault.services import (
    follow_up_owed,
    follow_up_staff,
    interaction,
    jobs,
    published,
    request_row,
)
from vault.services.follow_up_row import Case
from vault.services.follow_up_staff import Said, Seen

E = TypeVar("E", bound=StrEnum)
_DONE: Final = {
    "answer": N_("Said. The customer gets a letter with a link."),
    "offer": N_("Offered. The customer says whether it is settled."),
    "hand": N_("Handed over."),
}
_CHOOSE: Final = "Choose one."


class _Act(BaseModel):
    model_config = ConfigDict(frozen=True)

    do: Literal["answer", "offer", "hand"]
    purpose: str = Field("", max_length=200)
    kind: str = Field("", max_length=64)
    message: UUID | None = None
    text: str = ""
    outcome: str = Field("", max_length=32)
    owner: str = Field("", max_length=16)


@dataclass(frozen=True, slots=True)
class PurposeLink:
    """A purpose under which this role may read the contact."""

    href: str
    label: str
    what: str


@dataclass(frozen=True, slots=True)
class FollowUpPage:
    """Everything of `/console/follow-ups/{number}`."""

    title: str
    number: str
    kind: str
    state: Badge
    owner: str
    begun: Moment
    due: Moment | None
    outcome: str
    refusals: int
    broken: bool
    purposes: tuple[PurposeLink, ...]  # to choose from, before anything opens
    purpose: str  # id of the one that was chosen; "" for none
    purpose_label: str
    thread: tuple[Line, ...]
    cut: bool
    kinds: tuple[Option, ...]  # as which staff may say something
    outcomes: tuple[Option, ...]
    owners: tuple[Option, ...]
    works: bool  # whether there is anything that this member may do
    text: str
    event: str  # id of what the form makes
    do: str  # what was tried; "" for nothing
    wrong: str
    message: str
    action: str
    csrf: str
    request: str


async def show(visit: StaffVisit) -> Page:
    """Show one follow-up, and with a purpose what was said."""
    done = _DONE.get(visit.query.get("done", ""), "")
    message = translate(visit.lang, done) if done else ""
    return await _shown(visit, visit.query.get("purpose", ""), message=message)


async def act(visit: StaffVisit) -> Page | Go:
    """Do one thing with it; what cannot be is said on the page itself."""
    form = visit.form.read(_Act)
    deps, member, number = visit.deps, visit.member, visit.params["number"]
    try:
        match form.do:
            case "answer":
                await follow_up_staff.answer(
                    deps, member, number, _said(visit, form), request=visit.request_id
                )
            case "offer":
                said = _said(visit, form) if form.text.strip() else None
                outcome = _member(Outcome, form.outcome)
                await follow_up_staff.offer(
                    deps, member, number, outcome, said, request=visit.request_id
                )
            case "hand":
                owner = _member(StaffRole, form.owner)
                await follow_up_staff.hand_over(
                    deps, member, number, owner, request=visit.request_id
                )
    except WrongValueError as error:
        return await _shown(visit, form.purpose, form, wrong=_wrong(visit, form, error), status=422)
    except ConflictError:
        message = N_("The customer said that it is settled, so nothing was changed.")
        return await _shown(
            visit, form.purpose, form, message=translate(visit.lang, message), status=409
        )
    jobs.wake()
    given = {"purpose": form.purpose, "done": form.do}
    return Go(f"{visit.path}?{urlencode({name: one for name, one in given.items() if one})}")


def _said(visit: StaffVisit, form: _Act) -> Said:
    event_id = form.message or request_row.new_id(visit.now)
    return Said(form.purpose, form.kind, form.text, event_id)


def _member(kind: type[E], word: str) -> E:
    if word not in set(kind):
        raise WrongValueError(_CHOOSE)
    return kind(word)


def _wrong(visit: StaffVisit, form: _Act, error: WrongValueError) -> str:
    if form.do != "hand" and error.detail != _CHOOSE:
        return wrong_words(form.text, visit.lang) or error.detail
    return translate(visit.lang, N_("Choose one of these."))


async def _shown(
    visit: StaffVisit,
    purpose: str,
    form: _Act | None = None,
    *,
    wrong: str = "",
    message: str = "",
    status: int = 200,
) -> Page:
    deps, member, number = visit.deps, visit.member, visit.params["number"]
    case = await follow_up_owed.show(deps, member, number)
    seen: Seen | None = None
    if purpose and case.follow_up:  # nothing is opened by a broken one
        seen = await follow_up_staff.look(deps, member, number, purpose, request=visit.request_id)
        case = await follow_up_owed.show(deps, member, number)
    labels = Labels(await published.in_force(deps), visit.lang)
    page = _page(visit, case, seen, labels, form, wrong=wrong, message=message)
    return Page("console/follow_up.html", page, HERE, status=status)


def _page(
    visit: StaffVisit,
    case: Case,
    seen: Seen | None,
    labels: Labels,
    form: _Act | None,
    *,
    wrong: str,
    message: str,
) -> FollowUpPage:
    lang, role, one = visit.lang, visit.member.role, case.follow_up
    title = translate(lang, N_("Follow-up {number}"), number=case.number)
    customer = translate(lang, N_("The customer"))
    may_say = follow_up_staff.kinds_to_say(labels.rulebook, seen.purpose.id) if seen else ()
    return FollowUpPage(
        title=translate(lang, N_("Error: {title}"), title=title) if wrong else title,
        number=case.number,
        kind=labels.of(interaction.name(case.kind)),
        state=words.state_for_staff(one, lang, now=visit.now),
        owner=words.role(one.owner, lang) if one else "",
        begun=day(case.begun, lang),
        due=day(one.due, lang) if one and one.state is State.OPEN else None,
        outcome=words.outcome_for_staff(one.outcome, lang) if one and one.outcome else "",
        refusals=one.refusals if one else 0,
        broken=one is None,
        purposes=()
        if seen
        else tuple(
            PurposeLink(
                f"{visit.path}?purpose={each.id}", each.label.get(lang), each.what.get(lang)
            )
            for each in follow_up_staff.purposes(labels.rulebook, role, case.kind)
            if visit.member.may(Right.SEE_VALUES)
        ),
        purpose=seen.purpose.id if seen else "",
        purpose_label=seen.purpose.label.get(lang) if seen else "",
        thread=words.lines(seen.thread, labels, you=customer) if seen else (),
        cut=seen is not None and seen.cut,
        kinds=_kinds(may_say, form, lang),
        outcomes=tuple(
            Option(
                each.value,
                words.outcome_for_staff(each, lang),
                form is not None and form.outcome == each.value,
            )
            for each in Outcome
        ),
        owners=tuple(
            Option(each.value, words.role(each, lang), False)
            for each in follow_up_staff.OWNERS
            if one is None or each is not one.owner
        ),
        works=one is not None and not one.is_settled,
        text=shown(form.text) if form and (wrong or message) else "",
        event=str((form.message if form else None) or request_row.new_id(visit.now)),
        do=form.do if form else "",
        wrong=wrong,
        message=message,
        action=visit.path,
        csrf=visit.csrf(visit.path),
        request=visit.request_id,
    )


def _kinds(kinds: tuple[InteractionKind, ...], form: _Act | None, lang: str) -> tuple[Option, ...]:
    return tuple(
        Option(one.kind, one.label.get(lang), form is not None and form.kind == one.kind)
        for one in kinds
    )
