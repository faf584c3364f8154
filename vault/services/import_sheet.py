"""Read a sheet of a spreadsheet row by row: what its cells show, as text.

1. the sheet is read through once before its first row is given out, so that one that is damaged in its
middle is refused whole, and so that merged cells, which stand behind the rows, are known; 2. a formula
is what the program that saved it last made of it, and one without that is no value; 3. days are told
from numbers by their format; 4. a row that touches merged cells, an error or a day that never was is
told, and the rest goes on. At most 64 KB of a row are kept.
Source: ecosystem note, 9; security note, 6; ECMA-376, part 1, 18.3.
"""

import re
from bisect import bisect
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from policies.errors import neighbour
from vault.core import spreadsheet
from vault.core.errors import BadRequestError, WrongValueError
from vault.services import import_workbook
from vault.services.import_table import MAX_COLUMNS, MAX_ROW, Refused, Row
from vault.services.import_workbook import Attributes, Handler, Workbook

MAX_MERGED: Final = 10_000  # ranges of merged cells
MAX_CELLS: Final = 18_278  # of a row, to ZZZ; programs end at XFD
_DAMAGED: Final = "The spreadsheet is damaged: its rows are not in order. Save it once more."
_TEXTS: Final = frozenset({"v", "t"})
_HALF: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Bad:
    """A cell without a value that could be imported."""

    reason: str


_Cells = Mapping[int, str | _Bad]  # by column, from 0


@dataclass(frozen=True, slots=True)
class _Merged:
    """A range of cells of which one holds the value."""

    top: int
    left: int
    bottom: int
    right: int


class Sheet:
    """The rows of a sheet; iterate once."""

    def __init__(self, file: BinaryIO, *, wanted: Sequence[str], sheet: str | None) -> None:
        """Read the sheet through, and its header.

        Args:
            file: opened for bytes; it stays open as long as rows are read.
            wanted: columns that must be there.
            sheet: its name; None for the only one.

        Raises:
            BadRequestError: it is no spreadsheet that can be read to its end, or has no such columns.
        """
        self._file = file
        look = _Look()
        with import_workbook.opened(file) as archive:
            self._book = import_workbook.workbook(archive, sheet)
            with archive.open(self._book.sheet) as part:
                import_workbook.parse(part, look)
        self.lines = look.rows
        self.line = 0
        self._given = self._all()
        header, cells = next(((number, one) for number, one in self._given if one), (0, {}))
        self.line = header
        self._columns = _columns(cells, wanted)
        self._end = max(cells)  # the last column that has a name
        merged = [one for one in look.merged if one.bottom >= header and one.left <= self._end]
        if any(one.top <= header for one in merged):
            raise BadRequestError("The names of the columns stand in merged cells. Part them.")
        self._merged = {
            column: _spans(one for one in merged if one.left <= column <= one.right)
            for column in self._columns.values()
        }

    def __iter__(self) -> Iterator[Row | Refused]:
        for number, cells in self._given:
            self.line = number
            if cells:
                yield self._row(number, cells)

    def close(self) -> None:
        """Let go of the archive."""
        self._given.close()

    def _row(self, number: int, cells: _Cells) -> Row | Refused:
        if -1 in cells:
            return Refused(number, "", "row-too-long")
        if max(cells) > self._end:
            return Refused(number, "", "too-many-cells")
        found: dict[str, str] = {}
        for name, column in self._columns.items():
            tops, bottoms = self._merged[column]
            place = bisect(tops, number)
            if place and bottoms[place - 1] >= number:
                return Refused(number, name, "merged-cells")
            cell = cells.get(column, "")
            if isinstance(cell, _Bad):
                return Refused(number, name, cell.reason)
            found[name] = cell.strip()
        return Row(number, found)

    def _all(self) -> Generator[tuple[int, _Cells], None, None]:
        """Give the number and the cells of each row; cells that are empty are not there."""
        with import_workbook.opened(self._file) as archive:
            rows = _Rows(self._book)
            with archive.open(self._book.sheet) as part:
                for _ in import_workbook.steps(part, rows):
                    while rows.done:
                        yield rows.done.popleft()


def _spans(merged: Iterable[_Merged]) -> tuple[list[int], list[int]]:
    """Return from which row to which a column is merged, in order: each row is looked up in it."""
    tops: list[int] = []
    bottoms: list[int] = []
    for one in sorted(merged, key=lambda one: one.top):
        if bottoms and one.top <= bottoms[-1]:
            bottoms[-1] = max(bottoms[-1], one.bottom)
        else:
            tops.append(one.top)
            bottoms.append(one.bottom)
    return tops, bottoms


def _text(said: str) -> str | _Bad:
    """Return a text that can be stored: half of a letter, which an escape can write, is none."""
    return _Bad("not-a-text") if _HALF.search(said) else said


