"""A log whose rows were edited is told from one that is behind, and the first such entry is named."""

import pytest
from sqlalchemy import delete, select, update

from tests.services.mirroring import grow, publish, sign, top
from tests.vaults import FakeClock, vault
from vault.core import merkle
from vault.core.log_errors import LogBehindError, LogEditedError
from vault.core.tiles import Tile
from vault.services import anchor, mirror
from vault.store import commit, logs
from vault.store.checkpoint import log_checkpoint
from vault.store.integration import log_head
from vault.store.leaf import access_fact, customer_entry, log_leaf
from vault.store.tile import log_tile

OTHER = bytes(range(32))


@pytest.fixture
async def deps(database, tmp_path):
    async with vault(database, tmp_path, clock=FakeClock()) as opened:
        yield opened


async def run(deps, *statements):
    async def work(conn):
        for one in statements:
            await conn.execute(one)

    await commit.request(deps.database, work)


async def refused(deps):
    with pytest.raises(LogBehindError) as told:
        await anchor.check(deps)
    return told.value


def leaf(index):
    return update(log_leaf).where(log_leaf.c.idx == index)


def tile(level, n):
    return update(log_tile).where(log_tile.c.level == level, log_tile.c.n == n)


async def hashes(deps):
    async with deps.database.connect() as conn:
        return list(await conn.scalars(select(log_leaf.c.hash).order_by(log_leaf.c.idx)))


async def rewrite(deps, index):
    """Edit an entry and all that is computed from it, as whoever owns the database can."""
    leaves = await hashes(deps)
    leaves[index] = OTHER
    n = index // 256
    full = leaves[256 * n : 256 * (n + 1)]
    whole = {"hashes": b"".join(full), "root": merkle.root(full)}
    edits = [leaf(index).values(hash=OTHER), update(log_head).values(root=merkle.root(leaves))]
    await run(deps, *edits, *([tile(0, n).values(whole)] if len(full) == 256 else []))


@pytest.mark.parametrize("index", [600, 655, 690])
@pytest.mark.parametrize("more", [0, 5])
async def test_an_edited_leaf_is_named(deps, index, more):
    await publish(deps, 700)
    if more:
        await grow(deps, more)
    await run(deps, leaf(index).values(hash=OTHER))
    error = await refused(deps)
    assert type(error) is LogEditedError
    assert str(error).startswith(f"Entry {index} is the first that differs from the mirror.")
    assert "recover`" not in str(error)


@pytest.mark.parametrize("index", [0, 3, 255, 256, 511, 520, 698])
async def test_one_that_all_hashes_were_made_to_fit_is_named(deps, index):
    await publish(deps, 700)
    await rewrite(deps, index)
    error = await refused(deps)
    assert type(error) is LogEditedError
    assert f"Entry {index} is the first" in str(error)


async def test_an_edited_tile_is_named_by_the_first_entry_below_it(deps):
    await publish(deps, 700)
    await run(deps, tile(0, 1).values(root=OTHER))
    error = await refused(deps)
    assert type(error) is LogEditedError
    assert "Entry 256 is the first" in str(error)


@pytest.mark.parametrize(
    ("edit", "index"),
    [
        (update(log_head).values(root=OTHER), None),
        (update(log_head).values(size=900), None),
        (delete(log_leaf).where(log_leaf.c.idx == 650), 512),
        (delete(log_tile).where(log_tile.c.n == 1), 0),
    ],
)
async def test_rows_that_are_gone_and_a_head_that_was_edited_are_told_so(deps, edit, index):
    await publish(deps, 700)
    await run(deps, edit)
    error = await refused(deps)
    assert type(error) is LogEditedError
    assert str(error).startswith("Rows of the log" if index is None else f"Entry {index} is")


async def test_a_log_that_is_shorter_is_behind(deps):
    await publish(deps, 300)
    await grow(deps, 400)
    await sign(deps)
    async with deps.database.connect() as conn:
        (before,) = await logs.standing(conn)
    await mirror.copy(deps, deps.database)
    leaves = (await hashes(deps))[:600]
    shorter = update(log_head).values(size=600, root=merkle.root(leaves))
    assert before.size == 700
    await run(deps, shorter)
    assert type(await refused(deps)) is LogBehindError


async def test_an_empty_log_beside_its_mirror_is_behind(deps):
    await publish(deps, 3)
    await run(deps, update(log_head).values(size=0, root=merkle.root([])))
    assert type(await refused(deps)) is LogBehindError


async def fork(deps, *, back_to, count):
    """Put the log back to a size, and let it go on with other entries."""
    async with deps.database.connect() as conn:
        (head,) = await logs.standing(conn)
    leaves = (await hashes(deps))[:back_to]
    frontier = merkle.Frontier()
    frontier.extend(leaves)
    await run(
        deps,
        *(
            delete(one).where(one.c.idx >= back_to)
            for one in (log_leaf, customer_entry, access_fact)
        ),
        delete(log_tile).where(log_tile.c.n >= back_to // 256),
        delete(log_checkpoint).where(log_checkpoint.c.size > back_to),
        update(log_head).values(size=back_to, root=merkle.root(leaves), edge=frontier.edge),
    )
    assert head.size > back_to
    await grow(deps, count)


@pytest.mark.parametrize(("back_to", "count"), [(650, 60), (299, 500), (699, 1), (699, 40)])
async def test_a_log_that_went_on_beside_its_mirror_is_behind(deps, back_to, count):
    await publish(deps, 700)
    await fork(deps, back_to=back_to, count=count)
    assert type(await refused(deps)) is LogBehindError


async def test_records_that_came_in_again_in_another_order_are_no_edit(deps):
    await publish(deps, 20)
    leaves = await hashes(deps)
    await run(
        deps,
        leaf(17).values(hash=leaves[16]),
        leaf(16).values(hash=leaves[17]),
        update(log_head).values(
            root=merkle.root([*leaves[:16], leaves[17], leaves[16], *leaves[18:]])
        ),
    )
    assert type(await refused(deps)) is LogBehindError


async def test_beside_a_mirror_that_lacks_a_tile_it_is_told_without_a_place(deps):
    await publish(deps, 700)
    await run(deps, leaf(600).values(hash=OTHER))
    (top(deps) / Tile.at(0, 2, 700).path).unlink()
    error = await refused(deps)
    assert type(error) is LogEditedError
    assert str(error).startswith("Rows of the log were edited")
