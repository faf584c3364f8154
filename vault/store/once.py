"""Let something happen once: claim a proof, an assertion or a challenge by its hash.

All processes share the table, so a replay is found wherever it arrives. A claim is committed
first and alone: a burnt proof without a read is harmless, the reverse is not.
Source: RFC 9449, 11.1; oauth note, 7.5.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    LargeBinary,
    String,
    Table,
    bindparam,
    column,
    delete,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY, asyncpg
from sqlalchemy.dialects.postgresql import insert as postgresql_insert

from vault.store import commit
from vault.store import metadata as words
from vault.store.dialect import POSTGRESQL, insert
from vault.store.engine import Conn
from vault.store.line import Line
from vault.store.metadata import column as described
from vault.store.metadata import metadata

once = Table(
    "once",
    metadata,
    described("kind", String(16), "state", primary_key=True),
    described("slot", BigInteger, "time", primary_key=True),  # from the signed time, seconds
    described("key", LargeBinary, "index", primary_key=True),  # SHA-256
    info={"shard": words.lookup("key")},
)
_PRUNE: Final = 1_000  # rows deleted in one statement


class Claim(NamedTuple):
    """One thing that may happen once."""

    kind: str
    slot: int
    key: bytes


async def claim(conn: Conn, one: Claim) -> bool:
    """Claim one thing; False when it was claimed before."""
    return (await claim_many(conn, [one]))[0]


async def claim_many(conn: Conn, claims: Sequence[Claim]) -> list[bool]:
    """Claim many things in one statement; True for those that are claimed by this call.

    Of two equal claims in one call only the first is True. Rows go in sorted order, so that two
    processes with the same keys wait for each other instead of locking each other out.
    """
    if not claims:
        return []
    ordered = _ordered(claims)
    if conn.dialect.name == POSTGRESQL:
        # Arrays, so that one prepared text serves any number of claims.
        rows = await conn.execute(_CLAIM, _columns(ordered))
    else:
        statement = insert(conn, once).on_conflict_do_nothing().returning(*_KEY)
        rows = await conn.execute(statement, [one._asdict() for one in ordered])
    return _answers(claims, rows)


async def claim_at_once(line: Line, claims: Sequence[Claim]) -> list[bool]:
    """Do what `claim_many` does, in one statement that is its own transaction.

    Raises:
        VaultError: as `commit.at_once`.
    """
    if not claims:
        return []
    given = _columns(_ordered(claims))
    rows = await commit.at_once(line, _AT_ONCE, *(given[name] for name in _PARAMETERS))
    return _answers(claims, rows)


def _ordered(claims: Sequence[Claim]) -> list[Claim]:
    return sorted(set(claims))


def _columns(claims: Sequence[Claim]) -> dict[str, list[Any]]:
    return {
        "kinds": [one.kind for one in claims],
        "slots": [one.slot for one in claims],
        "keys": [one.key for one in claims],
    }


def _answers(claims: Sequence[Claim], rows: Iterable[Any]) -> list[bool]:
    mine = {tuple(row) for row in rows}  # a claim is equal to its row
    answers = []
    for one in claims:
        answers.append(one in mine)
        mine.discard(one)
    return answers


async def prune(conn: Conn, kind: str, *, before: int) -> int:
    """Delete claims of slots before `before`, at most 1,000 at a time; returns how many went."""
    old = (
        select(once.c.slot, once.c.key)
        .where(once.c.kind == kind, once.c.slot < before)
        .order_by(once.c.slot)
        .limit(_PRUNE)
        .subquery()
    )
    is_old = tuple_(once.c.slot, once.c.key).in_(select(old.c.slot, old.c.key))
    return (await conn.execute(delete(once).where(once.c.kind == kind, is_old))).rowcount


_GIVEN = (
    func.unnest(
        bindparam("kinds", type_=ARRAY(String)),
        bindparam("slots", type_=ARRAY(BigInteger)),
        bindparam("keys", type_=ARRAY(LargeBinary)),
    )
    .table_valued(column("kind", String), column("slot", BigInteger), column("key", LargeBinary))
    .render_derived(name="given")
)
_ARRAYS = select(_GIVEN.c.kind, _GIVEN.c.slot, _GIVEN.c.key)
_KEY = (once.c.kind, once.c.slot, once.c.key)
_CLAIM = (
    postgresql_insert(once)
    .from_select(["kind", "slot", "key"], _ARRAYS)
    .on_conflict_do_nothing()
    .returning(*_KEY)
)
_COMPILED = _CLAIM.compile(dialect=asyncpg.dialect())  # type: ignore[no-untyped-call]
_AT_ONCE, _PARAMETERS = str(_COMPILED), list(_COMPILED.positiontup or ())
