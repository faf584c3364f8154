"""The log in files: complete, never changed, and caught up after whatever stopped it."""

import asyncio
import errno
import os
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import update

from tests.services.logbook import until
from tests.services.mirroring import check, files, grow, publish, sign, signer, top
from tests.vaults import FakeClock, RunningClock, vault
from vault.core.checkpoint import Checkpoint
from vault.core.errors import BusyError, LogBrokenError
from vault.core.log_errors import (
    LogBehindError,
    MirrorDamagedError,
    MirrorDownError,
    MirrorForeignError,
    MirrorForgedError,
    MirrorMissingError,
)
from vault.core.tiles import Tile
from vault.crypto.signing import sign_note
from vault.services import anchor, log_folder, mirror
from vault.services.log_folder import Folder
from vault.services.readiness import Readiness
from vault.store import commit
from vault.store.leaf import log_leaf
from vault.store.tile import log_tile


@pytest.fixture
async def deps(database, tmp_path):
    async with vault(database, tmp_path, clock=FakeClock()) as opened:
        yield opened


async def test_what_is_published_is_in_the_files_whole(deps):
    assert await mirror.copy(deps, deps.database) is None
    assert not (top(deps) / "checkpoint").exists()
    for count in (1, 3, 252, 1, 300, 700):
        before = files(deps)
        size = await publish(deps, count)
        assert check(deps).size == size
        full = {name for name in before if ".p/" not in name and name != "checkpoint"}
        after = files(deps)
        assert {name: after[name] for name in full} == {name: before[name] for name in full}
    assert {name for name in files(deps) if name.startswith("tile/1")} == {"tile/1/000.p/4"}
    assert sorted(int(one.name) for one in (top(deps) / "checkpoints").iterdir()) == [
        1, 4, 256, 257, 557, 1257,
    ]  # fmt: skip


async def test_twice_is_once(deps):
    await publish(deps, 300)
    before = files(deps)
    assert await mirror.copy(deps, deps.database) == 300
    assert files(deps) == before


async def test_it_goes_on_from_where_it_was_cut_file_by_file(deps, monkeypatch):
    await publish(deps, 200)
    await grow(deps, 600)
    await sign(deps)
    real = log_folder.Folder.replace
    written = 0

    def one_and_no_more(self, name, data):
        nonlocal written
        if written:
            raise MirrorDownError
        real(self, name, data)
        written += 1

    monkeypatch.setattr(log_folder.Folder, "replace", one_and_no_more)
    sizes: list[int] = []
    while sizes[-1:] != [800]:
        written = 0
        with suppress(MirrorDownError):
            await mirror.copy(deps, deps.database)
        assert written == 1
        sizes.append(check(deps).size)  # what the newest covers is there all the time
    assert set(sizes) == {200, 800}
    monkeypatch.undo()
    assert await mirror.copy(deps, deps.database) == 800
    assert {one.name for one in (top(deps) / "checkpoints").iterdir()} == {"200", "800"}
    assert check(deps).size == 800


async def test_pages_are_bounded_however_much_is_missing(deps, monkeypatch):
    monkeypatch.setattr(mirror, "PAGE", 2)
    await grow(deps, 1_000)
    await sign(deps)
    assert await mirror.copy(deps, deps.database) == 1_000
    assert check(deps).size == 1_000


async def test_several_processes_copy_one_after_the_other(deps):
    await grow(deps, 600)
    await sign(deps)
    found = await asyncio.gather(*(mirror.copy(deps, deps.database) for _ in range(5)))
    assert found == [600] * 5
    assert check(deps).size == 600


async def test_a_process_that_copies_keeps_the_others_waiting(deps, monkeypatch):
    monkeypatch.setattr(mirror, "_TRIES", 2)
    await grow(deps, 1)
    await sign(deps)
    with Folder(top(deps)).alone(), pytest.raises(BusyError):
        await mirror.copy(deps, deps.database)
    assert await mirror.copy(deps, deps.database) == 1


async def test_a_full_tile_with_other_bytes_is_an_alarm_and_stays(deps):
    await publish(deps, 200)
    spoiled = top(deps) / "tile" / "0" / "000"
    spoiled.write_bytes(bytes(8192))
    await grow(deps, 100)
    await sign(deps)
    with pytest.raises(MirrorDamagedError):
        await mirror.copy(deps, deps.database)
    assert spoiled.read_bytes() == bytes(8192)
    assert check(deps).size == 200


@pytest.mark.parametrize("what", ["entry", "tile"])
async def test_what_was_edited_in_the_database_is_not_copied(deps, what):
    await grow(deps, 600)
    await sign(deps)
    edits = {
        "entry": update(log_leaf).where(log_leaf.c.idx == 300).values(entry=b"OAL1 other"),
        "tile": update(log_tile)
        .where(log_tile.c.level == 0, log_tile.c.n == 0)
        .values(hashes=bytes(8192)),
    }
    await commit.request(deps.database, lambda conn: conn.execute(edits[what]))
    with pytest.raises(LogBrokenError):
        await mirror.copy(deps, deps.database)
    assert not (top(deps) / "checkpoint").exists()


