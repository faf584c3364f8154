"""Show one package, and hand its file over to whom it belongs.

The whole file is checked before its first byte leaves. One that is not what was sealed is not
handed over at all, and the page says so.
Source: portal note, 2; docs/export.md.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from portal.answers import Page, Stream
from portal.language import N_, translate
from portal.pages.your_data import HERE, Card, card
from portal.visit import Visit
from vault.core.errors import NotAvailableError, OpenError
from vault.core.export import MEDIA_TYPES, SUFFIXES, Form
from vault.services import export

DAMAGED: Final = 409  # what is stored is not what was ordered


@dataclass(frozen=True, slots=True)
class PackagePage:
    """Everything of `/your-data/package/{package}`."""

    title: str
    damaged: bool
    card: Card
    is_csv: bool
    csrf: str


async def show(visit: Visit) -> Page:
    """Show how the package stands."""
    return await _page(visit, damaged=False)


async def fetch(visit: Visit) -> Page | Stream:
    """Hand the file over, and record that the customer took it."""
    try:
        found = await export.fetch(visit.deps, visit.customer, _id(visit), request=visit.request_id)
    except OpenError:
        return await _page(visit, damaged=True)
    form, day = found.package.wish.form, found.package.ordered_at.date().isoformat()
    return Stream(
        found.pieces,
        found.package.size,
        MEDIA_TYPES[form],
        filename=f"your-data-{day}.{SUFFIXES[form]}",
    )


async def _page(visit: Visit, *, damaged: bool) -> Page:
    found = await export.package(visit.deps, visit.customer, _id(visit))
    page = PackagePage(
        title=translate(visit.lang, N_("Your package")),
        damaged=damaged,
        card=card(found, visit.lang),
        is_csv=found.wish.form is Form.CSV,
        csrf=visit.csrf(visit.path),
    )
    return Page("package.html", page, HERE, status=DAMAGED if damaged else 200)


def _id(visit: Visit) -> UUID:
    try:
        return UUID(visit.params["package"])
    except ValueError:
        raise NotAvailableError from None
