"""Read a CSV file row by row in bounded memory; a bad row is told and the rest goes on.

1. at most 64 KB of a row are kept, whatever the file says; 2. bytes are decoded strictly, cell by
cell; 3. a quote that never closes, or closes wrongly, costs its own line, and reading goes on at the
next one; 4. a row that is too long is passed over to where its quotes close, so that the inside of
a cell is never taken for rows. What the cells mean is not known here.
Source: security note, 6; ecosystem note, 9; RFC 4180.
"""

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from policies.errors import neighbour
from vault.core.errors import BadRequestError
from vault.core.formula import unmarked

MAX_ROW: Final = 65_536  # bytes
MAX_COLUMNS: Final = 200
_CHUNK: Final = 65_536  # bytes read at once of what is passed over
_UNDECODED: Final = re.compile("[\udc80-\udcff]")
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Row:
    """A row whose form is right; cells by column, with the space around them cut."""

    line: int  # where it begins, from 1
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not imported: where it stands and why, and no value of it."""

    line: int
    column: str  # empty where it is the whole row
    reason: str


class Lines(Protocol):
    """What lines are read from."""

    def readline(self, limit: int, /) -> bytes:
        """Return the rest of a line, at most `limit` bytes of it; empty at the end."""


class _TooLong(Exception):
    pass


class Table:
    """The rows of an open file; iterate once."""

    def __init__(
        self,
        file: "Lines",
        *,
        delimiter: str,
        wanted: Sequence[str] = (),
        encoding: str = "utf-8",
        marked: bool = False,
    ) -> None:
        """Read the header.

        Args:
            file: opened for bytes, at its start or behind a mark.
            delimiter: one character.
            wanted: columns that must be there.
            encoding: one in which line ends are single bytes.
            marked: whether an apostrophe in front of what a spreadsheet would run is a mark.

        Raises:
            BadRequestError: there is no header that can be used; nothing of the file is.
        """
        self._file = file
        self._delimiter = delimiter
        self._encoding = encoding
        self._marked = marked
        self._again: deque[bytes] = deque()
        self._line = 0
        self.columns = self._header()
        self._check(wanted)

    def __iter__(self) -> Iterator[Row | Refused]:
        while (one := self._row()) is not None:
            if isinstance(one, Refused):
                yield one
            elif one.cells:
                yield self._checked(one)

    @property
    def line(self) -> int:
        """The line that was read last."""
        return self._line

    def _header(self) -> tuple[str, ...]:
        first = self._file.readline(MAX_ROW + 1)
        if first.startswith(_WIDE):
            raise BadRequestError("The file is UTF-16. Save it as UTF-8.")
        self._again.append(first.removeprefix(codecs.BOM_UTF8))
        found = self._row() if first else None
        if not isinstance(found, _Cells) or not found.cells:
            raise BadRequestError("The first line holds no names of columns that can be read.")
        names = tuple(cell.strip() for cell in found.cells)
        if len(names) > MAX_COLUMNS:
            raise BadRequestError(f"The file has more than {MAX_COLUMNS} columns.")
        if any(_UNDECODED.search(name) for name in names):
            raise BadRequestError("The names of the columns cannot be read. Correct `encoding`.")
        return names

    def _check(self, wanted: Sequence[str]) -> None:
        for name in wanted:
            if name not in self.columns:
                # A name of the mapping, which is its author's own; those of the file may be data
                # when the header is missing, so only the nearest one is repeated.
                advice = neighbour(name, self.columns) if len(self.columns) > 1 else ""
                if not advice.startswith("Did you mean"):
                    advice = "Look at its first line, and at the delimiter of the mapping."
                raise BadRequestError(f"The file has no column {name!r}. {advice}")
            if self.columns.count(name) > 1:
                raise BadRequestError(f"The file has the column {name!r} twice. Rename one.")

    def _checked(self, row: "_Cells") -> Row | Refused:
        cells, columns = row.cells, self.columns
        if len(cells) < len(columns):
            return Refused(row.line, columns[len(cells)], "too-few-cells")
        if len(cells) > len(columns):
            return Refused(row.line, "", "too-many-cells")
        for column, cell in zip(columns, cells, strict=True):
            if _UNDECODED.search(cell):
                return Refused(row.line, column, f"not-{self._encoding}")
        trimmed = [cell.strip() for cell in cells]
        if self._marked:
            trimmed = [unmarked(cell) for cell in trimmed]
        return Row(row.line, dict(zip(columns, trimmed, strict=True)))

    def _row(self) -> "_Cells | Refused | None":
        """Return the next row; None at the end. An empty line is a row without cells."""
        start = self._line + 1
        taken: list[bytes] = []
        bad: list[str] = []
        reader = csv.reader(self._feed(taken, bad), delimiter=self._delimiter, strict=True)
        try:
            cells = _Cells(start, tuple(next(reader)))
            return Refused(start, "", bad[0]) if bad else cells
        except StopIteration:
            return None
        except _TooLong:
            self._pass_over(taken)
            return Refused(start, "", "row-too-long")
        except csv.Error:
            # The quote is at fault, not the lines after it.
            self._again.extendleft(reversed(taken[1:]))
            self._line = start
            return Refused(start, "", "bad-quotes")

    def _feed(self, taken: list[bytes], bad: list[str]) -> Iterator[str]:
        size = 0
        while raw := self._next():
            taken.append(raw)
            size += len(raw)
            if size > MAX_ROW:
                raise _TooLong
            if b"\0" in raw:
                bad.append("zero-byte")
            elif self._encoding != "utf-8" and _is_utf8(raw):
                # In an older encoding, letters that happen to be valid UTF-8 do not occur.
                bad.append("mixed-encodings")
            yield raw.decode(self._encoding, "surrogateescape")

    def _next(self) -> bytes:
        self._line += 1
        raw = self._again.popleft() if self._again else self._file.readline(MAX_ROW + 1)
        if not raw:
            self._line -= 1
        return raw

    def _pass_over(self, taken: list[bytes]) -> None:
        """Read past a row that is too long; no more than a chunk of it is in memory."""
        inside = sum(raw.count(b'"') for raw in taken) % 2 == 1
        ended = taken[-1].endswith(b"\n")
        while inside or not ended:
            raw = self._again.popleft() if self._again else self._file.readline(_CHUNK)
            if not raw:
                return
            inside ^= raw.count(b'"') % 2 == 1
            if ended:
                self._line += 1
            ended = raw.endswith(b"\n")


def _is_utf8(raw: bytes) -> bool:
    if raw.isascii():
        return False
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Cells:
    line: int
    cells: tuple[str, ...]
