"""What a file is, is found out or asked for; what is no such file is refused before anything."""

import codecs
import io
import os
from pathlib import Path

import pytest

from tests.vaults import RULEBOOK
from vault.core.errors import BadRequestError
from vault.services.import_form import HEAD, look
from vault.services.import_json import Objects
from vault.services.import_mapping import parse
from vault.services.import_source import Recoded, examine, opened
from vault.services.import_table import MAX_COLUMNS, MAX_ROW, Refused, Row, Table

NAMES = "fields: {contact.full_name: name}, identify: {contact.email: email}, source: told"


def rules(form: str = "format: csv"):
    text = f"mapping: 1\nfiles: {{people: {{{form}}}}}\npeople: {{{NAMES}}}\n"
    return parse(text.encode(), RULEBOOK, name="m").files[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def found(file: Path, data: bytes, form: str = "format: csv") -> str:
    file.write_bytes(data)
    return str(look(file, rules(form)))


def said(file: Path, data: bytes, form: str = "format: csv") -> str:
    with pytest.raises(BadRequestError) as error:
        found(file, data, form)
    return error.value.detail


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_with_equal_columns_is_taken(file, delimiter):
    text = f"email{delimiter}name\na@example.org{delimiter}Ana\n" * 3
    assert found(file, text.encode()) == f"UTF-8, parted by {delimiter!r}"


def test_the_names_of_the_mapping_decide_where_rows_are_ragged(file):
    assert found(file, b"email;name\na@x.org\nb@x.org;B;C,D\n") == "UTF-8, parted by ';'"


def test_two_ways_to_part_a_file_are_asked_about(file):
    text = b"a,b;c\n1,2;3\n"
    assert "delimiter" in said(file, text)
    assert found(file, text, 'format: csv, delimiter: ";"') == "UTF-8, parted by ';'"


@pytest.mark.parametrize(
    ("data", "form", "name"),
    [
        (codecs.BOM_UTF8 + b"email,name\n", "format: csv", "UTF-8"),
        ("email,name\nx,José\n".encode(), "format: csv", "UTF-8"),
        (codecs.BOM_UTF16_LE + "email,name\n".encode("utf-16-le"), "format: csv", "UTF-16"),
        (codecs.BOM_UTF16_BE + "email,name\n".encode("utf-16-be"), "format: csv", "UTF-16"),
        ("email,name\nx,José\n".encode("cp1252"), "encoding: windows-1252", "Windows-1252"),
        ("email,name\nx,José\n".encode("latin-1"), "encoding: latin-1", "Latin-1"),
        # One bad line of many is told as a refused row.
        ("email,name\nx,José\n".encode() + b"y,Jos\xe9\n", "format: csv", "UTF-8"),
        (b"email,name\n" + "é".encode() * HEAD, "format: csv", "UTF-8"),
    ],
)
def test_the_encoding_is_found_or_named(file, data, form, name):
    assert found(file, data, form) == f"{name}, parted by ','"


@pytest.mark.parametrize(
    ("data", "form", "words"),
    [
        ("email,name\nx,José\n".encode("cp1252"), "format: csv", "Line 2 is not UTF-8"),
        (codecs.BOM_UTF8 + b"email\n", "encoding: windows-1252", "the mark of UTF-8"),
        (b"email,name\n", "encoding: utf-16", "no mark of UTF-16"),
        ("email,name\n".encode("utf-16-le"), "format: csv", "zero bytes"),
        (b"email,name\nx\0,y\n", "format: csv", "zero bytes"),
        (b"\x89PNG\r\n\x1a\n....", "format: csv", "a picture"),
        (b"PK\x03\x04....", "format: csv", "a ZIP file or a spreadsheet"),
        (b"%PDF-1.7", "format: csv", "a PDF"),
        (b'{"email": "x"}\n', "format: csv", "format: ndjson"),
        (b'[{"email": "x"}]\n', "format: csv", "format: ndjson"),
        (b'[{"email": "x"}]\n', "format: ndjson", "no NDJSON"),
        (b"email,name\n", "format: ndjson", "no NDJSON"),
        (b"\n<!DOCTYPE html>", "format: csv", "a web page"),
        (b"", "format: csv", "empty"),
    ],
)
def test_what_is_no_such_file_is_refused_with_what_to_do(file, data, form, words):
    assert words in said(file, data, form)


def test_links_folders_and_pipes_are_no_files_to_import(file, tmp_path):
    file.write_bytes(b"email\n")
    (tmp_path / "link").symlink_to(file)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name, words in (("link", "a link"), ("pipe", "a pipe"), ("folder", "a folder")):
        with pytest.raises(BadRequestError) as error:
            examine(tmp_path / name, mapping=b"")
        assert words in error.value.detail


def test_a_file_that_changed_meanwhile_is_refused(file):
    file.write_bytes(b"email\n")
    source = examine(file, mapping=b"")
    file.write_bytes(b"email\nx\n")
    with pytest.raises(BadRequestError), opened(source):
        pytest.fail("it is another file")


def test_the_same_file_under_another_name_is_another_import(file):
    file.write_bytes(b"email\n")
    digests = {examine(file, mapping=m, name=n).digest for m in (b"", b"x") for n in ("", "a")}
    assert len(digests) == 4


def table(data: bytes, encoding: str = "utf-8") -> list[tuple]:
    rows = Table(io.BytesIO(data), delimiter=",", encoding=encoding)
    return [
        (one.line, one.column, one.reason)
        if isinstance(one, Refused)
        else tuple(one.cells.values())
        for one in rows
    ]


def test_lines_in_another_encoding_than_the_rest_are_told():
    head = "a,b\nx,é\n".encode("cp1252")
    bad = 'y,"two\né"\n'.encode()
    rows = table(head + bad + "z,ü\n".encode("cp1252") + b"q,\x81\n", "cp1252")
    assert rows == [
        ("x", "é"),
        (3, "", "mixed-encodings"),
        ("z", "ü"),
        (6, "b", "not-cp1252"),
    ]


def test_a_zero_byte_costs_its_row():
    assert table(b"a,b\nx\0,y\n1,2\n") == [(2, "", "zero-byte"), ("1", "2")]


def test_utf_16_is_read_line_by_line():
    text = "a,b\r\nJosé,\U0001f600\r\n" + "x,y\n" * 40_000
    for name in ("utf-16-le", "utf-16-be"):
        lines = Recoded(io.BytesIO(text.encode(name)), name)
        rows = Table(lines, delimiter=",")
        first, *rest = rows
        assert isinstance(first, Row)
        assert (tuple(first.cells.values()), len(rest)) == (("José", "\U0001f600"), 40_000)


def test_half_a_letter_of_utf_16_costs_its_row():
    data = "a,b\nx,y\n".encode("utf-16-le") + b"\x3d\xd8,\x00z"
    rows = list(Table(Recoded(io.BytesIO(data), "utf-16-le"), delimiter=","))
    assert isinstance(rows[-1], Refused)


def objects(data: bytes) -> list[object]:
    rows = Objects(io.BytesIO(data), wanted=["a", "b.c"])
    return [
        (one.line, one.column, one.reason)
        if isinstance(one, Refused)
        else tuple(one.cells.values())
        for one in rows
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"a": " x ", "b": {"c": 1}}', ("x", "1")),
        (b'{"a": true, "b.c": false}', ("true", "false")),
        (b'{"a": 12.50, "b": null}', ("12.50", "")),
        (b'{"a": ["x", 2], "b": 3}', ("x;2", "")),
        (b'{"a": ["x;y"]}', (1, "a", "not-a-text")),
        (b'{"a": {"x": 1}}', (1, "a", "not-a-text")),
        (rb'{"a": "x\ud800"}', (1, "a", "not-a-text")),
        (b'{"a": 1, "a": 2}', (1, "", "not-json")),
        (b'{"a": NaN}', (1, "", "not-json")),
        (b'{"a": "\xff"}', (1, "", "not-utf-8")),
        (b"[" * 20_000, (1, "", "not-json")),
        (b'"a"', (1, "", "not-an-object")),
        (b'{"a": "' + b"x" * MAX_ROW + b'"}', (1, "", "row-too-long")),
        (
            b"{" + b",".join(b'"%d":1' % n for n in range(MAX_COLUMNS + 1)) + b"}",
            (1, "", "too-many-cells"),
        ),
    ],
)
def test_an_object_becomes_cells_or_is_told(line, expected):
    assert objects(line + b'\n\n{"a": "next"}') == [expected, ("next", "")]
