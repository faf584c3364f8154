"""Signing the committed head: once a size, never behind and never beside what was signed."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import delete, func, insert, select, update

from tests.services import logbook
from tests.services.logbook import BELIEVE, LOG, ORIGIN, SIGNER, FakeClock, open_log
from tests.store.records import new_writer, record
from vault.core import merkle
from vault.core.checkpoint import Checkpoint
from vault.core.errors import LogBrokenError
from vault.core.ids import LogId
from vault.core.merkle import leaf_hash
from vault.crypto.signing import SigningKey, sign_note, verifier_key
from vault.services import checkpoints, log_tree
from vault.store import commit, integration
from vault.store.checkpoint import log_checkpoint
from vault.store.integration import log_head
from vault.store.leaf import log_leaf
from vault.store.tile import log_tile
from vault.verifier.note import open_note

KEY = verifier_key(ORIGIN, SIGNER.public)


@pytest.fixture
async def opened(database):
    await open_log(database)
    return database


async def place(database, writer, first, count):
    async def work(conn):
        held = await integration.lock(conn, LOG)
        assert held
        some = [record(writer, seq) for seq in range(first, first + count)]
        return await integration.place(conn, held, some)

    return await commit.records(database, work)


async def publish(database, *, log_id=LOG, **options):
    now = FakeClock().now()
    return await checkpoints.publish(
        database, SIGNER, believe=BELIEVE, log_id=log_id, now=now, **options
    )


async def latest(database):
    async with database.connect() as conn:
        return await logbook.latest(conn)


async def run(database, statement):
    await commit.request(database, lambda conn: conn.execute(statement))


async def count(database):
    async with database.connect() as conn:
        statement = select(func.count()).select_from(log_checkpoint)
        return (await conn.execute(statement)).scalar_one()


async def test_the_committed_head_is_signed_so_that_the_verifier_opens_it(opened):
    head = await place(opened, new_writer(), 0, 3)
    signed = await publish(opened)
    assert signed.checkpoint == Checkpoint(ORIGIN, 3, head.root)
    assert open_note(signed.text.encode(), [KEY]) == signed.checkpoint.body()
    assert await latest(opened) == signed


async def test_an_empty_or_unknown_log_has_no_checkpoint(opened):
    assert await publish(opened) is None
    assert await latest(opened) is None
    assert await publish(opened, log_id=LogId(9)) is None


async def test_a_size_is_signed_once_whoever_asks(opened):
    writer = new_writer()
    await place(opened, writer, 0, 3)
    first = await publish(opened)
    assert await publish(opened) == first
    together = await asyncio.gather(*(publish(opened) for _ in range(3)))
    assert {one for one in together if one} == {first}
    await place(opened, writer, 3, 1)
    assert (await publish(opened)).size == 4
    assert await count(opened) == 2


async def test_checkpoints_continue_each_other_over_tiles(opened):
    writer = new_writer()
    sizes = [1, 200, 256, 257, 600]
    signed = []
    for before, size in zip([0, *sizes], sizes, strict=False):
        await place(opened, writer, before, size - before)
        signed.append(await publish(opened))
    assert [one.size for one in signed] == sizes
    async with opened.connect() as conn:
        for older in signed:
            await log_tree.check_continues(conn, LOG, older.checkpoint, signed[-1].checkpoint)
            forked = replace(older.checkpoint, root=leaf_hash(b"other"))
            with pytest.raises(LogBrokenError):
                await log_tree.check_continues(conn, LOG, forked, signed[-1].checkpoint)
        with pytest.raises(LogBrokenError):
            await log_tree.check_continues(conn, LOG, signed[-1].checkpoint, signed[0].checkpoint)


async def test_whoever_may_not_hold_the_head_signs_nothing(opened):
    await place(opened, new_writer(), 0, 3)

    async def hold(_):
        return None

    assert await publish(opened, hold=hold) is None
    assert await count(opened) == 0


async def test_what_the_holder_refuses_is_not_signed(opened):
    head = await place(opened, new_writer(), 0, 3)
    seen = []

    async def hold(conn):
        seen.append(await integration.lock(conn, LOG))
        if len(seen) == 1:
            raise LogBrokenError
        return seen[-1]

    with pytest.raises(LogBrokenError):
        await publish(opened, hold=hold)
    assert await count(opened) == 0
    assert (await publish(opened, hold=hold)).size == 3
    assert seen == [head, head]


async def test_a_head_behind_the_newest_checkpoint_is_not_signed(opened):
    writer = new_writer()
    await place(opened, writer, 0, 3)
    async with opened.connect() as conn:
        old = (await conn.execute(select(log_head))).one()
    await place(opened, writer, 3, 2)
    await publish(opened)
    # A backup of the log's tables, but not of its checkpoints.
    await run(opened, delete(log_leaf).where(log_leaf.c.idx >= 3))
    await run(opened, update(log_head).values(size=old.size, root=old.root, edge=old.edge))
    with pytest.raises(LogBrokenError):
        await publish(opened)


OTHER = leaf_hash(b"other")


@pytest.mark.parametrize("signed_before", [False, True], ids=["first", "later"])
@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (update(log_leaf).where(log_leaf.c.idx == 299).values(hash=OTHER), "a leaf"),
        (delete(log_leaf).where(log_leaf.c.idx == 299), "a leaf is gone"),
        (update(log_tile).values(root=OTHER), "a root in a tile's row"),
        (delete(log_tile), "a tile is gone"),
        (update(log_head).values(root=OTHER), "the head's root"),
        (update(log_head).values(size=log_head.c.size + 1), "the head's size"),
    ],
)
async def test_edited_rows_are_not_signed(opened, damage, why, signed_before):
    writer = new_writer()
    await place(opened, writer, 0, 256)
    if signed_before:
        await publish(opened)
    await place(opened, writer, 256, 44)
    await run(opened, damage)
    with pytest.raises(LogBrokenError):
        await publish(opened)
    assert await count(opened) == signed_before


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"size": 4}, "another size"),
        ({"text": ""}, "nothing"),
        ({"text": "example.org/log\n3\n\n"}, "no root"),
    ],
)
async def test_a_checkpoint_that_is_none_ends_the_log(opened, change, why):
    await place(opened, new_writer(), 0, 3)
    await publish(opened)
    await run(opened, update(log_checkpoint).values(**change))
    with pytest.raises(LogBrokenError):
        await latest(opened)
    with pytest.raises(LogBrokenError):
        await publish(opened)


async def test_a_checkpoint_that_the_log_s_key_has_not_signed_is_not_handed_on(opened):
    head = await place(opened, new_writer(), 0, 3)
    body = Checkpoint(ORIGIN, 3, head.root).body()
    own, other = SIGNER, SigningKey(bytes(32))
    for text in (
        sign_note(other, ORIGIN, body),  # under the log's name by another key
        sign_note(own, f"{ORIGIN}/receipts", body),  # by a note of another kind
        body.decode() + f"\n— {ORIGIN} AAAAAAAA\n",
    ):
        await run(opened, delete(log_checkpoint))
        await run(opened, insert(log_checkpoint).values(log_id=LOG, size=3, at=0, text=text))
        with pytest.raises(LogBrokenError):
            await publish(opened)
    await run(opened, delete(log_checkpoint))
    assert open_note((await publish(opened)).text.encode(), [KEY]) == body


async def test_a_checkpoint_of_other_entries_ends_the_log(opened):
    await place(opened, new_writer(), 0, 3)
    signed = await publish(opened)
    other = replace(signed.checkpoint, root=merkle.root([OTHER] * 3)).body().decode()
    forged = signed.text.replace(signed.checkpoint.body().decode(), other)
    await run(opened, update(log_checkpoint).values(text=forged))
    with pytest.raises(LogBrokenError):
        await publish(opened)
