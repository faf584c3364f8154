from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import StatementError

from vault.store import notice
from vault.store.types import UNREADABLE, UtcTime

TIME = UtcTime()
DIALECTS = [sqlite.dialect(), postgresql.dialect()]
ZONES = st.builds(
    lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-23 * 60, 23 * 60)
)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.name)
@given(
    moment=st.datetimes(
        min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=ZONES
    )
)
def test_a_time_comes_back_as_the_same_moment_in_utc(dialect, moment):
    back = TIME.process_result_value(TIME.process_bind_param(moment, dialect), dialect)
    assert back == moment
    assert back.tzinfo is UTC


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.name)
def test_no_time_stays_no_time(dialect):
    assert TIME.process_bind_param(None, dialect) is None
    assert TIME.process_result_value(None, dialect) is None


async def test_a_time_without_zone_is_refused(do):
    with pytest.raises(StatementError, match="without zone"):
        await do(lambda conn: notice.put(conn, "a" * 64, body=b"", at=datetime(2026, 1, 1)))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_text_that_is_no_time_hides_no_other_row(do, look):
    for name, at in (("a", "nonsense"), ("b", "")):
        await do(
            lambda conn, name=name: notice.put(
                conn, name * 64, body=b"", at=datetime(2026, 1, 1, tzinfo=UTC)
            )
        )
        written = text(f"UPDATE notice SET made_at = '{at}' WHERE sha256 = '{name * 64}'")
        await do(lambda conn, written=written: conn.execute(written))
    rows = await look(lambda conn: conn.execute(select(notice.notice)))
    assert [row.made_at for row in rows] == [UNREADABLE, UNREADABLE]
