"""Write entries of the access log for other programs: facts alone, line by line.

A spreadsheet runs a cell that begins like a formula, so such a cell gets an apostrophe in front; the
copy for programs has each fact as it is. Lines are made as they are taken: nobody holds them all.
Source: security note, 11; portal note, 8.
"""

from collections.abc import AsyncIterator
from datetime import UTC
from typing import Final

from portal.console.log_words import KINDS
from portal.words import of_ms
from vault.core import canonical, export_cells
from vault.core.log_filter import Known

COLUMNS: Final = (
    "index",
    "at",
    "kind",
    "app",
    "purpose",
    "clauses",
    "decision",
    "allowed",
    "withheld",
    "staff",
    "case",
    "code",
)
_KIND_NAMES: Final = {int(kind): kind.name.lower().replace("_", "-") for kind in KINDS}


def members(known: Known) -> dict[str, object]:
    """Return an entry as JSON has it; the members stand in the order of the columns."""
    at = of_ms(known.at).astimezone(UTC).isoformat(timespec="milliseconds")
    return {
        "index": known.place,
        "at": at.replace("+00:00", "Z"),
        "kind": _KIND_NAMES.get(known.kind, str(known.kind)),
        "app": known.app,
        "purpose": known.purpose,
        "clauses": list(known.clauses),
        "decision": known.decision.value,
        "allowed": known.allowed,
        "withheld": known.withheld,
        "staff": known.handle,
        "case": known.case,
        "code": known.code or None,
    }


async def csv(pages: AsyncIterator[tuple[Known, ...]]) -> AsyncIterator[bytes]:
    """Give the table, a page of entries at a time: RFC 4180, in UTF-8 as spreadsheets know it."""
    yield (export_cells.START + export_cells.line(COLUMNS)).encode()
    async for page in pages:
        yield "".join(export_cells.line(map(_cell, members(one).values())) for one in page).encode()


async def ndjson(pages: AsyncIterator[tuple[Known, ...]]) -> AsyncIterator[bytes]:
    """Give a JSON object a line, a page of entries at a time."""
    async for page in pages:
        yield b"".join(canonical.dumps(members(one)) + b"\n" for one in page)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
