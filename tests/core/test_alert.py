"""What an alert is: counts by app and pseudonym against the median of the days before."""

from hypothesis import given
from hypothesis import strategies as st

from vault.core import alert
from vault.core.alert import DAYS_BEFORE, RULES, Cell, What
from vault.core.entry import Kind
from vault.core.log_filter import Known
from vault.core.place import Place

counts = st.integers(min_value=0, max_value=10_000)
facts = st.lists(
    st.builds(
        Known,
        place=st.integers(0, 30),
        at=st.integers(0, 10 * alert.DAY),
        kind=st.sampled_from([*map(int, Kind)]),
        app=st.sampled_from([None, "shop", "s-aaaaaaaa"]),
        purpose=st.none(),
        clauses=st.just(()),
        code=st.just(""),
        allowed=st.integers(0, 2),
        withheld=st.integers(0, 2),
        handle=st.sampled_from([None, "s-aaaaaaaa"]),
        case=st.none(),
    ),
    max_size=30,
)


@given(st.lists(counts, max_size=DAYS_BEFORE), counts)
def test_the_usual_lies_between_nothing_and_the_most(before, more):
    usual = alert.usual(before)
    assert 0 <= usual <= max([0, *before])
    if len(before) < DAYS_BEFORE:  # a busier week makes nothing more unusual
        assert alert.usual([*before, more]) >= usual


@given(st.sampled_from(RULES), counts, counts, counts)
def test_more_looks_never_quiet_an_alert_and_a_busier_week_never_makes_one(
    rule, count, usual, more
):
    if rule.fires(count, usual):
        assert rule.fires(count + more, usual)
        assert count > rule.floor
    else:
        assert not rule.fires(count, usual + more)


@given(facts, st.sets(st.integers(0, 30)))
def test_counting_in_pieces_is_counting_at_once(several, unknown):
    for cut in range(len(several) + 1):
        left, right = alert.cells(several[:cut], unknown), alert.cells(several[cut:], unknown)
        assert left + right == alert.cells(several, unknown)


@given(facts, st.sets(st.integers(0, 30)))
def test_an_app_and_a_member_of_the_same_name_are_two_and_periods_hold_their_entries(
    several, unknown
):
    found = alert.cells(several, unknown)
    for cell in found:
        period = next(rule.period for rule in RULES if rule.what is cell.what)
        assert cell.start % period == 0
        assert cell.subject.startswith((alert.APP, alert.STAFF))
        if cell.what is What.UNKNOWN:
            assert cell.subject.startswith(alert.APP)
    reads = sum(count for cell, count in found.items() if cell.what is What.READS)
    assert reads <= sum(1 for one in several if one.app and one.allowed)


def test_customers_and_letters_are_nobodys_subject():
    own = Known(Place(0), 0, Kind.OWN_LOOK, None, None, (), "", 1, 0, None, None)
    assert not alert.cells([own], set())
    app = Known(Place(0), 61_000, Kind.DENIED, "shop", None, (), "", 0, 1, None, None)
    assert set(alert.cells([app], {0})) == {
        Cell(60_000, What.UNKNOWN, "app:shop"),
        Cell(0, What.REFUSALS, "app:shop"),
    }
