"""List a customer's receipts, and publish what they are checked with.

Source: portal note, 2; consent-standards note, 2.2; INTERFACES, /notices/{sha256}.
"""

import re
from dataclasses import dataclass
from typing import Final

from portal import state
from portal.answers import Document, Page
from portal.labels import Labels
from portal.language import N_, translate
from portal.state import Badge
from portal.visit import Visit
from portal.words import Moment, moment, until_of
from vault.core.errors import NotAvailableError
from vault.services import published, receipts
from vault.services.receipts import Line

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Receipt:
    """One decision."""

    id: str
    purpose: str
    state: Badge
    at: Moment
    notice: str  # SHA-256 of what was shown; "" where nothing is published


@dataclass(frozen=True, slots=True)
class ReceiptsPage:
    """Everything of `/receipts`."""

    title: str
    receipts: tuple[Receipt, ...]


async def show(visit: Visit) -> Page:
    """Show every decision, the newest first."""
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    lines = await receipts.list_(visit.deps, visit.customer)
    page = ReceiptsPage(
        title=translate(visit.lang, N_("Receipts")),
        receipts=tuple(_receipt(line, labels, visit) for line in lines),
    )
    return Page("receipts.html", page, "/receipts")


async def notice(visit: Visit) -> Document:
    """Hand out the exact bytes of a notice, to anybody and for ever."""
    sha256 = visit.params["sha256"]
    if not _SHA256.fullmatch(sha256):
        raise NotAvailableError
    body = await published.notice_bytes(visit.deps, sha256)
    return Document(body, "text/html; charset=utf-8", "kept")


async def keys(visit: Visit) -> Document:
    """Hand out every key that ever signed receipts."""
    return Document(await receipts.keys(visit.deps), "application/json", "public")


def _receipt(line: Line, labels: Labels, visit: Visit) -> Receipt:
    badge = state.consent(
        line.state,
        visit.lang,
        decided=line.at,
        until=until_of(line.until_ms),
        now=visit.now,
    )
    return Receipt(
        id=str(line.receipt_id),
        purpose=labels.purpose(line.purpose),
        state=badge,
        at=moment(line.at, visit.lang),
        notice=line.notice if line.published else "",
    )
