"""Tell what a customer decided before: by purpose, with what was ended, and under which code.

Decisions are those of the receipts, the newest first. What they agreed to last is compared with the
code in force, so that a page can show the difference alone. What the code names no more keeps its
last label. Nothing is written.
Source: portal note, 2 and 3; consent-standards note, 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from policies.diff import ClauseDiff, of_clause
from policies.model import ConsentState, Purpose, Rulebook
from vault.core.consent import ALLOWING
from vault.core.ids import CustomerId
from vault.services import receipts
from vault.services.consent_evidence import served_under
from vault.services.deps import Deps
from vault.services.receipts import Line
from vault.store import code as code_store
from vault.store.engine import Conn


@dataclass(frozen=True, slots=True)
class Accepted:
    """The clause that a customer agreed to last, beside the one in force."""

    old: Rulebook
    new: Rulebook
    diff: ClauseDiff


@dataclass(frozen=True, slots=True)
class Gone:
    """A purpose of the past, which the code in force does not name."""

    purpose: Purpose
    state: ConsentState
    line: Line  # the last decision


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided before."""

    lines: Mapping[str, tuple[Line, ...]]  # by purpose, the newest first
    accepted: Mapping[str, Accepted]  # where the clause is not the one that was agreed to
    gone: tuple[Gone, ...]


async def decided(deps: Deps, customer: CustomerId) -> Decided:
    """Return the customer's decisions on every purpose, of the past too."""
    lines: dict[str, list[Line]] = {}
    for line in await receipts.list_(deps, customer):
        lines.setdefault(line.purpose, []).append(line)
    accepted: dict[str, Accepted] = {}
    gone: list[Gone] = []
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
        several = len(await code_store.claims(conn)) > 1
        for purpose, of_one in lines.items():
            if not several:
                break
            if purpose in rulebook.purposes:
                one = await _accepted(deps, conn, rulebook, of_one)
                accepted |= {purpose: one} if one else {}
            elif old := await _code(deps, conn, of_one[0].code, purpose):
                was = of_one[0].state
                state = ConsentState.REVOKED if was in ALLOWING else was
                gone.append(Gone(old.purposes[purpose], state, of_one[0]))
    return Decided({key: tuple(some) for key, some in lines.items()}, accepted, tuple(gone))


async def _accepted(
    deps: Deps, conn: Conn, rulebook: Rulebook, lines: list[Line]
) -> Accepted | None:
    given = next((line for line in lines if line.state in ALLOWING), None)
    if given is None:
        return None
    served = await served_under(deps, conn, given.purpose, notice=given.notice, code=given.code)
    old = served[0] if served else await _code(deps, conn, given.code, given.purpose)
    if old is None or old.digest == rulebook.digest:
        return None
    return Accepted(old, rulebook, of_clause(old, rulebook, given.purpose))


async def _code(deps: Deps, conn: Conn, digest: str, purpose: str) -> Rulebook | None:
    if digest not in {claim.digest for claim in await code_store.claims(conn)}:
        return None  # of a row that did not pass its check
    found = await deps.codes.by_digest(conn, digest)
    return found if purpose in found.purposes else None
