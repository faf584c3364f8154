"""Let staff in and out: the address, the code, the enrolment link, and signing out.

Looking at a page uses nothing up. Whether an address is known shows nowhere: one answer, and the
mail alone differs.
Source: portal note, 6 and 7; security note, 8.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from portal.answers import Cookie, Go, Page
from portal.console.frame import ROLES
from portal.console.visit import StaffVisit
from portal.language import N_, translate
from portal.sign_in_form import Address, Code, titled
from vault.core.errors import SignInRefusedError, WrongValueError
from vault.crypto.random import token
from vault.services import staff_enrol, staff_session, staff_sign_in

HERE: Final = "/console/sign-in"
CODE: Final = "/console/sign-in/code"
LEFT: Final = (Cookie("staff", ""), Cookie("staff_browser", ""), Cookie("staff_asked", ""))


class _Name(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str = Field(max_length=1000)


@dataclass(frozen=True, slots=True)
class AddressPage:
    """Everything of `/console/sign-in`."""

    title: str
    message: str
    wrong: str
    email: str
    next: str
    fresh: bool
    csrf: str


@dataclass(frozen=True, slots=True)
class CodePage:
    """Everything of `/console/sign-in/code`."""

    title: str
    wrong: str
    next: str
    fresh: bool
    csrf: str


@dataclass(frozen=True, slots=True)
class LinkPage:
    """Everything of `/console/sign-in/link/…`; without `csrf` the link does not work any more."""

    title: str
    action: str
    csrf: str


@dataclass(frozen=True, slots=True)
class EnrolPage:
    """Everything of `/console/enrol/…`; without `csrf` the link does not work any more."""

    title: str
    role: str
    action: str
    wrong: str
    name: str
    csrf: str


@dataclass(frozen=True, slots=True)
class SignedOutPage:
    """Everything of `/console/signed-out`."""

    title: str


async def ask(visit: StaffVisit) -> Page:
    """Show the form for the address."""
    said = ""
    if "fresh" in visit.query:
        said = N_("Please sign in again for this, so that nobody else does it in your place.")
    elif "late" in visit.query:
        said = N_("You were signed out meanwhile, so nothing was changed.")
    return _address(visit, message=translate(visit.lang, said) if said else "")


async def send(visit: StaffVisit) -> Page | Go:
    """Mail a code to the address, or do as if."""
    form = visit.form.read(Address)
    asked = token()
    try:
        await staff_sign_in.start(visit.deps, form.email, browser=asked, address=visit.address)
    except WrongValueError:
        wrong = translate(visit.lang, N_("Write an address like name@example.org."))
        return _address(visit, wrong=wrong, email=form.email, status=422)
    words = ["fresh=1"] if form.fresh and visit.session else []
    words += [f"next={checked(form.next)}"] if checked(form.next) else []
    to = f"{CODE}?{'&'.join(words)}" if words else CODE
    return Go(to, (Cookie("staff_asked", asked),))


async def ask_code(visit: StaffVisit) -> Page | Go:
    """Show the form for the digits, in the browser that asked for them."""
    return Go(HERE) if visit.asked is None else _code(visit)


async def confirm(visit: StaffVisit) -> Page | Go:
    """Sign in by the digits."""
    if visit.asked is None:
        return Go(HERE)
    form = visit.form.read(Code)
    renews = visit.session if form.fresh else None
    try:
        cookie = await staff_sign_in.confirm(
            visit.deps, form.code, browser=visit.asked, device=visit.device, renews=renews
        )
    except SignInRefusedError:
        wrong = N_("This code does not work. Check the digits, or ask for another.")
        return _code(visit, wrong=translate(visit.lang, wrong))
    if visit.session and renews is None:  # whoever was signed in here before is not any more
        await staff_session.end(visit.deps, visit.session)
    to = checked(form.next) or "/console"
    return Go(to, (Cookie("staff", cookie), Cookie("staff_asked", "")))


async def ask_enrol(visit: StaffVisit) -> Page:
    """Show the form of an enrolment link; nothing is used up."""
    return await _enrol(visit)


async def enrol(visit: StaffVisit) -> Page | Go:
    """Enrol, and mail the code that signs in."""
    form = visit.form.read(_Name)
    asked = token()
    try:
        await staff_enrol.enrol(
            visit.deps,
            visit.params["token"],
            name=form.name,
            browser=asked,
            address=visit.address,
        )
    except WrongValueError:
        wrong = translate(visit.lang, N_("Write the name by which your colleagues know you."))
        return await _enrol(visit, wrong=wrong, name=form.name[:200], status=422)
    except SignInRefusedError:
        return await _enrol(visit, status=422)
    return Go(CODE, (Cookie("staff_asked", asked),))


async def ask_link(visit: StaffVisit) -> Page:
    """Show the button of a link of the demonstration; nothing is used up."""
    works = await staff_sign_in.demo_works(visit.deps, visit.params["token"])
    return _link(visit, csrf=visit.csrf(visit.path) if works else "")


async def confirm_link(visit: StaffVisit) -> Page | Go:
    """Sign in by a link of the demonstration."""
    try:
        cookie = await staff_sign_in.demo_enter(
            visit.deps, visit.params["token"], device=visit.device
        )
    except SignInRefusedError:
        return _link(visit, csrf="", status=422)
    if visit.session:
        await staff_session.end(visit.deps, visit.session)
    return Go("/console", (Cookie("staff", cookie),))


async def sign_out(visit: StaffVisit) -> Go:
    """End the session; without one there is nothing to end, and the page says the same."""
    if visit.session:
        await staff_session.end(visit.deps, visit.session)
    return Go("/console/signed-out", LEFT)


async def signed_out(visit: StaffVisit) -> Page:
    """Say so, on a page that empties the browser's cache of pages."""
    page = SignedOutPage(translate(visit.lang, N_("You are signed out")))
    return Page("console/signed_out.html", page, HERE)