def _columns(cells: _Cells, wanted: Sequence[str]) -> dict[str, int]:
    """Return where the wanted columns are.

    Raises:
        BadRequestError: one is not there, or there twice.
    """
    names = {column: one.strip() for column, one in cells.items() if isinstance(one, str)}
    if not names or -1 in cells or len(names) < len(cells):
        raise BadRequestError("The first row holds no names of columns that can be read.")
    if max(cells) >= MAX_COLUMNS:
        raise BadRequestError(f"The sheet has more than {MAX_COLUMNS} columns.")
    found: dict[str, int] = {}
    for name in wanted:
        places = [column for column, one in names.items() if one == name]
        if not places:
            # As of a table: of the sheet's own words the nearest one alone is repeated.
            advice = neighbour(name, names.values()) if len(names) > 1 else ""
            if not advice.startswith("Did you mean"):
                advice = "Look at its first row."
            raise BadRequestError(f"The sheet has no column {name!r}. {advice}")
        if len(places) > 1:
            raise BadRequestError(f"The sheet has the column {name!r} twice. Rename one.")
        found[name] = places[0]
    return found


@dataclass(slots=True)
class _Look(Handler):
    """Reads through a sheet for what stands behind its rows."""

    rows: int = 0
    merged: list[_Merged] = field(default_factory=list)

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "row":
            self.rows += 1
        elif name == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            start, end = spreadsheet.place(first), spreadsheet.place(last or first)
            if start is None or end is None or len(self.merged) >= MAX_MERGED:
                raise BadRequestError("The sheet has merged cells that cannot be read. Part them.")
            self.merged.append(_Merged(start[0], start[1], end[0], end[1]))


@dataclass(slots=True)
class _Rows(Handler):
    """Puts together the rows of a sheet."""

    book: Workbook
    done: deque[tuple[int, _Cells]] = field(default_factory=deque)
    _row: int = 0
    _column: int = -1
    _cells: dict[int, str | _Bad] = field(default_factory=dict)
    _size: int = 0
    _type: str = ""
    _style: str = ""
    _formula: bool = False
    _texts: list[str] | None = None  # of the cell; None while it has no value
    _reading: bool = False
    _phonetic: bool = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name in _TEXTS:
            self._texts = self._texts or []
            self._reading = not self._phonetic
        elif name == "c":
            where = spreadsheet.place(attributes.get("r", ""))
            self._column = where[1] if where else self._column + 1
            self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
            self._formula, self._texts = False, None
        elif name == "f":
            self._formula = True
        elif name == "row":
            said = attributes.get("r", "")
            number = int(said) if said.isdecimal() and len(said) < 8 else self._row + 1
            if number <= self._row:
                raise BadRequestError(_DAMAGED)
            self._row, self._column, self._cells, self._size = number, -1, {}, 0
        elif name == "rPh":
            self._phonetic = True  # how it is spoken, beside what is written

    def end(self, name: str) -> None:
        if name in _TEXTS:
            self._reading = False
        elif name == "c":
            self._keep()
        elif name == "row":
            self.done.append((self._row, self._cells))
        elif name == "rPh":
            self._phonetic = False

    def text(self, data: str) -> None:
        if not self._reading or self._texts is None:
            return
        self._size += len(data)
        if self._size <= MAX_ROW:
            self._texts.append(data)

    def _keep(self) -> None:
        said = None if self._texts is None else "".join(self._texts)
        if self._size > MAX_ROW or len(self._cells) > MAX_CELLS:
            self._size = MAX_ROW + 1  # of the rest of it nothing is kept
            self._cells = {-1: _Bad("row-too-long")}
            return
        value = self._value(said)
        if value == "":
            return
        self._cells[self._column] = value
        if isinstance(value, str):  # a shared text is counted in each cell that shows it
            self._size += len(value) if self._type == "s" else 0

    def _value(self, said: str | None) -> str | _Bad:
        if said is None or (not said and self._type != "str"):
            return _Bad("formula-without-value") if self._formula else ""
        try:
            match self._type:
                case "s":
                    return _text(self.book.texts[int(said)])
                case "b":
                    return "true" if said == "1" else "false"
                case "e":
                    return _Bad("error-value")
                case "n" if self._style.isdecimal() and int(self._style) in self.book.dates:
                    return spreadsheet.moment(said, from_1904=self.book.from_1904)
                case "n":
                    return spreadsheet.number(said)
                case _:  # str, inlineStr, and d, which is a day in ISO form
                    return _text(spreadsheet.unescaped(said))
        except WrongValueError:
            return _Bad("not-a-time")
        except (ValueError, IndexError):
            raise BadRequestError(_DAMAGED) from None
