"""After a restore nothing opens before the log was asked; what it says was ended stays ended."""

import pytest

from policies.model import Source
from tests.services import erasing
from tests.services.decisions import ANA, allow, readable, reasons
from tests.services.mirroring import grow
from tests.services.restoring import Place, place
from vault.core import canonical
from vault.core.entry import Header, Kind, parse
from vault.core.ids import LogId
from vault.core.log_errors import (
    LogBehindError,
    MirrorDamagedError,
    MirrorForgedError,
    RecoveryUnfinishedError,
)
from vault.core.merkle import leaf_hash, root
from vault.core.place import log_of
from vault.services import (
    barrier,
    bring_back,
    checkpoints,
    consent,
    customer,
    erasure,
    jobs,
    log_proof,
    log_tree,
    recovery,
    recovery_apply,
    restriction,
    who_looked,
)
from vault.store import commit, integration, logs
from vault.store import customer as customer_store
from vault.store.wipe import is_there

__all__ = ["place"]

EVE = {"contact.full_name": "Eve", "contact.email": "eve@example.org"}
FIRST, NEXT = LogId(0), LogId(1)


async def prepared(place: Place):
    """Ana and Eve have allowed marketing; then a backup is made; return both and the backup."""
    async with place.opened() as deps:
        ana = await customer.add(deps, ANA, source=Source.TOLD)
        eve = await customer.add(deps, EVE, source=Source.TOLD)
        for who in (ana, eve):
            await allow(deps, who)
    await place.publish()
    return ana, eve, place.back_up()


async def lost(place: Place, backup: str, work) -> None:
    """Do what the database will not know any more, and put the backup back."""
    async with place.opened() as deps:
        await work(deps)
    await place.publish()
    place.put_back(backup)


async def epoch(deps, who):
    async with deps.database.connect() as conn:
        row = await customer_store.load_standing(conn, who)
    assert row
    return row.epoch


async def test_a_withdrawal_made_after_the_backup_bites_after_the_recovery(place):
    ana, eve, backup = await prepared(place)

    async def work(deps):
        assert await readable(deps, ana)
        await consent.withdraw(deps, ana, "marketing")

    await lost(place, backup, work)
    with pytest.raises(LogBehindError):
        async with place.opened():
            pytest.fail("a log behind its anchor was opened")
    found = await place.recover()
    assert (found.customers, found.ended, found.not_given, found.untold) == (1, 1, 0, 0)
    async with place.opened() as deps:
        assert deps.log_id == 1
        assert await readable(deps, ana) == set()
        assert await reasons(deps, ana) == {"withdrawn"}
        assert await readable(deps, eve) == set(EVE)
        assert await epoch(deps, ana) == 3  # 1 given, 2 withdrawn before the loss, 3 carried over
        lines = await who_looked.latest(deps, ana, limit=20)
        assert all(line.kind is not None for line in lines)
        changes = [
            (log_of(line.place), line.epoch) for line in lines if line.kind == Kind.WITHDRAWN
        ]
        assert changes == [(1, 3), (0, 2)]  # the lost one is read again where it was
        assert {log_of(line.place) for line in lines} == {0, 1}
    assert await place.recover() is None


async def test_the_old_log_is_whole_again_and_proves_what_was_lost(place, monkeypatch):
    monkeypatch.setattr(bring_back, "PAGE", 100)
    ana, eve, backup = await prepared(place)

    async def work(deps):
        await consent.withdraw(deps, ana, "marketing")
        assert await readable(deps, eve)
        await grow(deps, 600)  # of nobody whom the database knows

    await lost(place, backup, work)
    anchored = (place.home / "mirror" / "checkpoint").read_text()
    found = await place.recover()
    assert found.back == found.anchored - found.restored > 600
    await place.publish()
    async with place.opened() as deps:
        async with deps.database.connect() as conn:
            signed = await checkpoints.newest(deps, conn, FIRST)
            assert signed.text == anchored
            await log_tree.check_root(conn, FIRST, signed.checkpoint)
            entries = await logs.entries(conn, FIRST, 0, signed.size)
        assert root([leaf_hash(one) for one in entries]) == signed.checkpoint.root
        withdrawn = next(
            line.place
            for line in await who_looked.latest(deps, ana, limit=20)
            if line.kind == Kind.WITHDRAWN and log_of(line.place) == 0
        )
        proof = await log_proof.proof(deps, withdrawn)
        assert anchored in proof.text
        judged = await barrier.walk(deps)
        assert judged.violations == 0  # no change of a customer is missing, and no epoch is two


