"""The past of a field: its own entries, the last look, and who read what was corrected."""

import pytest

from vault.core.entry import Kind
from vault.core.place import Place
from vault.services.entries import Line
from vault.services.history import tell

NAME = "contact.phone"


def line(at, kind, app=None, actor=None, name=NAME, index=None):
    return Line(
        place=Place(at if index is None else index),
        at=at,
        kind=kind,
        actor=actor or (f"app:{app}" if app else "customer"),
        app=app,
        allowed=((name, "delivery"),),
    )


WRITE = line(1, Kind.WRITTEN, actor="operator")
CORRECTION = line(10, Kind.WRITTEN)


def former(*lines):
    return tell(sorted(lines, key=lambda one: -one.place), NAME, whole=True).former


def test_apps_that_read_while_the_former_value_stood_are_named_once():
    looks = [line(5, Kind.READ, "crm"), line(6, Kind.READ, "delivery"), line(7, Kind.READ, "crm")]
    assert set(former(WRITE, *looks, CORRECTION)) == {"crm", "delivery"}
    assert len(former(WRITE, *looks, CORRECTION)) == 2


@pytest.mark.parametrize(
    "look",
    [
        line(11, Kind.READ, "crm"),  # it read the new value
        line(5, Kind.READ, "crm", name="contact.email"),
        line(5, Kind.OWN_LOOK),
        line(5, Kind.WRITTEN, "crm"),  # it wrote, so the value before was replaced by it
    ],
    ids=repr,
)
def test_other_looks_are_not(look):
    assert former(WRITE, look, CORRECTION) == ()


def test_what_was_read_before_the_former_value_was_written_is_older():
    again = line(4, Kind.WRITTEN, actor="operator")
    assert former(WRITE, line(2, Kind.READ, "crm"), again, CORRECTION) == ()


def test_a_change_by_others_corrects_nothing():
    by_app = line(10, Kind.WRITTEN, "crm")
    assert former(WRITE, line(5, Kind.READ, "delivery"), by_app) == ()


def test_times_decide_and_not_the_order_between_writers():
    late = line(5, Kind.READ, "crm", index=99)
    found = tell([late, CORRECTION, WRITE], NAME, whole=False)
    assert found.former == ("crm",)
    assert (found.look, found.whole) == (late, False)
    assert found.events == (CORRECTION, WRITE)


def test_a_look_by_staff_is_a_look_and_a_mark_is_an_event():
    staff = line(3, Kind.STAFF_LOOK, actor="staff:x")
    mark = line(4, Kind.MARKED)
    found = tell([mark, staff], NAME, whole=True)
    assert (found.look, found.events) == (staff, (mark,))
    assert tell([], NAME, whole=True).look is None


def test_that_some_looks_are_sealed_is_said_and_not_at_what():
    sealed = Line(place=Place(5), at=5, kind=None, opens=9)
    found = tell([sealed, WRITE], NAME, whole=True)
    assert (found.sealed, found.look, found.events) == (True, None, (WRITE,))
    assert not tell([WRITE], NAME, whole=True).sealed
