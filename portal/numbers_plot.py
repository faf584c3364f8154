"""Draw one bar for each row of a table of numbers, as long as its number is of the largest one.

What is hidden has no bar. The numbers stand in the table beside; the drawing says them once more.
Source: portal note, 13.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 300  # of the drawing
_STEP: Final = 24  # from bar to bar
_HEIGHT: Final = 16  # of a bar


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar."""

    y: int
    width: float
    height: int
    title: str


@dataclass(frozen=True, slots=True)
class Bars:
    """A drawing; the words beside it are its table's."""

    title: str
    width: int
    height: int
    bars: tuple[Bar, ...]


def bars(title: str, rows: Sequence[tuple[str, int | None]]) -> Bars | None:
    """Return the drawing of rows of a label and a number; None where no number is shown."""
    most = max((count for _, count in rows if count), default=0)
    if not most:
        return None
    return Bars(
        title=title,
        width=WIDTH,
        height=_STEP * len(rows),
        bars=tuple(
            Bar(_STEP * place, round(WIDTH * count / most, 1), _HEIGHT, f"{label}: {count}")
            for place, (label, count) in enumerate(rows)
            if count
        ),
    )
