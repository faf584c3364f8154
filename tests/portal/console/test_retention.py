"""Whoever answers for records sees how long what is kept, what is over, and what stays: counts alone."""

import re

import pytest

from policies.model import Source
from tests.services import decisions, erasing
from tests.services.publishing import one_clock
from tests.services.test_retention import NOTE
from vault.services import customer, holds, restriction, retention, retention_job, retention_view

__all__ = ["one_clock"]

HERE = "/console/retention"


@pytest.fixture
async def notes(deps):
    """Four customers with a note: one held, one restricted, one edited, one with nothing of it."""
    await erasing.publish_rich(deps)
    found = [
        await customer.add(
            deps, {"contact.email": f"c{one}@example.org", NOTE: f"Door {one}"}, source=Source.TOLD
        )
        for one in range(4)
    ]
    until = deps.clock.now().replace(year=2028)
    await holds.make(deps, found[0], ground="law", until=until, reason="Because")
    await restriction.restrict(deps, found[1], request=None)
    return found


async def label_of(deps):
    async with deps.database.connect() as conn:
        book = await deps.codes.in_force(conn, deps.clock.now())
    return book.fields[NOTE].label.get("en")


def note_row(page, label):
    """Return the numbers of the row of notes, in the order of the columns."""
    row = next(one for one in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if f">{label}<" in one)
    return [int(one) for one in re.findall(r'class="number">([0-9]+)<', row)]


async def test_it_says_what_is_over_and_what_stays_and_names_nobody(admin, notes, deps, clock):
    label = await label_of(deps)
    page = (await admin.get(HERE)).text
    assert note_row(page, label) == [4, 0, 0, 0, 0]
    assert "Nothing older than its clause is left" in page
    assert "None has begun yet." in page
    clock.turn(days=365, hours=1)
    await admin.sign_in(deps)
    page = (await admin.get(HERE)).text
    assert note_row(page, label) == [4, 2, 1, 1, 0]
    assert "Nothing older than its clause is left" in page  # within the day
    for hidden in ("Door 1", "c1@example.org", *map(str, notes)):
        assert hidden not in page


async def test_what_is_late_is_said_until_a_sweep_took_it(admin, notes, deps, clock):
    label = await label_of(deps)
    clock.turn(days=367)
    await decisions.execute(
        deps, "UPDATE standing SET flags = 1 WHERE customer_id = :who", who=notes[2]
    )
    await admin.sign_in(deps)
    page = (await admin.get(HERE)).text
    assert f"{label}: 2 rows" in page
    assert note_row(page, label) == [4, 1, 1, 1, 1]
    await retention.sweep(deps)
    page = (await admin.get(HERE)).text
    assert f"{label}: 1 row<" in page  # the edited one stays a fault
    assert note_row(page, label) == [3, 0, 1, 1, 1]


async def test_it_says_when_the_sweeps_begin(admin, deps):
    assert await retention_job.daily(deps)
    began = await retention_job.began(deps)
    assert began
    page = (await admin.get(HERE)).text
    for at in began:
        assert at.strftime("%Y-%m-%dT%H:%M") in page


async def test_a_page_looks_at_no_more_than_a_page_may(admin, notes, deps, clock, monkeypatch):
    monkeypatch.setattr(retention, "PAGE", 1)
    monkeypatch.setattr(retention_view, "MOST", 2)
    clock.turn(days=367)
    await admin.sign_in(deps)
    page = (await admin.get(HERE)).text
    assert "More is over than was looked at" in page
    assert "Nothing older than its clause" not in page
