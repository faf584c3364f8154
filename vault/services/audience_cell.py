"""Cut an audience into cells, and tell each cell in an order that only one sector has.

By id customers stand in the order in which they came, the same for every app: two apps that laid
their lists side by side would know who is whom. So the list is cut into cells, runs of at least
`LEAST` candidates by id, and within a cell a sector's seats are the order (`vault/crypto/audience.py`).

1. A cell ends behind a candidate whose seat ends in a zero byte: at a customer, not at a count. Of
   counted cells each one who leaves would draw one customer over from the next cell, and two apps
   that see it on the same day would know whom.
2. What would leave fewer than `LEAST` behind is no end, so the last cell is no smaller than others.
3. Once a cell is cut its bounds stand in the cursor, so nothing that happens moves anybody: within
   them, who comes or goes changes nobody else's seat.

Source: docs/decisions/0014.
"""

import heapq
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import islice
from typing import Final, NamedTuple
from uuid import UUID

from vault.core.ids import NOBODY, CustomerId
from vault.crypto.audience import SEAT_BYTES
from vault.store.sweeps_audience import Candidate

LEAST: Final = (
    2_048  # candidates; above the customers of any page, which so touches two cells at most
)
MOST: Final = 4_096  # candidates of a cell when it is cut; the last may hold fewer than LEAST more
END: Final = UUID(int=2**128 - 1)  # above every id
_MARK: Final = 0  # last byte of a seat behind which a cell may end: one in 256
_BEFORE: Final = bytes(SEAT_BYTES)  # below every seat

Read = Callable[[UUID, UUID, int], Awaitable[Sequence[Candidate]]]  # after, up to, at most
Seats = Callable[[Sequence[UUID]], list[bytes]]


class Place(NamedTuple):
    """Where a list goes on."""

    after: UUID  # the cell begins behind this customer
    upto: UUID | None  # and ends with this one; None: it is not cut yet
    seat: bytes  # of who was looked at last within it


START: Final = Place(NOBODY, None, _BEFORE)


class Seated(NamedTuple):
    """A candidate; sorted by seat."""

    seat: bytes
    customer: CustomerId
    behind: Place


async def take(
    read: Read, seats: Seats, place: Place, *, limit: int, now: int
) -> tuple[list[Seated], Place | None]:
    """Return the next candidates of one cell, and where the list goes on; None at its end.

    Args:
        read: gives candidates by id.
        seats: gives the sector's seats of customers.
        place: where the list goes on.
        limit: candidates to return, above 0.
        now: unix ms; whose consent is over is no candidate.
    """
    rows = await read(place.after, place.upto or END, MOST + LEAST)
    found = seats([customer for customer, _ in rows])
    upto, whole = place.upto, len(rows) < MOST + LEAST
    if upto is None:
        length, whole = _length(found), True
        upto = rows[length - 1].customer if length else END
        rows, found = rows[: length or None], found[: length or None]
    best = _first(zip(found, rows, strict=True), place.seat, now, limit + 1)
    while not whole:  # it has grown since it was cut
        rows = await read(rows[-1].customer, upto, MOST + LEAST)
        whole = len(rows) < MOST + LEAST
        found = seats([customer for customer, _ in rows])
        best += _first(zip(found, rows, strict=True), place.seat, now, limit + 1)
        best = heapq.nsmallest(limit + 1, best)
    page = [
        Seated(seat, CustomerId(customer), Place(place.after, upto, seat))
        for seat, (customer, _) in best[:limit]
    ]
    if len(best) > limit:
        return page, page[-1].behind
    return page, None if upto == END else Place(upto, None, _BEFORE)


def _length(found: Sequence[bytes]) -> int | None:
    """Return how many of the next candidates make a cell; None: all of them, and it is the last."""
    for length in range(LEAST, min(MOST, len(found) - LEAST) + 1):
        if found[length - 1][-1] == _MARK:
            return length
    return MOST if len(found) == MOST + LEAST else None


def _first(
    seated: Iterable[tuple[bytes, Candidate]], behind: bytes, now: int, count: int
) -> list[tuple[bytes, Candidate]]:
    """Return the next candidates by seat; no two have the same, so seats alone are compared."""
    rest = sorted([one for one in seated if one[0] > behind])
    return list(islice((one for one in rest if one[1].until_ms > now), count))
