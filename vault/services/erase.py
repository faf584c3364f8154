"""Erase a customer: everything in one transaction, and for good.

1. that the vault opens what finds the customer and what a law or a legal hold keeps is decided
   and recorded;
2. under the customer's lock, those values are opened: for tombstones, for the last letter, and to
   be sealed again under a key of what is retained;
3. every row of the customer goes, keys first of all in effect: no process keeps them, so each is
   blind from the COMMIT on;
4. what stays, tombstones, certificate, letter and entries go in;
5. the journal has it on its disk; then COMMIT. A crash in between is finished by the next start.

A broken standing row or key does not save anybody from an erasure; what does not open then leaves
no tombstone and is not kept.
Source: GDPR 17; crypto note, 10; DESIGN 7 and 11, promise 5.
"""

import contextlib
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from policies.decide import ActorKind
from policies.model import Identifier, Rulebook
from vault.core import consent, erasure, terms
from vault.core.entry import Kind as EntryKind
from vault.core.erasure_journal import Erased
from vault.core.errors import BusyError, ConflictError, FormatError, OpenError, WrongValueError
from vault.core.ids import CustomerId
from vault.core.recorded import Recorded
from vault.crypto.field import open_values
from vault.crypto.keys import Kind, unwrap
from vault.crypto.random import uuid7
from vault.crypto.tokens import erasure_token, token_hash
from vault.services import certificate, erasure_journal, holds, identifier, key_epochs, mail, unit
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.disclosure import judge
from vault.services.draft import Draft, SystemDraft
from vault.services.load import Load, load_locked, sealed
from vault.services.retain import retain
from vault.services.situation import is_intact, unix_ms
from vault.services.unit import Unit
from vault.store import erased, import_ref, job, tombstone, wal, wipe
from vault.store.erased import ErasedRow
from vault.store.job import JobRow

KIND: Final = "erase"  # of the job at the end of the cooling-off time
TRAIL: Final = "erase-trail"  # of the job that looks again
TRAIL_AFTER: Final = timedelta(minutes=1)  # looks that were under way are in the log by then
LETTER: Final = "erasure-done"

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Done:
    """An erasure that stands once the unit commits."""

    erasure_id: UUID
    at: datetime
    backups: datetime
    token: str  # of the page with the certificate


async def erase(deps: Deps, customer: CustomerId, *, only_due: bool = False) -> Done | None:
    """Erase a customer; None when there is none, or nothing is due.

    Args:
        deps: what a use case may touch.
        customer: whom.
        only_due: only when the customer asked and the cooling-off time is over.

    Raises:
        BusyError: not erased; an `OutcomeUnknownError`, and a line in the journal, finish later.
        NotReadyError: the journal is missing or damaged; nobody is erased.
    """
    known = await erasure_journal.find(deps, customer)
    erasure_id = known.erasure_id if known else uuid7(unix_ms(deps.clock.now()))
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
        held = await holds.kept_by(deps, conn, customer, at=deps.clock.now())
    names = tuple(
        dict.fromkeys((*_names(rulebook), *(name for _, one in held for name in one.names)))
    )
    asked = frozenset(names)
    ask = Ask(customer=customer, kind=ActorKind.VAULT, actor="vault", names=names)
    ((_, recorded),) = await judge(deps, [ask])

    async def work(it: Unit) -> Done | None:
        return await _erase(it, customer, recorded, erasure_id, asked=asked, only_due=only_due)

    done, _ = await unit.run(deps, work)
    if done is not None:
        await wal.truncate(deps.database)
    return done


async def carry_out(deps: Deps, row: JobRow) -> None:
    """Erase the customer of a job, if that is still wanted and due."""
    await erase(deps, CustomerId(UUID(row.ref)), only_due=True)


async def follow(deps: Deps, row: JobRow) -> None:
    """Delete what processes under way may have left behind an erasure.

    Raises:
        BusyError: something of the customer still waits for its place in the log.
    """
    customer = CustomerId(UUID(row.ref))

    async def work(it: Unit) -> bool:
        if not await wipe.is_there(it.conn, customer):
            await wipe.wipe(it.conn, customer)
        return await wipe.waits(it.conn, customer)

    waits, _ = await unit.run(deps, work)
    if waits or not await wal.truncate(deps.database):
        raise BusyError


def _names(rulebook: Rulebook) -> tuple[str, ...]:
    """Return what the vault opens: what finds a customer, and what a law keeps."""
    finds = [one.name for one in rulebook.code.fields if one.identifies is not None]
    keeps = [use.name for purpose in rulebook.keeping() for use in purpose.uses]
    return tuple(dict.fromkeys([*finds, *keeps]))


