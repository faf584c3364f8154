"""Show how far an import is: a bar on a terminal, else a line each ten seconds, on stderr.

Source: ecosystem note, 5.
"""

import os
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from vault.services.import_done import Progress

EVERY_SECONDS: Final = 10.0  # between two lines where there is no terminal


class Reporter:
    """Tells of one import, from its start to its end."""

    def __init__(self) -> None:
        """Look where stderr goes; nothing is written yet."""
        self._start = time.monotonic()
        self._said = self._start
        self._bar = _bar() if sys.stderr.isatty() and os.environ.get("TERM") != "dumb" else None

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
            self._bar.add_task("rows", total=None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def report(self, now: "Progress") -> None:
        """Tell of a batch that is committed."""
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=now.line, total=max(now.lines, 1))
            return
        moment = time.monotonic()
        if moment - self._said >= EVERY_SECONDS or now.complete:
            self._said = moment
            print(line(now, moment - self._start), file=sys.stderr)


def line(now: "Progress", seconds: float) -> str:
    """Return done of total, rate and time left.

    >>> from vault.services.import_done import Progress
    >>> line(Progress(lines=3_001, line=1_001, rows=1_000), 2.0)
    'line 1,001 of 3,001, 500 rows/s, 4 s left'
    """
    rate = now.rows / seconds if seconds > 0 else 0
    left = (now.lines - now.line) / rate if rate else 0
    return f"line {now.line:,} of {now.lines:,}, {rate:,.0f} rows/s, {left:,.0f} s left"


def _bar() -> "Bar":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
