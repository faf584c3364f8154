"""Turn records of a package into its bytes, piece by piece: JSON, a zip of CSV, or one HTML page.

Each form is written in the order head, parts, end, and none is ever held whole. The HTML page has
no script, link or picture, and its policy lets none in: a value is text, wherever it is opened.
Source: security note, 11; docs/export.md; RFC 4180.
"""

import base64
import hashlib
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Final, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from vault.core.export import Form, Part
from vault.core.export_cells import START, cells, columns, line
from vault.services.export_records import Record

_TEXTS: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "export_texts"),
    autoescape=select_autoescape(("html",)),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STYLE: Final = _TEXTS.get_template("package.css").render()
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


class Book(Protocol):
    """One package as it is written."""

    def start(self, head: Record) -> bytes:
        """Return what stands before the parts."""

    def part(self, part: Part) -> bytes:
        """Return the beginning of a part, and the end of the one before."""

    def records(self, found: Sequence[Record]) -> bytes:
        """Return records of the part that was begun."""

    def end(self, cuts: Sequence[Record]) -> bytes:
        """Return the rest, which says which parts are short."""


def book(form: Form, lang: str) -> Book:
    """Return an empty book of a form, in one of `language.PACKAGES`."""
    if form is Form.JSON:
        return JsonBook()
    return CsvBook(lang) if form is Form.CSV else HtmlBook(lang)


class JsonBook:
    """The true copy: one object, as the published schema says."""

    def __init__(self) -> None:
        self._parts = 0
        self._records = 0

    def start(self, head: Record) -> bytes:
        return _json(head).removesuffix("}").encode()

    def part(self, part: Part) -> bytes:
        before = "]" if self._parts else ""
        self._parts += 1
        self._records = 0
        return f'{before},\n"{part.value}":['.encode()

    def records(self, found: Sequence[Record]) -> bytes:
        written = "".join(f"{self._comma()}\n{_json(one)}" for one in found)
        return written.encode()

    def end(self, cuts: Sequence[Record]) -> bytes:
        before = "]" if self._parts else ""
        return f'{before},\n"cut":{_json(list(cuts))}}}\n'.encode()

    def _comma(self) -> str:
        self._records += 1
        return "," if self._records > 1 else ""


class CsvBook:
    """A zip with a file for each part, for spreadsheets, and a README that says how to read them."""

    def __init__(self, lang: str) -> None:
        self._lang = lang
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED)  # type: ignore[call-overload]
        self._file: IO[bytes] | None = None
        self._part = Part.PROFILE
        self._head: Record = {}

    def start(self, head: Record) -> bytes:
        self._head = head
        return b""

    def part(self, part: Part) -> bytes:
        self._part = part
        self._open(f"{part.value}.csv").write((START + line(columns(part, self._lang))).encode())
        return self._sink.take()

    def records(self, found: Sequence[Record]) -> bytes:
        if self._file is not None:
            rows = (line(cells(self._part, one, self._lang)) for one in found)
            self._file.write("".join(rows).encode())
        return self._sink.take()

    def end(self, cuts: Sequence[Record]) -> bytes:
        said = _TEXTS.get_template(f"{self._lang}/README.txt").render(head=self._head, cuts=cuts)
        self._open("README.txt").write(said.encode())
        self._close()
        self._zip.close()
        return self._sink.take()

    def _open(self, name: str) -> IO[bytes]:
        self._close()
        info = zipfile.ZipInfo(name, _moment(self._head["made"]))
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16  # nobody else on a shared machine
        self._file = self._zip.open(info, "w")
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class HtmlBook:
    """One page to read and to print."""

    def __init__(self, lang: str) -> None:
        self._lang = lang
        self._texts: Any = _TEXTS.get_template(f"{lang}/package.html").module
        self._part: Part | None = None
        self._records = 0

    def start(self, head: Record) -> bytes:
        return _text(self._texts.start(head=head, style=_STYLE_HASH))

    def part(self, part: Part) -> bytes:
        before = self._ended()
        self._part = part
        self._records = 0
        return before + _text(self._texts.part(name=part.value, columns=columns(part, self._lang)))

    def records(self, found: Sequence[Record]) -> bytes:
        if self._part is None or not found:
            return b""
        self._records += len(found)
        rows = [
            tuple(
                zip(
                    columns(self._part, self._lang), cells(self._part, one, self._lang), strict=True
                )
            )
            for one in found
        ]
        return _text(self._texts.rows(rows=rows))

    def end(self, cuts: Sequence[Record]) -> bytes:
        return self._ended() + _text(self._texts.end(cuts=cuts))

    def _ended(self) -> bytes:
        if self._part is None:
            return b""
        return _text(
            self._texts.ended(columns=columns(self._part, self._lang), records=self._records)
        )


class _Sink:
    """Take what a zip writes, forwards alone, and hand it on."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is held is taken."""

    def take(self) -> bytes:
        taken = bytes(self._held)
        self._held.clear()
        return taken


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _text(said: object) -> bytes:
    return str(said).encode()


def _moment(iso: str) -> tuple[int, int, int, int, int, int]:
    day, _, clock = iso.partition("T")
    year, month, date = (int(one) for one in day.split("-"))
    hour, minute, second = (int(one) for one in clock.partition(".")[0].split(":"))
    return year, month, date, hour, minute, second
