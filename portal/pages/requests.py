"""List what customers asked of the business under the law, and let them ask.

What the portal can do at once is said first, with a link. A form carries the ids of what it makes,
so that one that is sent twice makes it once. What was typed comes back with what is wrong.
Source: portal note, 2; GDPR 12.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from portal import request_words as words
from portal.answers import Go, Page
from portal.language import N_, translate
from portal.state import Badge
from portal.visit import Visit
from portal.words import Moment, day
from vault.core import request as rules
from vault.core.errors import NotAvailableError, WrongValueError
from vault.core.request import Kind
from vault.services import jobs, request, request_row
from vault.services.request_row import Case

HERE: Final = "/requests"
NEW: Final = "/requests/new"


@dataclass(frozen=True, slots=True)
class Line:
    """One request in the list."""

    href: str
    number: str
    kind: str
    state: Badge
    made: Moment
    due: Moment | None  # None when nothing is owed any more


@dataclass(frozen=True, slots=True)
class KindLink:
    """One kind of request that can be made."""

    href: str
    label: str
    about: str


@dataclass(frozen=True, slots=True)
class RequestsPage:
    """Everything of `/requests`."""

    title: str
    lines: tuple[Line, ...]
    kinds: tuple[KindLink, ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """The box for a message, with what was typed and what is wrong with it."""

    text: str
    wrong: str
    message: str  # id of the message that the form makes
    csrf: str
    longest: int = rules.MAX_TEXT


@dataclass(frozen=True, slots=True)
class NewPage:
    """Everything of `/requests/new?kind=`."""

    title: str
    label: str
    about: str
    kind: str
    request: str  # id of the request that the form makes
    shortcut: tuple[str, str] | None  # path and words of what the portal does at once
    due: Moment
    typed: Typed


class _New(BaseModel):
    model_config = ConfigDict(frozen=True)

    kind: Kind
    request: UUID
    message: UUID
    text: str


async def show(visit: Visit) -> Page:
    """List the requests, and what can be asked."""
    found = await request.list_(visit.deps, visit.customer)
    page = RequestsPage(
        title=translate(visit.lang, N_("Help and requests")),
        lines=tuple(_line(visit, one) for one in found),
        kinds=tuple(
            KindLink(
                f"{NEW}?kind={kind.value}",
                words.kind(kind, visit.lang),
                words.about(kind, visit.lang),
            )
            for kind in Kind
        ),
    )
    return Page("requests.html", page, HERE)


async def ask(visit: Visit) -> Page:
    """Show the form of one kind of request."""
    if visit.query.get("kind") not in set(Kind):
        raise NotAvailableError
    return _asked(visit, Kind(visit.query["kind"]))


async def make(visit: Visit) -> Page | Go:
    """Make a request, once."""
    form = visit.form.read(_New)
    try:
        request_id = await request.make(
            visit.deps,
            visit.customer,
            form.kind,
            request_id=form.request,
            message_id=form.message,
            text=form.text,
            request=visit.request_id,
        )
    except WrongValueError:
        return _asked(visit, form.kind, form)
    jobs.wake()
    return Go(f"{HERE}/{request_id}")


def _line(visit: Visit, one: Case) -> Line:
    found = one.request
    return Line(
        href=f"{HERE}/{one.request_id}",
        number=one.number,
        kind=words.kind(found.kind, visit.lang) if found else "",
        state=words.state(found, visit.lang, now=visit.now),
        made=day(one.made, visit.lang),
        due=day(found.due, visit.lang) if found and found.is_open else None,
    )


def _asked(visit: Visit, kind: Kind, form: _New | None = None) -> Page:
    lang, label = visit.lang, words.kind(kind, visit.lang)
    wrong = wrong_words(form.text, visit.lang) if form else ""
    page = NewPage(
        title=translate(lang, N_("Error: {title}"), title=label) if wrong else label,
        label=label,
        about=words.about(kind, lang),
        kind=kind.value,
        request=str(form.request if form else request_row.new_id(visit.now)),
        shortcut=words.shortcut(kind, lang),
        due=day(rules.Request(kind, visit.now.astimezone(UTC)).due, lang),
        typed=Typed(
            text=shown(form.text) if form else "",
            wrong=wrong,
            message=str(form.message if form else request_row.new_id(visit.now)),
            csrf=visit.csrf(NEW),
        ),
    )
    return Page("request_new.html", page, HERE, status=422 if wrong else 200)


def wrong_words(text: str, lang: str) -> str:
    """Return what is wrong with a message, in words; "" for nothing."""
    try:
        rules.text(text)
    except WrongValueError as error:
        return translate(lang, words.WRONG.get(error.detail, error.detail))
    return ""


def shown(typed: str) -> str:
    """Return what was typed without the characters that no page can hold."""
    return "".join(one for one in typed if one in "\n\t" or unicodedata.category(one) != "Cc")
