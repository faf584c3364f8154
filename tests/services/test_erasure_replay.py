"""Erased stays erased: a backup that is restored, a crash at the worst moment, a journal that is cut.

Source: DESIGN 11, promise 5; security note, T08.
"""

import asyncio
import shutil
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import delete

from policies.model import Source
from tests.services import erasing, mailbox
from tests.vaults import FakeClock, vault
from vault.core.erasure_journal import Erased
from vault.core.errors import BusyError, ErasedError, NotReadyError
from vault.services import (
    customer,
    erase,
    erasure,
    erasure_journal,
    jobs,
    tombstone,
    unit,
)
from vault.store import commit
from vault.store.engine import open_database
from vault.store.erased import erased


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def opened(tmp_path, clock):
    """Open a vault in this home on a database, as a process of its own would."""

    @asynccontextmanager
    async def open_(url):
        database = open_database(url)
        try:
            async with vault(database, tmp_path, clock=clock) as deps:
                yield deps
        finally:
            await database.dispose()

    return open_


@pytest.fixture
def back_up(request, tmp_path):
    """Copy a database that nobody uses; returns the URL of the copy."""

    def copy(url):
        if url.startswith("sqlite"):
            file = tmp_path / "backup.db"
            shutil.copyfile(url.removeprefix("sqlite:///"), file)
            return f"sqlite:///{file}"
        server = request.getfixturevalue("postgres_server")
        name = server.create_database(url.rpartition("/")[2])
        request.addfinalizer(lambda: server.drop_database(name))
        return server.url(name)

    return copy


def journal(home):
    return home / erasure_journal.NAME


async def test_a_restored_backup_brings_nobody_back(database_url, opened, back_up, clock):
    async with opened(database_url) as deps:
        ana, ben = [
            await erasing.add(
                deps, **{"contact.email": f"{who}@example.org", "contact.phone": phone}
            )
            for who, phone in (("ana", "+353 85 012 3456"), ("ben", "+353 85 012 3457"))
        ]
    backup = back_up(database_url)
    async with opened(database_url) as deps:
        done = await erasing.gone(deps, ana)
    async with opened(backup) as deps:
        assert await erasing.left(deps.database, ana) == {}
        assert await erasing.read(deps, ana) == ([], ["unknown-customer"])
        assert (await erasing.read(deps, ben))[0]
        with pytest.raises(ErasedError):
            await customer.add(deps, {"contact.email": "ana@example.org"}, source=Source.TOLD)
        (line,) = await erasure_journal.read(deps)
        assert isinstance(line, Erased)
        assert line.erasure_id == done.erasure_id
    async with opened(backup) as deps:  # and the certificate has its place again
        assert await erase.erase(deps, ana) is None


async def test_tombstones_of_a_database_that_never_knew_them_stand_again(
    database_url, opened, back_up
):
    async with opened(database_url):
        pass
    backup = back_up(database_url)
    async with opened(database_url) as deps:
        await erase.erase(deps, await erasing.add(deps))
        again = await erasing.add(
            deps, **{"contact.email": "ben@example.org", "contact.phone": "+353 85 012 3457"}
        )
        await erase.erase(deps, again)
        one = erasing.identity(deps, "ben@example.org")

        async def lift(it):
            await tombstone.lift(it, [one])

        await unit.run(deps, lift)
    async with opened(backup) as deps:
        with pytest.raises(ErasedError):
            await customer.add(deps, {"contact.email": erasing.ANA}, source=Source.TOLD)
        await customer.add(deps, {"contact.email": "ben@example.org"}, source=Source.TOLD)


async def test_a_crash_between_journal_and_commit_is_finished_by_the_next_start(
    database_url, opened, monkeypatch
):
    async with opened(database_url) as deps:
        ana = await erasing.add(deps)
        async with erasing.broken_commit(monkeypatch, BusyError()):
            with pytest.raises(BusyError):
                await erase.erase(deps, ana)
        assert (await erasing.read(deps, ana))[0]  # nothing was acknowledged
        (line,) = await erasure_journal.read(deps)
    async with opened(database_url) as deps:
        assert await erasing.left(deps.database, ana) == {}
        assert await erasure_journal.read(deps) == [line]
        assert (await mailbox.sent(deps))["Subject"] == "Your data is erased"


async def test_an_erasure_that_failed_is_carried_out_under_its_number(
    database_url, opened, monkeypatch
):
    async with opened(database_url) as deps:
        ana = await erasing.add(deps)
        async with erasing.broken_commit(monkeypatch, BusyError()):
            with pytest.raises(BusyError):
                await erase.erase(deps, ana)
        done = await erasing.gone(deps, ana)
        (line,) = await erasure_journal.read(deps)
        assert isinstance(line, Erased)
        assert line.erasure_id == done.erasure_id


