"""Write the rows that were refused into a file beside the imported one: line, column, reason.

It holds no value. Lines are on the disk before their batch commits, so that a run that was cut
tells all of them; what was written for a batch that did not commit is taken back on resuming.
Source: ecosystem note, 9.
"""

import csv
import io
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from vault.core.errors import RefusedError
from vault.services.import_table import Refused

HEADER: Final = ("line", "column", "reason")
_TAKEN: Final = "A file has the name that the refused rows would get. Move it away."


class Refusals:
    """The file of one run."""

    def __init__(self, path: Path, *, after: int) -> None:
        """Keep what an earlier run wrote up to a line, and nothing else.

        Args:
            path: made when the first row is refused.
            after: the line that the committed batches reach; 0 for a run from the start.

        Raises:
            RefusedError: another file has this name.
        """
        self.path = path
        self.count = 0
        self._end = 0  # bytes that belong to committed batches
        kept = [one for one in _read(path) if one.line <= after]
        path.unlink(missing_ok=True)
        self.stage(kept)
        self.keep(kept)

    def stage(self, refused: Sequence[Refused]) -> None:
        """Bring a batch's refusals to the disk, in the place of those of a try that failed."""
        if not refused and not self.path.exists():
            return
        with self.path.open("ab") as raw:
            raw.truncate(self._end)
            with io.TextIOWrapper(raw, encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                if not self._end:
                    writer.writerow(HEADER)
                writer.writerows((one.line, one.column, one.reason) for one in refused)
                file.flush()
                os.fsync(file.fileno())

    def keep(self, refused: Sequence[Refused]) -> None:
        """Keep what was staged: its batch is committed."""
        self.count += len(refused)
        self._end = self.path.stat().st_size if self.path.exists() else 0


def _read(path: Path) -> list[Refused]:
    try:
        if not stat.S_ISREG(path.lstat().st_mode):  # a pipe never ends, a link leads elsewhere
            raise RefusedError(_TAKEN)
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, csv.Error):
        rows = []
    if not rows or tuple(rows[0]) != HEADER:
        raise RefusedError(_TAKEN)
    return [
        Refused(int(line), column, reason)
        for line, column, reason in (row for row in rows[1:] if len(row) == len(HEADER))
        if line.isdigit()
    ]
