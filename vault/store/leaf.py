"""Keep the log's entries in their places: leaves, each customer's list, and searchable facts.

A leaf is published; the list of a customer's leaves and the facts are not. Facts name no customer
and hold what compliance may count and search, so that a search opens nothing. Which index an
entry gets is `vault/store/integration.py`.
Source: access-log note, 2 and 4; docs/formats.md, OAL1.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    UniqueConstraint,
    func,
    literal,
    select,
    text,
    tuple_,
)

from vault.core import canonical, place
from vault.core.entry import Header, time_of
from vault.core.errors import LogBrokenError
from vault.core.ids import NOBODY, CustomerId, LogId
from vault.core.look import Known
from vault.core.place import Place, index_of, log_of
from vault.store import bulk
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, LOG, column, metadata
from vault.store.types import Digest, Id, Json, Name

PAGE = 10_000  # leaf hashes read at once, 320 KB

log_leaf = Table(
    "log_leaf",
    metadata,
    column("log_id", Integer, "public", primary_key=True),
    column("idx", BigInteger, "public", primary_key=True),
    column("hash", LargeBinary, "public"),
    column("entry", LargeBinary, "public"),  # sealed under the customer's audit key
    column("writer", Id, "public"),
    column("seq", BigInteger, "public"),
    column("part", Integer, "public"),
    UniqueConstraint("log_id", "writer", "seq", "part"),
    info={"shard": LOG},
)

customer_entry = Table(
    "customer_entry",
    metadata,
    column("customer_id", Id, "id", primary_key=True),
    column("log_id", Integer, "public", primary_key=True),
    column("idx", BigInteger, "public", primary_key=True),
    Index(None, "log_id", "idx"),  # whose entry staff open: `sweeps.owner_of`
    info={"shard": CUSTOMER},
)


def _found_by(name: str) -> Index:
    """Return the index of a search; most entries lack most of these, and cost it nothing."""
    there = text(f"{name} IS NOT NULL")
    return Index(None, "log_id", name, "idx", sqlite_where=there, postgresql_where=there)


access_fact = Table(
    "access_fact",
    metadata,
    column("log_id", Integer, "public", primary_key=True),
    column("idx", BigInteger, "public", primary_key=True),
    column("at", BigInteger, "time"),  # unix ms
    column("salt", LargeBinary, "mac"),  # opens the hash of facts in the entry, nothing else
    column("kind", SmallInteger, "state"),
    column("app", Name, "policy", nullable=True),
    column("purpose", Name, "policy", nullable=True),
    column("clauses", Json, "policy"),  # sorted list of the clauses that allowed
    column("code", Digest, "public"),
    column("allowed", Integer, "count"),
    column("withheld", Integer, "count"),
    column("handle", Name, "id", nullable=True),  # pseudonym of the member of staff
    column("case_ref", Name, "id", nullable=True),
    Index(None, "log_id", "at", "idx"),
    *(_found_by(name) for name in ("app", "purpose", "handle", "case_ref")),
    info={"shard": LOG},
)


class Fact(NamedTuple):
    """What compliance may count and search without opening an entry; it names no customer."""

    salt: bytes
    kind: int
    app: str | None
    purpose: str | None
    clauses: tuple[str, ...]
    code: str
    allowed: int
    withheld: int
    handle: str | None
    case: str | None


class Leaf(NamedTuple):
    """An entry in its place, with what is known beside it."""

    idx: int
    entry: bytes
    hash: bytes
    writer: UUID
    seq: int
    part: int
    customer: CustomerId  # NOBODY where it is on no customer's list
    fact: Fact | None  # None for the system's


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of a customer's list."""

    place: Place
    entry: bytes


async def add(conn: Conn, log_id: LogId, leaves: Sequence[Leaf]) -> None:
    """Insert leaves with the customers' lists and the facts; the head moves elsewhere."""
    await bulk.add_values(
        conn,
        log_leaf,
        [(log_id, one.idx, one.hash, one.entry, one.writer, one.seq, one.part) for one in leaves],
    )
    lists = [(one.customer, log_id, one.idx) for one in leaves if one.customer != NOBODY]
    await bulk.add_values(conn, customer_entry, lists)
    facts = [_fact_row(log_id, one, one.fact) for one in leaves if one.fact]
    await bulk.add_values(conn, access_fact, facts)


async def count(conn: Conn, log_id: LogId) -> int:
    """Return how many leaves there are, by the newest one's index."""
    newest = select(func.max(log_leaf.c.idx)).where(log_leaf.c.log_id == log_id)
    found: int | None = (await conn.execute(newest)).scalar_one()
    return 0 if found is None else found + 1


