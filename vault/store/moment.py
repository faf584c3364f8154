"""Ask the primary, in one statement, for what every decision of a batch depends on.

The database's clock, the code of ethics that is in force by it, the apps' live state and which of
their tokens were revoked. Columns are those of the tables' own statements, so that a row reads the
same whichever way it came. It judges nothing, and nothing of it may be kept for a later call.
Source: performance note, 5.3 and 7.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, asyncpg

from vault.store.app import AppStateRow, TokenState, app_state, revoked, token_state
from vault.store.code import CodeClaim, claim_in_force, code
from vault.store.engine import Conn, now
from vault.store.line import Line


@dataclass(frozen=True, slots=True)
class Moment:
    """What holds on the primary, just now."""

    at: datetime  # the database's clock
    code: CodeClaim | None  # in force; None before the first
    tokens: TokenState


async def ask(conn: Conn, *, apps: Collection[str], tokens: Collection[str]) -> Moment:
    """Return the moment, in a few statements of one snapshot.

    Args:
        conn: a connection to the primary.
        apps: client ids.
        tokens: the `jti` of each token.
    """
    at = await now(conn)
    return Moment(at, await claim_in_force(conn, at), await token_state(conn, apps, tokens=tokens))


async def ask_at_once(line: Line, *, apps: Collection[str], tokens: Collection[str]) -> Moment:
    """Return the moment, in one statement.

    Raises:
        DRIVER_ERRORS: the caller translates.
    """
    given = {"apps": list(apps), "tokens": list(tokens)}
    (row,) = await line.fetch(_AT_ONCE, *(given[name] for name in _PARAMETERS))
    at, claim, states, gone = row
    return Moment(
        at,
        None if claim is None else CodeClaim(*claim),
        TokenState(
            {state[0]: AppStateRow(*state) for state in states or ()}, frozenset(gone or ())
        ),
    )


def _at_once() -> tuple[str, list[str]]:
    clock = select(func.clock_timestamp().label("at")).cte("clock").prefix_with("MATERIALIZED")
    apps = bindparam("apps", type_=ARRAY(String))
    tokens = bindparam("tokens", type_=ARRAY(String))
    claims = (
        select(func.row(code.c.version, code.c.digest, code.c.effective_at, code.c.mac))
        .where(code.c.effective_at <= clock.c.at)
        .order_by(code.c.effective_at.desc(), code.c.published_at.desc(), code.c.version.desc())
        .limit(literal_column("1"))
        .scalar_subquery()
    )
    states = select(func.array_agg(func.row(*app_state.c))).where(app_state.c.app == any_(apps))
    gone = select(func.array_agg(revoked.c.jti)).where(revoked.c.jti == any_(tokens))
    statement = select(clock.c.at, claims, states.scalar_subquery(), gone.scalar_subquery())
    compiled = statement.compile(dialect=asyncpg.dialect())  # type: ignore[no-untyped-call]
    return str(compiled), list(compiled.positiontup or ())


_AT_ONCE, _PARAMETERS = _at_once()
