"""Ask who may be in an audience: a page of customers by id, as a hint and never as a decision.

The one sweep in the path of a request, and bounded whoever consents: a page looks at no more rows
than it may return, of an index that holds consents that were given and are current. Whether a
customer is in the audience is decided by the one path alone, from rows that are checked.
Source: docs/scale.md, schema rules; docs/decisions/0013.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select, text

from vault.core.ids import CustomerId
from vault.store.consent import ALLOWS, consent
from vault.store.customer import standing
from vault.store.engine import Conn


@dataclass(frozen=True, slots=True)
class Candidates:
    """One page."""

    customers: tuple[CustomerId, ...]  # by id
    behind: UUID | None  # where the next page begins, exclusive; None at the end


async def consenting(conn: Conn, purpose: str, *, after: UUID, limit: int, now: int) -> Candidates:
    """Return customers whose current consent to a purpose was given and is not over.

    Args:
        conn: a connection.
        purpose: of the code of ethics in force.
        after: only customers with a greater id.
        limit: rows to look at, above 0; a page may hold fewer, or nobody.
        now: unix ms.
    """
    rows = (await conn.execute(consenting_query(purpose, after=after, limit=limit + 1))).all()
    page = rows[:limit]
    return Candidates(
        tuple(CustomerId(row.customer_id) for row in page if row.until_ms > now),
        page[-1].customer_id if len(rows) > limit else None,
    )


def consenting_query(purpose: str, *, after: UUID, limit: int) -> Select[tuple[UUID, int]]:
    """Return the query of `consenting`, which an index answers in its order."""
    return (
        select(consent.c.customer_id, consent.c.until_ms)
        .where(text(ALLOWS), consent.c.purpose == purpose, consent.c.customer_id > after)
        .order_by(consent.c.customer_id)
        .limit(limit)
        .execution_options(sweep="an audience is everyone who consents, by bounded pages")
    )


async def everyone(conn: Conn, *, after: UUID, limit: int) -> Candidates:
    """Return customers, for a purpose on another basis than consent."""
    statement = (
        select(standing.c.customer_id)
        .where(standing.c.customer_id > after)
        .order_by(standing.c.customer_id)
        .limit(limit + 1)
        .execution_options(sweep="an audience on another basis may be anybody, by bounded pages")
    )
    found = list((await conn.execute(statement)).scalars())
    page = found[:limit]
    return Candidates(
        tuple(CustomerId(one) for one in page), page[-1] if len(found) > limit else None
    )
