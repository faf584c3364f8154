"""A log that is published while a test wants it: entries that no key has made, and checkpoints."""

from functools import partial

from sqlalchemy import update

from tests.store import records
from vault.core.ids import LogId
from vault.core.merkle import leaf_hash
from vault.crypto.signing import SigningKey, verifier_key
from vault.services import checkpoints
from vault.services.deps import Deps
from vault.store import commit, integration

LOG = LogId(0)


def key_of(deps: Deps, log_id: LogId = LOG) -> str:
    """Return the verifier key of the log's newest signing key."""
    public = SigningKey(deps.keys.service("log").secret).public
    return verifier_key(deps.origin_of(log_id), public)


async def grow(deps: Deps, count: int, *, log_id: LogId = LOG) -> list[bytes]:
    """Place so many more entries of a writer of its own, and return them."""
    writer = records.new_writer()
    some = [records.record(writer, seq) for seq in range(count)]
    await commit.records(deps.database, partial(_place, log_id=log_id, some=some))
    return [entry for one in some for entry in one.entries]


async def _place(conn, *, log_id, some):
    held = await integration.lock(conn, log_id)
    assert held
    await integration.place(conn, held, some)


async def publish(deps: Deps, *, log_id: LogId = LOG) -> checkpoints.Signed:
    """Sign the head."""
    signed = await checkpoints.publish(
        deps.database,
        SigningKey(deps.keys.service("log").secret),
        believe=partial(checkpoints.believed, deps),
        log_id=log_id,
        now=deps.clock.now(),
    )
    assert signed
    return signed


async def run(deps: Deps, statement) -> None:
    """Change rows as somebody who can write the database."""
    await commit.request(deps.database, lambda conn: conn.execute(statement))


def edit(table, *, where, **values):
    """Return the statement that changes one row."""
    return update(table).where(*where).values(**values)


def hashes_of(entries: list[bytes]) -> list[bytes]:
    """Return the leaf hashes."""
    return [leaf_hash(entry) for entry in entries]