async def test_a_crash_between_commit_and_acknowledgement_changes_nothing(
    database_url, opened, monkeypatch, clock
):
    async with opened(database_url) as deps:
        ana = await erasing.add(deps)
        await erasure.ask(deps, ana)
        clock.turn(days=14)

        async def killed(_):
            raise BusyError

        monkeypatch.setattr("vault.store.wal.truncate", killed)
        await jobs.round_once(deps)  # the job fails behind its commit, and is tried again
        monkeypatch.undo()
    async with opened(database_url) as deps:
        clock.turn(minutes=2)
        await jobs.round_once(deps)
        assert await erasing.left(deps.database, ana) == {}
        assert len(await erasure_journal.read(deps)) == 1
        assert [one["Subject"] for one in mailbox.mails(deps)][-1] == "Your data is erased"


@pytest.fixture
async def three(database_url, opened, tmp_path):
    """A closed vault in which three people were erased."""
    async with opened(database_url) as deps:
        for number in range(3):
            who = await customer.add(
                deps, {"contact.email": f"n{number}@example.org"}, source=Source.TOLD
            )
            await erase.erase(deps, who)
    return journal(tmp_path).read_bytes()


def _without(lines, number):
    return lines[:number] + lines[number + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: [],
        lambda lines: _without(lines, 0),
        lambda lines: _without(lines, 1),
        lambda lines: _without(lines, 2),
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: [*lines, lines[2]],
        lambda lines: [lines[0], lines[1].replace(b'"at":1', b'"at":2'), lines[2]],
        lambda lines: [lines[0], lines[1], lines[2][:-3] + b'0"}'],
        lambda lines: [lines[0], lines[1] + b" ", lines[2]],
        lambda lines: [lines[0], b"", *lines[1:]],
        lambda lines: [lines[0], b"{}", *lines[1:]],
        lambda lines: [lines[0], b"\xff\xfe", *lines[1:]],
    ],
    ids=[
        "empty", "first", "middle", "last", "swapped", "twice", "time", "mac", "space", "blank",
        "object", "bytes",
    ],
)  # fmt: skip
async def test_a_journal_that_lacks_or_changes_a_line_refuses_the_start(
    three, damage, database_url, opened, tmp_path
):
    lines = damage(three.split(b"\n")[:-1])
    journal(tmp_path).write_bytes(b"".join(line + b"\n" for line in lines))
    with pytest.raises(NotReadyError, match="OWNSHIP_ERASURES"):
        async with opened(database_url):
            pass


async def test_a_missing_journal_refuses_the_start(three, database_url, opened, tmp_path):
    journal(tmp_path).unlink()
    with pytest.raises(NotReadyError, match="OWNSHIP_ERASURES"):
        async with opened(database_url):
            pass
    journal(tmp_path).write_bytes(three)
    journal(tmp_path).chmod(0o644)
    with pytest.raises(NotReadyError, match="0600"):
        async with opened(database_url):
            pass
    journal(tmp_path).chmod(0o600)
    async with opened(database_url):
        pass


async def test_a_journal_that_vanishes_under_a_running_vault_erases_nobody(
    three, database_url, opened, tmp_path
):
    async with opened(database_url) as deps:
        ana = await erasing.add(deps)
        journal(tmp_path).unlink()
        with pytest.raises(NotReadyError):
            await erase.erase(deps, ana)
        assert (await erasing.read(deps, ana))[0]


async def test_a_line_that_a_crash_cut_was_never_one(three, database_url, opened, tmp_path):
    journal(tmp_path).write_bytes(three + b'{"at":17962')
    async with opened(database_url) as deps:
        assert len(await erasure_journal.read(deps)) == 3
        await erase.erase(deps, await erasing.add(deps))
        assert len(await erasure_journal.read(deps)) == 4
    async with opened(database_url):
        pass


async def test_two_processes_append_one_after_the_other(database_url, opened, back_up):
    async with opened(database_url) as one, opened(database_url) as two:
        people = [
            await customer.add(one, {"contact.email": f"p{number}@example.org"}, source=Source.TOLD)
            for number in range(8)
        ]
        turns = zip([one, two] * 4, people, strict=True)
        await asyncio.gather(*(erase.erase(deps, who) for deps, who in turns))
        lines = await erasure_journal.read(two)
    assert {line.customer for line in lines if isinstance(line, Erased)} == set(people)
    async with opened(database_url):
        pass


async def test_rows_that_somebody_deletes_hide_no_erasure(three, database_url, opened):
    """The journal alone says who must not be there."""
    async with opened(database_url) as deps:
        await commit.request(deps.database, lambda conn: conn.execute(delete(erased)))
    async with opened(database_url) as deps:
        assert len(await erasure_journal.read(deps)) == 3
