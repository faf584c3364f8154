"""Prove where a stored value comes from: who gave it, when, and what became of it since.

Source, times, being told, disputed and confirmed decide who may see a value, so an edited row must
show nothing: a third party's value that somebody calls `told` in the database is broken, and so is
a row without a MAC. A broken row is never given a good MAC again; only a new value replaces it.
Source: docs/formats.md, 10; GDPR 14, 16 and 18.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from vault.core.errors import FormatError
from vault.core.ids import CustomerId
from vault.core.times import unix_ms
from vault.crypto.field import Place
from vault.crypto.row_mac import VALUE, bad_rows, row_mac, row_macs, value_prefix, value_row
from vault.services.deps import Deps
from vault.store import commit, sweeps
from vault.store import value as store
from vault.store.engine import Conn
from vault.store.value import ValueRow

_TOGETHER: Final = 200  # customers of one transaction

logger = structlog.get_logger()


def sign(deps: Deps, row: ValueRow) -> ValueRow:
    """Return a row with the MAC of what it says.

    Raises:
        FormatError: a number has no place in the format.
    """
    content = _content(value_prefix(deps.deployment, row.customer), row)
    return replace(row, mac=row_mac(deps.keys.service("row-mac"), VALUE, content))


def sign_fresh(
    deps: Deps,
    places: Sequence[Place],
    *,
    sources: Sequence[str],
    gathered_at: datetime,
    disputed: Sequence[datetime | None],
) -> list[bytes]:
    """Return the MACs of rows that are about to be written, of which nothing was told yet.

    Args:
        deps: for the key.
        places: of one customer's values.
        sources: how each was gathered.
        gathered_at: when they were.
        disputed: since when the customer says that one is wrong.

    Raises:
        FormatError: as `sign`.
    """
    if not places:
        return []
    prefix = value_prefix(deps.deployment, places[0].customer)
    gathered_ms = unix_ms(gathered_at)
    contents = [
        value_row(
            prefix,
            field=place.field,
            value_id=place.value_id,
            row_version=place.row_version,
            source=source,
            gathered_ms=gathered_ms,
            told_ms=None,
            disputed_ms=unix_ms(disputed_at) if disputed_at else None,
            verified_ms=None,
        )
        for place, source, disputed_at in zip(places, sources, disputed, strict=True)
    ]
    return row_macs(deps.keys.service("row-mac"), VALUE, contents)


def damaged(
    deps: Deps,
    customer: CustomerId,
    rows: Iterable[ValueRow],
    *,
    names: Collection[str],
) -> frozenset[str]:
    """Return the fields whose row is not what the vault wrote for this customer.

    Args:
        deps: for the key of the MACs.
        customer: whom the load asked for, whatever the rows say.
        rows: as stored.
        names: only these are checked: one HMAC each.
    """
    prefix = value_prefix(deps.deployment, customer)
    wanted = frozenset(names)
    found: list[str] = []
    proven: list[ValueRow] = []
    contents: list[bytes] = []
    for row in rows:
        if row.field in wanted:
            try:
                contents.append(_content(prefix, row))
                proven.append(row)
            except FormatError:
                found.append(row.field)
    macs = [row.mac for row in proven]
    bad = bad_rows(deps.keys.service("row-mac"), VALUE, contents, macs)
    found += [proven[place].field for place in bad]
    for field in found:
        logger.error("value-row-broken", field=field)
    return frozenset(found)


async def seal_all(deps: Deps) -> int:
    """Give a MAC to every row that has none; returns how many there were.

    Precondition: the rows are those of a release without MACs, and an operator says so, or the
    tables were upgraded from one a moment ago. What is sealed here is believed from here on.
    """
    count = 0
    after: UUID | None = None
    while True:
        async with deps.database.connect() as conn:
            customers = await sweeps.customers_after(conn, after, limit=_TOGETHER)
        if not customers:
            return count

        async def work(conn: Conn, several: list[UUID] = customers) -> int:
            rows = [
                sign(deps, row)
                for customer in several
                for row in await store.load(conn, CustomerId(customer))
                if row.mac is None
            ]
            return await store.mark(conn, rows)

        count += await commit.request(deps.database, work)
        after = customers[-1]


def _content(prefix: bytes, row: ValueRow) -> bytes:
    return value_row(
        prefix,
        field=row.field,
        value_id=row.value_id,
        row_version=row.row_version,
        source=row.source,
        gathered_ms=unix_ms(row.gathered_at),
        told_ms=unix_ms(row.told_at) if row.told_at else None,
        disputed_ms=unix_ms(row.disputed_at) if row.disputed_at else None,
        verified_ms=unix_ms(row.verified_at) if row.verified_at else None,
    )
