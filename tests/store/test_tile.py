"""Tiles of the log in the store, against the leaves."""

from functools import partial

import pytest
from sqlalchemy import delete, insert, select, update

from tests.store.records import LOG, ORIGIN, new_writer, record
from vault.core import merkle, tile_proof, tiles
from vault.core.errors import LogBrokenError
from vault.core.ids import LogId
from vault.core.tiles import Nodes, Tile
from vault.store import commit, integration, tile
from vault.store.leaf import log_leaf
from vault.store.tile import log_tile


@pytest.fixture
async def opened(database):
    await commit.request(database, lambda conn: integration.open_log(conn, LOG, ORIGIN))
    return database


async def run(database, statement):
    await commit.request(database, lambda conn: conn.execute(statement))


async def place(database, writer, first, counts):
    """Place records of a writer; each count is what goes into one transaction."""
    for count in counts:
        some = [record(writer, seq) for seq in range(first, first + count)]
        await commit.records(database, partial(_place, some=some))
        first += count
    async with database.connect() as conn:
        return await integration.head(conn, LOG)


async def _place(conn, *, some):
    held = await integration.lock(conn, LOG)
    assert held
    await integration.place(conn, held, some)


def nodes(held):
    return {one: Nodes(data) for one, data in held.items()}


async def insert_all(conn, *, table, some):
    await conn.execute(insert(table), some)


async def rows(database):
    async with database.connect() as conn:
        found = await conn.execute(select(log_tile).order_by(log_tile.c.level, log_tile.c.n))
        return [(row.level, row.n, row.hashes, row.root) for row in found]


async def leaves(database):
    async with database.connect() as conn:
        found = await conn.execute(select(log_leaf.c.hash).order_by(log_leaf.c.idx))
        return list(found.scalars())


async def read(database, wanted):
    async with database.connect() as conn:
        return await tile.hashes(conn, LOG, wanted)


@pytest.mark.parametrize(
    "counts", [[255], [256], [257], [255, 1, 1], [200, 200, 200], [700], [1] * 3 + [600]]
)
async def test_tiles_are_inserted_as_they_become_full(opened, counts):
    head = await place(opened, new_writer(), 0, counts)
    hashes = await leaves(opened)
    assert await rows(opened) == [
        (0, n, b"".join(hashes[at : at + 256]), merkle.root(hashes[at : at + 256]))
        for n, at in enumerate(range(0, len(hashes) - 255, 256))
    ]
    wanted = list(tiles.all_at(head.size))
    held = await read(opened, wanted)
    assert held.keys() == set(wanted)
    assert tile_proof.hashes(tile_proof.root_covers(head.size), head.size, nodes(held)) == [
        head.root
    ]


async def bulk(database, count, log_id=LOG):
    """Insert leaves as they are after a release without tiles; return their hashes."""
    hashes = [merkle.leaf_hash(number.to_bytes(8)) for number in range(count)]
    writer = new_writer()
    some = [
        {"log_id": log_id, "idx": idx, "hash": one, "entry": b"", "writer": writer, "seq": idx}
        for idx, one in enumerate(hashes)
    ]
    for at in range(0, count, 2_000):
        piece = [row | {"part": 0} for row in some[at : at + 2_000]]
        await commit.request(database, partial(insert_all, table=log_leaf, some=piece))
    return hashes


async def test_tiles_that_lack_are_made_of_the_leaves_when_the_next_is_full(opened, monkeypatch):
    monkeypatch.setattr(tile, "PAGE", 3 * 256)
    hashes = await bulk(opened, 66_000)

    async def work(conn):
        await tile.grow(conn, LOG, 65_700, hashes[65_700:])

    await commit.records(opened, work)
    found = await rows(opened)
    assert [(level, n) for level, n, _, _ in found] == [(0, n) for n in range(257)] + [(1, 0)]
    held = await read(opened, list(tiles.all_at(66_000)))
    assert tile_proof.hashes(tile_proof.root_covers(66_000), 66_000, nodes(held)) == [
        merkle.root(hashes)
    ]


async def test_a_log_has_its_own_tiles(opened):
    other = LogId(1)
    hashes = await bulk(opened, 300, other)
    await commit.records(opened, lambda conn: tile.grow(conn, other, 200, hashes[200:]))
    async with opened.connect() as conn:
        held = await tile.hashes(conn, other, [Tile(0, 0, 256), Tile(0, 1, 44), Tile(1, 0, 1)])
        assert held[Tile(0, 0, 256)] == b"".join(hashes[:256])
        assert held[Tile(0, 1, 44)] == b"".join(hashes[256:])
        assert held[Tile(1, 0, 1)] == merkle.root(hashes[:256])
        for wanted in held:
            with pytest.raises(LogBrokenError):
                await tile.hashes(conn, LOG, [wanted])


@pytest.mark.parametrize(
    ("damage", "wanted"),
    [
        (delete(log_leaf).where(log_leaf.c.idx == 270), Tile(0, 1, 44)),
        (update(log_leaf).where(log_leaf.c.idx == 270).values(hash=b"short"), Tile(0, 1, 44)),
        (delete(log_tile), Tile(0, 0, 256)),
        (delete(log_tile), Tile(1, 0, 1)),
        (update(log_tile).values(hashes=b"short"), Tile(0, 0, 256)),
        (update(log_tile).values(root=b"short"), Tile(1, 0, 1)),
        (update(log_tile).values(n=7), Tile(0, 0, 256)),
    ],
)
async def test_a_row_that_lacks_or_is_short_is_found(opened, damage, wanted):
    await place(opened, new_writer(), 0, [300])
    whole = await read(opened, [Tile(0, 1, 44), Tile(0, 0, 256), Tile(1, 0, 1)])
    assert len(whole[wanted]) == 32 * wanted.width
    await run(opened, damage)
    with pytest.raises(LogBrokenError):
        await read(opened, [wanted])


async def test_a_missing_leaf_stops_what_would_make_a_tile_of_it(opened):
    writer = new_writer()
    await place(opened, writer, 0, [250])
    await run(opened, delete(log_leaf).where(log_leaf.c.idx == 9))
    with pytest.raises(LogBrokenError):
        await place(opened, writer, 250, [10])
    assert await rows(opened) == []
