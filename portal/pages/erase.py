"""Erase everything: what goes and what stays, one page to confirm, a way back, and the certificate.

Nothing here says yes by itself: asking needs a sign-in of the last minutes and a page of its own,
and until the day it is taken back by one press. The certificate's page needs no sign-in, since
nobody can sign in any more; its address cannot be guessed.
Source: portal note, 2; GDPR 17; WCAG 2.2, 3.3.4.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from portal import ended
from portal.answers import Document, Go, Page
from portal.labels import Labels
from portal.language import N_, translate
from portal.visit import Visit
from portal.words import Moment, day, moment
from vault.core.erasure import Kept
from vault.services import certificate, erasure, jobs, published

HERE: Final = "/your-data"
START: Final = "/your-data/erase"
CONFIRM: Final = "/your-data/erase-everything"
STATE: Final = erasure.PAGE


@dataclass(frozen=True, slots=True)
class Stays:
    """What one law keeps."""

    purpose: str
    law: str
    names: tuple[str, ...]
    until: Moment


@dataclass(frozen=True, slots=True)
class ErasePage:
    """Everything of the page before, and of the one that asks once more."""

    title: str
    due: Moment
    backups: Moment
    stays: tuple[Stays, ...]
    apps: tuple[str, ...]
    confirm: str  # where the form goes, or the page before leads
    csrf: str


@dataclass(frozen=True, slots=True)
class StatePage:
    """Whether, and when, everything is erased."""

    title: str
    due: Moment | None  # None: nobody asked, or it was taken back
    over: bool  # the time to take it back is over
    action: str
    csrf: str
    certificate: str  # address of the certificate, once there is one


@dataclass(frozen=True, slots=True)
class ErasedPage:
    """A certificate in words."""

    title: str
    number: str
    at: Moment
    keys: tuple[str, ...]
    stays: tuple[Stays, ...]
    backups: Moment
    file: str


async def show(visit: Visit) -> Page | Go:
    """Say what an erasure would do, and what could be done instead."""
    if await erasure.due(visit.deps, visit.customer) is not None:
        return Go(STATE)
    title = translate(visit.lang, N_("Erase your data"))
    return Page("erase.html", await _preview(visit, title), HERE)


async def confirm(visit: Visit) -> Page | Go:
    """Ask once more, with all that matters in view."""
    if await erasure.due(visit.deps, visit.customer) is not None:
        return Go(STATE)
    title = translate(visit.lang, N_("Erase everything"))
    return Page("erase_confirm.html", await _preview(visit, title), HERE)


async def ask(visit: Visit) -> Go:
    """Ask for the erasure; twice is once."""
    await erasure.ask(visit.deps, visit.customer, request=visit.request_id)
    jobs.wake()
    return Go(STATE)


async def state(visit: Visit) -> Page:
    """Say whether and when everything is erased."""
    due = await erasure.due(visit.deps, visit.customer)
    words = N_("Your data will be erased") if due else N_("Your data stays")
    page = StatePage(
        title=translate(visit.lang, words),
        due=moment(due, visit.lang) if due else None,
        over=due is not None and due <= visit.now,
        action=STATE,
        csrf=visit.csrf(STATE),
        certificate=f"/erased/{erasure.token(visit.deps, visit.customer)}" if due else "",
    )
    return Page("erasing.html", page, HERE)


async def take_back(visit: Visit) -> Go:
    """Keep everything after all; twice is once."""
    await erasure.take_back(visit.deps, visit.customer, request=visit.request_id)
    return Go(STATE)


async def erased(visit: Visit) -> Page:
    """Show the certificate to who has its address."""
    token = visit.params["token"]
    found = await certificate.load(visit.deps, token)
    page = ErasedPage(
        title=translate(visit.lang, N_("Certificate of erasure")),
        number=str(found.told.erasure_id),
        at=moment(found.told.at, visit.lang),
        keys=tuple(str(key) for key in found.told.keys),
        stays=await _stays(visit, found.told.kept),
        backups=day(found.told.backups, visit.lang),
        file=f"/erased/{token}/certificate",
    )
    return Page("erased.html", page)


async def download(visit: Visit) -> Document:
    """Hand out the signed certificate as it is."""
    found = await certificate.load(visit.deps, visit.params["token"])
    name = f"erasure-{found.told.erasure_id}.jws"
    return Document(found.signed.encode(), "application/jose", "page", filename=name)


async def _preview(visit: Visit, title: str) -> ErasePage:
    found = await erasure.preview(visit.deps, visit.customer)
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    return ErasePage(
        title=title,
        due=moment(found.due, visit.lang),
        backups=day(found.backups, visit.lang),
        stays=await _stays(visit, found.kept),
        apps=labels.apps(found.apps),
        confirm=CONFIRM,
        csrf=visit.csrf(CONFIRM),
    )


async def _stays(visit: Visit, kept: Iterable[Kept]) -> tuple[Stays, ...]:
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    return tuple(
        Stays(
            purpose=labels.purpose(one.purpose),
            law=ended.law(one, visit.lang),
            names=labels.all_of(one.names),
            until=day(one.until, visit.lang),
        )
        for one in kept
    )
