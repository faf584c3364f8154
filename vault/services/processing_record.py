"""Give the record of processing of the running system, and how the system itself protects it.

Nothing is written down beforehand: who answers is read from the code in force, who receives from the
registrations under their MACs, and what protects from what this process runs on. No customer's row
is read.
Source: GDPR 30(1); consent-standards note, 1.
"""

from dataclasses import dataclass
from datetime import datetime

from vault.core import key_epoch, processing_record
from vault.core.processing_record import ProcessingRecord
from vault.core.staff import Right
from vault.services import registered
from vault.services.deps import Deps
from vault.services.staff import Member
from vault.store import app as app_store
from vault.store import kek


@dataclass(frozen=True, slots=True)
class Facts:
    """What the system says of itself."""

    database: str  # sqlite or postgresql
    providers: tuple[str, ...]  # kinds of key provider that hold a key in use
    epoch_days: int  # after which a key of keys is destroyed, so that erased data dies in backups
    nonce: bool  # whether each call of an app must be signed for a challenge of ours
    encrypted_origin: bool  # whether the published address is https


@dataclass(frozen=True, slots=True)
class Record:
    """The record of processing and the facts beside it, at one moment."""

    at: datetime
    processing: ProcessingRecord
    facts: Facts


async def record(deps: Deps, member: Member) -> Record:
    """Return the record of this moment.

    Raises:
        NotAvailableError: the member's role does not see records.
        NotReadyError: no code of ethics is published yet.
    """
    member.need(Right.SEE_RECORDS)
    now = deps.clock.now()
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, now)
        rows = await app_store.load_all(conn)
        apps = {row.app: await registered.load(deps, conn, row.app) for row in rows}
        keys = await kek.load_all(conn)
    live = {name: app for name, app in apps.items() if app is not None}
    return Record(
        at=now,
        processing=processing_record.build(
            rulebook,
            {name: app.registered.permissions for name, app in live.items()},
            frozen={name for name, app in live.items() if app.frozen},
            broken=apps.keys() - live.keys(),
        ),
        facts=Facts(
            database=deps.database.dialect,
            providers=tuple(sorted({one.provider for one in keys})),
            epoch_days=key_epoch.LIFE.days,
            nonce=deps.dpop_nonce,
            encrypted_origin=deps.issuer.startswith("https:"),
        ),
    )
