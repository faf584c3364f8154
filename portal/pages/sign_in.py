"""Let people in and out: the address, the code or the link, and signing out.

Looking at a page uses nothing up: mail scanners open links. Whether an address is known shows
nowhere: one answer, and the mail alone differs.
Source: portal note, 6 and 7.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from portal.answers import Cookie, Go, Page
from portal.language import N_, translate
from portal.next import checked
from portal.visit import Visit
from vault.core.errors import SignInRefusedError, WrongValueError
from vault.crypto.random import token
from vault.services import session, sign_in

HERE: Final = "/sign-in"
HOME: Final = "/home"


class _Address(BaseModel):
    model_config = ConfigDict(frozen=True)

    email: str = Field(max_length=1000)
    next: str = ""


class _Code(BaseModel):
    model_config = ConfigDict(frozen=True)

    code: str = Field(max_length=100)
    next: str = ""


@dataclass(frozen=True, slots=True)
class AddressPage:
    """Everything of `/sign-in`."""

    title: str
    message: str
    wrong: str
    email: str
    next: str
    csrf: str


@dataclass(frozen=True, slots=True)
class CodePage:
    """Everything of `/sign-in/code`."""

    title: str
    wrong: str
    next: str
    csrf: str


@dataclass(frozen=True, slots=True)
class LinkPage:
    """Everything of `/sign-in/link/…`; without `csrf` the link belongs to another browser."""

    title: str
    action: str
    csrf: str


@dataclass(frozen=True, slots=True)
class SignedOutPage:
    """Everything of `/signed-out`."""

    title: str


async def ask(visit: Visit) -> Page:
    """Show the form for the address."""
    late = translate(visit.lang, N_("You were signed out meanwhile, so nothing was changed."))
    again = translate(
        visit.lang, N_("Please sign in again for this, so that nobody else does it in your place.")
    )
    message = again if "fresh" in visit.query else late if "late" in visit.query else ""
    return _address(visit, message=message)


async def send(visit: Visit) -> Page | Go:
    """Mail a code to the address, or do as if."""
    form = visit.form.read(_Address)
    asked = token()
    try:
        await sign_in.start(visit.deps, form.email, browser=asked, address=visit.address)
    except WrongValueError:
        wrong = translate(visit.lang, N_("Write an address like name@example.org."))
        return _address(visit, wrong=wrong, email=form.email, status=422)
    return Go(_with_next("/sign-in/code", form.next), (Cookie("asked", asked),))


async def ask_code(visit: Visit) -> Page | Go:
    """Show the form for the digits, in the browser that asked for them."""
    if visit.asked is None:
        return Go(HERE)
    return _code(visit)


async def confirm_code(visit: Visit) -> Page | Go:
    """Sign in by the digits."""
    if visit.asked is None:
        return Go(HERE)
    form = visit.form.read(_Code)
    try:
        cookie = await sign_in.confirm_code(
            visit.deps, form.code, browser=visit.asked, device=visit.device
        )
    except SignInRefusedError:
        wrong = translate(
            visit.lang,
            N_("This code does not work. Check the digits, use the link, or ask for another code."),
        )
        return _code(visit, wrong=wrong)
    return await _entered(visit, cookie, form.next)


async def ask_link(visit: Visit) -> Page:
    """Show the button of a link; nothing is used up."""
    here = await sign_in.works_here(visit.deps, visit.params["token"], browser=visit.asked)
    return _link(visit, csrf=visit.csrf(visit.path) if here else "")


async def confirm_link(visit: Visit) -> Page | Go:
    """Sign in by the link."""
    try:
        cookie = await sign_in.confirm_link(
            visit.deps, visit.params["token"], browser=visit.asked, device=visit.device
        )
    except SignInRefusedError:
        return _link(visit, csrf="", status=422)
    return await _entered(visit, cookie, "")


async def sign_out(visit: Visit) -> Go:
    """End the session."""
    await session.end(visit.deps, visit.signed_in)
    return Go("/signed-out", (Cookie("session", ""), Cookie("browser", "")))


async def signed_out(visit: Visit) -> Page:
    """Say so, on a page that empties the browser's cache of pages."""
    page = SignedOutPage(translate(visit.lang, N_("You are signed out")))
    return Page("signed_out.html", page, HERE)


def _address(
    visit: Visit, *, message: str = "", wrong: str = "", email: str = "", status: int = 200
) -> Page:
    page = AddressPage(
        title=_title(visit, N_("Sign in"), wrong=wrong),
        message=message,
        wrong=wrong,
        email=email,
        next=checked(visit.query.get("next") or visit.form.one("next") or ""),
        csrf=visit.csrf(HERE),
    )
    return Page("sign_in.html", page, HERE, status=status)


def _code(visit: Visit, *, wrong: str = "") -> Page:
    page = CodePage(
        title=_title(visit, N_("Type the code"), wrong=wrong),
        wrong=wrong,
        next=checked(visit.query.get("next") or visit.form.one("next") or ""),
        csrf=visit.csrf("/sign-in/code"),
    )
    return Page("sign_in_code.html", page, HERE, status=422 if wrong else 200)


def _link(visit: Visit, *, csrf: str, status: int = 200) -> Page:
    title = translate(visit.lang, N_("Sign in with your link"))
    return Page("sign_in_link.html", LinkPage(title, visit.path, csrf), HERE, status=status)


async def _entered(visit: Visit, cookie: str, wish: str) -> Go:
    if visit.session:  # whoever was signed in here before is not any more
        await session.end(visit.deps, visit.session)
    return Go(checked(wish) or HOME, (Cookie("session", cookie), Cookie("asked", "")))


def _with_next(path: str, wish: str) -> str:
    return f"{path}?next={checked(wish)}" if checked(wish) else path


def _title(visit: Visit, title: str, *, wrong: str) -> str:
    said = translate(visit.lang, title)
    return translate(visit.lang, N_("Error: {title}"), title=said) if wrong else said
