import asyncio
import uuid
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store import rows
from vault.store import commit, job, mail
from vault.store.mail import MailRow
from vault.store.metadata import BUCKETS

OWNER = b"someone"
BUCKET = job.bucket_of(OWNER)


def new(**changes):
    given = {"kind": "mail", "ref": "1", "run_at": rows.NOW, **changes}
    return job.new(OWNER, uuid.uuid4(), **given)


def claim(at=rows.NOW, **options):
    return lambda conn: job.claim(conn, BUCKET, now=at, **options)


@given(owner=st.binary(max_size=40))
def test_an_owner_has_one_bucket(owner):
    assert 0 <= job.bucket_of(owner) < BUCKETS
    assert job.bucket_of(owner) == job.bucket_of(bytes(owner))


async def test_a_job_is_claimed_worked_and_done(do):
    row = new()
    await do(lambda conn: job.add(conn, [row]))
    (claimed,) = await do(claim())
    assert (claimed.id, claimed.tries, claimed.lease_epoch) == (row.id, 1, 1)
    assert claimed.lease_until == rows.NOW + job.LEASE
    assert await do(lambda conn: job.complete(conn, claimed))
    assert not await do(lambda conn: job.complete(conn, claimed))
    assert await do(claim(at=rows.NOW + timedelta(days=1))) == []


async def test_a_claimed_job_is_not_claimed_again_before_its_lease_ends(do):
    await do(lambda conn: job.add(conn, [new()]))
    (first,) = await do(claim())
    assert await do(claim()) == []
    assert await do(claim(at=rows.NOW + job.LEASE)) == []
    later = rows.NOW + job.LEASE + timedelta(milliseconds=1)
    (second,) = await do(claim(at=later))
    assert (second.tries, second.lease_epoch) == (2, 2)
    for act in (job.complete, _renew, _retry, _park):
        assert not await do(lambda conn, act=act: act(conn, first))
    assert await do(lambda conn: job.complete(conn, second))


async def _renew(conn, row):
    return await job.renew(conn, row, now=rows.NOW)


async def _retry(conn, row):
    return await job.retry(conn, row, now=rows.NOW, jitter=0.5)


async def _park(conn, row):
    return await job.park(conn, row, now=rows.NOW)


async def test_a_renewed_lease_lasts_longer(do):
    await do(lambda conn: job.add(conn, [new()]))
    (row,) = await do(claim())
    at = rows.NOW + timedelta(seconds=20)
    assert await do(lambda conn: job.renew(conn, row, now=at))
    assert await do(claim(at=rows.NOW + job.LEASE + timedelta(seconds=1))) == []
    assert len(await do(claim(at=at + job.LEASE + timedelta(seconds=1)))) == 1


async def test_jobs_come_oldest_first_when_due_and_of_the_kinds_asked_for(do):
    late = new(run_at=rows.NOW + timedelta(seconds=1))
    due = [new(run_at=rows.NOW - timedelta(seconds=n)) for n in (1, 3, 2)]
    slow = new(kind="pdf")
    await do(lambda conn: job.add(conn, [late, *due, slow]))
    first = await do(claim(kinds=["mail"], limit=2))
    assert [row.id for row in first] == [due[1].id, due[2].id]
    rest = await do(claim(kinds=["mail"]))
    assert [row.id for row in rest] == [due[0].id]
    assert [row.id for row in await do(claim())] == [slow.id]


async def test_a_failed_job_comes_back_later(do):
    await do(lambda conn: job.add(conn, [new()]))
    (row,) = await do(claim())
    assert await do(lambda conn: job.retry(conn, row, now=rows.NOW, jitter=0.5))
    assert await do(claim(at=rows.NOW + timedelta(milliseconds=499))) == []
    (again,) = await do(claim(at=rows.NOW + timedelta(milliseconds=500)))
    assert again.tries == 2


@given(tries=st.integers(1, 10_000), jitter=st.floats(0, 1))
def test_a_pause_doubles_up_to_an_hour(tries, jitter):
    whole = job.pause(tries, jitter=1)
    assert timedelta(seconds=1) <= whole <= timedelta(hours=1)
    assert timedelta() <= job.pause(tries, jitter=jitter) <= whole


@pytest.mark.parametrize(("tries", "seconds"), [(1, 1), (2, 2), (5, 16), (12, 2_048), (13, 3_600)])
def test_the_pauses_are_these(tries, seconds):
    assert job.pause(tries, jitter=1) == timedelta(seconds=seconds)


async def test_a_job_that_was_given_up_waits_for_staff(do, look):
    await do(lambda conn: job.add(conn, [new(), new()]))
    first, second = await do(claim())
    assert await do(lambda conn: _park(conn, first))
    assert not await do(lambda conn: job.complete(conn, first))
    assert await do(lambda conn: job.complete(conn, second))
    assert await do(claim(at=rows.NOW + timedelta(days=1))) == []
    assert [row.id for row in await look(job.load_parked)] == [first.id]
    assert await look(lambda conn: job.due_buckets(conn, now=rows.NOW)) == []


async def test_the_buckets_with_work_are_known(do, look):
    await do(lambda conn: job.add(conn, [new(), new()]))
    await do(lambda conn: job.add(conn, []))
    other = job.new(b"other", uuid.uuid4(), kind="mail", ref="1", run_at=rows.LATER)
    await do(lambda conn: job.add(conn, [other]))

    def due(at):
        return lambda conn: job.due_buckets(conn, now=at)

    assert await look(due(rows.NOW)) == [BUCKET]
    assert await look(due(rows.LATER)) == sorted({BUCKET, other.bucket})


async def test_many_workers_share_the_work_without_doing_it_twice(database):
    jobs = [new() for _ in range(60)]
    await commit.request(database, lambda conn: job.add(conn, jobs))

    async def worker():
        mine = []
        while taken := await commit.request(database, claim(limit=7)):
            mine += taken
        return mine

    shares = await asyncio.gather(*(worker() for _ in range(4)))
    done = [row.id for share in shares for row in share]
    assert sorted(done) == sorted(row.id for row in jobs)


async def test_a_mail_waits_until_it_is_sent(do, look):
    row = MailRow(BUCKET, uuid.uuid4(), "sign-in", b"sealed", rows.NOW)
    await do(lambda conn: mail.add(conn, row))
    assert await look(lambda conn: mail.load(conn, BUCKET, mail_id=row.id)) == row
    for _ in range(2):
        await do(lambda conn: mail.remove(conn, BUCKET, mail_id=row.id))
    assert await look(lambda conn: mail.load(conn, BUCKET, mail_id=row.id)) is None
