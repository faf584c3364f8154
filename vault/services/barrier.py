"""Show that no ended consent was used: walk every customer's entries once, and judge each alone.

1. entries are read by customer, in pages of a bounded number of entries, headers alone;
2. the customer's tag key tells whether an entry is theirs, its kind and its epoch;
3. `vault/core/barrier.py` judges: a hidden change, a look under an older epoch than it had seen;
4. the counts are kept, and a violation is an alert of kind `barrier`, which names no customer.

Nothing is opened and nobody is named in what is kept. What the list of a customer lacks is found by
that customer's own scan of the published log, not here: no list is trusted to be whole.
Source: access-log note, 10 (C2, C3).
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from vault.core.alert import AlertKind
from vault.core.barrier import Told, Walk
from vault.core.entry import EntryClass, Header, read_veil
from vault.core.errors import FormatError, NotReadyError, OpenError
from vault.core.ids import CustomerId
from vault.core.place import Place
from vault.core.place import at as place_at
from vault.core.staff import Right
from vault.crypto import entry as cipher
from vault.crypto.keys import Kind as KeyKind
from vault.crypto.keys import unwrap
from vault.crypto.random import uuid4
from vault.services.deps import Deps
from vault.services.load import wrapped
from vault.services.situation import unix_ms
from vault.services.staff import Member
from vault.store import alert, barrier, commit, integration, lease, sweeps_barrier
from vault.store.barrier import BarrierRow
from vault.store.engine import Conn
from vault.store.sweeps_barrier import Entry

__all__ = ["BarrierRow", "Found", "Violation", "latest", "nightly", "walk"]

EVERY: Final = timedelta(days=1)
PAGE: Final = 2_000  # entries at once: 112 bytes of each
MOST_NAMED: Final = 100  # violations that are named; all are counted
FOREIGN: Final = "not-theirs"  # on the list of a customer whose tag key does not find it
GONE: Final = "missing"  # on a list, and not in the log
BREACH: Final = "older-epoch"  # decided under an epoch that it had seen the end of
HIDDEN: Final = "hidden-change"
DOUBLED: Final = "doubled-change"

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Violation:
    """What speaks against the log: where it stands, and nobody's name."""

    kind: str
    place: Place | None  # of the entry, or of the customer's last one for what is not there
    epochs: tuple[int, int] | None = None  # that no change brought, or that two did


@dataclass(slots=True)
class Found:
    """What a walk has found so far."""

    size: int  # of the log when it began
    customers: int = 0
    entries: int = 0
    changes: int = 0
    overlaps: int = 0
    worst_ms: int = 0
    violations: int = 0
    named: list[Violation] = field(default_factory=list)

    def blame(self, violation: Violation) -> None:
        """Count a violation, and name it while there is room."""
        self.violations += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(violation)


@dataclass(slots=True)
class _Customer:
    """The customer whose entries are being walked."""

    id: CustomerId
    keys: Sequence[bytes]  # audit keys, the newest generation first
    walk: Walk = field(default_factory=Walk)
    last: Place | None = None


async def walk(deps: Deps, *, told: Callable[[Found], None] = lambda _: None) -> Found:
    """Judge every customer's entries, keep the result, and raise an alert for a violation.

    Args:
        deps: what a use case may touch.
        told: called behind every page.

    Raises:
        NotReadyError: there is no log.
        BusyError: the database does not answer; nothing was kept.
    """
    began = deps.clock.now()
    async with deps.database.connect() as conn:
        head = await integration.head(conn, deps.log_id)
    if head is None:
        raise NotReadyError
    found = Found(head.size)
    customer: _Customer | None = None
    after: Entry | None = None
    while True:
        async with deps.database.connect() as conn:
            page = await sweeps_barrier.page(conn, after, limit=PAGE)
            keys = await _keys(deps, conn, {one.customer for one in page})
            headers = await _headers(conn, page)
        for one in page:
            if customer is None or one.customer != customer.id:
                _end(customer, found, unix_ms(began))
                customer = _Customer(one.customer, keys.get(one.customer, ()))
            _add(customer, one, headers.get((one.log_id, one.index)), found)
        told(found)
        if len(page) < PAGE:
            break
        after = page[-1]
        await asyncio.sleep(0)  # a page is hashing alone: requests of this process go between
    _end(customer, found, unix_ms(began))
    await _keep(
        deps,
        found,
        BarrierRow(
            log_id=deps.log_id,
            at=began,
            size=found.size,
            customers=found.customers,
            entries=found.entries,
            changes=found.changes,
            overlaps=found.overlaps,
            worst_ms=found.worst_ms,
            violations=found.violations,
        ),
    )
    return found


