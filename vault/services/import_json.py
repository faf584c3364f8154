"""Read an NDJSON file row by row in bounded memory: an object on each line, members by dotted path.

At most 64 KB of a line are kept; a bad line is told and the rest goes on. Numbers keep the digits
that were written, `true` and `false` are words, a list of such is parted by semicolons as in a table's
cell, and what is not there, or null, is empty. What the members mean is not known here.
Source: RFC 8259; ecosystem note, 9; security note, 6.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from vault.services.import_table import MAX_COLUMNS, MAX_ROW, Lines, Refused, Row

_CHUNK: Final = 65_536  # bytes read at once of what is passed over
_HALF: Final = re.compile("[\ud800-\udfff]")


class Objects:
    """The rows of an open file; iterate once."""

    def __init__(self, file: Lines, *, wanted: Sequence[str], encoding: str = "utf-8") -> None:
        """Take the file at its first line; `wanted` are the members that become cells."""
        self._file = file
        self._paths = [(one, tuple(one.split("."))) for one in wanted]
        self._encoding = encoding
        self.line = 0

    def __iter__(self) -> Iterator[Row | Refused]:
        while raw := self._file.readline(MAX_ROW + 1):
            self.line += 1
            if len(raw) > MAX_ROW:
                while raw and not raw.endswith(b"\n"):
                    raw = self._file.readline(_CHUNK)
                yield Refused(self.line, "", "row-too-long")
            elif raw.strip():
                yield self._row(raw)

    def _row(self, raw: bytes) -> Row | Refused:
        try:
            found = json.loads(
                raw.decode(self._encoding),
                object_pairs_hook=_unique,
                parse_float=str,
                parse_constant=_refuse,
            )
        except UnicodeDecodeError:
            return Refused(self.line, "", f"not-{self._encoding}")
        except (ValueError, RecursionError):
            return Refused(self.line, "", "not-json")
        if not isinstance(found, dict):
            return Refused(self.line, "", "not-an-object")
        if len(found) > MAX_COLUMNS:
            return Refused(self.line, "", "too-many-cells")
        cells: dict[str, str] = {}
        for name, path in self._paths:
            text = _text(_at(found, name, path))
            # Half of a letter, which JSON can escape and no encoding holds, is no text either.
            if text is None or _HALF.search(text):
                return Refused(self.line, name, "not-a-text")
            cells[name] = text.strip()
        return Row(self.line, cells)


def _at(found: dict[str, object], name: str, path: tuple[str, ...]) -> object:
    """Return a member by its dotted path; one whose own name has the dots comes first."""
    if name in found:
        return found[name]
    here: object = found
    for step in path:
        here = here.get(step) if isinstance(here, dict) else None
    return here


def _text(value: object) -> str | None:
    """Return what a table's cell would hold; None for what no cell can."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        items = [_text(one) or "" for one in value]
        # A semicolon inside of an item would make two of it.
        return None if any(";" in one for one in items) else ";".join(items)
    return None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError
    return result


def _refuse(_: str) -> object:
    raise ValueError
