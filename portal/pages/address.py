"""Change the address that one signs in with: a new one, a code that was sent to it, done.

Needs a sign-in of the last minutes. Whether somebody has the address already shows nowhere: one
answer, and the mail alone differs. What is stored so far is not shown here, for nobody needs it.
Source: portal note, 6; security note, 8.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from portal.answers import Cookie, Go, Page
from portal.language import N_, translate
from portal.visit import Visit
from vault.core.errors import SignInRefusedError, WrongValueError
from vault.services import address, published

HERE: Final = "/security"
FORM: Final = "/security/address"
CODE: Final = "/security/address/code"


class _Address(BaseModel):
    model_config = ConfigDict(frozen=True)

    email: str = Field(max_length=1000)
    field: str = Field("", max_length=100)


class _Code(BaseModel):
    model_config = ConfigDict(frozen=True)

    code: str = Field(max_length=100)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several addresses that the code of ethics knows."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class AddressPage:
    """Everything of `/security/address`."""

    title: str
    wrong: str
    email: str
    field: str
    choices: tuple[Choice, ...]  # none where there is only one
    csrf: str


@dataclass(frozen=True, slots=True)
class CodePage:
    """Everything of `/security/address/code`."""

    title: str
    wrong: str
    csrf: str


async def ask(visit: Visit) -> Page:
    """Show the form for the new address."""
    return await _form(visit)


async def send(visit: Visit) -> Page | Go:
    """Mail a code to the new address, or do as if."""
    form = visit.form.read(_Address)
    offered = address.fields(await published.in_force(visit.deps))
    field = form.field or (offered[0].name if offered else "")
    try:
        await address.ask(
            visit.deps,
            visit.signed_in,
            form.email,
            field=field,
            address=visit.address,
            lang=visit.lang,
        )
    except WrongValueError:
        wrong = translate(visit.lang, N_("Write an address like name@example.org."))
        return await _form(visit, wrong=wrong, email=form.email, field=field)
    return Go(CODE)


async def ask_code(visit: Visit) -> Page:
    """Show the form for the digits."""
    return _code(visit)


async def confirm(visit: Visit) -> Page | Go:
    """Write the new address."""
    form = visit.form.read(_Code)
    try:
        changed = await address.confirm(
            visit.deps, visit.signed_in, form.code, request=visit.request_id
        )
    except SignInRefusedError:
        wrong = N_("This code does not work. Check the digits, or begin again.")
        return _code(visit, wrong=translate(visit.lang, wrong))
    return Go(f"{HERE}?done=address", (Cookie("session", changed.cookie),))


async def _form(visit: Visit, *, wrong: str = "", email: str = "", field: str = "") -> Page:
    offered = address.fields(await published.in_force(visit.deps))
    choices = tuple(Choice(one.name, one.label.get(visit.lang)) for one in offered)
    page = AddressPage(
        title=_title(visit, N_("Another sign-in address"), wrong=wrong),
        wrong=wrong,
        email=email,
        field=field or (choices[0].name if choices else ""),
        choices=choices if len(choices) > 1 else (),
        csrf=visit.csrf(FORM),
    )
    return Page("address.html", page, HERE, status=422 if wrong else 200)


def _code(visit: Visit, *, wrong: str = "") -> Page:
    title = _title(visit, N_("Type the code"), wrong=wrong)
    page = CodePage(title, wrong, visit.csrf(CODE))
    return Page("address_code.html", page, HERE, status=422 if wrong else 200)


def _title(visit: Visit, title: str, *, wrong: str) -> str:
    said = translate(visit.lang, title)
    return translate(visit.lang, N_("Error: {title}"), title=said) if wrong else said