async def test_before_it_the_backup_would_have_allowed(place):
    ana, _, backup = await prepared(place)

    async def work(deps):
        await consent.withdraw(deps, ana, "marketing")

    await lost(place, backup, work)
    # What the test above prevents: without its mirror the restored vault knows nothing of it.
    (place.home / "mirror").rename(place.home / "gone")
    async with place.opened(recovering=True) as deps:
        await commit.request(deps.database, lambda conn: logs.note_mirror(conn, FIRST, at=None))
    async with place.opened() as deps:
        assert await readable(deps, ana) == set(ANA)


async def test_who_was_erased_after_the_backup_is_erased_again_by_the_log_alone(place):
    ana, eve, backup = await prepared(place)

    async def work(deps):
        await erasing.gone(deps, ana)

    await lost(place, backup, work)
    (place.home / "erasures.jsonl").unlink()
    found = await place.recover()
    assert found.erased == 1
    async with place.opened() as deps:
        async with deps.database.connect() as conn:
            assert not await is_there(conn, ana)
            assert await is_there(conn, eve)
        assert await readable(deps, eve) == set(EVE)


async def test_the_next_log_begins_with_what_it_goes_on_from(place):
    ana, _, backup = await prepared(place)

    async def work(deps):
        await consent.withdraw(deps, ana, "marketing")

    await lost(place, backup, work)
    anchored = (place.home / "mirror" / "checkpoint").read_text()
    await place.recover()
    await place.publish()
    async with place.opened() as deps, deps.database.connect() as conn:
        assert await logs.all_(conn) == [1, 0]
        head = await logs.current(conn)
        assert head
        assert (head.log_id, head.origin) == (1, "localhost:8000/log/1")
        assert await integration.head(conn, FIRST) is None  # nothing goes on from a retired log
        first, second = await logs.entries(conn, NEXT, 0, 2)
    assert canonical.loads(parse(first)[1])["kind"] == Kind.BOOT
    header, payload = parse(second)
    said = canonical.loads(payload)
    assert (header.log_id, said["kind"], said["log"]) == (1, Kind.ORIGIN, 0)
    assert said["checkpoint"] == anchored
    assert said["size"] == int(anchored.split("\n")[1])
    assert 0 < said["restored"] < said["size"]
    newest = (place.home / "mirror" / "1" / "checkpoint").read_text()
    assert newest.startswith("localhost:8000/log/1\n")
    assert (place.home / "mirror" / "checkpoint").read_text() == anchored


async def test_a_consent_given_after_the_backup_is_asked_for_again(place):
    ana, eve, backup = await prepared(place)

    async def work(deps):
        await consent.withdraw(deps, ana, "marketing")
        await allow(deps, ana)  # anew, on a notice whose record is lost
        await consent.withdraw(deps, eve, "marketing", fields=["contact.full_name"])

    await lost(place, backup, work)
    found = await place.recover()
    assert (found.customers, found.ended, found.not_given) == (2, 2, 1)
    async with place.opened() as deps:
        assert await readable(deps, ana) == set()
        assert await readable(deps, eve) == {"contact.email"}


async def test_a_restriction_and_an_erasure_to_come_stand_again(place):
    ana, eve, backup = await prepared(place)

    async def work(deps):
        await restriction.restrict(deps, eve, request="r")
        await erasure.ask(deps, ana)

    await lost(place, backup, work)
    found = await place.recover()
    assert (found.customers, found.untold) == (2, 0)
    async with place.opened() as deps:
        assert await readable(deps, eve) == set()
        assert await reasons(deps, eve) == {"restricted"}
        due = await erasure.due(deps, ana)
        assert due is not None
        place.clock.turn(days=60)
        await jobs.round_once(deps)
        async with deps.database.connect() as conn:
            assert not await is_there(conn, ana)


async def test_a_dry_run_finds_the_same_and_changes_nothing(place):
    ana, _, backup = await prepared(place)

    async def work(deps):
        await consent.withdraw(deps, ana, "marketing")

    await lost(place, backup, work)
    dry = await place.recover(dry_run=True)
    with pytest.raises(LogBehindError) as told:
        async with place.opened():
            pytest.fail("a dry run changed something")
    assert type(told.value) is LogBehindError
    found = await place.recover()
    assert (dry.customers, dry.ended, dry.known, dry.unknown) == (
        found.customers,
        found.ended,
        found.known,
        found.unknown,
    )


