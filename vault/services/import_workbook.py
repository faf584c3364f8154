"""Open a spreadsheet's archive: what it is, that it is no bomb, and which part is the sheet to read.

1. the archive's directory is added up before any part is opened: unpacked size, ratio, number of parts;
2. what a program would have to fetch, decrypt or guess is refused with a sentence of its own; 3. of the
parts five are read, by names that the archive itself gives and that never become a file's; 4. XML is
read in pieces by the standard library's parser, with every document type refused, so that no entity is
ever defined; nothing is fetched.

No library is taken for it: those at hand give numbers as floats (a telephone number loses digits, 12.50
its form), cannot tell a formula without a value from an empty cell, and hold a sheet whole.
Source: security note, 6; ecosystem note, 9; ECMA-376.
"""

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, BinaryIO, Final
from xml.parsers import expat

from policies.errors import neighbour, quoted
from vault.core import spreadsheet
from vault.core.errors import BadRequestError

MAX_UNPACKED: Final = 50 << 20  # bytes of all parts
MAX_RATIO: Final = 100  # unpacked to packed, of each part
MAX_PARTS: Final = 100  # a workbook of three sheets has a dozen
MAX_SHEETS: Final = 10
MAX_TEXTS: Final = 1_000_000  # shared ones
MAX_DEEP: Final = 100  # elements within each other
MAX_TAG: Final = 1 << 20  # bytes of what the parser must hold whole: a tag, a comment
_SMALL: Final = 1_000  # bytes up to which a part may be of any ratio
_CHUNK: Final = 65_536
_BROKEN: Final = "The spreadsheet is damaged: it cannot be read to its end. Save it once more."
_WORKBOOK: Final = "xl/workbook.xml"
_PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # no spreadsheet is packed otherwise
# What the libraries raise for what somebody spoilt: names that are no text and an encoding that nobody
# knows among them. A disk that fails is no part of it.
_SPOILT: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    LookupError,
    ValueError,
    expat.ExpatError,
)

Attributes = Mapping[str, str]


class Handler:
    """What is told of the elements of a part; names without their namespace."""

    def start(self, name: str, attributes: Attributes) -> None:
        """Hear of an element's beginning."""

    def end(self, name: str) -> None:
        """Hear of its end."""

    def text(self, data: str) -> None:
        """Hear of what stands in it."""


@dataclass(slots=True)
class Workbook:
    """What a sheet's cells refer to."""

    sheet: str  # the part
    from_1904: bool
    dates: frozenset[int]  # styles that show days or times
    texts: list[str]  # shared


