from datetime import timedelta

import pytest

from tests.store import rows
from vault.core.errors import ConflictError
from vault.store import code, notice
from vault.store import import_progress as progress
from vault.store.import_progress import ImportProgressRow


async def test_a_version_comes_back_as_published(do, look):
    row = rows.code(source="título: código\n".encode(), bootstrap=False)
    await do(lambda conn: code.publish(conn, row))
    assert await look(lambda conn: code.load(conn, row.version)) == row
    assert await look(lambda conn: code.load(conn, "2020-01")) is None


async def test_a_version_is_published_once(do, look):
    row = rows.code()
    await do(lambda conn: code.publish(conn, row))
    for again in (rows.code(), rows.code("2026-12", digest=row.digest)):
        with pytest.raises(ConflictError):
            await do(lambda conn, again=again: code.publish(conn, again))
    assert await look(code.load_all) == [row]


async def test_the_version_in_force_is_the_last_that_has_begun(do, look):
    first = rows.code("2026-11")
    second = rows.code("2026-12", effective_at=rows.LATER, published_at=rows.NOW)
    for row in (second, first):
        await do(lambda conn, row=row: code.publish(conn, row))

    def at(moment):
        return lambda conn: code.in_force(conn, moment)

    assert await look(at(rows.NOW - timedelta(microseconds=1))) is None
    assert await look(at(rows.NOW)) == first
    assert await look(at(rows.LATER - timedelta(microseconds=1))) == first
    assert await look(at(rows.LATER)) == second
    assert await look(code.load_all) == [first, second]


async def test_a_notice_is_kept_once_for_ever(do, look):
    for body in (b"shown", b"something else"):
        await do(lambda conn, body=body: notice.put(conn, "a" * 64, body=body, at=rows.NOW))
    assert await look(lambda conn: notice.load(conn, "a" * 64)) == b"shown"
    assert await look(lambda conn: notice.load(conn, "b" * 64)) is None


async def test_an_import_knows_how_far_it_came(do, look):
    begun = ImportProgressRow("f" * 64, 1_000, 990, 10)
    done = ImportProgressRow("f" * 64, 1_500, 1_480, 20, rows.NOW)
    for row in (begun, done):
        await do(lambda conn, row=row: progress.save(conn, row))
        assert await look(lambda conn: progress.load(conn, "f" * 64)) == row
    assert await look(lambda conn: progress.load(conn, "0" * 64)) is None
