"""Of two workers of one export, only the later one writes."""

import uuid
from dataclasses import replace
from datetime import timedelta

from tests.store import rows
from vault.store import customer, export
from vault.store.export import ExportRow

CUSTOMER = rows.customer_id()
EXPORT = uuid.UUID(int=9)


def new(**changes):
    row = ExportRow(
        customer=CUSTOMER,
        export_id=EXPORT,
        generation=1,
        parts="profile",
        format="json",
        lang="en",
        from_at=None,
        until_at=None,
        request="r",
        state=export.MAKING,
        attempt=0,
        pieces=0,
        size=0,
        short=False,
        ordered_at=rows.NOW,
        ready_at=None,
        fetched_at=None,
        ends_at=rows.NOW + timedelta(days=7),
    )
    return replace(row, **changes)


async def test_a_worker_that_was_overtaken_writes_nothing(do, look):
    await do(lambda conn: customer.create(conn, [rows.standing(CUSTOMER)], keys=[], at=rows.NOW))
    await do(lambda conn: export.add(conn, new()))
    first = await do(lambda conn: export.take(conn, CUSTOMER, EXPORT, attempt=1))
    assert await do(lambda conn: export.add_piece(conn, first, 0, b"old"))
    second = await do(lambda conn: export.take(conn, CUSTOMER, EXPORT, attempt=2))
    assert await look(lambda conn: export.load_piece(conn, CUSTOMER, EXPORT, number=0)) is None
    assert not await do(lambda conn: export.add_piece(conn, first, 0, b"late"))
    assert not await do(lambda conn: export.finish(conn, first, size=1, short=False, at=rows.LATER))
    assert not await do(lambda conn: export.fail(conn, first))
    assert await do(lambda conn: export.take(conn, CUSTOMER, EXPORT, attempt=2)) is None
    assert await do(lambda conn: export.add_piece(conn, second, 0, b"good"))
    assert not await do(lambda conn: export.add_piece(conn, second, 0, b"twice"))
    assert await do(lambda conn: export.finish(conn, second, size=4, short=False, at=rows.LATER))
    assert await look(lambda conn: export.load_piece(conn, CUSTOMER, EXPORT, number=0)) == (b"good")
    assert await do(lambda conn: export.take(conn, CUSTOMER, EXPORT, attempt=3)) is None