@contextmanager
def opened(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Open the archive of a file that `check` let pass.

    Raises:
        BadRequestError: it is none, or cannot be read to its end.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            check(archive)
            yield archive
    except _SPOILT:
        raise BadRequestError(_BROKEN) from None


def check(archive: zipfile.ZipFile) -> None:
    """Judge an archive by its directory alone.

    Raises:
        BadRequestError: saying what it is, or which limit it is over.
    """
    found = archive.infolist()
    if any(one.flag_bits & 1 for one in found):
        raise BadRequestError("The spreadsheet has a password. Save it without one.")
    if any(one.compress_type not in _PACKED for one in found):
        raise BadRequestError(_BROKEN)
    if len(found) > MAX_PARTS:
        raise BadRequestError(f"The archive has more than {MAX_PARTS} parts.")
    if sum(one.file_size for one in found) > MAX_UNPACKED:
        raise BadRequestError(
            f"Unpacked, the spreadsheet is larger than {MAX_UNPACKED >> 20} MB. Save it as CSV."
        )
    if any(one.file_size > max(_SMALL, MAX_RATIO * one.compress_size) for one in found):
        raise BadRequestError(
            f"A part of the archive is packed more than {MAX_RATIO} to 1, as no spreadsheet is."
        )
    names = {one.filename for one in found}
    if len(names) < len(found):
        raise BadRequestError("The archive has two parts of one name.")
    if "mimetype" in names:
        raise BadRequestError("The file is an OpenDocument file. Save it as XLSX.")
    if "xl/workbook.bin" in names:
        raise BadRequestError("The file is a binary workbook (XLSB). Save it as XLSX.")
    if _WORKBOOK not in names:
        raise BadRequestError("The file is an archive, but no spreadsheet.")
    if any(one.startswith("xl/externalLinks/") for one in names):
        raise BadRequestError(
            "The spreadsheet takes values from other files, and they may be old. Save it with its "
            "values alone."
        )


def parse(part: IO[bytes], handler: Handler, *, pieces: Callable[[], None] = lambda: None) -> None:
    """Read a part, and tell the handler of its elements; `pieces` is called between them.

    Raises:
        BadRequestError: it has a document type, by which entities are defined.
        expat.ExpatError: it is no XML.
    """
    for _ in steps(part, handler):
        pieces()


def steps(part: IO[bytes], handler: Handler) -> Iterator[None]:
    """Read a part piece by piece; errors as for `parse`."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    deep = read = 0

    def start(name: str, all_: dict[str, str]) -> None:
        nonlocal deep
        deep += 1
        if deep > MAX_DEEP:  # the parser holds each until it ends
            raise BadRequestError(_BROKEN)
        attributes = {key.rpartition(" ")[2]: value for key, value in all_.items()}
        handler.start(name.rpartition(" ")[2], attributes)

    def end(name: str) -> None:
        nonlocal deep
        deep -= 1
        handler.end(name.rpartition(" ")[2])

    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = handler.text
    while chunk := part.read(_CHUNK):
        read += len(chunk)
        parser.Parse(chunk, False)
        if read - parser.CurrentByteIndex > MAX_TAG:
            raise BadRequestError(_BROKEN)
        yield
    parser.Parse(b"", True)
    yield


def _refuse(*_: object) -> None:
    raise BadRequestError("The spreadsheet defines entities, as no spreadsheet does.")


def workbook(archive: zipfile.ZipFile, wanted: str | None) -> Workbook:
    """Find the sheet, and read what its cells refer to.

    Raises:
        BadRequestError: there is no such sheet, or several and none is named.
    """
    book, related = _Book(), _Related()
    with archive.open(_WORKBOOK) as part:
        parse(part, book)
    _read(archive, "xl/_rels/workbook.xml.rels", related)
    if len(book.sheets) > MAX_SHEETS:
        raise BadRequestError(f"The spreadsheet has more than {MAX_SHEETS} sheets.")
    if wanted is None and len(book.sheets) != 1:
        raise BadRequestError(
            f"The spreadsheet has {len(book.sheets)} sheets. Write `sheet: NAME` in the mapping."
        )
    name = wanted or next(iter(book.sheets))
    if name not in book.sheets:
        what = f"The spreadsheet has no sheet {quoted(name)}."
        raise BadRequestError(f"{what} {neighbour(name, book.sheets)}")
    target = related.targets.get(book.sheets[name], "")
    sheet = posixpath.normpath(posixpath.join("xl", target)).lstrip("/")
    if sheet not in archive.namelist():
        raise BadRequestError(_BROKEN)
    styles, texts = _Styles(), _Texts()
    _read(archive, "xl/styles.xml", styles)
    _read(archive, "xl/sharedStrings.xml", texts)
    return Workbook(sheet, book.from_1904, styles.dates, texts.found)


def _read(archive: zipfile.ZipFile, name: str, handler: Handler) -> None:
    """Read a part that may be missing."""
    if name in archive.namelist():
        with archive.open(name) as part:
            parse(part, handler)


@dataclass(slots=True)
class _Book(Handler):
    sheets: dict[str, str] = field(default_factory=dict)  # name -> relation
    from_1904: bool = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "workbookPr":
            self.from_1904 = attributes.get("date1904") in {"1", "true"}
        if name == "sheet":
            self.sheets[attributes.get("name", "")] = attributes.get("id", "")


@dataclass(slots=True)
class _Related(Handler):
    targets: dict[str, str] = field(default_factory=dict)

    def start(self, name: str, attributes: Attributes) -> None:
        # What lies outside of the archive is not its sheet, and is never fetched.
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            self.targets[attributes.get("Id", "")] = attributes.get("Target", "")


@dataclass(slots=True)
class _Styles(Handler):
    _codes: dict[str, bool] = field(default_factory=dict)  # format -> whether of days
    _used: list[bool] = field(default_factory=list)
    _inside: bool = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            code = attributes.get("formatCode", "")
            self._codes[attributes.get("numFmtId", "")] = spreadsheet.is_date(code)
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            which = attributes.get("numFmtId", "0")
            built_in = which.isdecimal() and int(which[:6]) in spreadsheet.BUILT_IN
            self._used.append(self._codes.get(which, built_in))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._inside = False

    @property
    def dates(self) -> frozenset[int]:
        return frozenset(number for number, one in enumerate(self._used) if one)


@dataclass(slots=True)
class _Texts(Handler):
    found: list[str] = field(default_factory=list)
    _parts: list[str] | None = None
    _reading: bool = False
    _phonetic: bool = False

    def start(self, name: str, attributes: Attributes) -> None:
        del attributes
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._phonetic = True  # how it is spoken, beside what is written
        elif name == "t":
            self._reading = self._parts is not None and not self._phonetic

    def end(self, name: str) -> None:
        if name == "t":
            self._reading = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "si" and self._parts is not None:
            if len(self.found) >= MAX_TEXTS:
                raise BadRequestError(f"The spreadsheet has more than {MAX_TEXTS:,} texts.")
            self.found.append(spreadsheet.unescaped("".join(self._parts)))
            self._parts = None

    def text(self, data: str) -> None:
        if self._reading and self._parts is not None:
            self._parts.append(data)