def checked(path: str) -> str:
    """Return the path of the console that a form may lead to; "" for any other address."""
    plain = all(one.isalnum() or one in "/-_." for one in path) and path.isascii()
    inside = path == "/console" or path.startswith("/console/")
    return path if plain and inside and "//" not in path and ".." not in path else ""


def _address(
    visit: StaffVisit, *, message: str = "", wrong: str = "", email: str = "", status: int = 200
) -> Page:
    fresh = "fresh" in visit.query and visit.session is not None
    page = AddressPage(
        title=titled(visit.lang, N_("Sign in to the console"), wrong=wrong),
        message=message,
        wrong=wrong,
        email=email,
        next=checked(visit.query.get("next") or visit.form.one("next") or ""),
        fresh=fresh or bool(visit.form.one("fresh")),
        csrf=visit.csrf(HERE),
    )
    return Page("console/sign_in.html", page, HERE, status=status)


def _code(visit: StaffVisit, *, wrong: str = "") -> Page:
    page = CodePage(
        title=titled(visit.lang, N_("Type the code"), wrong=wrong),
        wrong=wrong,
        next=checked(visit.query.get("next") or visit.form.one("next") or ""),
        fresh=bool("fresh" in visit.query or visit.form.one("fresh")),
        csrf=visit.csrf(CODE),
    )
    return Page("console/sign_in_code.html", page, HERE, status=422 if wrong else 200)


def _link(visit: StaffVisit, *, csrf: str, status: int = 200) -> Page:
    title = translate(visit.lang, N_("Sign in with your link"))
    page = LinkPage(title, visit.path, csrf)
    return Page("console/sign_in_link.html", page, HERE, status=status)


async def _enrol(visit: StaffVisit, *, wrong: str = "", name: str = "", status: int = 200) -> Page:
    member = await staff_enrol.look(visit.deps, visit.params["token"])
    page = EnrolPage(
        title=titled(visit.lang, N_("Join the console"), wrong=wrong),
        role=translate(visit.lang, ROLES[member.role.value]) if member else "",
        action=visit.path,
        wrong=wrong,
        name=name,
        csrf=visit.csrf(visit.path) if member else "",
    )
    return Page("console/enrol.html", page, HERE, status=status)