async def _erase(
    it: Unit,
    customer: CustomerId,
    recorded: Recorded,
    erasure_id: UUID,
    *,
    asked: frozenset[str],
    only_due: bool,
) -> Done | None:
    if not await wipe.lock(it.conn, customer) and not await wipe.is_there(it.conn, customer):
        return None
    load = await load_locked(it.conn, it.deps.codes, customer, at=it.now)
    if only_due and not _is_due(it, load):
        return None
    keys = load.found.keys if load.found else ()
    opened = _open(it.deps, load, recorded)
    marks, address = _finds(it.deps, load.rulebook, opened)
    # Nor may a row of an imported file, whatever it holds by then, bring the customer back.
    marks += tuple(ref[1:] for ref in await import_ref.of_customer(it.conn, customer))
    at = it.now.replace(microsecond=0)  # as the certificate writes it
    laws = erasure.kept(load.rulebook, at=at)
    held = await holds.kept_by(it.deps, it.conn, customer, at=at)
    if any(name not in asked for _, one in held for name in one.names):
        raise BusyError  # a hold was set a moment ago: what it keeps must be decided on first
    retained = await retain(it, load, laws, held, recorded=recorded)
    last = _last_entry(it.deps, load)
    backups = await key_epochs.dead_by(it.conn, {row.kek_id for row in keys}, now=it.now)

    lang = await mail.of_customer(it, customer, load.rulebook)

    gone = await wipe.wipe(it.conn, customer)

    stays = await retained.save(it.conn)
    await holds.forget(it.conn, customer, but=retained.used)
    await tombstone.put(it.conn, marks, at=it.now)
    begun = await erased.count(it.conn) > 0
    key_ids = tuple(sorted(row.key_id for row in keys))
    told = erasure.Erasure(
        issuer=it.deps.issuer,
        erasure_id=erasure_id,
        at=at,
        keys=key_ids,
        kept=stays,
        backups=backups,
        code=load.rulebook.digest,
    )
    signed = certificate.sign(it.deps, told)
    token = erasure_token(it.deps.keys.service("sessions"), customer)
    await erased.add(it.conn, ErasedRow(token_hash(token), erasure_id, signed, it.now))
    if last is not None:
        it.log(last)
    it.log(_entry(told, signed, rows=sum(gone.values()), marks=len(marks)))
    await _tell(it, load.rulebook, customer, address=address, token=token, lang=lang)
    line = Erased(erasure_id, unix_ms(it.now), customer, key_ids, marks, unix_ms(backups))
    stands = await erasure_journal.erased(it.deps, line, begun=begun)
    if stands.erasure_id != erasure_id:
        raise ConflictError  # another process began meanwhile: its number counts
    return Done(erasure_id, at, backups, token)


def _is_due(it: Unit, load: Load) -> bool:
    standing = load.found.standing if load.found else None
    if standing is None or not is_intact(it.deps, load.customer, standing):
        return False  # whoever edits a row must not erase somebody by it
    erase_at = terms.load_terms(standing.terms).erase_at
    return 0 < erase_at <= unix_ms(it.now)


def _open(deps: Deps, load: Load, recorded: Recorded) -> dict[str, object]:
    """Open what the record allows; a damaged value is left out."""
    key = load.key(Kind.PROFILE)
    values: dict[str, object] = {}
    for row in load.found.values if load.found and key else ():
        if key is not None and row.field in recorded.allowed:
            with contextlib.suppress(OpenError):
                values |= open_values(recorded, deps.keys.keks, key, [sealed(row)])
    return values


def _finds(
    deps: Deps, rulebook: Rulebook, opened: dict[str, object]
) -> tuple[tuple[bytes, ...], str]:
    """Return the tombstones of all that finds the customer, and where the last letter goes."""
    marks: set[bytes] = set()
    address = ""
    for name, value in opened.items():
        try:
            one = identifier.identity(deps, rulebook, field=name, value=str(value))
        except WrongValueError:  # an older code took it
            continue
        if one is None:
            continue
        marks.add(one.marks[-1])
        if rulebook.fields[name].identifies is Identifier.EMAIL:
            address = address or str(value)
    return tuple(sorted(marks)), address


def _last_entry(deps: Deps, load: Load) -> Draft | None:
    """Return the customer's last entry; None when the key that would seal it is broken."""
    standing, audit = load.found.standing if load.found else None, load.key(Kind.AUDIT)
    if standing is None or audit is None:
        return None
    try:
        audit_key = unwrap(deps.keys.keks, audit)
        epoch = consent.next_epoch(standing.epoch)
    except (OpenError, FormatError):
        logger.error("erased-without-an-entry")
        return None
    return Draft(
        customer=load.customer,
        audit_key=audit_key,
        kind=EntryKind.ERASED,
        epoch=epoch,
        actor="vault",
        code=load.rulebook.digest,
        listed=False,
    )


def _entry(told: erasure.Erasure, signed: str, *, rows: int, marks: int) -> SystemDraft:
    return SystemDraft(
        EntryKind.ERASE,
        (
            ("erasure", str(told.erasure_id)),
            ("keys", " ".join(str(key) for key in told.keys)),
            ("rows", rows),
            ("tombstones", marks),
            ("backups_until", unix_ms(told.backups)),
            ("certificate", hashlib.sha256(signed.encode()).hexdigest()),
        ),
    )


async def _tell(
    it: Unit, rulebook: Rulebook, customer: CustomerId, *, address: str, token: str, lang: str
) -> None:
    """Queue the last letter, its address sealed with it, and the job that looks again."""
    message = mail.Message(
        template=LETTER,
        to=address,
        send=bool(address),
        until=it.now + mail.LETTER_LIFE,
        parts=(
            ("publisher", rulebook.code.publisher.name),
            ("issuer", it.deps.issuer),
            ("link", f"{it.deps.issuer}/erased/{token}"),
        ),
        lang=lang,
    )
    await mail.queue(it, customer.bytes, message=message)
    work = job.new(
        customer.bytes,
        uuid7(unix_ms(it.now)),
        kind=TRAIL,
        ref=str(customer),
        run_at=it.now + TRAIL_AFTER,
    )
    await job.add(it.conn, [work])
