"""Let staff write down what happened with a customer, under the purpose and case of a look.

The form opens nothing. It brings the id of what it makes, so that one that is sent twice makes one
event; what is wrong is said on the form itself, with all that was typed. Files are for apps to
attach: a form of ours is text, and its reader takes nothing else.
Source: portal note, 8; security note, 6 and 8; docs/knowing.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from policies.model import InteractionKind
from portal import event_words
from portal.answers import Go, Page
from portal.console.pages.customers import HERE
from portal.console.visit import StaffVisit
from portal.labels import Labels
from portal.language import N_, translate
from portal.look_filter import Option
from portal.pages.requests import shown, wrong_words
from vault.core import request as rules
from vault.core.errors import NotAvailableError, WrongValueError
from vault.core.event import MAX_WHO, Outcome, check_who
from vault.services import interaction, published, request_row, staff_event, staff_look
from vault.services.staff_event import Written
from vault.services.staff_look import Look

_DAY: Final = "%Y-%m-%d"  # as inputs of a day and of a time send them
_TIME: Final = "%H:%M"
_WRONG: Final[Mapping[str, str]] = {
    "kind": N_("Choose what it was."),
    "day": N_("Write a day and a time that is past."),
    "channel": N_("Write by which way, in at most 64 characters."),
    "who": N_("Write a role or a team, in at most 64 characters."),
    "outcome": N_("Choose what came of it, or nothing."),
    "parent": N_("What it belongs to is not there any more, or too much stands under each other."),
}


class _Typed(BaseModel):
    model_config = ConfigDict(frozen=True)

    event: UUID
    under: str = Field("", max_length=500)
    kind: str = Field("", max_length=200)
    day: str = Field("", max_length=100)
    time: str = Field("", max_length=100)
    channel: str = Field("", max_length=500)
    who: str = Field("", max_length=500)
    outcome: str = Field("", max_length=100)
    text: str = Field("", max_length=4 * rules.MAX_TEXT)


@dataclass(frozen=True, slots=True)
class ContactPage:
    """Everything of `/console/customers/{look}/contacts/new`."""

    title: str
    purpose: str
    case: str
    event: str
    under: str
    kinds: tuple[Option, ...]
    day: str
    time: str
    channel: str
    who: str
    outcomes: tuple[Option, ...]
    text: str
    wrong: str
    field: str  # which one is wrong
    back: str
    action: str
    csrf: str
    longest: int = rules.MAX_TEXT


async def ask(visit: StaffVisit) -> Page:
    """Show the form."""
    typed = _Typed(
        event=request_row.new_id(visit.now),
        under=visit.query.get("under", "")[:500],
        day=visit.now.astimezone(UTC).strftime(_DAY),
        time=visit.now.astimezone(UTC).strftime(_TIME),
    )
    return await _page(visit, typed)


async def add(visit: StaffVisit) -> Page | Go:
    """Write it down, once."""
    typed = visit.form.read(_Typed)
    look, kinds = await _found(visit)
    at = _moment(typed, visit.now)
    field = _field(typed, kinds, at)
    if field:
        return await _page(visit, typed, wrong=field)
    written = Written(
        event_id=typed.event,
        kind=typed.kind,
        at=at,
        channel=typed.channel,
        text=typed.text,
        who=typed.who,
        outcome=typed.outcome,
        parent=typed.under,
    )
    place = visit.params["look"]
    try:
        await staff_event.append(visit.deps, visit.member, place, written, request=visit.request_id)
    except WrongValueError:
        return await _page(visit, typed, wrong="parent")
    rulebook = await published.in_force(visit.deps)
    seen = "/contacts" if staff_look.has_contacts(rulebook, look.purpose) else ""
    return Go(f"{HERE}/{quote(place)}{seen}?done=1")


async def _found(visit: StaffVisit) -> tuple[Look, tuple[InteractionKind, ...]]:
    look = staff_look.opened(visit.deps, visit.member, visit.params["look"])
    rulebook = await published.in_force(visit.deps)
    kinds = staff_event.kinds(rulebook, look.purpose, visit.member.role)
    if not kinds:
        raise NotAvailableError
    return look, kinds


def _moment(typed: _Typed, now: datetime) -> datetime | None:
    """Return the time that was typed, in UTC; None for what is none, or not past."""
    try:
        at = datetime.strptime(f"{typed.day} {typed.time}", f"{_DAY} {_TIME}").replace(tzinfo=UTC)
    except ValueError:
        return None
    return at if interaction.EARLIEST <= at <= now + interaction.MAX_AHEAD else None


def _field(typed: _Typed, kinds: tuple[InteractionKind, ...], at: datetime | None) -> str:
    """Return the first part of the form that is wrong; "" for none."""
    channel = typed.channel.strip()
    if typed.kind not in {one.kind for one in kinds}:
        return "kind"
    if at is None:
        return "day"
    if not 0 < len(channel) <= interaction.MAX_CHANNEL or not channel.isprintable():
        return "channel"
    try:
        check_who(typed.who.strip())
    except WrongValueError:
        return "who"
    if typed.outcome and typed.outcome not in set(Outcome):
        return "outcome"
    return "text" if typed.text.strip() and wrong_words(typed.text, "en") else ""


async def _page(visit: StaffVisit, typed: _Typed, *, wrong: str = "") -> Page:
    look, kinds = await _found(visit)
    lang, here = visit.lang, f"{HERE}/{quote(visit.params['look'])}"
    labels = Labels(await published.in_force(visit.deps), lang)
    title = translate(lang, N_("Add what happened"))
    words = wrong_words(typed.text, lang) if wrong == "text" else ""
    page = ContactPage(
        title=translate(lang, N_("Error: {title}"), title=title) if wrong else title,
        purpose=labels.purpose(look.purpose),
        case=look.case,
        event=str(typed.event),
        under=typed.under,
        kinds=tuple(Option(one.kind, one.label.get(lang), one.kind == typed.kind) for one in kinds),
        day=shown(typed.day),
        time=shown(typed.time),
        channel=shown(typed.channel)[: interaction.MAX_CHANNEL],
        who=shown(typed.who)[:MAX_WHO],
        outcomes=tuple(
            Option(one.value, event_words.outcome(one, lang), one == typed.outcome)
            for one in Outcome
        ),
        text=shown(typed.text),
        wrong=words or (translate(lang, _WRONG[wrong]) if wrong else ""),
        field=wrong,
        back=here,
        action=f"{here}/contacts/new",
        csrf=visit.csrf(visit.path),
    )
    return Page("console/contact_new.html", page, HERE, status=422 if wrong else 200)
