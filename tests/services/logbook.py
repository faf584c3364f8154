"""A log to write in, and a look at all of it, for the tests of the appender and its neighbours."""

import asyncio
import hashlib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select, update

from vault.core import canonical
from vault.core.entry import EntryClass, Header, Kind, parse
from vault.core.ids import CustomerId, DeploymentId, LogId
from vault.core.merkle import leaf_hash, root
from vault.crypto import entry as cipher
from vault.crypto import note
from vault.crypto.signing import SigningKey, verifier_key
from vault.services import checkpoints
from vault.services.appender import Appender
from vault.services.codes import Codes
from vault.services.deps import Deps
from vault.services.draft import Draft
from vault.services.integrator import Integrator
from vault.store import checkpoint as store_checkpoint
from vault.store import commit, integration
from vault.store.integration import log_head
from vault.store.leaf import access_fact, customer_entry, log_leaf
from vault.store.log import log_open, log_outbox
from vault.verifier import entry_receipt

LOG = LogId(0)
ORIGIN = "example.org/log"
SIGNER = SigningKey(bytes(range(32)))
KEY = verifier_key(f"{ORIGIN}/receipts", SIGNER.public)
BELIEVE = partial(checkpoints.verified, keys=note.known(ORIGIN, SIGNER.public))
CODE = hashlib.sha256(b"code").hexdigest()
CUSTOMER = CustomerId(UUID("0192f0c1-2d3e-7a4b-8c5d-6e7f80910213"))
AUDIT_KEY = hashlib.sha256(b"audit").digest()


@dataclass
class FakeClock:
    """A clock that goes when it is told to."""

    moment: datetime = datetime(2026, 11, 1, 9, tzinfo=UTC)

    def now(self):
        return self.moment

    def pass_(self, seconds):
        self.moment += timedelta(seconds=seconds)


def draft(**changes):
    members: dict[str, Any] = {
        "customer": CUSTOMER,
        "audit_key": AUDIT_KEY,
        "kind": Kind.READ,
        "epoch": 3,
        "actor": "app",
        "code": CODE,
        "app": "crm",
        "purpose": "delivery",
        "allowed": (("contact.email", "delivery"), ("contact.phone", "delivery")),
        "withheld": (("person.birthday", "no-consent"),),
        "seen": 0,
    }
    return Draft(**members | changes)


def new_appender(database, clock=None, **options):
    now = (clock or FakeClock()).now
    return Appender(database, origin=ORIGIN, key=SIGNER, now=now, code=CODE, **options)


async def open_log(database):
    await commit.request(database, lambda conn: integration.open_log(conn, LOG, ORIGIN))


@asynccontextmanager
async def appending(database, clock=None):
    """An appender over an open log, closed at the end."""
    appender = new_appender(database, clock)
    await appender.start()
    try:
        yield appender
    finally:
        await appender.close()


async def latest(conn, log_id=LOG):
    """The newest checkpoint, which the tests' own key has signed; None before the first."""
    row = await store_checkpoint.newest(conn, log_id)
    return None if row is None else BELIEVE(row)


def deps_of(database, appender, clock=None):
    """What a unit needs, and nothing else."""
    nothing = cast("Any", None)
    return Deps(
        database=database,
        clock=clock or FakeClock(),
        deployment=DeploymentId(bytes(16)),
        issuer="https://example.org",
        log_id=LOG,
        origin=ORIGIN,
        keys=nothing,
        codes=Codes(DeploymentId(bytes(16)), nothing),
        appender=appender,
        loads=nothing,
        mail_to="",
        mail_from="",
        home=nothing,
        dpop_nonce=False,
    )


async def integrate(database):
    """Integrate all that waits, or wait until the one who leads has; return the writers that stopped."""
    integrator = Integrator(database, log_id=LOG)
    while await integrator.integrate():
        pass
    if database.dialect != "sqlite" and not integrator.leads:
        await until(lambda: drained(database), seconds=60)
    await integrator.close()
    return integrator.stopped


async def over(database):
    """The lease of a leader that was killed ends: nobody has to wait for it."""
    await commit.request(
        database,
        lambda conn: conn.execute(update(log_head).values(until=datetime(2026, 1, 1, tzinfo=UTC))),
    )


async def drained(database):
    """Nothing waits for its index."""
    async with database.connect() as conn:
        return (await conn.execute(select(log_outbox.c.seq).limit(1))).first() is None


