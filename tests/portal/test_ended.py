"""Customers read in words what went because its time was over, and what a hold keeps until when."""

import pytest

from portal import ended
from portal.labels import Labels
from tests.vaults import RULEBOOK
from vault.core.entry import Kind
from vault.core.look import Line
from vault.core.place import Place
from vault.services import holds, retention, who_looked


def line(kind, *allowed, actor="vault"):
    return Line(place=Place(1), at=1, kind=kind, actor=actor, allowed=allowed)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (line(Kind.WRITTEN, ("a.b", "field/a.b")), ended.OVER),
        (line(Kind.WRITTEN, ("a.b", "dropped/a.b")), ended.NO_LONGER),
        (line(Kind.WRITTEN, ("a.b", "field/a.b"), actor="operator"), ""),
        (line(Kind.READ, ("a.b", "notice")), ""),
        (
            line(Kind.HELD, ("hold", "law/2027-05-01"), ("a.b", "hold")),
            "A legal hold was set until 1 May 2027: a law demands it",
        ),
        (line(Kind.HELD, ("hold", "spite/2027-05-01")), ended.HELD),
        (line(Kind.HELD, ("hold", "law/never")), ended.HELD),
        (line(Kind.RELEASED, ("hold", "law/2027-05-01")), ended.RELEASED),
    ],
    ids=repr,
)
def test_each_line_says_what_happened(one, said):
    assert ended.what(one, Labels(RULEBOOK, "en")) == said


def test_a_hold_on_everything_says_so():
    labels = Labels(RULEBOOK, "en")
    everything = line(Kind.HELD, ("hold", "law/2027-05-01"))
    assert ended.names(everything, labels) == ("Everything we hold about you",)
    one = line(Kind.HELD, ("hold", "law/2027-05-01"), ("preferences.coffee", "hold"))
    assert ended.names(one, labels) == labels.all_of(["preferences.coffee"])


async def test_who_looked_and_the_past_say_that_its_time_was_over(deps, ana, clock):
    await holds.make(
        deps,
        ana,
        ground="law",
        until=clock.now().replace(year=clock.now().year + 1),
        reason="Books are checked.",
        names=["preferences.coffee"],
    )
    clock.turn(days=4 * 365)
    await retention.sweep(deps)
    found: list[Line] = []
    while not any(one.actor == "vault" for one in found):
        found = list(await who_looked.latest(deps, ana, limit=50))
    labels = Labels(RULEBOOK, "en")
    said = {ended.what(one, labels) for one in found}
    assert ended.OVER in said
    assert any(one.startswith("A legal hold was set until") for one in said)
