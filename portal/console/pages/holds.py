"""List legal holds, and set one: what for, of which customer, on which ground, until when, why.

The list names no customer and no reason. One form sets one hold: sent again, it leads to what it set.
A form that leads to no customer says that nothing was set, and nothing more.
Source: GDPR 17(3) and 18(2); portal note, 8; security note, 8.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from portal.answers import Go, Page
from portal.console import hold_words
from portal.console.hold_words import Line
from portal.console.visit import StaffVisit
from portal.ended import GROUNDS
from portal.labels import Labels
from portal.language import N_, translate
from portal.look_filter import Option
from vault.core.errors import ConflictError, OpenError, WrongValueError
from vault.core.hold import LONGEST, MAX_REASON
from vault.services import hold_staff, published
from vault.services.hold_staff import Order

HERE: Final = "/console/holds"
NEW: Final = f"{HERE}/new"
MOST: Final = "most"
BROKEN: Final = "broken"
_DONE: Final = {
    "set": N_(
        "The hold is set. The customer sees it, with your pseudonym, the ground and the day."
    ),
    "lifted": N_("The hold is lifted. What is over goes with the next sweep."),
    "over": N_("This hold did not stand any more. Nothing was changed."),
}
_WRONG: Final[Mapping[str, str]] = {
    hold_staff.NO_CASE: N_("Write the number of the request, or the reference of the ticket."),
    hold_staff.NO_CUSTOMER: N_("Write an exact e-mail address, phone number, card or number."),
    hold_staff.NO_GROUND: N_("Choose the ground."),
    hold_staff.NO_DAY: N_("Write a day in the future, at most two years from now."),
    hold_staff.NO_REASON: N_("Write why, in at most 3,900 characters."),
    hold_staff.NO_NAMES: N_("Choose what is to stay: everything, or at least one detail."),
    hold_staff.NOBODY_FOUND: N_(
        "No hold was set: what you wrote leads to no customer. That you asked is on record."
    ),
    MOST: N_("No hold was set: this customer has as many holds as there may be. Lift one first."),
    BROKEN: N_(
        "No hold was set: the customer's record is not as the vault wrote it. Tell whoever runs it."
    ),
}
_FIELDS: Final = {hold_staff.NOBODY_FOUND: "customer", MOST: "customer", BROKEN: "customer"}
_EVERYTHING: Final = "everything"


class _Ask(BaseModel):
    model_config = ConfigDict(frozen=True)

    place: str = Field(max_length=1_024)
    case: str = Field("", max_length=200)
    customer: str = Field("", max_length=1_000)
    ground: str = Field("", max_length=100)
    until: str = Field("", max_length=100)
    reason: str = Field("", max_length=2 * MAX_REASON)
    keep: str = Field("", max_length=100)
    name: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HoldsPage:
    """Everything of `/console/holds`."""

    title: str
    message: str
    holds: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class NewPage:
    """Everything of `/console/holds/new`."""

    title: str
    place: str
    case: str
    customer: str
    grounds: tuple[Option, ...]
    until: str
    first: str  # day, for the input
    last: str
    reason: str
    keep: str
    names: tuple[Option, ...]
    wrong: str
    field: str  # which one is wrong
    csrf: str


async def show(visit: StaffVisit) -> Page:
    """Show the list."""
    done = _DONE.get(visit.query.get("done", ""), "")
    found = await hold_staff.list_(visit.deps, visit.member)
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    page = HoldsPage(
        title=translate(visit.lang, N_("Legal holds")),
        message=translate(visit.lang, done) if done else "",
        holds=tuple(hold_words.line(one, labels) for one in found),
    )
    return Page("console/holds.html", page, HERE)


async def ask(visit: StaffVisit) -> Page:
    """Show the form; a request leads here with its number filled in."""
    place = hold_staff.form(visit.deps, visit.member)
    return await _page(visit, _Ask(place=place, case=visit.query.get("case", "")[:40]))


async def make(visit: StaffVisit) -> Page | Go:
    """Set the hold; what is wrong is said on the form itself, with all that was typed."""
    form = visit.form.read(_Ask)
    names = None if form.keep == _EVERYTHING else frozenset(form.name)
    order = Order(
        case=form.case,
        typed=form.customer,
        ground=form.ground,
        until=form.until,
        reason=form.reason.replace("\r\n", "\n"),
        names=names,
    )
    try:
        await hold_staff.make(visit.deps, visit.member, form.place, order, request=visit.request_id)
    except WrongValueError as error:
        return await _page(visit, form, wrong=error.detail)
    except ConflictError:
        return await _page(visit, form, wrong=MOST, status=409)
    except OpenError:
        return await _page(visit, form, wrong=BROKEN, status=409)
    return Go(f"{HERE}?done=set")


async def _page(visit: StaffVisit, form: _Ask, *, wrong: str = "", status: int = 422) -> Page:
    lang, rulebook = visit.lang, await published.in_force(visit.deps)
    labels = Labels(rulebook, lang)
    title = translate(lang, N_("Set a legal hold"))
    page = NewPage(
        title=translate(lang, N_("Error: {title}"), title=title) if wrong else title,
        place=form.place,
        case=_shown(form.case),
        customer=_shown(form.customer),
        grounds=tuple(
            Option(one.value, translate(lang, words), one == form.ground)
            for one, words in GROUNDS.items()
        ),
        until=_shown(form.until),
        first=(visit.now + timedelta(days=1)).date().isoformat(),
        last=(visit.now + LONGEST).date().isoformat(),
        reason="".join(one for one in form.reason if one.isprintable() or one == "\n"),
        keep=form.keep,
        names=tuple(
            Option(name, labels.of(name), name in form.name)
            for name in (*rulebook.fields, *rulebook.interactions)
        ),
        wrong=translate(lang, _WRONG[wrong]) if wrong else "",
        field=_FIELDS.get(wrong, wrong),
        csrf=visit.csrf(NEW),
    )
    return Page("console/hold_new.html", page, HERE, status=status if wrong else 200)


def _shown(text: str) -> str:
    return "".join(one for one in text if one.isprintable())
