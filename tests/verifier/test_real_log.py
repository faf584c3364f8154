"""A log that the vault itself wrote, on both databases, holds for the independent checker."""

import asyncio
from types import SimpleNamespace

import pytest

from tests import published
from tests.services.logbook import AUDIT_KEY, CUSTOMER, draft, until
from tests.verifier.loggen import put
from vault.core import tiles
from vault.core.entry import join
from vault.core.tiles import Tile
from vault.crypto.signing import SigningKey, verifier_key
from vault.services import log_proof, log_tree
from vault.services.appender import Appender
from vault.services.deps import MAIN_LOG
from vault.store import integration, leaf
from vault.store import tile as tile_store
from vault.verifier import entry_receipt, kept, merkle, since, tlog_proof
from vault.verifier.checkpoint import open_
from vault.verifier.errors import BadError
from vault.verifier.folder import Folder
from vault.verifier.log import check


async def save(deps, folder, signed):
    """Write what the database holds at a checkpoint, as it is served."""
    size = signed.size
    put(folder, "checkpoint", signed.text.encode())
    put(folder, f"checkpoints/{size}", signed.text.encode())
    async with deps.database.connect() as conn:
        found = await tile_store.hashes(conn, MAIN_LOG, list(tiles.all_at(size)))
        listed = await leaf.entries_at(conn, list(range(size)))
    for tile, data in found.items():
        put(folder, tile.path, data)
    entries = [one.entry for one in reversed(listed)]
    for n in range(-(-size // 256)):
        bundle = Tile.at(tiles.ENTRIES, n, size)
        put(folder, bundle.path, join(entries[256 * n : 256 * (n + 1)]))


async def until_integrated(deps, size):
    async def reached():
        async with deps.database.connect() as conn:
            head = await integration.head(conn, MAIN_LOG)
            return head is not None and head.size >= size

    await until(reached, seconds=60)


async def write(deps, appenders, count):
    """Look from two processes at once, alone and in batches; return the last record."""
    last = None
    for turn in range(count):
        for appender in appenders:
            with appender.looking() as seen:
                some = [draft(seen=seen, customer=CUSTOMER, audit_key=AUDIT_KEY)] * 5
                await asyncio.gather(
                    *(appender.record([one]) for one in some),
                    appender.record(some, batch=turn % 2 == 0),
                )
                (last,) = await appender.record([draft(seen=seen)])
    return last


@pytest.fixture
async def log(deps, tmp_path):
    """The vault with a second process, what was promised, and two checkpoints of its log."""
    second = Appender(
        deps.database,
        origin=deps.origin,
        key=SigningKey(deps.keys.service("entry-receipts").secret),
        now=deps.clock.now,
        log_id=MAIN_LOG,
    )
    await second.start()
    recorded = await write(deps, (deps.appender, second), 8)
    await until_integrated(deps, 2 + 2 * 8 * 11)
    old = await published.publish(deps)
    deps.clock.turn(seconds=11)
    await write(deps, (second, deps.appender), 8)
    await second.close()
    await until_integrated(deps, 2 + 2 * 16 * 11 + 1)
    new = await published.publish(deps)
    folder = tmp_path / "log"
    await save(deps, folder, old)
    await save(deps, folder, new)
    return SimpleNamespace(
        folder=Folder(folder),
        names={"key": published.key_of(deps), "origin": deps.origin},
        old=old,
        new=new,
        recorded=recorded,
    )


async def test_a_log_of_the_vault_holds_and_so_does_all_that_is_said_of_it(deps, log):
    found = check(log.folder, **log.names)
    assert found.newest.size == log.new.size > 256
    assert found.checkpoints == 2
    assert found.writers >= 2
    after = check(log.folder, **log.names, old_text=log.old.text.encode())
    assert after.old is not None
    assert after.old.size == log.old.size
    # Proofs as customers get them.
    for index in (0, 1, 255, 256, log.new.size - 1):
        proof = await log_proof.proof(deps, index)
        assert tlog_proof.check(proof.text.encode(), **log.names).entry == proof.entry
    # The vault and the checker find the same consistency proof, each in its own way.
    old, new = (open_(one.text.encode(), **log.names) for one in (log.old, log.new))
    ours = since.check(log.folder, old, new)
    async with deps.database.connect() as conn:
        theirs = await log_tree.consistency(conn, MAIN_LOG, old.size, log.new.checkpoint)
    assert ours == theirs
    merkle.check_consistency(old.size, new.size, old.root, new.root, theirs)
    # The receipt that bridged the time until the entry was in the log.
    public = SigningKey(deps.keys.service("entry-receipts").secret).public
    receipt = entry_receipt.check(
        log.recorded.receipt.encode(),
        key=verifier_key(f"{deps.origin}/receipts", public),
        origin=deps.origin,
    )
    promise = kept.check(receipt, log.folder.path, **log.names)
    assert promise.by == log.new.size
    assert promise.indexes[0] < log.old.size


async def test_a_log_of_the_vault_in_which_one_entry_was_changed_does_not(log):
    bundle = log.folder.path / "tile/entries/000"
    data = bytearray(bundle.read_bytes())
    data[-1] ^= 1
    bundle.write_bytes(data)
    with pytest.raises(BadError, match="Entry 255 does not hash to what tile/0/000 has"):
        check(log.folder, **log.names)
