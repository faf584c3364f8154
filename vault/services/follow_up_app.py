"""Tell apps what still has to follow a customer's contacts: of kinds that they may read, no word.

A look on the one path: decided by the kinds that the app names under a purpose, recorded, answered.
Source: DESIGN 1; consent-standards note, 8.
"""

from dataclasses import dataclass
from typing import Final

from vault.core.errors import NotAvailableError, OutsideTokenError
from vault.core.follow_up import State
from vault.services import app_load, follow_up_row, interaction
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.disclosure import check_names, decide_ask, record
from vault.services.follow_up_row import Case
from vault.services.load import LoadTooOldError
from vault.services.second_look import confirmed
from vault.store import follow_up as store

MOST: Final = 100  # follow-ups of one answer


@dataclass(frozen=True, slots=True)
class Found:
    """What is not settled, what is due first first; a broken row is left out."""

    cases: tuple[Case, ...]
    version: str
    digest: str
    receipt: str


async def unsettled(deps: Deps, ask: Ask) -> Found:
    """Record the look and return what is not settled of the kinds that the ask may read.

    Raises:
        OutsideTokenError, NotAvailableError: recorded.
        BusyError: the look could not be recorded.
    """
    try:
        return await _unsettled(deps, ask)
    except LoadTooOldError:  # as `disclosure.judge`: a change may have come meanwhile
        return await _unsettled(deps, ask)


async def _unsettled(deps: Deps, ask: Ask) -> Found:
    with deps.appender.looking() as seen:
        load = await app_load.load(deps, ask)
        decided = decide_ask(deps, ask, load)
        check_names([decided])
        kinds = interaction.kinds_in(name for name, _ in decided.allowed)
        async with deps.database.connect() as conn:
            rows = await store.load_unsettled(
                conn, ask.customer, State.SETTLED, kinds=kinds, limit=MOST
            )
        recorded = (await record(deps, [decided], seen=seen, bounded=True))[0]
        await confirmed(deps, [(decided, recorded)], decide_ask)
    cases = [follow_up_row.case(deps, row) for row in rows]
    deps.uses.count(ask, {interaction.name(one.kind) for one in cases}, now=deps.clock.now())
    if not decided.allowed:
        raise OutsideTokenError if decided.outside_token else NotAvailableError
    return Found(
        cases=tuple(one for one in cases if one.follow_up is not None),
        version=load.rulebook.version,
        digest=load.rulebook.digest,
        receipt=recorded.receipt,
    )
