"""When something is over, worked out by the calendar; and what keeps it all the same."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.core.rulebooks import rulebook
from vault.core import retention
from vault.core.hold import EVERYTHING
from vault.core.retention import Keeps, Stays, Why

BOOK = rulebook()
NAME = "contact.email"  # two years
KIND = "interaction.purchase"  # a year and six months
START = datetime(2026, 8, 31, 10, tzinfo=UTC)
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(start=times, after=st.integers(0, 40_000_000))
def test_what_is_over_began_at_or_before_the_latest_start(start, after):
    for name in (NAME, KIND):
        now = retention.end("P1Y6M" if name == KIND else "P2Y", start) + timedelta(seconds=after)
        latest = retention.latest(BOOK, name, now)
        assert latest is not None
        assert start <= latest
        assert retention.why(BOOK, name, start, now=now) is Why.OVER
        before = now - timedelta(seconds=after + 1)
        assert retention.why(BOOK, name, start, now=before) is None


def test_a_value_counts_from_the_later_of_gathering_and_word():
    later = START + timedelta(days=1)
    assert retention.counts_from(START, None) == START
    assert retention.counts_from(START, later) == later
    assert retention.counts_from(later, START) == later


def test_what_has_no_end_never_ends():
    last = datetime(9999, 12, 31, tzinfo=UTC)
    assert retention.end("P1D", last) >= last
    assert retention.end("for ever", START).year == 9999
    assert retention.latest(BOOK, NAME, datetime(1, 1, 2, tzinfo=UTC)) == datetime(
        1, 1, 1, tzinfo=UTC
    )


def test_a_name_that_the_code_has_not_goes_at_once():
    assert retention.latest(BOOK, "no.such", START) is None
    assert retention.why(BOOK, "no.such", START, now=START) is Why.DROPPED
    assert retention.clause("no.such", Why.DROPPED) == "dropped/no.such"
    assert retention.clause(NAME, Why.OVER) == f"field/{NAME}"


def test_what_keeps_it_is_said():
    assert retention.stays(Keeps(), NAME) is None
    assert retention.stays(Keeps(broken=True, restricted=True), NAME) is Stays.BROKEN
    assert retention.stays(Keeps(held=frozenset({NAME})), NAME) is Stays.HELD
    assert retention.stays(Keeps(held=frozenset({EVERYTHING})), KIND) is Stays.HELD
    assert retention.stays(Keeps(held=frozenset({NAME})), KIND) is None
    assert retention.stays(Keeps(restricted=True), KIND) is Stays.RESTRICTED
    assert retention.stays(Keeps(fields=frozenset({NAME})), NAME) is Stays.RESTRICTED