async def at(conn: Conn, log_id: LogId, index: int) -> int | None:
    """Return the time in an entry, unix ms; None where the index has none."""
    entry = await conn.scalar(
        select(log_leaf.c.entry).where(log_leaf.c.log_id == log_id, log_leaf.c.idx == index)
    )
    return None if entry is None else Header.parse(entry).at


async def hashes(conn: Conn, log_id: LogId) -> AsyncIterator[list[bytes]]:
    """Give all leaf hashes in the order of the index, a page at a time.

    Raises:
        LogBrokenError: an index is missing.
    """
    place_ = 0
    while True:
        rows = await conn.execute(
            select(log_leaf.c.idx, log_leaf.c.hash)
            .where(log_leaf.c.log_id == log_id, log_leaf.c.idx >= place_)
            .order_by(log_leaf.c.idx)
            .limit(PAGE)
        )
        page = rows.all()
        if [row.idx for row in page] != list(range(place_, place_ + len(page))):
            raise LogBrokenError
        if page:
            yield [row.hash for row in page]
        if len(page) < PAGE:
            return
        place_ += PAGE


async def entries_of(
    conn: Conn, customer: CustomerId, *, before: int | None, limit: int
) -> list[Listed]:
    """Return a customer's own entries, the newest first; as `places_of`."""
    places = await places_of(conn, customer, before=before, limit=limit)
    return await entries_at(conn, places)


async def places_of(
    conn: Conn, customer: CustomerId, *, before: int | None, limit: int, skip: int = 0
) -> list[Place]:
    """Return where a customer's own entries stand, over all logs, the newest first.

    The list and the leaves are of different families: two statements, never a join.

    Args:
        conn: a connection.
        customer: whose list.
        before: only places below this one; None for the newest.
        limit: how many at most.
        skip: how many of the newest are left out.
    """
    listed = customer_entry.c
    wanted = select(listed.log_id, listed.idx).where(listed.customer_id == customer)
    if before is not None:
        # Compared as one row, so that the key itself leads to the page in every log.
        end = tuple_(literal(log_of(before)), literal(index_of(before)))
        wanted = wanted.where(tuple_(listed.log_id, listed.idx) < end)
    wanted = wanted.order_by(listed.log_id.desc(), listed.idx.desc()).limit(limit).offset(skip)
    return [place.at(row.log_id, row.idx) for row in await conn.execute(wanted)]


async def is_listed(conn: Conn, customer: CustomerId, where: int) -> bool:
    """Say whether a place is on a customer's own list."""
    statement = select(customer_entry.c.idx).where(
        customer_entry.c.customer_id == customer,
        customer_entry.c.log_id == log_of(where),
        customer_entry.c.idx == index_of(where),
    )
    return (await conn.execute(statement)).scalar_one_or_none() is not None


async def entries_at(conn: Conn, places: Sequence[int]) -> list[Listed]:
    """Return the entries at these places, the newest first.

    Precondition: they are on one customer's list.
    """
    found = []
    for log_id, indexes in _by_log(places):
        rows = await conn.execute(
            select(log_leaf.c.idx, log_leaf.c.entry)
            .where(log_leaf.c.log_id == log_id, log_leaf.c.idx.in_(indexes))
            .order_by(log_leaf.c.idx.desc())
        )
        found += [Listed(place.at(log_id, row.idx), row.entry) for row in rows]
    return found


async def facts_at(conn: Conn, places: Sequence[int]) -> dict[int, Known]:
    """Return what is known of entries without opening them; one without facts is left out."""
    fact = access_fact.c
    found: dict[int, Known] = {}
    for log_id, indexes in _by_log(places):
        rows = await conn.execute(
            select(
                fact.idx,
                fact.at,
                fact.kind,
                fact.app,
                fact.purpose,
                fact.code,
                fact.allowed,
                fact.withheld,
            ).where(fact.log_id == log_id, fact.idx.in_(indexes))
        )
        found |= {place.at(log_id, row.idx): Known(*row[1:]) for row in rows}
    return found


def _by_log(places: Sequence[int]) -> Iterator[tuple[LogId, list[int]]]:
    """Sort places by log, the newest log first; nearly always there is one."""
    logs = sorted({log_of(one) for one in places}, reverse=True)
    for log_id in logs:
        yield log_id, [index_of(one) for one in places if log_of(one) == log_id]


def _fact_row(log_id: LogId, leaf: Leaf, fact: Fact) -> tuple[object, ...]:
    """Return the values of a row of facts, in the order of its columns."""
    return (
        log_id,
        leaf.idx,
        time_of(leaf.entry),
        fact.salt,
        fact.kind,
        fact.app,
        fact.purpose,
        _clauses(fact.clauses),
        fact.code,
        fact.allowed,
        fact.withheld,
        fact.handle,
        fact.case,
    )


@lru_cache(maxsize=1024)
def _clauses(names: tuple[str, ...]) -> str:
    return canonical.dumps(names).decode()
