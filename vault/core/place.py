"""Say where an entry stands among several logs: one integer, the log's number before the index.

A vault begins with log 0, in which a place is the index; `ownship log recover` opens the next. Later
logs have the larger places, so *newest first* is one order over all of them. An entry is sealed under
the origin of its log, so whoever opens one asks for that origin here.
Source: access-log note, 7, 9 and 11; docs/formats.md, Places in several logs.
"""

from typing import Final, NewType

from vault.core.ids import LogId

Place = NewType("Place", int)

INDEX_BITS: Final = 48
LAST_LOG: Final = LogId(31)  # so that each place is an integer that every JSON reader keeps exact
_INDEXES: Final = 1 << INDEX_BITS


def at(log_id: int, index: int) -> Place:
    """Return the place of an index of a log.

    >>> at(0, 17), at(1, 17)
    (17, 281474976710673)

    Raises:
        ValueError: no log has that number, or no entry that index.
    """
    if not (0 <= log_id <= LAST_LOG and 0 <= index < _INDEXES):
        raise ValueError("no place in a log")
    return Place(log_id << INDEX_BITS | index)


def log_of(place: int) -> LogId:
    """Return the log of a place; one that no log has where the place is none."""
    return LogId(place >> INDEX_BITS)


def index_of(place: int) -> int:
    """Return the index of a place in its log."""
    return place & (_INDEXES - 1)


def position(issuer: str, place: int) -> dict[str, object]:
    """Return the members by which files name a place: its log's origin, and the index there."""
    return {"origin": origin(issuer, log_of(place)), "position": index_of(place)}


def origin(issuer: str, log_id: int) -> str:
    """Return a log's origin: the issuer without its scheme, `/log`, and the number of a later one.

    >>> origin("https://example.org", 0), origin("https://example.org", 1)
    ('example.org/log', 'example.org/log/1')
    """
    first = issuer.partition("://")[2] + "/log"
    return first if log_id == 0 else f"{first}/{log_id}"
