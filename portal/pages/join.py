"""Let a person join: one form, a code, done; for a child a parent's answer comes between.

There is no consent on these pages, and nothing is ticked. Whether an address is a customer's shows
nowhere: one answer, and the mail alone differs. What was typed stands in the form again.
Source: portal note, 3 and 6; consent-standards note, 1.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from portal.answers import Cookie, Go, Page
from portal.language import N_, translate
from portal.visit import Visit
from vault.core.errors import SignInRefusedError, WrongValueError
from vault.crypto.random import token
from vault.services import join, published
from vault.services.join import Told

HERE: Final = "/join"
CODE: Final = "/join/code"
PARENT: Final = "/join/parent"
HOME: Final = "/home"
_WRONG: Final = {
    "email": N_("Write an address like name@example.org."),
    "name": N_("This name is too long."),
    "born": N_("Write your date of birth, such as 2001-12-31."),
}


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)

    email: str = Field(max_length=1000)
    name: str = Field("", max_length=1000)
    born: str = Field("", max_length=100)
    keep: str = ""


class _Code(BaseModel):
    model_config = ConfigDict(frozen=True)

    code: str = Field(max_length=100)


@dataclass(frozen=True, slots=True)
class JoinPage:
    """Everything of `/join`."""

    title: str
    wrong: str
    at: str  # name of the field that is wrong; "" for none
    email: str
    name: str
    born: str
    asks_name: bool
    age: int  # years; 0: no date of birth is asked
    keep_why: str  # why a date of birth would be kept; "" where it cannot be
    shop: str  # where the business's own terms stand
    csrf: str


@dataclass(frozen=True, slots=True)
class CodePage:
    """Everything of `/join/code`."""

    title: str
    wrong: str
    csrf: str


async def ask(visit: Visit) -> Page | Go:
    """Show the form; whoever is signed in has joined."""
    if visit.session:
        return Go(HOME)
    return await _form(visit, _Told(email=""))


async def send(visit: Visit) -> Page | Go:
    """Mail a code to the address, or do as if."""
    form = visit.form.read(_Told)
    nonce = token()
    told = Told(form.email, form.name, _day(form.born), keep_born=bool(form.keep), lang=visit.lang)
    try:
        await join.ask(visit.deps, told, browser=nonce, address=visit.address)
    except WrongValueError as error:
        return await _form(visit, form, at=error.detail)
    return Go(CODE, (Cookie("joining", nonce),))


async def ask_code(visit: Visit) -> Page | Go:
    """Show the form for the digits, in the browser that asked for them."""
    return _code(visit) if visit.joining else Go(HERE)


async def confirm(visit: Visit) -> Page | Go:
    """Make the account and sign in, or go on to the parent."""
    if not visit.joining:
        return Go(HERE)
    form = visit.form.read(_Code)
    try:
        cookie = await join.confirm(
            visit.deps,
            form.code,
            browser=visit.joining,
            device=visit.device,
            request=visit.request_id,
        )
    except SignInRefusedError:
        wrong = N_("This code does not work. Check the digits, or begin again.")
        return _code(visit, wrong=translate(visit.lang, wrong))
    if cookie is None:
        return Go(PARENT)
    return Go(HOME, (Cookie("session", cookie), Cookie("joining", "")))


async def _form(visit: Visit, form: _Told, *, at: str = "") -> Page:
    rulebook = await published.in_force(visit.deps)
    asked = join.wanted(rulebook)
    wrong = translate(visit.lang, _WRONG[at]) if at else ""
    page = JoinPage(
        title=title(visit, N_("Become a customer"), wrong=wrong),
        wrong=wrong,
        at=at,
        email=form.email,
        name=form.name,
        born=form.born,
        asks_name=asked.name is not None,
        age=asked.age or 0,
        keep_why=asked.born.why.get(visit.lang) if asked.born and asked.age else "",
        shop=rulebook.code.publisher.url,
        csrf=visit.csrf(HERE),
    )
    return Page("join.html", page, HERE, status=422 if wrong else 200)


def _code(visit: Visit, *, wrong: str = "") -> Page:
    page = CodePage(title(visit, N_("Type the code"), wrong=wrong), wrong, visit.csrf(CODE))
    return Page("join_code.html", page, HERE, status=422 if wrong else 200)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def title(visit: Visit, words: str, *, wrong: str) -> str:
    """Return a page's title; it says first when something was wrong."""
    said = translate(visit.lang, words)
    return translate(visit.lang, N_("Error: {title}"), title=said) if wrong else said
