"""Let people in and out: the address, the code or the link, and signing out.

Looking at a page uses nothing up: mail scanners open links. Whether an address is known shows
nowhere: one answer, and the mail alone differs. Who is signed in and must be so freshly confirms by
a code to the own address, without typing it, and remains the same customer.
Source: portal note, 6 and 7.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict

from portal.answers import Cookie, Go, Page
from portal.language import N_, translate
from portal.next import checked
from portal.sign_in_form import Address, Code, titled
from portal.visit import Visit
from vault.core.errors import OtherCustomerError, SignInRefusedError, WrongValueError
from vault.crypto.random import token
from vault.services import session, sign_in

HERE: Final = "/sign-in"
HOME: Final = "/home"
CODE: Final = "/sign-in/code"
# What signing out takes out of the browser.
LEFT: Final = tuple(
    Cookie(jar, "") for jar in ("session", "browser", "asked", "wish", "kept", "joining")
)
_FRESH: Final = "~"  # in front of the wish of somebody who confirms


class _Again(BaseModel):
    model_config = ConfigDict(frozen=True)

    next: str = ""


@dataclass(frozen=True, slots=True)
class AddressPage:
    """Everything of `/sign-in`."""

    title: str
    message: str
    wrong: str
    email: str
    next: str
    fresh: bool
    again: str  # token of the form that sends a code without an address; "" for none
    csrf: str


@dataclass(frozen=True, slots=True)
class CodePage:
    """Everything of `/sign-in/code`."""

    title: str
    wrong: str
    next: str
    fresh: bool
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
    """Show the form for the address; for somebody who confirms, one that needs none too."""
    said = {
        "fresh": N_("Please sign in again for this, so that nobody else does it in your place."),
        "kept": N_("You were signed out meanwhile. What you sent is kept: sign in and it goes on."),
        "late": N_("You were signed out meanwhile, so nothing was changed."),
    }
    late = "kept" if visit.query.get("late") == "kept" else "late" if "late" in visit.query else ""
    which = "fresh" if "fresh" in visit.query else late
    return _address(visit, message=translate(visit.lang, said[which]) if which else "")


async def send(visit: Visit) -> Page | Go:
    """Mail a code to the address, or do as if."""
    form = visit.form.read(Address)
    asked = token()
    try:
        await sign_in.start(
            visit.deps, form.email, browser=asked, address=visit.address, lang=visit.lang
        )
    except WrongValueError:
        wrong = translate(visit.lang, N_("Write an address like name@example.org."))
        return _address(visit, wrong=wrong, email=form.email, status=422)
    return _sent(asked, form.next, fresh=bool(form.fresh and visit.session))


async def again(visit: Visit) -> Page | Go:
    """Mail a code to the own address of somebody who is signed in."""
    form = visit.form.read(_Again)
    asked = token()
    sent = await sign_in.again(
        visit.deps, visit.signed_in, browser=asked, address=visit.address, lang=visit.lang
    )
    if not sent:
        wrong = translate(visit.lang, N_("We have no address of yours to send a code to."))
        return _address(visit, wrong=wrong, status=422)
    return _sent(asked, form.next, fresh=True)


async def ask_code(visit: Visit) -> Page | Go:
    """Show the form for the digits, in the browser that asked for them."""
    if visit.asked is None:
        return Go(HERE)
    return _code(visit)


async def confirm_code(visit: Visit) -> Page | Go:
    """Sign in by the digits."""
    if visit.asked is None:
        return Go(HERE)
    form = visit.form.read(Code)
    renews = visit.session if form.fresh else None
    try:
        cookie = await sign_in.confirm_code(
            visit.deps, form.code, browser=visit.asked, device=visit.device, renews=renews
        )
    except SignInRefusedError:
        wrong = N_("This code does not work. Check the digits, use the link, or ask for another.")
        return _code(visit, wrong=translate(visit.lang, wrong))
    except OtherCustomerError:
        return _code(visit, wrong=translate(visit.lang, OtherCustomerError.sentence))
    return await _entered(visit, cookie, form.next, renewed=renews is not None)


async def ask_link(visit: Visit) -> Page:
    """Show the button of a link; nothing is used up."""
    here = await sign_in.works_here(visit.deps, visit.params["token"], browser=visit.asked)
    return _link(visit, csrf=visit.csrf(visit.path) if here else "")


async def confirm_link(visit: Visit) -> Page | Go:
    """Sign in by the link."""
    renews = visit.session if visit.wish.startswith(_FRESH) else None
    try:
        cookie = await sign_in.confirm_link(
            visit.deps,
            visit.params["token"],
            browser=visit.asked,
            device=visit.device,
            renews=renews,
        )
    except (SignInRefusedError, OtherCustomerError):
        return _link(visit, csrf="", status=422)
    wish = visit.wish.removeprefix(_FRESH)
    return await _entered(visit, cookie, wish, renewed=renews is not None)


async def sign_out(visit: Visit) -> Go:
    """End the session; without one there is nothing to end, and the page says the same."""
    if visit.session:
        await session.end(visit.deps, visit.session)
    return Go("/signed-out", LEFT)


async def signed_out(visit: Visit) -> Page:
    """Say so, on a page that empties the browser's cache of pages."""
    page = SignedOutPage(translate(visit.lang, N_("You are signed out")))
    return Page("signed_out.html", page, HERE)


