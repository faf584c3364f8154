"""Let a customer ask for the erasure of everything, take it back, and see where it stands.

Asking restricts everything at once and sets the day in the customer's own terms, under the MAC of
the standing row: nobody else can set it, bring it forward or leave it standing. Until then it is
taken back by one press; what happens on the day is `vault/services/erase.py`.
Source: GDPR 12(3) and 17; portal note, 2; DESIGN 7.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from vault.core import erasure, terms
from vault.core.entry import Kind
from vault.core.erasure import Kept
from vault.core.errors import ConflictError
from vault.core.ids import CustomerId
from vault.crypto.random import uuid7
from vault.crypto.tokens import erasure_token
from vault.services import choices, erase, holds, key_epochs, mail, standing_change, unit
from vault.services.consent_change import Held, hold
from vault.services.deps import Deps
from vault.services.situation import situation, unix_ms
from vault.services.unit import Unit
from vault.store import disclosure, job, reader

LETTER: Final = "erasure-asked"
PAGE: Final = "/your-data/erasing"  # where it is taken back


@dataclass(frozen=True, slots=True)
class Preview:
    """What an erasure asked for at this moment would do."""

    due: datetime  # until then it can be taken back
    kept: tuple[Kept, ...]  # what laws and legal holds keep, where there is something to keep
    backups: datetime  # after it no backup opens anything
    apps: tuple[str, ...]  # that were given something


async def preview(deps: Deps, customer: CustomerId) -> Preview:
    """Say what an erasure would do; nothing is opened.

    Raises:
        NotAvailableError: there is no such customer.
    """
    load = await choices.look(deps, customer)
    due = erasure.cooling_off(load.rulebook, asked=load.at)
    keks = {row.kek_id for row in load.found.keys} if load.found else set()
    async with deps.database.connect() as conn:
        apps = set(await disclosure.load_apps(conn, customer))
        apps |= await reader.readers_of(conn, customer)
        backups = await key_epochs.dead_by(conn, keks, now=due)
        held = await holds.kept_by(deps, conn, customer, at=due)
    kept = (*erasure.kept(load.rulebook, at=due), *(one for _, one in held))
    return Preview(due, kept, backups, tuple(sorted(apps)))


async def due(deps: Deps, customer: CustomerId) -> datetime | None:
    """Return when the customer is erased; None when nobody asked for it.

    Raises:
        NotAvailableError: there is no such customer.
    """
    load = await choices.look(deps, customer)
    erase_at = situation(deps, load).terms.erase_at
    return datetime.fromtimestamp(erase_at / 1000, UTC) if erase_at else None


def token(deps: Deps, customer: CustomerId) -> str:
    """Return the token under which the certificate will be: `/erased/{token}`."""
    return erasure_token(deps.keys.service("sessions"), customer)


async def ask(
    deps: Deps, customer: CustomerId, *, actor: str = "customer", request: str | None = None
) -> datetime:
    """Ask for the erasure of everything; returns when it happens. Asked again, nothing changes.

    Raises:
        NotAvailableError: there is no such customer.
        OpenError: the standing row is broken; an operator can still erase at once.
        BusyError: nothing was asked.
    """

    async def work(it: Unit) -> datetime:
        held = await hold(it, customer)
        before = terms.load_terms(held.standing.terms).erase_at
        if before:
            return datetime.fromtimestamp(before / 1000, UTC)
        at = erasure.cooling_off(held.load.rulebook, asked=it.now)
        await _set(it, held, unix_ms(at), kind=Kind.RESTRICTED, actor=actor, request=request)
        work = job.new(
            customer.bytes, uuid7(unix_ms(it.now)), kind=erase.KIND, ref=str(customer), run_at=at
        )
        await job.add(it.conn, [work])
        await mail.to_customer(
            it,
            customer,
            LETTER,
            parts={
                "day": at.date(),
                "link": f"{deps.issuer}{PAGE}",
                "certificate": f"{deps.issuer}/erased/{token(deps, customer)}",
            },
        )
        return at

    at, _ = await unit.run(deps, work)
    return at


async def take_back(deps: Deps, customer: CustomerId, *, request: str | None = None) -> bool:
    """Take an erasure back before its time; False when none was asked for.

    Raises:
        NotAvailableError: there is no such customer (any more).
        ConflictError: the time is over; it is being erased.
        BusyError: nothing was changed.
    """

    async def work(it: Unit) -> bool:
        held = await hold(it, customer)
        before = terms.load_terms(held.standing.terms).erase_at
        if not before:
            return False
        if before <= unix_ms(it.now):
            raise ConflictError
        # The job stays and finds nothing to do: the day stands in the terms alone.
        return await _set(it, held, 0, kind=Kind.LIFTED, actor="customer", request=request)

    taken, _ = await unit.run(deps, work)
    return taken


async def _set(
    it: Unit, held: Held, erase_at: int, *, kind: Kind, actor: str, request: str | None
) -> bool:
    stated = replace(terms.load_terms(held.standing.terms), erase_at=erase_at)
    after = replace(held.standing, terms=terms.dump_terms(stated))
    return await standing_change.change(it, held, after, kind=kind, actor=actor, request=request)
