"""Show how far long work has come: a bar on a terminal, nothing where nobody watches.

It is on stderr, so that what is found can be piped; it never asks for the time.
"""

import sys
from typing import Self, TextIO

WIDTH = 30  # characters of the bar


class Progress:
    """A bar that fills; use it as a context."""

    def __init__(self, what: str, total: int, stream: TextIO | None = None) -> None:
        """Begin.

        Args:
            what: said before the bar.
            total: when it is full; 0 where there is nothing to do.
            stream: where to; stderr in place of None.
        """
        self._what = what
        self._total = total
        self._stream = stream or sys.stderr
        self._shown = self._stream.isatty()
        self._thousandths = -1

    def at(self, done: int) -> None:
        """Say how much is done; drawn anew only where it shows."""
        if not self._shown:
            return
        thousandths = 1000 * done // self._total if self._total else 1000
        if thousandths != self._thousandths:
            self._thousandths = thousandths
            full = WIDTH * thousandths // 1000
            self._stream.write(
                f"\r{self._what} [{'#' * full}{'.' * (WIDTH - full)}] {thousandths / 10:5.1f} %"
                f" {done:,} of {self._total:,}\x1b[K"
            )
            self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away, so that what follows stands alone."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