def _address(
    visit: Visit, *, message: str = "", wrong: str = "", email: str = "", status: int = 200
) -> Page:
    fresh = _is_fresh(visit)
    page = AddressPage(
        title=titled(
            visit.lang, N_("Confirm that it is you") if fresh else N_("Sign in"), wrong=wrong
        ),
        message=message,
        wrong=wrong,
        email=email,
        next=checked(visit.query.get("next") or visit.form.one("next") or ""),
        fresh=fresh,
        again=visit.csrf("/sign-in/again") if fresh else "",
        csrf=visit.csrf(HERE),
    )
    return Page("sign_in.html", page, HERE, status=status)


def _code(visit: Visit, *, wrong: str = "") -> Page:
    page = CodePage(
        title=titled(visit.lang, N_("Type the code"), wrong=wrong),
        wrong=wrong,
        next=checked(visit.query.get("next") or visit.form.one("next") or ""),
        fresh=_is_fresh(visit),
        csrf=visit.csrf(CODE),
    )
    return Page("sign_in_code.html", page, HERE, status=422 if wrong else 200)


def _is_fresh(visit: Visit) -> bool:
    """Say whether somebody who is signed in confirms; nobody else has anything to confirm."""
    asked = "fresh" in visit.query or bool(visit.form.one("fresh")) or visit.path.endswith("/again")
    return asked and visit.session is not None


def _sent(asked: str, wish: str, *, fresh: bool) -> Go:
    words = ["fresh=1"] if fresh else []
    words += [f"next={checked(wish)}"] if checked(wish) else []
    marked = (_FRESH if fresh else "") + checked(wish)
    cookies = (Cookie("asked", asked), Cookie("wish", marked))
    return Go(f"{CODE}?{'&'.join(words)}" if words else CODE, cookies)


def _link(visit: Visit, *, csrf: str, status: int = 200) -> Page:
    title = translate(visit.lang, N_("Sign in with your link"))
    return Page("sign_in_link.html", LinkPage(title, visit.path, csrf), HERE, status=status)


async def _entered(visit: Visit, cookie: str, wish: str, *, renewed: bool) -> Go:
    if visit.session and not renewed:  # whoever was signed in here before is not any more
        await session.end(visit.deps, visit.session)
    to = checked(wish) or HOME
    if visit.kept:
        to = f"/go-on?next={to}"
    return Go(to, (Cookie("session", cookie), Cookie("asked", ""), Cookie("wish", "")))
