"""Count rows of all customers for numbers that name nobody.

Consents are counted by the state and the end that stand in clear; whether each row's MAC is good is
not looked at, so these numbers decide nothing.
Source: consent-standards note, 9.12; docs/scale.md, sweeps.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, case, func, select

from vault.core import canonical
from vault.core.ids import LogId
from vault.store.app_use import app_use
from vault.store.consent import consent
from vault.store.engine import Conn
from vault.store.leaf import access_fact
from vault.store.request_queue import request_queue
from vault.store.value import value

ALLOWS: Final = ("given", "renewed")
SAID_NO: Final = ("refused", "withdrawn")
_LOOKS: Final = (1, 5)  # kinds of entries: read, staff look
_REFUSED: Final = 3


class Stand(NamedTuple):
    """How many customers decided how on a purpose."""

    allowed: int
    said_no: int
    ended: int  # allowed once, and over by its time or by new rules


class Looks(NamedTuple):
    """Entries of the access log."""

    allowed: int
    refused: int


class Answers(NamedTuple):
    """Customers' requests."""

    in_time: int
    late: int  # ended or owed, after their day


async def consents(conn: Conn, *, now_ms: int) -> dict[str, Stand]:
    """Return how customers decided, by purpose; who never decided has no row."""
    it = consent.c
    allowed = it.state.in_(ALLOWS) & (it.until_ms > now_ms)
    said_no = it.state.in_(SAID_NO)
    ended = it.state.in_(("expired", "revoked", "invalidated")) | (
        it.state.in_(ALLOWS) & (it.until_ms <= now_ms)
    )
    statement = (
        select(
            it.purpose, *(func.sum(case((one, 1), else_=0)) for one in (allowed, said_no, ended))
        )
        .where(it.current)
        .group_by(it.purpose)
    )
    rows = await conn.execute(_sweep(statement))
    return {purpose: Stand(*(int(one) for one in counts)) for purpose, *counts in rows}


async def sharing(conn: Conn, purpose: str, fields: Sequence[str], *, now_ms: int) -> int:
    """Return how many customers allow a purpose with all of some fields, and have them filled in."""
    it = consent.c
    statement = (
        select(func.count())
        .select_from(consent)
        .where(
            it.current,
            it.state.in_(ALLOWS),
            it.purpose == purpose,
            it.until_ms > now_ms,
            *(it.fields.contains(canonical.dumps(one).decode(), autoescape=True) for one in fields),
            *(
                select(value.c.field)
                .where(value.c.customer_id == it.customer_id, value.c.field == one)
                .exists()
                for one in fields
            ),
        )
    )
    return int((await conn.execute(_sweep(statement))).scalar_one())


async def uses(conn: Conn, *, first: date) -> list[tuple[str, str, int, int]]:
    """Return app, purpose, how often one of its names was asked for and given, from a day on."""
    it = app_use.c
    statement = (
        select(it.app, it.purpose, func.sum(it.asked), func.sum(it.given))
        .where(it.day >= first)
        .group_by(it.app, it.purpose)
        .order_by(it.app, it.purpose)
    )
    rows = await conn.execute(statement)
    return [(app, purpose, int(asked), int(given)) for app, purpose, asked, given in rows]


async def looks(conn: Conn, log_id: LogId, *, first_ms: int, size: int) -> Looks:
    """Return how many looks of apps and staff were allowed and refused, in a log of some size."""
    it = access_fact.c
    statement = select(
        func.sum(case((it.kind.in_(_LOOKS), 1), else_=0)),
        func.sum(case((it.kind == _REFUSED, 1), else_=0)),
    ).where(it.log_id == log_id, it.at >= first_ms, it.idx < size)
    allowed, refused = (await conn.execute(statement)).one()
    return Looks(int(allowed or 0), int(refused or 0))


async def answers(conn: Conn, *, first: datetime, now: datetime) -> Answers:
    """Return how requests were answered from one moment to another; the same at any later time."""
    it = request_queue.c
    by_now = it.ended_at.is_not(None) & (it.ended_at <= now)
    in_time = by_now & (it.ended_at >= first) & (it.ended_at <= it.due_at)
    was_late = by_now & (it.ended_at >= first) & (it.ended_at > it.due_at)
    owed = (it.due_at < now) & (it.open | (it.ended_at > now))
    statement = select(*(func.sum(case((one, 1), else_=0)) for one in (in_time, was_late | owed)))
    found = (await conn.execute(statement)).one()
    return Answers(*(int(one or 0) for one in found))


def _sweep(statement: Select[Any]) -> Select[Any]:
    return statement.execution_options(sweep="numbers that name nobody, once a night")
