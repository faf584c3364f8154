"""Look once an hour for customers whom a survey may ask: in parts that go on where one was cut.

One process an hour queues a part for each survey of the code in force that goes by e-mail; each part
queues the next one. A part may be done twice: whom it asked is not asked again. Who is asked is
decided customer by customer (`survey_invite.py`).
Source: ecosystem note, 10; portal note, 2.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from policies.model import Channel
from vault.core.errors import NotReadyError, OpenError
from vault.core.ids import CustomerId
from vault.crypto.random import uuid4, uuid7
from vault.services import interaction, survey_invite
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.store import commit, job, lease, sweeps_survey
from vault.store.engine import Conn
from vault.store.job import JobRow

KIND: Final = "survey"  # of the job
EVERY: Final = timedelta(hours=1)
PART: Final = 100  # customers of one job: well within its lease

logger = structlog.get_logger()


async def hourly(deps: Deps) -> bool:
    """Queue a look for each survey; False when another process did so within the hour."""

    async def mine(conn: Conn) -> bool:
        # The lease is never renewed: it is the clock that all processes share.
        if await lease.acquire(conn, "surveys", holder=uuid4(), length=EVERY) is None:
            return False
        await queue(deps, conn)
        return True

    return await commit.claim(deps.database, mine)


async def queue(deps: Deps, conn: Conn) -> None:
    """Queue a look for each survey that goes by e-mail."""
    try:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    except NotReadyError:  # nothing is published yet, so nobody is asked
        return
    for survey in rulebook.code.surveys:
        if survey.channel is Channel.EMAIL:
            await _queue(deps, conn, survey.id)


async def carry_out(deps: Deps, work: JobRow) -> None:
    """Ask the customers of a part, then queue the next one."""
    name, _, after = work.ref.partition("/")
    now = deps.clock.now()
    async with deps.database.connect() as conn:
        survey = (await deps.codes.in_force(conn, now)).survey(name)
        if survey is None:
            return
        since, until = survey_invite.window(survey, now)
        page = await sweeps_survey.customers_due(
            conn,
            name,
            interaction.kinds_in(survey.after),
            since=since,
            until=until,
            now=now,
            after=UUID(hex=after) if after else None,
            limit=PART,
        )
    for customer in page:
        try:
            await survey_invite.invite(deps, CustomerId(customer), name)
        except OpenError:  # one customer's broken key must not stop the others
            logger.error("survey-damaged")
    if len(page) == PART:
        last = page[-1].hex
        await commit.request(deps.database, lambda conn: _queue(deps, conn, name, after=last))


async def _queue(deps: Deps, conn: Conn, name: str, *, after: str = "") -> None:
    now = deps.clock.now()
    ref = f"{name}/{after}"
    work = job.new(deps.deployment, uuid7(unix_ms(now)), kind=KIND, ref=ref, run_at=now)
    await job.add(conn, [work])
