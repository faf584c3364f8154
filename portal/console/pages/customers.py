"""Ask what a look is for before it happens: purpose and case first, then an exact identifier.

There is no list of customers and no search by name. Whether somebody was found is not said here: the
page that follows shows what the clause allows, or nothing.
Source: portal note, 8; security note, 8.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from portal.answers import Go, Page
from portal.console.visit import StaffVisit
from portal.language import N_, translate
from vault.core.errors import WrongValueError
from vault.services import staff_look

HERE: Final = "/console/customers"
_WRONG: Final = {
    staff_look.NO_CASE: N_("Write the number of the request, or the reference of the ticket."),
    staff_look.NO_PURPOSE: N_("Choose what the look is for."),
    staff_look.NO_CUSTOMER: N_("Write an exact e-mail address, phone number, card or number."),
}


class _Ask(BaseModel):
    model_config = ConfigDict(frozen=True)

    case: str = Field(max_length=200)
    purpose: str = Field("", max_length=200)
    customer: str = Field("", max_length=1000)


@dataclass(frozen=True, slots=True)
class PurposeChoice:
    """A purpose under which this role may look."""

    id: str
    label: str
    what: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class CustomersPage:
    """Everything of `/console/customers`."""

    title: str
    purposes: tuple[PurposeChoice, ...]
    case: str
    customer: str
    wrong: str
    wrong_field: str
    csrf: str


async def ask(visit: StaffVisit) -> Page:
    """Show the form; a request leads here with its number filled in."""
    return await _page(visit, case=visit.query.get("case", "")[:40])


async def find(visit: StaffVisit) -> Page | Go:
    """Go on to the look, whoever was named."""
    form = visit.form.read(_Ask)
    try:
        place = await staff_look.find(
            visit.deps,
            visit.member,
            purpose=form.purpose,
            case=form.case,
            typed=form.customer,
        )
    except WrongValueError as error:
        return await _page(
            visit,
            case=form.case,
            customer=form.customer,
            purpose=form.purpose,
            wrong=error.detail,
        )
    return Go(f"{HERE}/{place}")


async def _page(
    visit: StaffVisit, *, case: str, customer: str = "", purpose: str = "", wrong: str = ""
) -> Page:
    async with visit.deps.database.connect() as conn:
        rulebook = await visit.deps.codes.in_force(conn, visit.now)
    title = translate(visit.lang, N_("Look at a customer's details"))
    page = CustomersPage(
        title=translate(visit.lang, N_("Error: {title}"), title=title) if wrong else title,
        purposes=tuple(
            PurposeChoice(
                one.id, one.label.get(visit.lang), one.what.get(visit.lang), one.id == purpose
            )
            for one in staff_look.purposes(rulebook, visit.member.role)
        ),
        case="".join(one for one in case if one.isprintable()),
        customer="".join(one for one in customer if one.isprintable()),
        wrong=translate(visit.lang, _WRONG[wrong]) if wrong else "",
        wrong_field=wrong,
        csrf=visit.csrf(HERE),
    )
    return Page("console/customers.html", page, HERE, status=422 if wrong else 200)