async def test_a_full_disk_is_an_error_of_its_own_and_leaves_nothing_half(deps, monkeypatch):
    await publish(deps, 10)
    before = files(deps)
    await grow(deps, 10)
    signed = await sign(deps)
    assert signed.size == 20  # the log goes on

    def full(_handle):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MirrorDownError):
        await mirror.copy(deps, deps.database)
    monkeypatch.undo()
    assert files(deps) == before
    assert await mirror.copy(deps, deps.database) == 20


async def test_a_mirror_that_lags_is_late_after_a_minute(deps):
    await publish(deps, 10)
    assert not await mirror.is_late(deps)
    await grow(deps, 1)
    await sign(deps)
    assert not await mirror.is_late(deps)
    deps.clock.turn(seconds=61)
    assert await mirror.is_late(deps)
    await mirror.copy(deps, deps.database)
    assert not await mirror.is_late(deps)


async def test_an_old_vault_may_begin_a_mirror_once(deps):
    await grow(deps, 300)
    await sign(deps)
    await anchor.check(deps)
    assert await mirror.copy(deps, deps.database) == 300
    await anchor.check(deps)
    elsewhere = replace(deps, mirror=deps.home / "elsewhere")
    with pytest.raises(MirrorMissingError):
        await anchor.check(elsewhere)
    with pytest.raises(MirrorMissingError):
        await mirror.copy(elsewhere, deps.database)
    assert await mirror.copy(elsewhere, deps.database, anew=True) == 300
    await anchor.check(elsewhere)


async def test_the_mirror_of_another_log_is_refused(deps):
    await publish(deps, 3)
    other = top(deps) / "checkpoint"
    other.write_bytes(other.read_bytes().replace(b"localhost:8000/log", b"elsewhere.example/log"))
    with pytest.raises(MirrorForeignError):
        await anchor.check(deps)
    with pytest.raises(MirrorForeignError):
        await mirror.copy(deps, deps.database)


@pytest.mark.parametrize("spoil", ["size", "signature", "cut", "empty line"])
async def test_a_forged_anchor_is_no_log_that_is_behind(deps, spoil):
    await publish(deps, 3)
    newest = top(deps) / "checkpoint"
    text = newest.read_bytes()
    forged = {
        "size": text.replace(b"\n3\n", b"\n9\n"),
        "signature": text[:-20] + b"AAAA" + text[-16:],
        "cut": text[: len(text) // 2],
        "empty line": text + b"\n",
    }[spoil]
    assert forged != text
    newest.write_bytes(forged)
    with pytest.raises(MirrorForgedError) as told:
        await anchor.check(deps)
    assert not isinstance(told.value, LogBehindError)
    await grow(deps, 1)
    with pytest.raises(LogBrokenError):
        await sign(deps)


async def test_a_folder_that_cannot_be_read_is_an_error_of_its_own(deps):
    await publish(deps, 3)
    newest = top(deps) / "checkpoint"
    newest.unlink()
    newest.mkdir()
    with pytest.raises(MirrorDownError):
        await anchor.check(deps)


def test_tiles_are_named_as_they_are_served(tmp_path):
    folder = Folder(tmp_path)
    folder.keep(Tile(0, 1234067, 256), b"hashes")
    assert (tmp_path / "tile/0/x001/x234/067").read_bytes() == b"hashes"
    with pytest.raises(MirrorDamagedError):
        folder.tile(Tile(0, 1, 256))


async def test_a_log_that_falls_behind_under_a_running_vault_records_nothing(deps):
    await publish(deps, 3)
    stop = asyncio.Event()
    task = asyncio.create_task(mirror.watch(deps, deps.database, stop))
    text = (top(deps) / "checkpoint").read_bytes()
    ahead = sign_note(signer(deps), deps.origin, Checkpoint(deps.origin, 9, bytes(32)).body())
    (top(deps) / "checkpoint").write_text(ahead)

    async def behind():
        return deps.appender.is_behind

    async def fine():
        return not deps.appender.is_behind

    await until(behind)
    with pytest.raises(LogBrokenError):
        deps.appender.check_open()
    awake = replace(deps, clock=RunningClock())  # readiness compares the clock with the database's
    assert (await Readiness(awake).check()) == "log"
    (top(deps) / "checkpoint").write_bytes(text)
    await until(fine)
    deps.appender.check_open()
    assert await Readiness(awake).check() is None
    stop.set()
    await task


async def test_a_late_mirror_is_a_warning_and_is_copied_again(deps):
    await publish(deps, 3)
    await grow(deps, 1)
    await sign(deps)
    deps.clock.turn(seconds=61)
    assert await mirror.is_late(deps)
    readiness = Readiness(deps)
    await readiness.check()
    assert readiness.warning == "mirror"
    stop = asyncio.Event()
    task = asyncio.create_task(mirror.watch(deps, deps.database, stop))

    async def copied():
        return not await mirror.is_late(deps)

    await until(copied)
    stop.set()
    await task
    assert check(deps).size == 4
