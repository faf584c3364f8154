"""Keep sign-ins under way: a mailed code or link waiting for the browser that asked.

The row is found by the hash of that browser's cookie (an unbound link: by the link's own hash);
of codes and links MACs are stored. Each wrong try counts, one right one is enough: both
are single statements, so that of many at once five may guess and one may win.
Source: portal note, 6.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    delete,
    select,
    update,
)

from vault.core.ids import CustomerId
from vault.store import metadata as words
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import column, columns_of, metadata
from vault.store.types import Id, UtcTime

MAX_TRIES: Final = 5  # guesses at one code

sign_in = Table(
    "sign_in",
    metadata,
    column("hash", LargeBinary, "index", primary_key=True),
    column("address_idx", LargeBinary, "index"),
    column("code_mac", LargeBinary, "mac"),
    column("link_mac", LargeBinary, "mac"),
    column("tries", SmallInteger, "count"),
    column("made_at", UtcTime, "time"),
    column("expires_at", UtcTime, "time"),
    column("used_at", UtcTime, "time", nullable=True),
    column("unbound", Boolean, "state"),
    column("customer_id", Id, "id", nullable=True),  # NULL: nobody has this address
    Index(None, "address_idx"),
    info={"shard": words.lookup("hash")},
)

wrong_code = Table(
    "wrong_code",
    metadata,
    column("address_idx", LargeBinary, "index", primary_key=True),
    column("in_a_row", SmallInteger, "count"),
    info={"shard": words.lookup("address_idx")},
)


@dataclass(frozen=True, slots=True)
class SignInRow:
    """One sign-in under way."""

    hash: bytes
    address_idx: bytes
    code_mac: bytes
    link_mac: bytes
    tries: int
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    unbound: bool
    customer: CustomerId | None


async def start(conn: Conn, row: SignInRow) -> None:
    """Insert a sign-in; earlier ones for the same address are used up: only the newest counts."""
    older = (
        update(sign_in)
        .where(sign_in.c.address_idx == row.address_idx, sign_in.c.used_at.is_(None))
        .values(used_at=row.made_at)
    )
    await conn.execute(older)
    await conn.execute(insert(conn, sign_in).values(columns_of(sign_in, row)))


async def load(conn: Conn, cookie_hash: bytes, *, now: datetime) -> SignInRow | None:
    """Return a sign-in that can still be used; None when it is unknown, used or too old."""
    row = (await conn.execute(select(sign_in).where(*_open(cookie_hash, now)))).one_or_none()
    return None if row is None else SignInRow(*row)


async def guess(conn: Conn, cookie_hash: bytes, *, now: datetime) -> SignInRow | None:
    """Count a try at the code and return the row to compare it with; None after the fifth.

    For `commit.claim`: the count must stay when the guess was wrong.
    """
    statement = (
        update(sign_in)
        .where(*_open(cookie_hash, now), sign_in.c.tries < MAX_TRIES)
        .values(tries=sign_in.c.tries + 1)
        .returning(*sign_in.c)
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else SignInRow(*row)


async def use(conn: Conn, cookie_hash: bytes, *, now: datetime) -> SignInRow | None:
    """Use a sign-in up; None for everyone but the first."""
    statement = (
        update(sign_in).where(*_open(cookie_hash, now)).values(used_at=now).returning(*sign_in.c)
    )
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else SignInRow(*row)


async def count_wrong(conn: Conn, address_idx: bytes) -> int:
    """Count a wrong code for an address and return how many came in a row."""
    statement = insert(conn, wrong_code).values(address_idx=address_idx, in_a_row=1)
    raised = statement.on_conflict_do_update(
        index_elements=["address_idx"],
        set_={"in_a_row": wrong_code.c.in_a_row + 1},
        where=wrong_code.c.in_a_row < 30_000,  # what the column holds
    ).returning(wrong_code.c.in_a_row)
    count = (await conn.execute(raised)).scalar_one_or_none()
    return 30_000 if count is None else int(count)


async def wrong_in_a_row(conn: Conn, address_idx: bytes) -> int:
    """Return how many wrong codes came in a row for an address."""
    statement = select(wrong_code.c.in_a_row).where(wrong_code.c.address_idx == address_idx)
    return (await conn.execute(statement)).scalar_one_or_none() or 0


async def clear_wrong(conn: Conn, address_idx: bytes) -> None:
    """Forget the wrong codes of an address after a right one."""
    await conn.execute(delete(wrong_code).where(wrong_code.c.address_idx == address_idx))


async def prune(conn: Conn, *, before: datetime) -> int:
    """Delete sign-ins that ended before `before`; returns how many."""
    return (await conn.execute(delete(sign_in).where(sign_in.c.expires_at < before))).rowcount


def _open(cookie_hash: bytes, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        sign_in.c.hash == cookie_hash,
        sign_in.c.used_at.is_(None),
        sign_in.c.expires_at > now,
    )
