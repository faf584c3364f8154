"""Show numbers of groups of people without showing anybody in them.

A group that is smaller than the least is not shown, and neither is what would let a reader compute
it: of a row whose sum can be known, what is hidden is at least two numbers that come to the least
together. Nothing is rounded, so what is shown is exact.
Source: consent-standards note, 9.12 (groups under ten are hidden).
"""

from collections.abc import Mapping, Sequence


def hide(cells: Sequence[int], *, least: int) -> tuple[int | None, ...]:
    """Return the numbers of a row, None for those that are not shown.

    Args:
        cells: how many people are in each group; nobody is in two of them.
        least: people of the smallest group that is shown.

    >>> hide((40, 12, 3), least=10)
    (40, None, None)
    >>> hide((40, 12, 0), least=10)
    (40, 12, 0)
    >>> hide((4, 3, 0), least=10)
    (None, None, None)
    """
    total = sum(cells)
    if total < least:
        return tuple(None for _ in cells)
    hidden = {place for place, count in enumerate(cells) if 0 < count < least}
    # The smallest of the rest joins, so that a sum that is known tells of none by itself. An empty
    # group helps nobody to hide: it goes last.
    rest = sorted(
        (place for place in range(len(cells)) if place not in hidden),
        key=lambda place: (not cells[place], cells[place]),
    )
    while hidden and rest and (len(hidden) == 1 or sum(cells[one] for one in hidden) < least):
        hidden.add(rest.pop(0))
    return tuple(None if place in hidden else count for place, count in enumerate(cells))


def hide_by_name(cells: Mapping[str, int], *, least: int) -> dict[str, int | None]:
    """Return what `hide` shows of numbers that have names.

    >>> hide_by_name({"yes": 12, "no": 11}, least=10)
    {'yes': 12, 'no': 11}
    """
    return dict(zip(cells, hide(tuple(cells.values()), least=least), strict=True))