async def nightly(deps: Deps) -> bool:
    """Walk once a day, by one process; False when another did."""

    async def mine(conn: Conn) -> bool:
        # The lease is never renewed: it is the clock that all processes share.
        return await lease.acquire(conn, "barrier", holder=uuid4(), length=EVERY) is not None

    if not await commit.claim(deps.database, mine):
        return False
    await walk(deps)
    return True


async def latest(deps: Deps, member: Member, *, limit: int) -> list[BarrierRow]:
    """Return the newest results, for a page of the console.

    Raises:
        NotAvailableError: the member may not see them.
    """
    member.need(Right.SEE_RECORDS)
    async with deps.database.connect() as conn:
        return await barrier.latest(conn, limit=limit)


def _add(customer: _Customer, one: Entry, header: bytes | None, found: Found) -> None:
    """Read what an entry tells its customer, and let the walk judge it."""
    found.entries += 1
    customer.last = place = place_at(one.log_id, one.index)
    if header is None:
        found.blame(Violation(GONE, place))
        return
    said = _told(customer.keys, place, header)
    if said is None:
        found.blame(Violation(FOREIGN, place))
        return
    customer.walk.add(said)


def _told(keys: Sequence[bytes], place: Place, packed: bytes) -> Told | None:
    """Return what a tag key reads in a header; None where none of the customer's finds the entry."""
    try:
        header = Header.parse(packed)
    except FormatError:
        return None
    if header.entry_class is not EntryClass.CUSTOMER:
        return None
    for key in keys:
        mask = cipher.mask(key, header.log_id, header.writer, header.seq, header.part)
        if mask[:16] == header.tag:
            plain = bytes(a ^ b for a, b in zip(header.veil, mask[16:25], strict=True))
            kind, epoch = read_veil(plain)
            return Told(place, header.at, kind, epoch, place_at(header.log_id, header.seen))
    return None


def _end(customer: _Customer | None, found: Found, now: int) -> None:
    """Take up what the walk over one customer came to."""
    if customer is None:
        return
    judged = customer.walk
    judged.end(newest_at=now)
    found.customers += 1
    found.changes += judged.changes
    found.overlaps += len(judged.overlaps)
    found.worst_ms = max(found.worst_ms, judged.worst)
    for breach in judged.breaches:
        found.blame(Violation(BREACH, Place(breach.place)))
    for epochs in judged.hidden:
        found.blame(Violation(HIDDEN, customer.last, epochs))
    for epoch in judged.doubled:
        found.blame(Violation(DOUBLED, customer.last, (epoch, epoch)))


async def _keys(
    deps: Deps, conn: Conn, customers: set[CustomerId]
) -> dict[CustomerId, list[bytes]]:
    rows = await sweeps_barrier.keys(conn, customers, KeyKind.AUDIT)
    found: dict[CustomerId, list[bytes]] = {}
    for row in sorted(rows, key=lambda one: -one.generation):
        try:
            found.setdefault(row.customer, []).append(unwrap(deps.keys.keks, wrapped(row)))
        except OpenError:
            logger.error("audit-key-damaged")
    return found


async def _headers(conn: Conn, page: Sequence[Entry]) -> dict[tuple[int, int], bytes]:
    found: dict[tuple[int, int], bytes] = {}
    for log_id in sorted({one.log_id for one in page}):
        indexes = [one.index for one in page if one.log_id == log_id]
        of_log = await sweeps_barrier.headers(conn, log_id, indexes)
        found |= {(log_id, index): header for index, header in of_log.items()}
    return found


async def _keep(deps: Deps, found: Found, row: BarrierRow) -> None:
    """Keep the counts; a violation is an alert, one for each walk, with the count of them."""
    at = unix_ms(row.at)

    async def work(conn: Conn) -> None:
        await barrier.add(conn, row)
        if found.violations:
            one = alert.AlertRow(
                id=uuid4(),
                kind=AlertKind.BARRIER.value,
                subject="log",
                start_ms=at,
                end_ms=at,
                count=found.violations,
                usual=0,
                made_at=row.at,
            )
            await alert.open_(conn, one)

    await commit.request(deps.database, work)
    if found.violations:
        logger.critical("barrier-broken", count=found.violations, index=found.size)
