"""A vault whose log has entries already gets its tiles with the step that makes their table."""

from functools import partial
from importlib import import_module

import pytest
from sqlalchemy import delete, insert, select

from tests.databases import database, database_url, postgresql_template, sqlite_template
from tests.store.records import LOG, new_writer
from vault.core import merkle, tile_proof, tiles
from vault.core.ids import LogId
from vault.core.merkle import leaf_hash
from vault.core.tiles import Nodes
from vault.store import commit, tile
from vault.store.leaf import log_leaf
from vault.store.tile import log_tile

__all__ = ["database", "database_url", "postgresql_template", "sqlite_template"]

STEP = import_module("vault.migrations.versions.0006_proofs")


def nodes(held):
    return {one: Nodes(data) for one, data in held.items()}


async def insert_all(conn, *, some):
    await conn.execute(insert(log_leaf), some)


async def leaves(database, log_id, count):
    """Insert leaves that have no tiles; return their hashes."""
    hashes = [leaf_hash(b"%d %d" % (log_id, number)) for number in range(count)]
    writer = new_writer()
    same = {"log_id": log_id, "entry": b"", "writer": writer, "part": 0}
    some = [same | {"idx": idx, "seq": idx, "hash": one} for idx, one in enumerate(hashes)]
    for at in range(0, count, 2_000):
        piece = some[at : at + 2_000]
        await commit.request(database, partial(insert_all, some=piece))
    return hashes


async def fill(database, log_id=LOG):
    await commit.request(
        database, lambda conn: conn.run_sync(lambda connection: STEP.fill(connection, log_id))
    )


async def count(database):
    async with database.connect() as conn:
        return len((await conn.execute(select(log_tile.c.n))).all())


@pytest.mark.parametrize("size", [0, 255, 256, 257, 511, 512, 1_000])
async def test_the_step_makes_the_tiles_of_every_size(database, size, monkeypatch):
    monkeypatch.setattr(STEP, "PAGE", 256)
    hashes = await leaves(database, LOG, size)
    await fill(database)
    assert await count(database) == size // 256
    async with database.connect() as conn:
        held = await tile.hashes(conn, LOG, list(tiles.all_at(size)))
    assert size == 0 or tile_proof.hashes(tile_proof.root_covers(size), size, nodes(held)) == [
        merkle.root(hashes)
    ]


async def test_the_step_makes_tiles_of_several_levels_and_logs(database):
    hashes = await leaves(database, LOG, 66_000)
    other = await leaves(database, LogId(1), 300)
    await fill(database, LOG)
    await fill(database, LogId(1))
    assert await count(database) == 257 + 1 + 1
    async with database.connect() as conn:
        for log_id, some in ((LOG, hashes), (LogId(1), other)):
            held = await tile.hashes(conn, log_id, list(tiles.all_at(len(some))))
            found = tile_proof.hashes(tile_proof.root_covers(len(some)), len(some), nodes(held))
            assert found == [merkle.root(some)]


async def test_the_step_stops_at_a_leaf_that_lacks_and_makes_no_tile_behind_it(database):
    await leaves(database, LOG, 800)
    gone = delete(log_leaf).where(log_leaf.c.idx == 300)
    await commit.request(database, lambda conn: conn.execute(gone))
    await fill(database)
    assert await count(database) == 1