@pytest.mark.parametrize("after", ["open", "origin", "customer"])
async def test_a_recovery_that_was_killed_refuses_the_start_and_goes_on(place, monkeypatch, after):
    ana, eve, backup = await prepared(place)

    async def work(deps):
        for who in (ana, eve):
            await consent.withdraw(deps, who, "marketing")

    await lost(place, backup, work)
    killed = []

    def dies_in(module, name, *, at_call):
        real = getattr(module, name)

        async def dies(*args, **options):
            killed.append(name)
            if len(killed) == at_call:
                raise KeyboardInterrupt
            return await real(*args, **options)

        monkeypatch.setattr(module, name, dies)

    if after == "open":
        dies_in(recovery, "_begin", at_call=1)
    if after == "origin":
        dies_in(recovery, "_customers", at_call=1)
    if after == "customer":
        dies_in(recovery_apply, "carry_over", at_call=2)
    with pytest.raises(KeyboardInterrupt):
        await place.recover()
    monkeypatch.undo()
    with pytest.raises(RecoveryUnfinishedError):
        async with place.opened():
            pytest.fail("a recovery that is not finished was passed by")
    found = await place.recover()
    assert found.customers == (1 if after == "customer" else 2)
    async with place.opened() as deps:
        for who in (ana, eve):
            assert await readable(deps, who) == set()
            assert await epoch(deps, who) == 3
        async with deps.database.connect() as conn:
            entries = await logs.entries(conn, NEXT, 0, 1_000)
        kinds = [
            canonical.loads(parse(one)[1])["kind"]
            for one in entries
            if Header.parse(one).entry_class == 2
        ]
        assert kinds.count(Kind.ORIGIN) == 1
        assert kinds[:2] == [Kind.BOOT, Kind.ORIGIN]


@pytest.mark.parametrize(
    ("file", "byte"),
    # The last one is in the time of the first entry: nothing but its hash tells.
    [("tile/0/000.p", -40), ("tile/entries/000.p", -40), ("tile/entries/000.p", 17)],
)
async def test_a_mirror_with_one_byte_changed_recovers_nothing(place, file, byte):
    ana, _, backup = await prepared(place)

    async def work(deps):
        await consent.withdraw(deps, ana, "marketing")

    await lost(place, backup, work)
    (name,) = (place.home / "mirror" / file).iterdir()
    data = bytearray(name.read_bytes())
    data[byte] ^= 1
    name.write_bytes(bytes(data))
    with pytest.raises(MirrorDamagedError):
        await place.recover()
    with pytest.raises(LogBehindError):
        async with place.opened():
            pytest.fail("it was opened")


async def test_a_forged_anchor_recovers_nothing(place):
    ana, _, backup = await prepared(place)

    async def work(deps):
        await consent.withdraw(deps, ana, "marketing")

    await lost(place, backup, work)
    newest = place.home / "mirror" / "checkpoint"
    newest.write_bytes(
        newest.read_bytes().replace(b"localhost:8000/log\n", b"localhost:8000/log\n1")
    )
    with pytest.raises(MirrorForgedError):
        await place.recover()


async def test_a_log_that_went_on_beside_its_anchor_is_found_too(place):
    ana, eve, backup = await prepared(place)

    async def work(deps):
        await consent.withdraw(deps, ana, "marketing")

    await lost(place, backup, work)
    away = place.home / "away"
    (place.home / "mirror").rename(away)
    async with place.opened(recovering=True) as deps:
        await commit.request(deps.database, lambda conn: logs.note_mirror(conn, FIRST, at=None))
    async with place.opened() as deps:  # longer than the anchor, and another log
        for _ in range(9):
            await readable(deps, eve)
    away.rename(place.home / "mirror")
    with pytest.raises(LogBehindError):
        async with place.opened():
            pytest.fail("another history was opened")
    found = await place.recover()
    assert found.customers == 1
    async with place.opened() as deps:
        assert await readable(deps, ana) == set()
        assert await readable(deps, eve) == set(EVE)


async def test_where_nothing_was_lost_there_is_nothing_to_recover(place):
    await prepared(place)
    assert await place.recover() is None
    async with place.opened() as deps:
        assert deps.log_id == 0
