"""What may happen to a request, in which order, and by which day an answer is due."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from vault.core import request as rules
from vault.core.errors import ConflictError, WrongValueError
from vault.core.request import Ground, Kind, Longer, Request, State

MOMENTS = some.datetimes(datetime(2000, 1, 1), datetime(2199, 1, 1), timezones=some.just(UTC))


def months_later(day, months):
    """Count by stepping through the calendar a day at a time, as a person would."""
    wanted = (day.year * 12 + day.month - 1 + months) % 12 + 1
    at = day.replace(day=1)
    for _ in range(months):
        at = (at + timedelta(days=monthrange(at.year, at.month)[1])).replace(day=1)
    assert at.month == wanted
    found = at
    while found.day < day.day and (found + timedelta(days=1)).month == wanted:
        found += timedelta(days=1)
    return found


@given(MOMENTS, some.sampled_from(Kind))
def test_an_answer_is_due_a_calendar_month_after_receipt(at, kind):
    one = Request(kind, at)
    assert one.due == months_later(at, 1)
    assert rules.extend(one, Longer.COMPLEXITY, now=at).due == months_later(at, 3)


@pytest.mark.parametrize(
    ("made", "due", "longer"),
    [
        ("2027-01-31", "2027-02-28", "2027-04-30"),
        ("2028-01-31", "2028-02-29", "2028-04-30"),
        ("2026-11-30", "2026-12-30", "2027-02-28"),
        ("2026-12-25", "2027-01-25", "2027-03-25"),
        ("2026-08-15", "2026-09-15", "2026-11-15"),  # a day at the weekend is not moved
    ],
)
def test_the_last_day_of_a_shorter_month_stands_for_the_31st(made, due, longer):
    one = Request(Kind.ACCESS, datetime.fromisoformat(f"{made}T12:00:00+00:00"))
    assert one.due.date().isoformat() == due
    later = rules.extend(one, Longer.VOLUME, now=one.received)
    assert later.due.date().isoformat() == longer


STEPS = some.lists(
    some.sampled_from(["take", "ask_back", "reply", "answer", "refuse", "extend", "close", "wait"]),
    max_size=12,
)


@given(STEPS, some.sampled_from(Kind), MOMENTS)
def test_no_order_of_steps_breaks_the_rules(steps, kind, at):
    one, now = Request(kind, at), at
    for step in steps:
        before = one
        try:
            match step:
                case "wait":
                    now += timedelta(days=12)
                case "refuse":
                    one = rules.refuse(one, Ground.EXCESSIVE)
                case "extend":
                    one = rules.extend(one, Longer.VOLUME, now=now)
                case _:
                    one = getattr(rules, step)(one)
        except ConflictError:
            late = step == "extend" and (before.longer is not None or now > before.due)
            assert not before.is_open or late
            continue
        if not before.is_open:
            assert step in {"take", "close", "wait"}
            assert one.state in {before.state, State.CLOSED}
        assert one.received == at
        assert (one.ground is not None) <= (one.state in {State.REFUSED, State.CLOSED})
        assert one.due in {before.due, months_later(at, 3)}
        assert one.due >= before.due
        assert not (rules.is_overdue(one, now=now) and not one.is_open)


def test_what_concerns_erasure_refuses_nothing_else():
    at = datetime(2027, 1, 1, tzinfo=UTC)
    for kind in Kind:
        for ground in Ground:
            if ground in rules.OF_ERASURE and kind is not Kind.ERASE:
                with pytest.raises(WrongValueError):
                    rules.refuse(Request(kind, at), ground)
            else:
                assert rules.refuse(Request(kind, at), ground).ground is ground


@pytest.mark.parametrize("typed", ["", " \r\n\t ", "x" * 4_001, "a\x00b", "a\x1b[31mb", "a\ud800b"])
def test_what_is_no_message_is_refused(typed):
    with pytest.raises(WrongValueError):
        rules.text(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("x" * 4_000, "x" * 4_000),
        ("  a\r\nb\rc\td  ", "a\nb\nc\td"),
        ("آنا <b>\u202eabc", "آنا <b>\u202eabc"),
        ("🐈‍⬛" * 10, "🐈‍⬛" * 10),
    ],
)
def test_what_people_write_is_kept(typed, kept):
    assert rules.text(typed) == kept
