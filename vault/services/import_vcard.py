"""Read a file of vCards card by card in bounded memory; a bad card is told and the rest goes on.

1. lines are unfolded as bytes, since old programs fold within a letter; 2. a property that no column
asks for is passed over whatever its length, so that a photograph costs nothing; 3. of the others a card
keeps at most 64 KB; 4. a card that does not end costs itself, and reading goes on at the next one.
Source: RFC 2426; RFC 6350; ecosystem note, 9; security note, 6.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from vault.core import vcard
from vault.core.errors import BadRequestError
from vault.core.vcard import Column, Property
from vault.services.import_table import MAX_COLUMNS, MAX_ROW, Lines, Refused, Row

_FOLD: Final = (b" ", b"\t")
_HEAD: Final = 256  # bytes by which a line that is not kept is known


class _Line(NamedTuple):
    number: int  # of its first part
    raw: bytes  # unfolded; its beginning alone where it is too long
    whole: bool


@dataclass(slots=True)
class _Card:
    line: int
    version: str = ""
    size: int = 0
    cells: dict[str, tuple[int, str]] = field(default_factory=dict)  # column -> preference, text
    bad: tuple[str, str] | None = None  # column and reason of what was wrong first

    def refuse(self, column: str, reason: str) -> None:
        self.bad = self.bad or (column, reason)


class Cards:
    """The cards of an open file; iterate once."""

    def __init__(self, file: Lines, *, wanted: Sequence[str], encoding: str = "utf-8") -> None:
        """Take the file at its first line.

        Args:
            file: opened for bytes.
            wanted: columns that become cells.
            encoding: of the file.

        Raises:
            BadRequestError: no card has such a column.
        """
        self._file = file
        self._encoding = encoding
        self._columns: list[tuple[str, Column]] = []
        for name in wanted:
            column = vcard.column(name)
            if column is None:
                raise BadRequestError(f"A vCard has no {name!r}.")
            self._columns.append((name, column))
        if len(self._columns) > MAX_COLUMNS:
            raise BadRequestError(f"The mapping names more than {MAX_COLUMNS} columns.")
        self._names = {one.name for _, one in self._columns} | {"BEGIN", "END", "VERSION"}
        self._ahead: _Line | None = None  # a physical line that was read too far
        self._read = 0  # physical lines
        self.line = 0  # reached by what was given out

    def __iter__(self) -> Iterator[Row | Refused]:
        card: _Card | None = None
        stray = False  # of several lines outside of cards the first one is told
        while (one := self._logical()) is not None:
            last = self._read - (self._ahead is not None)
            found = self._property(one)
            if found is not None and (found.name, found.value.strip().upper()) == (
                "BEGIN",
                "VCARD",
            ):
                if card is not None:
                    self.line = one.number - 1
                    yield Refused(card.line, "", "no-end")
                card, stray = _Card(one.number), False
            elif card is None:
                if one.raw.strip() and not stray:
                    stray = True
                    self.line = last
                    yield Refused(one.number, "", "outside-a-card")
            elif found is not None and (found.name, found.value.strip().upper()) == (
                "END",
                "VCARD",
            ):
                self.line = last
                yield self._row(card)
                card = None
            else:
                self._take(card, one, found)
        if card is not None:
            self.line = self._read
            yield Refused(card.line, "", "no-end")

    def _take(self, card: _Card, line: _Line, found: Property | None) -> None:
        """Keep of a card what columns ask for."""
        if found is None:
            if line.raw.strip():
                card.refuse("", self._reason(line.raw) if line.whole else "row-too-long")
            return
        if found.name not in self._names:
            return
        if found.name == "VERSION":
            card.version = found.value.strip()
            return
        columns = [
            (name, one)
            for name, one in self._columns
            if one.name == found.name and (not one.kind or one.kind in found.kinds)
        ]
        if not columns:
            return
        card.size += len(line.raw)
        if not line.whole or card.size > MAX_ROW:
            card.refuse(columns[0][0], "row-too-long")
            return
        if found.coded or "\0" in found.value:
            card.refuse(columns[0][0], "not-a-text")
            return
        for name, column in columns:
            before = card.cells.get(name)
            if before is None or found.preference < before[0]:
                card.cells[name] = (found.preference, vcard.text(column, found.value).strip())

    def _row(self, card: _Card) -> Row | Refused:
        if card.version not in vcard.VERSIONS:
            return Refused(card.line, "", "not-vcard-3-or-4")
        if card.bad is not None:
            return Refused(card.line, *card.bad)
        cells = {name: card.cells.get(name, (0, ""))[1] for name, _ in self._columns}
        return Row(card.line, cells)

    def _property(self, line: _Line) -> Property | None:
        try:
            return vcard.read(line.raw.decode(self._encoding))
        except UnicodeDecodeError:
            # What nobody asks for may be in any encoding.
            found = vcard.read(line.raw.decode("latin-1"))
            return None if found is None or found.name in self._names else found

    def _reason(self, raw: bytes) -> str:
        try:
            raw.decode(self._encoding)
        except UnicodeDecodeError:
            return f"not-{self._encoding}"
        return "bad-line"

    def _logical(self) -> _Line | None:
        """Return the next line with what is folded under it; None at the end."""
        first = self._ahead or self._physical()
        self._ahead = None
        if first is None:
            return None
        parts, size, whole = [first.raw], len(first.raw), first.whole
        while (more := self._physical()) is not None:
            if not more.raw.startswith(_FOLD):
                self._ahead = more
                break
            size += len(more.raw) - 1
            whole = whole and more.whole and size <= MAX_ROW
            if whole:
                parts.append(more.raw[1:])
        raw = b"".join(parts)
        return _Line(first.number, raw if whole else raw[:_HEAD], whole)

    def _physical(self) -> _Line | None:
        raw = self._file.readline(MAX_ROW + 1)
        if not raw:
            return None
        self._read += 1
        whole, piece = len(raw) <= MAX_ROW, raw
        while not piece.endswith(b"\n"):
            piece = self._file.readline(MAX_ROW)
            if not piece:
                break
            whole = False
        return _Line(self._read, raw.rstrip(b"\r\n") if whole else raw[:_HEAD], whole)
