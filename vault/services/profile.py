"""Write to a profile: decide, seal, record, commit; all or nothing.

The mirrored path of a look. A field that the code of ethics does not name cannot be stored, nor
one from a source that it does not allow; another customer's identifier is refused, never merged.
A refusal is recorded too. The entry names what was written and the digest of each sealed value, so
that an older row put back is found.
Source: DESIGN 1; INTERFACES, Data API and refusals; crypto note, 3.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from policies.decide import Allow, Deny, Question, Verdict, decide
from policies.model import Source
from policies.reasons import Reason, coarse
from policies.values import ValueRefused, check_value
from vault.core.entry import Kind as EntryKind
from vault.core.errors import (
    IdentifierTakenError,
    NotAvailableError,
    OutsideTokenError,
    VaultError,
    WrongSourceError,
    WrongValueError,
)
from vault.core.recorded import Recorded
from vault.services import identifier, third_party, unit
from vault.services.ask import Ask, Decided
from vault.services.deps import Deps
from vault.services.disclosure import check_names, draft, facts, refuse_whole
from vault.services.identifier import Identity
from vault.services.load import Load, load_locked
from vault.services.unit import Unit
from vault.services.values import remove, save

# An error for each coarse reason, the gravest first: one answer speaks for the whole change.
_GRAVEST: tuple[tuple[str, type[VaultError]], ...] = (
    ("outside-token", OutsideTokenError),
    ("no-basis", NotAvailableError),
    ("not-told", NotAvailableError),
    ("restricted", NotAvailableError),
    ("wrong-source", WrongSourceError),
)


@dataclass(frozen=True, slots=True)
class Change:
    """What to write."""

    values: Mapping[str, object]  # field -> new value; None deletes
    source: Source | None  # None: none that exists, so no field allows it
    gathered_at: datetime | None = None  # None: at this moment


async def write(deps: Deps, ask: Ask, change: Change) -> Recorded:
    """Write to one customer's profile, in a transaction of its own.

    Raises:
        VaultError: `UnknownFieldError`, `OutsideTokenError`, `NotAvailableError`,
            `WrongSourceError`, `WrongValueError` or `IdentifierTakenError`; nothing was written.
        BusyError: nothing was written.
    """

    async def work(it: Unit) -> VaultError | None:
        load = await load_locked(it.conn, deps.codes, ask.customer, at=it.now)
        return await apply(it, ask, load, change)

    refusal, records = await unit.run(deps, work)
    deps.uses.count(ask, () if refusal else ask.names, now=deps.clock.now())
    if refusal is not None:
        raise refusal
    return records[0]


async def apply(it: Unit, ask: Ask, load: Load, change: Change) -> VaultError | None:
    """Write within a transaction; a refusal is logged and returned, so that its record commits.

    1. decide; 2. check the values; 3. look whose the identifiers are; 4. seal and save; 5. log.

    Precondition: the customer's standing row is locked.

    Raises:
        UnknownFieldError: the code of ethics does not know a name.
        IdentifierTakenError: somebody else claimed an identifier at this very moment.
    """
    decided = decide_write(it.deps, ask, load, change)
    check_names([decided])
    if decided.withheld:
        return refuse(it, decided)
    try:
        values = checked(load, change)
        identities = identifier.identities(it.deps, load.rulebook, values)
    except WrongValueError as error:
        return refuse(it, deny_all(decided, Reason.WRONG_VALUE), error)
    owners = await identifier.find_many(it.conn, it.deps, [one.key for one in identities])
    if any(owner != load.customer for owner in owners.values()):
        taken = deny_all(decided, Reason.IDENTIFIER_TAKEN)
        return refuse(it, taken, IdentifierTakenError())
    written = await store(it, load, change, values=values, identities=identities)
    source = change.source.value if change.source else ""
    entry = draft(it.deps, decided, seen=None)
    sources = tuple((name, source) for name in values)
    it.log(entry._replace(kind=EntryKind.WRITTEN, values=written, sources=sources))
    if change.source is Source.THIRD_PARTY and values:
        await third_party.announce(it, load.customer)
    return None


def decide_write(deps: Deps, ask: Ask, load: Load, change: Change) -> Decided:
    """Decide each name of a change by purpose, basis, field and source."""
    question: Question = replace(ask.question, source=change.source)
    verdicts = decide(load.rulebook, question, facts(deps, load))
    return refuse_whole(Decided(ask, load, verdicts))


def checked(load: Load, change: Change) -> dict[str, object]:
    """Return the values to save, each of its field's type; deletions are left out.

    Raises:
        WrongValueError: naming the field, never the value.
    """
    values: dict[str, object] = {}
    for name, value in change.values.items():
        if value is None:
            continue
        try:
            values[name] = check_value(load.rulebook.fields[name], value)
        except ValueRefused as error:
            raise WrongValueError(f"{name}: {error.reason}.") from None
    return values


async def store(
    it: Unit,
    load: Load,
    change: Change,
    *,
    values: Mapping[str, object],
    identities: list[Identity],
) -> tuple[tuple[str, str], ...]:
    """Save checked values and their lookups; return (value id, SHA-256 of the sealed) of each."""
    await identifier.claim(it, load.customer, identities)
    keys = {one.field: one.key for one in identities}
    if change.source is None:
        raise WrongSourceError  # decided already: no field allows it
    rows = await save(it, load, values, keys=keys, source=change.source, at=change.gathered_at)
    gone = [name for name, value in change.values.items() if value is None]
    await remove(it, load, gone, kept=frozenset(keys.values()))
    return tuple((str(row.value_id), hashlib.sha256(row.sealed).hexdigest()) for row in rows)


def deny_all(decided: Decided, reason: Reason) -> Decided:
    """Return a decision that denies every name for one reason."""
    verdicts: dict[str, Verdict] = dict.fromkeys(decided.verdicts, Deny(reason))
    return replace(decided, verdicts=verdicts)


def refuse(it: Unit, decided: Decided, error: VaultError | None = None) -> VaultError:
    """Log that nothing of a write was done, and return why; the gravest verdict unless given."""
    # All or nothing: a name that would have been allowed was not written, so the entry allows none.
    kept: dict[str, Verdict] = {
        name: Deny(Reason.WHOLE_REFUSED) if isinstance(verdict, Allow) else verdict
        for name, verdict in decided.verdicts.items()
    }
    it.log(draft(it.deps, replace(decided, verdicts=kept), seen=None))
    return error or _gravest(decided)


def _gravest(decided: Decided) -> VaultError:
    found = {coarse(Reason(reason)) for _, reason in decided.withheld}
    return next((error() for name, error in _GRAVEST if name in found), NotAvailableError())
