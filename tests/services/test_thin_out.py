"""The mirror's old checkpoints become few, and the log is checked by those that stay."""

import asyncio

import pytest

from tests.services.logbook import until
from tests.services.mirroring import files, publish, signer, top
from tests.store.records import entry, new_writer
from tests.vaults import FakeClock, vault
from tests.verifier.loggen import put
from vault.core import merkle
from vault.core.checkpoint import Checkpoint
from vault.core.log_errors import MirrorDamagedError, MirrorForgedError
from vault.core.merkle import leaf_hash
from vault.core.tiles import ENTRIES, Tile
from vault.crypto.signing import sign_note, verifier_key
from vault.services import anchor, thin_out
from vault.services.log_folder import Folder
from vault.services.situation import unix_ms
from vault.verifier import since
from vault.verifier.folder import Folder as Reader

HOUR = 3_600_000


@pytest.fixture
async def deps(database, tmp_path):
    async with vault(database, tmp_path, clock=FakeClock()) as opened:
        yield opened


def write(deps, times):
    """Write a mirror of entries with these times, signed behind each of them."""
    writer = new_writer()
    entries = [entry(writer, seq, at=at) for seq, at in enumerate(times)]
    leaves = [leaf_hash(one) for one in entries]
    key, size = signer(deps), len(times)
    for one in range(1, size + 1):
        tree = Checkpoint(deps.origin, one, merkle.root(leaves[:one]))
        put(top(deps), f"checkpoints/{one}", sign_note(key, deps.origin, tree.body()).encode())
    put(top(deps), "checkpoint", (top(deps) / f"checkpoints/{size}").read_bytes())
    for n in range(-(-size // 256)):
        part = entries[256 * n : 256 * (n + 1)]
        bundle = b"".join(len(one).to_bytes(2) + one for one in part)
        put(top(deps), Tile(ENTRIES, n, len(part)).path, bundle)
        put(top(deps), Tile(0, n, len(part)).path, b"".join(map(leaf_hash, part)))
    full = [merkle.root(leaves[256 * n : 256 * (n + 1)]) for n in range(size // 256)]
    if full:
        put(top(deps), Tile(1, 0, len(full)).path, b"".join(full))
    return Folder(top(deps))


async def test_of_old_hours_one_stays_of_old_days_one_and_what_is_new(deps):
    now = unix_ms(deps.clock.now())
    begin = now // (24 * HOUR) * 24 * HOUR - 40 * 24 * HOUR
    # 40 days, each four hours one and a minute later another; then two hours by the minute.
    times = [begin + 4 * HOUR * at + 60_000 * more for at in range(240) for more in (0, 1)]
    times += [now - 120 * 60_000 + 60_000 * at for at in range(120)]
    write(deps, times)
    while await thin_out.thin_out(deps):
        pass
    left = Folder(top(deps)).sizes()
    day = 24 * HOUR
    old = [times[size - 1] // day for size in left if now - times[size - 1] >= 31 * day]
    assert len(old) == len(set(old)) > 7
    hours = [times[size - 1] // HOUR for size in left if times[size - 1] // HOUR < now // HOUR - 25]
    assert len(hours) == len(set(hours))
    newer = [hour for hour in hours if hour * HOUR > now - 29 * day]
    assert newer == list(range(newer[0], newer[-1] + 1, 4))  # every hour in which something was
    assert all(size in left for size in range(481, 601))
    assert left[-1] == 600
    before = files(deps)
    assert not await thin_out.thin_out(deps)
    assert files(deps) == before


async def test_any_two_that_stay_are_proven_to_agree(deps):
    now = unix_ms(deps.clock.now())
    write(deps, [now - 400 * HOUR + 20 * 60_000 * at for at in range(600)])
    await thin_out.thin_out(deps)
    key = verifier_key(deps.origin, signer(deps).public)
    reader = Reader(top(deps))
    newest = reader.checkpoint(key, deps.origin)
    left = reader.memory.sizes()
    assert len(left) < 250
    for size in left:
        since.check(reader, reader.memory.of(size, key=key, origin=deps.origin), newest)


async def test_it_goes_on_where_it_was_cut(deps, monkeypatch):
    monkeypatch.setattr(thin_out, "PART", 30)
    now = unix_ms(deps.clock.now())
    write(deps, [now - 400 * HOUR + 20 * 60_000 * at for at in range(300)])
    runs = 0
    while await thin_out.thin_out(deps):
        runs += 1
    assert runs > 5
    cut = Folder(top(deps)).sizes()
    (top(deps) / thin_out.PLACE).write_bytes(b"spoilt")  # a second look changes nothing
    while await thin_out.thin_out(deps):
        pass
    assert Folder(top(deps)).sizes() == cut


async def test_what_a_running_vault_mirrors_is_left_alone(deps):
    assert not await thin_out.thin_out(deps)  # no mirror yet
    for _ in range(3):
        await publish(deps, 2)
    deps.clock.turn(days=400)
    before = files(deps)
    await thin_out.thin_out(deps)
    assert files(deps)["checkpoints/6"] == before["checkpoints/6"]
    await anchor.check(deps)
    assert await publish(deps, 1) == 7


@pytest.mark.parametrize("spoil", ["missing", "cut", "short"])
async def test_entries_that_are_not_there_delete_nothing(deps, spoil):
    now = unix_ms(deps.clock.now())
    write(deps, [now - 400 * HOUR + 20 * 60_000 * at for at in range(300)])
    bundle = top(deps) / Tile(ENTRIES, 0, 256).path
    data = bundle.read_bytes()
    if spoil == "missing":
        bundle.unlink()
    else:
        bundle.write_bytes(data[:-5] if spoil == "short" else data[: len(data) // 2])
    with pytest.raises(MirrorDamagedError):
        await thin_out.thin_out(deps)
    assert Folder(top(deps)).sizes()[-44:] == list(range(257, 301))


async def test_a_mirror_that_nobody_signed_is_not_touched(deps):
    folder = write(
        deps, [unix_ms(deps.clock.now()) - 400 * HOUR + HOUR * at // 9 for at in range(99)]
    )
    newest = folder.read("checkpoint")
    folder.replace("checkpoint", newest.replace(b"\n99\n", b"\n98\n"))
    with pytest.raises(MirrorForgedError):
        await thin_out.thin_out(deps)
    assert len(folder.sizes()) == 99


async def test_one_process_does_it_once_an_hour(deps, monkeypatch):
    monkeypatch.setattr(thin_out, "LOOK_SECONDS", 0.01)
    ran = []

    async def count(_deps):
        ran.append(1)
        return len(ran) < 3  # there is more, twice

    monkeypatch.setattr(thin_out, "thin_out", count)
    stop = asyncio.Event()
    several = [asyncio.create_task(thin_out.run(deps, stop)) for _ in range(2)]

    async def all_done():
        return len(ran) >= 3

    await until(all_done)
    await asyncio.sleep(0.1)  # several more looks: the hour is not over
    stop.set()
    await asyncio.gather(*several)
    assert len(ran) == 3
