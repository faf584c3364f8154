"""Cells of an audience: each candidate once, whatever happens meanwhile, and none in a small cell."""

import random
from bisect import bisect_left, bisect_right
from functools import partial
from uuid import UUID

import pytest

from tests.crypto.material import service
from vault.crypto.audience import seats
from vault.services import audience_cell
from vault.services.audience_cell import END, START, Place, take
from vault.store.sweeps_audience import FOREVER, Candidate

KEY = service("pairwise")
LEAST, MOST, NOW = 8, 16, 1_000


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells that a test can fill."""
    monkeypatch.setattr(audience_cell, "LEAST", LEAST)
    monkeypatch.setattr(audience_cell, "MOST", MOST)


class Audience:
    """Candidates by id, as the store gives them; it counts the rows that were looked at."""

    def __init__(self, numbers, *, sector: str = "delivery") -> None:
        self.rows = sorted(Candidate(UUID(int=number << 64), FOREVER) for number in numbers)
        self.seats = partial(seats, KEY, sector)
        self.looked: list[int] = []

    async def read(self, after: UUID, upto: UUID, limit: int) -> list[Candidate]:
        low = bisect_right(self.rows, (after, FOREVER))
        high = bisect_left(self.rows, (upto, FOREVER + 1))
        found = self.rows[low:high][:limit]
        self.looked.append(len(found))
        return found

    def add(self, number: int) -> None:
        self.rows = sorted({*self.rows, Candidate(UUID(int=number << 64), FOREVER)})

    def drop(self, number: int) -> None:
        self.rows = [one for one in self.rows if one.customer.int >> 64 != number]

    async def take(self, place: Place, limit: int) -> tuple[list[int], Place | None]:
        page, behind = await take(self.read, self.seats, place, limit=limit, now=NOW)
        return [one.customer.int >> 64 for one in page], behind

    async def all(self, limit: int) -> list[int]:
        place: Place | None = START
        found: list[int] = []
        while place:
            page, place = await self.take(place, limit)
            assert len(page) <= limit
            found += page
        return found

    async def cells(self) -> list[list[int]]:
        place: Place | None = START
        found = []
        while place:
            page, place = await self.take(place, 10**6)
            found.append(page)
        return found


@pytest.mark.parametrize("count", [*range(40), 200])
async def test_each_candidate_comes_once_in_one_order_whatever_the_limit(count: int) -> None:
    audience = Audience(range(1, count + 1))
    orders = [await audience.all(limit) for limit in (1, 3, 7, 1_000)]
    assert sorted(orders[0]) == list(range(1, count + 1))
    assert orders == [orders[0]] * 4


@pytest.mark.parametrize("count", [0, 1, 7, 8, 15, 16, 17, 23, 24, 25, 400, 3_000])
async def test_no_cell_is_small_and_each_is_a_run_of_ids(count: int) -> None:
    cells = await Audience(range(1, count + 1)).cells()
    assert [one for cell in cells for one in sorted(cell)] == list(range(1, count + 1))
    if count < 2 * LEAST:
        assert len(cells) == 1  # and position says nothing of anybody
    else:
        assert min(map(len, cells)) >= LEAST
        assert max(map(len, cells[:-1]), default=0) <= MOST
        assert len(cells[-1]) < MOST + LEAST
    assert all(cell != sorted(cell) for cell in cells if len(cell) > 5)


async def test_sectors_cut_and_tell_the_same_candidates_each_in_their_own_way() -> None:
    one, other = Audience(range(5_000)), Audience(range(5_000), sector="crm.example")
    assert sorted(await one.all(1_000)) == sorted(await other.all(1_000))
    assert await one.all(1_000) != await other.all(1_000)
    ends = [{max(cell) for cell in await audience.cells()} for audience in (one, other)]
    assert len(ends[0] & ends[1]) < 0.3 * len(ends[0])


async def test_who_leaves_a_cell_draws_nobody_over_from_the_next_one() -> None:
    """Else the two apps that both see one leave and one move would know them."""
    audience = Audience(range(1, 2_001))
    before = await audience.cells()
    # Cells that end by a seat and not by force: more of them come with larger cells.
    ending = [number for number, cell in enumerate(before[:-1]) if len(cell) < MOST]
    assert ending
    cell = before[ending[0]]
    assert len(cell) > LEAST
    audience.drop(min(cell))
    after = await audience.cells()
    assert after[: ending[0]] == before[: ending[0]]
    assert after[ending[0]] == [one for one in cell if one != min(cell)]
    assert after[ending[0] + 1 :] == before[ending[0] + 1 :]


@pytest.mark.parametrize("seed", range(30))
async def test_who_comes_and_goes_meanwhile_neither_repeats_nor_hides_another(seed: int) -> None:
    chance = random.Random(seed)
    stay = set(chance.sample(range(1, 1_000), chance.randrange(1, 120)))
    move = set(chance.sample(range(1, 1_000), 200)) - stay
    audience = Audience(stay | {one for one in move if chance.random() < 0.5})
    place: Place | None = START
    found: list[int] = []
    while place:
        page, place = await audience.take(place, chance.randrange(1, 9))
        found += page
        for one in chance.sample(sorted(move), min(len(move), 10)):
            audience.drop(one) if chance.random() < 0.5 else audience.add(one)
    assert len(found) == len(set(found))
    assert stay <= set(found) <= stay | move


async def test_a_cell_that_has_grown_is_read_in_bounded_runs() -> None:
    audience = Audience(range(0, 20_000, 1_000))
    page, place = await audience.take(START, 1)
    assert place
    for number in range(1, 3_000):
        audience.add(number)
    audience.looked.clear()
    found = page + [one for one in (await audience.take(place, 10**6))[0] if one]
    assert max(audience.looked) == MOST + LEAST
    assert len(found) == len(set(found)) > 1_000


async def test_whose_consent_is_over_is_no_candidate() -> None:
    audience = Audience([])
    audience.rows = [
        Candidate(UUID(int=1 << 64), NOW),
        Candidate(UUID(int=2 << 64), NOW + 1),
        Candidate(UUID(int=3 << 64), NOW - 1),
    ]
    assert await audience.take(START, 5) == ([2], None)


async def test_nobody_is_a_list_too() -> None:
    assert await Audience([]).take(START, 5) == ([], None)
    # Who came to a next cell and finds that it has emptied is at the end.
    assert await Audience([]).take(Place(UUID(int=5), None, bytes(16)), 5) == ([], None)
    assert await Audience([]).take(Place(UUID(int=5), END, bytes(16)), 5) == ([], None)
