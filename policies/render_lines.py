"""Lay the lines of a plain text out: headings, points, and what is said below a point."""

import textwrap
from collections.abc import Iterable, Iterator

WIDTH = 88  # columns of the plain text


def heading(said: str) -> Iterator[str]:
    """Give a heading, underlined, after an empty line."""
    yield from ("", said, "-" * len(said))


def points(said: str, several: Iterable[str]) -> Iterator[str]:
    """Give a list under its heading, and nothing at all of an empty one."""
    lines = [line for one in several for line in point(one)]
    if lines:
        yield from (*heading(said), *lines)


def point(said: str) -> Iterator[str]:
    """Give one item of a list."""
    yield from wrap(said, "* ", "  ")


def more(said: str) -> Iterator[str]:
    """Give what is said below an item."""
    yield from wrap(said, "  ", "    ")


def pair(name: str, said: str) -> Iterator[str]:
    """Give what is said below an item, after its name."""
    yield from more(f"{name}: {said}")


def wrap(said: str, first: str, rest: str) -> Iterator[str]:
    """Break a text into lines of the width; `first` and `rest` stand before them."""
    # Addresses and names are not broken apart: a reader may search for them.
    yield from textwrap.wrap(
        said,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
