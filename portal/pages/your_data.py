"""List the packages of one's own data, and order one: which parts, which period, in which form.

Nothing is chosen beforehand; no part chosen is every part. The id of an order is in its form, so
that a form sent twice is one order. How far a package is can be seen by loading the page again.
Source: portal note, 2; GDPR 15(3) and 20.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from portal.answers import Go, Page
from portal.language import N_, translate
from portal.state import Badge
from portal.visit import Visit
from portal.words import Moment, moment, size
from vault.core.errors import BadRequestError
from vault.core.export import Form, Part, Wish
from vault.crypto.random import uuid4
from vault.services import export
from vault.services.export import Package, State

HERE: Final = "/your-data"
ORDER: Final = "/your-data/order"
FORMS: Final = {
    Form.HTML: N_("A page to read"),
    Form.JSON: N_("JSON, for programs"),
    Form.CSV: N_("CSV, for spreadsheets"),
}
_PARTS: Final = {
    Part.PROFILE: N_("What we know about you"),
    Part.EVENTS: N_("Contact between you and us"),
    Part.CONSENTS: N_("What you allowed and refused, with the receipts"),
    Part.TERMS: N_("Your own terms and objections"),
    Part.WHO_LOOKED: N_("Who looked"),
}
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2200


@dataclass(frozen=True, slots=True)
class Card:
    """One package."""

    state: Badge
    making: bool
    ready: bool
    failed: bool
    parts: tuple[str, ...]
    form: str
    ordered: Moment
    since: Moment | None  # of the period
    until: Moment | None
    size: str
    short: bool
    fetched: Moment | None
    ends: Moment
    href: str


@dataclass(frozen=True, slots=True)
class YourDataPage:
    """Everything of `/your-data`."""

    title: str
    making: bool
    packages: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One part to tick."""

    name: str
    label: str
    ticked: bool  # by the customer, on a page that is shown again


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Everything of `/your-data/order`."""

    title: str
    wrong: str
    parts: tuple[Choice, ...]
    since: str
    until: str
    forms: tuple[tuple[str, str], ...]
    order: str
    csrf: str


class _Order(BaseModel):
    model_config = ConfigDict(frozen=True)

    order: UUID
    form: Literal["html", "json", "csv"]
    part: tuple[Part, ...] = ()
    since: str = ""
    until: str = ""


async def show(visit: Visit) -> Page:
    """Show what was ordered and how it stands."""
    found = await export.packages(visit.deps, visit.customer)
    page = YourDataPage(
        title=translate(visit.lang, N_("Your data")),
        making=any(one.state is State.MAKING for one in found),
        packages=tuple(card(one, visit.lang) for one in found),
    )
    return Page("your_data.html", page, HERE)


async def ask(visit: Visit) -> Page:
    """Show the form."""
    return _form(visit, order=uuid4())


async def order(visit: Visit) -> Page | Go:
    """Order a package, unless one is being made: the list says so."""
    form = visit.form.read(_Order)
    try:
        wish = _wish(form, visit.lang)
    except ValueError:
        return _form(visit, order=form.order, sent=form)
    await export.order(
        visit.deps, visit.customer, wish, export_id=form.order, request=visit.request_id
    )
    return Go(HERE)


def card(one: Package, lang: str) -> Card:
    """Return a package as pages show it."""
    wish = one.wish
    return Card(
        state=_badge(one, lang),
        making=one.state is State.MAKING,
        ready=one.state is State.READY,
        failed=one.state is State.FAILED,
        parts=tuple(translate(lang, _PARTS[part]) for part in wish.parts),
        form=translate(lang, FORMS[wish.form]),
        ordered=moment(one.ordered_at, lang),
        since=moment(wish.since, lang) if wish.since else None,
        until=moment(wish.until, lang) if wish.until else None,
        size=size(one.size, lang) if one.state is State.READY else "",
        short=one.short,
        fetched=moment(one.fetched_at, lang) if one.fetched_at else None,
        ends=moment(one.ends_at, lang),
        href=f"{HERE}/package/{one.export_id}",
    )


def _badge(one: Package, lang: str) -> Badge:
    if one.state is State.MAKING:
        return Badge(translate(lang, N_("Being made")), "end", "open")
    if one.state is State.FAILED:
        return Badge(translate(lang, N_("Could not be made")), "wrong", "off")
    if one.state is State.GONE:
        return Badge(translate(lang, N_("Gone")), "off", "off")
    if one.fetched_at:
        return Badge(translate(lang, N_("Fetched")), "on", "on")
    return Badge(translate(lang, N_("Ready")), "on", "on")


def _form(visit: Visit, *, order: UUID, sent: _Order | None = None) -> Page:
    lang = visit.lang
    title = translate(lang, N_("Order a package"))
    wrong = ""
    if sent:
        wrong = translate(
            lang, N_("Write each day as 2026-11-01, and the first day before the last.")
        )
        title = translate(lang, N_("Error: {title}"), title=title)
    page = OrderPage(
        title=title,
        wrong=wrong,
        parts=tuple(
            Choice(part.value, translate(lang, label), bool(sent and part in sent.part))
            for part, label in _PARTS.items()
        ),
        since=sent.since if sent else "",
        until=sent.until if sent else "",
        forms=tuple((form.value, translate(lang, words)) for form, words in FORMS.items()),
        order=str(order),
        csrf=visit.csrf(ORDER),
    )
    return Page("your_data_order.html", page, HERE, status=422 if sent else 200)


def _wish(form: _Order, lang: str) -> Wish:
    """Return what was ordered.

    Raises:
        ValueError: the days are none, or no period.
    """
    since, last = _day(form.since), _day(form.until)
    until = last + timedelta(days=1) if last else None
    if since and until and since >= until:
        raise ValueError
    if form.order.int == 0:
        raise BadRequestError
    chosen = frozenset(form.part) or frozenset(Part)
    parts = tuple(part for part in Part if part in chosen)
    return Wish(parts, Form(form.form), since, until, lang)


def _day(text: str) -> datetime | None:
    if not text.strip():
        return None
    day = date.fromisoformat(text.strip())
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
