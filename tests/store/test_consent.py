import uuid
from dataclasses import replace

import pytest

from tests.store import rows
from vault.core.errors import ConflictError
from vault.store import consent


async def test_an_event_comes_back_as_written(do, look, someone):
    row = rows.consent(someone, app="crm", epoch=2**62)
    await do(lambda conn: consent.change(conn, row))
    assert await look(lambda conn: consent.load_current(conn, someone)) == [row]


async def test_a_new_event_takes_the_place_of_the_old_which_stays(do, look, someone):
    given = rows.consent(someone)
    withdrawn = rows.consent(someone, state="withdrawn", epoch=2)
    other = rows.consent(someone, "survey.ask", epoch=3)
    for row in (given, withdrawn, other):
        await do(lambda conn, row=row: consent.change(conn, row))
    assert await look(lambda conn: consent.load_current(conn, someone)) == [withdrawn, other]
    assert await look(lambda conn: consent.history(conn, someone)) == [
        other,
        withdrawn,
        replace(given, current=False),
    ]


async def test_two_current_events_of_a_purpose_cannot_be(do, look, someone):
    first = rows.consent(someone)
    await do(lambda conn: consent.add(conn, [first]))
    with pytest.raises(ConflictError):
        await do(lambda conn: consent.add(conn, [rows.consent(someone)]))
    assert await look(lambda conn: consent.load_current(conn, someone)) == [first]


async def test_many_past_events_of_a_purpose_may_be(do, look, someone):
    past = [rows.consent(someone, current=False, epoch=n) for n in range(3)]
    await do(lambda conn: consent.add(conn, past))
    await do(lambda conn: consent.add(conn, []))
    assert await look(lambda conn: consent.load_current(conn, someone)) == []
    assert len(await look(lambda conn: consent.history(conn, someone, limit=2))) == 2


async def test_an_event_is_never_written_twice(do, someone):
    row = rows.consent(someone)
    await do(lambda conn: consent.change(conn, row))
    with pytest.raises(ConflictError):
        await do(lambda conn: consent.change(conn, row))


async def test_current_events_get_a_new_epoch_and_mac(do, look, someone):
    both = [rows.consent(someone, purpose) for purpose in ("marketing", "survey.ask")]
    await do(lambda conn: consent.add(conn, both))
    raised = [replace(row, epoch=9, mac=b"m" * 17) for row in both]
    await do(lambda conn: consent.reseal(conn, raised))
    assert await look(lambda conn: consent.load_current(conn, someone)) == raised


async def test_a_past_event_is_not_resealed(do, look, someone):
    past = rows.consent(someone, current=False)
    await do(lambda conn: consent.add(conn, [past]))
    for row in (past, replace(past, consent_id=uuid.uuid4())):
        with pytest.raises(ConflictError):
            await do(lambda conn, row=row: consent.reseal(conn, [replace(row, epoch=9)]))
    assert await look(lambda conn: consent.history(conn, someone)) == [past]


async def test_another_customers_event_is_not_touched(do, look, someone):
    await do(lambda conn: consent.add(conn, [rows.consent(someone)]))
    stranger = rows.customer_id()
    assert await look(lambda conn: consent.load_current(conn, stranger)) == []
    assert await look(lambda conn: consent.history(conn, stranger)) == []
