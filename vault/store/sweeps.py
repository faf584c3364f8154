"""Ask over all customers: the only statements that may, each with its reason.

Everything else on a customer's tables names the customer, so that one node can answer. A sweep
never runs in the path of a request, and says by the option `sweep` why it must ask everywhere.
Source: docs/scale.md, schema rules.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, exists, func, or_, select

from vault.store.consent import consent
from vault.store.customer import KEY, CustomerKeyRow, customer_key, standing
from vault.store.engine import Conn
from vault.store.export import ExportRow, export
from vault.store.interaction import interaction
from vault.store.reminded import reminded
from vault.store.retained import RetainedKeyRow, retained, retained_key
from vault.store.trait import trait
from vault.store.value import value

_ALLOWING = ("given", "renewed")
_EVENT = "interaction."  # how the names of contact events begin


async def stored_names(conn: Conn) -> frozenset[str]:
    """Return every field and `interaction.KIND` with a row: start-up checks that each has a clause."""
    of_fields = select(value.c.field).distinct().execution_options(sweep="names, not customers")
    of_kinds = select(interaction.c.kind).distinct().execution_options(sweep="likewise")
    fields = (await conn.execute(of_fields)).scalars()
    kinds = (await conn.execute(of_kinds)).scalars()
    return frozenset(fields) | {f"interaction.{kind}" for kind in kinds}


async def count_customers(conn: Conn) -> int:
    """Return how many customers there are, for commands and dry runs."""
    statement = select(func.count()).select_from(standing).execution_options(sweep="a count")
    return int((await conn.execute(statement)).scalar_one())


async def forget_retained(conn: Conn, *, now: datetime) -> int:
    """Delete what a law kept and keeps no longer, with keys under which nothing is left."""
    why = {"sweep": "a law's time ends for everyone alike"}
    over = delete(retained).where(retained.c.until <= now).execution_options(**why)
    gone = (await conn.execute(over)).rowcount
    if gone:
        still = exists().where(retained.c.customer_id == retained_key.c.customer_id)
        await conn.execute(delete(retained_key).where(~still).execution_options(**why))
    return gone


async def keys_behind(
    conn: Conn, kek_id: UUID, *, limit: int
) -> tuple[list[CustomerKeyRow], list[RetainedKeyRow]]:
    """Return keys that are still under this KEK, some of each kind; none: its epoch may end."""
    why = {"sweep": "an epoch ends for everyone at once"}
    living = select(*KEY).where(customer_key.c.kek_id == kek_id).limit(limit)
    kept = select(retained_key).where(retained_key.c.kek_id == kek_id).limit(limit)
    return (
        [CustomerKeyRow(*row) for row in await conn.execute(living.execution_options(**why))],
        [RetainedKeyRow(*row) for row in await conn.execute(kept.execution_options(**why))],
    )


async def rows_behind(conn: Conn, kek_id: UUID) -> int:
    """Return how many keys of customers are still under this KEK."""
    found = 0
    for table in (customer_key, retained_key):
        statement = (
            select(func.count())
            .where(table.c.kek_id == kek_id)
            .execution_options(sweep="an epoch ends for everyone at once")
        )
        found += int((await conn.execute(statement)).scalar_one())
    return found


async def customers_after(
    conn: Conn, after: UUID | None = None, *, limit: int = 1_000
) -> list[UUID]:
    """Return customer ids in order, by pages: for backfills and audiences, resumable by id."""
    statement = (
        select(standing.c.customer_id)
        .order_by(standing.c.customer_id)
        .limit(limit)
        .execution_options(sweep="a page of ids")
    )
    if after is not None:
        statement = statement.where(standing.c.customer_id > after)
    return list((await conn.execute(statement)).scalars())


async def is_worked_out(conn: Conn) -> bool:
    """Say whether the vault remembers of anybody what a trait was worked out of."""
    any_one = select(trait.c.field).limit(1).execution_options(sweep="whether there is one at all")
    return (await conn.execute(any_one)).first() is not None


async def count_untold(conn: Conn, *, source: str, before: datetime) -> int:
    """Return how many values of a source were written before a time and not told of yet."""
    statement = (
        select(func.count())
        .select_from(value)
        .where(value.c.source == source, value.c.told_at.is_(None), value.c.written_at < before)
        .execution_options(sweep="a count of what is late")
    )
    return int((await conn.execute(statement)).scalar_one())


async def consents_given(conn: Conn, *, now: int) -> list[tuple[str, str, int]]:
    """Return how many consents allow, as (purpose, digest of the code, customers).

    Args:
        conn: a connection.
        now: unix ms.
    """
    statement = (
        select(consent.c.purpose, consent.c.code_digest, func.count())
        .where(consent.c.current, consent.c.state.in_(_ALLOWING), consent.c.until_ms > now)
        .group_by(consent.c.purpose, consent.c.code_digest)
        .execution_options(sweep="counts for a dry run")
    )
    return [(purpose, code, count) for purpose, code, count in await conn.execute(statement)]


async def count_consenting(conn: Conn, pairs: Sequence[tuple[str, str]], *, now: int) -> int:
    """Return how many customers have a consent that allows, for any (purpose, digest)."""
    if not pairs:
        return 0
    any_of = or_(
        *(and_(consent.c.purpose == one, consent.c.code_digest == code) for one, code in pairs)
    )
    statement = (
        select(func.count(consent.c.customer_id.distinct()))
        .where(consent.c.current, consent.c.state.in_(_ALLOWING), consent.c.until_ms > now, any_of)
        .execution_options(sweep="a count")
    )
    return int((await conn.execute(statement)).scalar_one())


async def count_concerned(
    conn: Conn, names: Collection[str] | None, *, addresses: Collection[str]
) -> int:
    """Return how many customers with an address have something under any of these names.

    Args:
        conn: a connection.
        names: of fields and `interaction.KIND`; None for every customer with an address.
        addresses: fields that hold an address.
    """
    statement = (
        select(func.count(value.c.customer_id.distinct()))
        .where(value.c.field.in_(sorted(addresses)))
        .execution_options(sweep="a count for a dry run")
    )
    if names is not None:
        other = value.alias()
        kinds = sorted(one.removeprefix(_EVENT) for one in names if one.startswith(_EVENT))
        of_fields = exists().where(
            other.c.customer_id == value.c.customer_id, other.c.field.in_(sorted(names))
        )
        of_kinds = exists().where(
            interaction.c.customer_id == value.c.customer_id, interaction.c.kind.in_(kinds)
        )
        statement = statement.where(or_(of_fields, of_kinds))
    return int((await conn.execute(statement)).scalar_one())


async def ended_exports(conn: Conn, *, now: datetime, limit: int = 20) -> list[ExportRow]:
    """Return packages whose time is over, the oldest first: they go, whoever's they are."""
    statement = (
        select(export)
        .where(export.c.ends_at <= now)
        .order_by(export.c.ends_at, export.c.export_id)
        .limit(limit)
        .execution_options(sweep="time ends for everyone at once")
    )
    return [ExportRow(*row) for row in await conn.execute(statement)]


async def consents_ending(
    conn: Conn, *, now: int, before: int, after: UUID | None, limit: int
) -> list[UUID]:
    """Return customers with a consent that ends soon and was not looked at for a reminder, by id.

    Args:
        conn: a connection.
        now: unix ms.
        before: unix ms, inclusive.
        after: only customers with a greater id; None for the first page.
        limit: how many at most.
    """
    seen = exists().where(
        reminded.c.customer_id == consent.c.customer_id,
        reminded.c.purpose == consent.c.purpose,
        reminded.c.until_ms == consent.c.until_ms,
    )
    statement = (
        select(consent.c.customer_id)
        .where(
            consent.c.current,
            consent.c.until_ms > now,
            consent.c.until_ms <= before,
            consent.c.state.in_(_ALLOWING),
            ~seen,
        )
        .distinct()
        .order_by(consent.c.customer_id)
        .limit(limit)
        .execution_options(sweep="ends come near for everyone alike")
    )
    if after is not None:
        statement = statement.where(consent.c.customer_id > after)
    return list((await conn.execute(statement)).scalars())
