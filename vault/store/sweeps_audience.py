"""Ask who may be in an audience: a run of customers by id, as a hint and never as a decision.

The one sweep in the path of a request, and bounded whoever consents: it looks at no more rows than
it may return, of an index that holds consents that were given and are current. Whether a
customer is in the audience is decided by the one path alone, from rows that are checked.
Source: docs/scale.md, schema rules; docs/decisions/0013 and 0014.
"""

from collections.abc import Sequence
from typing import NamedTuple, cast
from uuid import UUID

from sqlalchemy import Select, literal, select, text

from vault.store.consent import ALLOWS, consent
from vault.store.customer import standing
from vault.store.engine import Conn

FOREVER = 2**63 - 1  # unix ms


class Candidate(NamedTuple):
    """A customer who may be in the audience."""

    customer: UUID
    until_ms: int  # when the consent is over, exclusive; `FOREVER` where none is needed


async def consenting(
    conn: Conn, purpose: str, *, after: UUID, upto: UUID, limit: int
) -> Sequence[Candidate]:
    """Return customers whose current consent to a purpose was given; it may be over.

    Args:
        conn: a connection.
        purpose: of the code of ethics in force.
        after: only customers with a greater id.
        upto: and with none greater than this.
        limit: rows to look at, above 0.
    """
    query = consenting_query(purpose, after=after, upto=upto, limit=limit)
    return cast("Sequence[Candidate]", (await conn.execute(query)).all())


def consenting_query(
    purpose: str, *, after: UUID, upto: UUID, limit: int
) -> Select[tuple[UUID, int]]:
    """Return the query of `consenting`, which an index answers in its order."""
    return (
        select(consent.c.customer_id.label("customer"), consent.c.until_ms)
        .where(
            text(ALLOWS),
            consent.c.purpose == purpose,
            consent.c.customer_id > after,
            consent.c.customer_id <= upto,
        )
        .order_by(consent.c.customer_id)
        .limit(limit)
        .execution_options(sweep="an audience is everyone who consents, by bounded runs")
    )


async def everyone(conn: Conn, *, after: UUID, upto: UUID, limit: int) -> Sequence[Candidate]:
    """Return customers, for a purpose on another basis than consent."""
    statement = (
        select(standing.c.customer_id.label("customer"), literal(FOREVER).label("until_ms"))
        .where(standing.c.customer_id > after, standing.c.customer_id <= upto)
        .order_by(standing.c.customer_id)
        .limit(limit)
        .execution_options(sweep="an audience on another basis may be anybody, by bounded runs")
    )
    return cast("Sequence[Candidate]", (await conn.execute(statement)).all())
