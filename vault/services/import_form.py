"""Find out how a file is written: that it is text at all, its encoding and its delimiter.

What the mapping says counts. Else a mark at the beginning names the encoding, and bytes that are
valid UTF-8 are that; the delimiter is the one with which a hundred rows have equally many columns
and the header has those that the mapping names. A spreadsheet is read through once. What that does not settle is asked for: a guess
would import names with wrong letters.
Source: ecosystem note, 9; security note, 6.
"""

import codecs
import csv
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vault.core.errors import BadRequestError
from vault.core.import_mapping import File, Format
from vault.services.import_sheet import Sheet

HEAD: Final = 1 << 20  # bytes that are looked at
SAMPLE: Final = 100  # rows that are looked at
DELIMITERS: Final = (",", ";", "\t", "|")
_OTHERS: Final = (
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"PK\x03\x04", "a ZIP file or a spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet"),
    (b"%PDF", "a PDF file"),
    (b"\x1f\x8b", "a compressed file"),
    (b"SQLite format 3", "a database"),
)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
NAMES: Final = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
    "iso8859-1": "Latin-1",
}
_FORMATS: Final = {Format.NDJSON: "NDJSON", Format.VCARD: "vCard"}
_ARCHIVE: Final = b"PK\x03\x04"
_OLD: Final = b"\xd0\xcf\x11\xe0"
_LOCKED: Final = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written."""

    format: Format
    encoding: str  # as Python's codecs are called
    mark: int  # bytes of the mark at the beginning
    delimiter: str  # empty for all but CSV

    def __str__(self) -> str:
        if self.format is Format.XLSX:
            return "XLSX"
        parted = _FORMATS.get(self.format) or f"parted by {self.delimiter!r}"
        return f"{NAMES[self.encoding]}, {parted}"


def look(path: Path, file: File) -> Form:
    """Look at the beginning of a file; it may block.

    Raises:
        BadRequestError: it is no such text, or the mapping must say what it is.
    """
    try:
        with path.open("rb") as raw:
            head = raw.read(HEAD)
    except OSError:
        raise BadRequestError("The file cannot be read.") from None
    if not head:
        raise BadRequestError("The file is empty.")
    if file.shape.format is Format.XLSX:
        _look_at_sheet(path, file, head)
        return Form(Format.XLSX, "utf-8", 0, "")
    for start, what in _OTHERS:
        if head.startswith(start):
            raise BadRequestError(f"The file is {what}. Save it as CSV or NDJSON.")
    encoding, mark = _encoding(head, file.shape.encoding)
    text = head[mark:].decode(encoding, "replace")
    if "\0" in text:
        raise BadRequestError(
            "The file holds zero bytes, so it is no text or UTF-16 without a mark. Save it as UTF-8."
        )
    _check_format(text, file.shape.format)
    delimiter = ""
    if file.shape.format is Format.CSV:
        delimiter = file.shape.delimiter or _delimiter(text, file.columns, len(head) == HEAD)
    return Form(file.shape.format, encoding, mark, delimiter)


def _look_at_sheet(path: Path, file: File, head: bytes) -> None:
    if head.startswith(_OLD):
        with path.open("rb") as raw:
            raw.seek(max(0, path.stat().st_size - HEAD))
            locked = _LOCKED in head or _LOCKED in raw.read(HEAD)
        what = "has a password. Save it without one" if locked else "is an old one (XLS)"
        raise BadRequestError(f"The spreadsheet {what}{'' if locked else '. Save it as XLSX'}.")
    if not head.startswith(_ARCHIVE):
        raise BadRequestError("The file is no spreadsheet (XLSX), whatever its name says.")
    with path.open("rb") as raw:
        Sheet(raw, wanted=sorted(file.columns), sheet=file.shape.sheet).close()


def _encoding(head: bytes, said: str | None) -> tuple[str, int]:
    """Return the encoding and how long its mark is."""
    for start, name in _MARKS:
        if head.startswith(start):
            if said and not name.startswith(said):
                raise BadRequestError(
                    f"The file begins with the mark of {NAMES[name]}, and the mapping says another"
                    " encoding. Correct `encoding`."
                )
            return name, len(start)
    if said == "utf-16":
        raise BadRequestError("The file has no mark of UTF-16 at its beginning. Save it as UTF-8.")
    if said:
        return said, 0
    strange = 0
    for number, line in enumerate(head.split(b"\n"), 1):
        if line.isascii():
            continue
        try:
            line.decode()
        except UnicodeDecodeError as error:
            if len(head) == HEAD and error.end == len(line):
                continue  # cut in the middle of a letter
            strange = strange or number
        else:
            return "utf-8", 0  # lines that are not are told one by one
    if strange:
        raise BadRequestError(
            f"Line {strange} is not UTF-8. Write `encoding: windows-1252`, or what it is, in the"
            " mapping."
        )
    return "utf-8", 0


def _check_format(text: str, said: Format) -> None:
    start = text[:1_000].lstrip().lower()
    if said is Format.VCARD:
        if not start.startswith("begin:vcard"):
            raise BadRequestError("The file is no vCard: it does not begin with BEGIN:VCARD.")
        return
    if start.startswith("begin:vcard"):
        raise BadRequestError("The file holds vCards. Write `format: vcard`.")
    if start.startswith(("<!doctype", "<html", "<?xml")):
        raise BadRequestError("The file is a web page or XML. Save it as CSV or NDJSON.")
    if said is Format.CSV and start.startswith(("{", "[")):
        raise BadRequestError(
            "The file holds JSON. Write `format: ndjson`, an object on each line."
        )
    if said is Format.NDJSON and not start.startswith("{"):
        raise BadRequestError("The file is no NDJSON: each line is an object, `{…}`.")


def _delimiter(text: str, wanted: Collection[str], cut: bool) -> str:  # noqa: FBT001  of the sample
    lines = text.splitlines(keepends=True)
    if cut:
        lines = lines[:-1]
    equal, able = [], []
    for one in DELIMITERS:
        try:
            rows = [row for row, _ in zip(csv.reader(lines, delimiter=one), range(SAMPLE))]  # noqa: B905
        except csv.Error:
            continue
        rows = [row for row in rows if row]
        header = {cell.strip() for cell in rows[0]} if rows else set()
        if header.issuperset(wanted):
            able.append(one)
            if len({len(row) for row in rows}) == 1:
                equal.append(one)
    if len(header_only := equal or able) > 1 and not any(one in lines[0] for one in header_only):
        return ","  # one column, and nothing to part
    if len(equal) == 1:
        return equal[0]
    if not equal and len(able) == 1:
        return able[0]  # rows of another length are told one by one
    if not able:
        return _nearest(lines, wanted)
    raise BadRequestError('The file may be parted in several ways. Write `delimiter: ";"` or so.')


def _nearest(lines: list[str], wanted: Collection[str]) -> str:
    """Return the delimiter with which the header has most of the columns; the table tells the rest."""
    header = lines[0] if lines else ""
    found = {
        one: len(set(next(csv.reader([header], delimiter=one), [])) & set(wanted))
        for one in DELIMITERS
    }
    best = max(found, key=lambda one: found[one])
    if not found[best] and sum(one in header for one in DELIMITERS) > 1:
        raise BadRequestError('How is the file parted? Write `delimiter: ";"` or so.')
    return best if found[best] else next((one for one in DELIMITERS if one in header), ",")
