"""Show a customer where they are signed in and what happened to the ways in; end what they end.

No token, no address and no network stands here. A session that is another's is not there: 404.
Nothing here needs a fresh sign-in, for ending only takes away.
Source: portal note, 2 and 7; security note, 8; WCAG 2.2, 2.2.1.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from portal import client
from portal.answers import Cookie, Go, Page
from portal.language import N_, translate
from portal.pages.sign_in import LEFT
from portal.visit import Visit
from portal.words import Moment, minutes, moment
from vault.core.errors import BadRequestError
from vault.services import security, sessions
from vault.services.security import Event, Happened
from vault.services.session import LONGEST, MOST
from vault.services.session_choice import CHOICES
from vault.services.session_row import NOTE_EVERY
from vault.services.sessions import Listed

HERE: Final = "/security"
_HOW: Final = {"code": N_("by a code"), "link": N_("by a link")}
_EVENTS: Final = {
    Event.JOINED: N_("You became a customer"),
    Event.SIGNED_IN: N_("Signed in"),
    Event.CONFIRMED: N_("Signed in again to confirm"),
    Event.WRONG_CODES: N_("Wrong codes before this sign-in: {number}"),
    Event.SIGNED_OUT: N_("Signed out"),
    Event.SESSION_ENDED: N_("You ended a sign-in"),
    Event.OTHERS_ENDED: N_("Other sign-ins ended: {number}"),
    Event.IDLE_CHANGED: N_("You chose to stay signed in for {time} without a click"),
    Event.PARENT_AGREED: N_("A parent agreed that you join"),
    Event.ADDRESS_CHANGED: N_("The sign-in address changed"),
}
_DONE: Final = {
    "ended": N_("That sign-in is over."),
    "others": N_("All other sign-ins are over."),
    "idle": N_("Your choice holds from now on."),
    "address": N_("Your sign-in address is changed. All other sign-ins are over."),
}


class _End(BaseModel):
    model_config = ConfigDict(frozen=True)

    end: str = Field("", max_length=100)
    others: str = ""


class _Idle(BaseModel):
    model_config = ConfigDict(frozen=True)

    minutes: int


@dataclass(frozen=True, slots=True)
class Place:
    """One session."""

    id: str
    device: str
    how: str
    started: Moment
    seen: Moment
    here: bool


@dataclass(frozen=True, slots=True)
class Idle:
    """One length that may be chosen."""

    minutes: int
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One event."""

    words: str
    device: str
    at: Moment


@dataclass(frozen=True, slots=True)
class SecurityPage:
    """Everything of `/security`."""

    title: str
    done: str
    places: tuple[Place, ...]
    most: int
    seen_every: str
    longest: str
    idle: tuple[Idle, ...]
    lines: tuple[Line, ...]
    end_csrf: str
    idle_csrf: str


async def show(visit: Visit) -> Page:
    """Show sessions, choices and history."""
    lang, current = visit.lang, visit.signed_in
    listed = await sessions.live(visit.deps, current)
    happened = await security.history(visit.deps, current.customer)
    done = _DONE.get(visit.query.get("done", ""))
    page = SecurityPage(
        title=translate(lang, N_("Sign-in and devices")),
        done=translate(lang, done) if done else "",
        places=tuple(_place(one, lang) for one in listed),
        most=MOST,
        seen_every=minutes(int(NOTE_EVERY.total_seconds()) // 60, lang),
        longest=minutes(int(LONGEST.total_seconds()) // 60, lang),
        idle=tuple(
            Idle(one, minutes(one, lang), one == sessions.idle_minutes(current)) for one in CHOICES
        ),
        lines=tuple(_line(one, lang) for one in happened),
        end_csrf=visit.csrf("/security/sessions"),
        idle_csrf=visit.csrf("/security/idle"),
    )
    return Page("security.html", page, HERE)


async def end(visit: Visit) -> Go:
    """End one session, or all others."""
    form, current = visit.form.read(_End), visit.signed_in
    if bool(form.end) is bool(form.others):
        raise BadRequestError
    if form.others:
        await sessions.end_others(visit.deps, current)
        return Go(f"{HERE}?done=others")
    here = await sessions.end_one(visit.deps, current, form.end)
    return Go("/signed-out", LEFT) if here else Go(f"{HERE}?done=ended")


async def set_idle(visit: Visit) -> Go:
    """Keep how long a session lives without a click."""
    form = visit.form.read(_Idle)
    cookie = await sessions.set_idle(visit.deps, visit.signed_in, form.minutes)
    return Go(f"{HERE}?done=idle", (Cookie("session", cookie),))


def _place(one: Listed, lang: str) -> Place:
    how = _HOW.get(one.strength)
    return Place(
        id=one.id,
        device=client.device_words(one.device, lang),
        how=translate(lang, how) if how else "",
        started=moment(one.started_at, lang),
        seen=moment(one.seen_at, lang),
        here=one.here,
    )


def _line(one: Happened, lang: str) -> Line:
    parts = {"number": one.number, "time": minutes(one.number, lang)}
    words = translate(lang, _EVENTS[one.event], **parts)
    return Line(words, client.device_words(one.device, lang), moment(one.at, lang))
