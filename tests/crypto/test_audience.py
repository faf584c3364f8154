"""Seats: an order of each sector's own, which says nothing of another order."""

import itertools
import random
from uuid import UUID

import pytest

from tests.crypto.material import CUSTOMER, ELSEWHERE, SOMEONE_ELSE, service
from vault.crypto.audience import SEAT_BYTES, seats
from vault.crypto.pairwise import pairwise_id
from vault.crypto.random import uuid7

KEY = service("pairwise")
CHANCE = random.Random(14)
# As a shop fills: a file of 3,000 within a second, then one now and then.
BORN = sorted(
    [1_790_000_000_000 + CHANCE.randrange(1_000) for _ in range(3_000)]
    + [1_790_000_000_000 + CHANCE.randrange(10**10) for _ in range(1_000)]
)
CUSTOMERS = [
    UUID(int=ms << 80 | 7 << 76 | CHANCE.getrandbits(12) << 64 | 2 << 62 | CHANCE.getrandbits(62))
    for ms in BORN
]
SECTORS = ("crm.example", "delivery", "")


def positions(values: list) -> list[int]:
    """Return where each one comes when they are sorted."""
    places = [0] * len(values)
    for place, number in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        places[number] = place
    return places


def deviation(one: list[int], other: list[int]) -> float:
    """Return Spearman's rank correlation, in standard deviations of what chance gives."""
    count, middle = len(one), (len(one) - 1) / 2
    both = sum((a - middle) * (b - middle) for a, b in zip(one, other, strict=True))
    return both / sum((a - middle) ** 2 for a in one) * (count - 1) ** 0.5


def test_a_seat_is_one_block_and_nobody_elses():
    found = seats(KEY, "delivery", CUSTOMERS)
    assert {len(one) for one in found} == {SEAT_BYTES}
    assert len(set(found)) == len(CUSTOMERS)
    assert found[7:9] == seats(KEY, "delivery", CUSTOMERS[7:9])
    assert seats(KEY, "delivery", []) == []


def test_seats_differ_by_customer_sector_key_and_deployment():
    made = {
        *seats(KEY, "delivery", [CUSTOMER, SOMEONE_ELSE]),
        *seats(KEY, "crm.example", [CUSTOMER]),
        *seats(service("pairwise", deployment=ELSEWHERE), "delivery", [CUSTOMER]),
    }
    assert len(made) == 4


@pytest.mark.parametrize("sector", SECTORS)
def test_a_seat_says_nothing_of_when_a_customer_came_nor_of_their_id(sector):
    order = positions(seats(KEY, sector, CUSTOMERS))
    assert abs(deviation(order, list(range(len(order))))) < 3
    ids = positions([pairwise_id(KEY, sector, one) for one in CUSTOMERS])
    assert abs(deviation(order, ids)) < 3
    # Who came together sits apart: neighbours by id are as far from each other as any two.
    apart = sum(abs(a - b) for a, b in itertools.pairwise(order)) / (len(order) - 1)
    assert abs(apart / (len(order) / 3) - 1) < 0.05


def test_the_order_of_one_sector_says_nothing_of_anothers():
    orders = [positions(seats(KEY, sector, CUSTOMERS)) for sector in SECTORS]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert abs(deviation(orders[one], orders[other])) < 3
        # A customer who is at the same place in both is as rare as chance has it: once in all.
        same = sum(a == b for a, b in zip(orders[one], orders[other], strict=True))
        assert same < 6


def test_the_measure_finds_an_order_that_says_something():
    order = list(range(len(CUSTOMERS)))
    assert deviation(order, order) > 60
    pages = [order[at : at + 100] for at in range(0, len(order), 100)]
    shuffled = [number for page in pages for number in CHANCE.sample(page, len(page))]
    assert deviation(order, positions(shuffled)) > 60


def test_a_new_customer_changes_nobodys_seat():
    more = [*CUSTOMERS[:50], uuid7(BORN[50])]
    assert seats(KEY, "delivery", more)[:50] == seats(KEY, "delivery", CUSTOMERS[:50])
