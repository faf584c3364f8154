"""Write rows into files of the forms that an import reads; a file is its owner's alone.

CSV has every cell in quotes, and an apostrophe before what a spreadsheet would run; in XLSX every cell is
a text. A row that an import would refuse for its length is not written. What rows mean is not known here.
Source: security note, 6 and 11; RFC 4180; RFC 6350; RFC 8259.
"""

import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from vault.core import spreadsheet, vcard
from vault.core.export_cells import END, START
from vault.core.formula import marked
from vault.core.import_mapping import File, Format
from vault.core.shaped import columns
from vault.services.import_table import MAX_ROW

ENDINGS: Final = {
    Format.CSV: ".csv",
    Format.NDJSON: ".ndjson",
    Format.VCARD: ".vcf",
    Format.XLSX: ".xlsx",
}


class Writer(Protocol):
    """What takes the rows of one file."""

    def row(self, cells: Mapping[str, str]) -> bool:
        """Write a row; False, and nothing, where it is longer than an import takes."""

    def close(self) -> None:
        """Bring the file to the disk."""


def writer(folder: Path, file: File) -> Writer:
    """Return a new file of a folder, of the form that the mapping says.

    Raises:
        OSError: it cannot be made.
    """
    path = folder / f"{file.shape.name}{ENDINGS[file.shape.format]}"
    raw = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    names = columns(file)
    match file.shape.format:
        case Format.CSV:
            return _Csv(raw, names, file.shape.delimiter or ",")
        case Format.NDJSON:
            return _Ndjson(raw, names)
        case Format.VCARD:
            return _Vcards(raw, names)
        case Format.XLSX:
            return _Xlsx(raw, names, file.shape.sheet or file.shape.name)


def _close(raw: BinaryIO) -> None:
    raw.flush()
    os.fsync(raw.fileno())
    raw.close()


class _Csv:
    def __init__(self, raw: BinaryIO, names: Sequence[str], delimiter: str) -> None:
        self._raw, self._names, self._delimiter = raw, names, delimiter
        raw.write(START.encode() + self._line(names))

    def row(self, cells: Mapping[str, str]) -> bool:
        line = self._line([marked(cells[name]) for name in self._names])
        if len(line) > MAX_ROW:
            return False
        self._raw.write(line)
        return True

    def close(self) -> None:
        _close(self._raw)

    def _line(self, cells: Sequence[str]) -> bytes:
        quoted = ('"' + cell.replace('"', '""') + '"' for cell in cells)
        return (self._delimiter.join(quoted) + END).encode()


class _Ndjson:
    def __init__(self, raw: BinaryIO, names: Sequence[str]) -> None:
        self._raw = raw
        paths = {name: name.split(".") for name in names}
        # A member that holds others cannot be a text too; then the names stand as they are.
        heads = {tuple(path[:end]) for path in paths.values() for end in range(1, len(path))}
        flat = any(tuple(path) in heads for path in paths.values()) or any(
            "" in path for path in paths.values()
        )
        self._paths = {name: [name] if flat else path for name, path in paths.items()}

    def row(self, cells: Mapping[str, str]) -> bool:
        found: dict[str, object] = {}
        for name, (*above, last) in self._paths.items():
            here = found
            for step in above:
                below = here.setdefault(step, {})
                assert isinstance(below, dict)  # noqa: S101  no text stands above others
                here = below
            here[last] = cells[name] or None
        line = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        if len(line) > MAX_ROW:
            return False
        self._raw.write(line)
        return True

    def close(self) -> None:
        _close(self._raw)


class _Vcards:
    def __init__(self, raw: BinaryIO, names: Sequence[str]) -> None:
        self._raw = raw
        self._columns = [(name, one) for name in names if (one := vcard.column(name))]

    def row(self, cells: Mapping[str, str]) -> bool:
        card = vcard.card({one: cells[name] for name, one in self._columns})
        if len(card) > MAX_ROW:
            return False
        self._raw.write(card)
        return True

    def close(self) -> None:
        _close(self._raw)


class _Xlsx:
    def __init__(self, raw: BinaryIO, names: Sequence[str], sheet: str) -> None:
        self._raw, self._names, self._line = raw, names, 1
        self._archive = zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED)
        for name, text in spreadsheet.parts(sheet):
            # Its own time, 1980, so that the same rows make the same file.
            with self._archive.open(zipfile.ZipInfo(name), "w") as part:
                part.write(text.encode())
        info = zipfile.ZipInfo(spreadsheet.SHEET)
        info.compress_type = zipfile.ZIP_DEFLATED
        self._sheet = self._archive.open(info, "w", force_zip64=True)
        self._sheet.write((spreadsheet.START + spreadsheet.row(1, names)).encode())

    def row(self, cells: Mapping[str, str]) -> bool:
        said = [cells[name] for name in self._names]
        if sum(map(len, said)) > MAX_ROW:
            return False
        self._line += 1
        self._sheet.write(spreadsheet.row(self._line, said).encode())
        return True

    def close(self) -> None:
        self._sheet.write(spreadsheet.END.encode())
        self._sheet.close()
        self._archive.close()
        _close(self._raw)