async def until(happened, seconds=30):
    """Wait for something that tells nobody when it happens."""
    async with asyncio.timeout(seconds):
        while not await happened():  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0.02)


@dataclass
class Logbook:
    """Everything that the log's tables hold."""

    head: Any
    leaves: list[Any]
    listed: list[Any]
    facts: dict[int, Any]
    open: set[UUID]
    waiting: int
    headers: list[Header] = field(default_factory=list)
    payloads: list[bytes] = field(default_factory=list)

    def kinds(self, key=AUDIT_KEY):
        """The kind of each entry, as the holder of the audit key reads it."""
        return [self.payload(index, key)["kind"] for index in range(len(self.leaves))]

    def payload(self, index, key=AUDIT_KEY, origin=ORIGIN):
        header, payload = self.headers[index], self.payloads[index]
        if header.entry_class is EntryClass.SYSTEM:
            return canonical.loads(payload)
        return canonical.loads(cipher.open_payload(key, header.pack(), origin, payload))

    def find(self, recorded):
        """The index of a record's entry; fails unless it is there exactly once."""
        where = (recorded.entry.writer, recorded.entry.seq, recorded.entry.part)
        (index,) = (
            index
            for index, header in enumerate(self.headers)
            if (header.writer, header.seq, header.part) == where
        )
        return index


async def read(database):
    """Read the whole log and check what anybody can check without a key (L1 and L2)."""
    async with database.connect() as conn:
        book = Logbook(
            head=(await conn.execute(select(log_head))).one(),
            leaves=list(await conn.execute(select(log_leaf).order_by(log_leaf.c.idx))),
            listed=list(await conn.execute(select(customer_entry).order_by(customer_entry.c.idx))),
            facts={row.idx: row for row in await conn.execute(select(access_fact))},
            open=set((await conn.execute(select(log_open.c.writer))).scalars()),
            waiting=len((await conn.execute(select(log_outbox.c.seq))).all()),
        )
    for row in book.leaves:
        header, payload = parse(row.entry)
        assert (UUID(bytes=header.writer), header.seq, header.part) == (
            row.writer,
            row.seq,
            row.part,
        )
        book.headers.append(header)
        book.payloads.append(payload)
    check(book)
    return book


def check(book):
    """Entries hash to leaves and to the root; writers begin with boot and leave no gap."""
    assert [row.idx for row in book.leaves] == list(range(len(book.leaves)))
    assert [row.hash for row in book.leaves] == [leaf_hash(row.entry) for row in book.leaves]
    assert book.head.size == len(book.leaves)
    assert book.head.root == root([row.hash for row in book.leaves])
    for index, (header, payload) in enumerate(zip(book.headers, book.payloads, strict=True)):
        if header.entry_class is EntryClass.SYSTEM:
            closed = canonical.loads(payload)
            if closed["kind"] == Kind.CLOSE:
                behind = [one.writer for one in book.headers[index:]]
                assert UUID(closed["writer"]).bytes not in behind
    by_writer: dict[bytes, list[tuple[int, Header, bytes]]] = {}
    for index, (header, payload) in enumerate(zip(book.headers, book.payloads, strict=True)):
        by_writer.setdefault(header.writer, []).append((index, header, payload))
    for entries in by_writer.values():
        places = [(header.seq, header.part) for _, header, _ in entries]
        wanted = []
        for _, header, _ in entries:
            if header.part == 0:
                wanted += [(header.seq, part) for part in range(header.parts)]
        assert places == wanted
        assert sorted({seq for seq, _ in places}) == list(range(len({seq for seq, _ in places})))
        assert canonical.loads(entries[0][2])["kind"] == Kind.BOOT
        for what in ("at", "seen"):
            values = [getattr(header, what) for _, header, _ in entries]
            assert values == sorted(values)
        assert all(header.seen <= index for index, header, _ in entries)
        ends = [
            canonical.loads(payload)["kind"] == Kind.FIN
            for _, header, payload in entries
            if header.entry_class is EntryClass.SYSTEM
        ]
        assert not any(ends[:-1])


def check_receipt(recorded):
    """Check a record's receipt with the independent verifier and return what it says."""
    return entry_receipt.check(recorded.receipt.encode(), key=KEY, origin=ORIGIN)
