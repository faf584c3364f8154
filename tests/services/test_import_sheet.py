"""Spreadsheets: what cells show is imported, and what cannot be trusted is refused with its reason."""

import zipfile
from pathlib import Path

import pytest

from tests.services.workbooks import RELATED, SPACE, book, sheet, texts
from tests.vaults import RULEBOOK
from vault.core.errors import BadRequestError
from vault.services import import_workbook
from vault.services.import_form import look
from vault.services.import_mapping import parse
from vault.services.import_sheet import Sheet
from vault.services.import_table import MAX_COLUMNS, MAX_ROW, Refused, Row

NAMES = "fields: {contact.full_name: name}, identify: {contact.email: email}, source: told"
LONG = "".join(f"{number:x}" for number in range(MAX_ROW // 3))  # not packed 100 to 1
PLAIN = texts(("email", "name"), ("a@x.org", "Ana"))


def rules(form: str = "format: xlsx"):
    text = f"mapping: 1\nfiles: {{people: {{{form}}}}}\npeople: {{{NAMES}}}\n"
    return parse(text.encode(), RULEBOOK, name="m").files[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.xlsx"


def rows(path: Path, *, wanted=("email", "name"), name: str | None = None):
    with path.open("rb") as raw:
        return list(Sheet(raw, wanted=wanted, sheet=name))


def said(path: Path, form: str = "format: xlsx") -> str:
    with pytest.raises(BadRequestError) as error:
        look(path, rules(form))
    return error.value.detail


def test_cells_are_the_texts_that_they_show(file):
    shared = (
        "<si><t>José</t></si>",
        "<si><r><t>rich </t></r><r><t>text</t></r><rPh><t>spoken</t></rPh></si>",
    )
    cells = (
        '<row r="1">'
        '<c r="A1" t="inlineStr"><is><t>email</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t> name </t></is></c>'
        '<c r="C1" t="str"><v>n</v></c></row>'
        '<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="s"><v>1</v></c><c r="C3"><v>7.50</v></c></row>'
        '<row r="4"><c r="A4" s="1"><v>46082</v></c><c r="B4" s="2"><v>46082.25</v></c>'
        '<c r="C4" t="b"><v>1</v></c></row>'
        '<row r="5"><c r="A5"><f>1+1</f><v>2</v></c><c r="B5" t="str"><f>A1</f><v>=x</v></c>'
        '<c r="C5" t="d"><v>2026-03-01</v></c></row>'
        '<row r="6"/>'
        '<row><c t="str"><v>a_x000D_b</v></c><c t="str"><f>""</f><v></v></c></row>'
    )
    book(file, sheet(cells), shared=shared)
    assert rows(file, wanted=("email", "name", "n")) == [
        Row(3, {"email": "José", "name": "rich text", "n": "7.5"}),
        Row(4, {"email": "2026-03-01", "name": "2026-03-01T06:00:00", "n": "true"}),
        Row(5, {"email": "2", "name": "=x", "n": "2026-03-01"}),
        Row(7, {"email": "a\rb", "name": "", "n": ""}),
    ]


def test_days_are_counted_from_1904_where_the_workbook_says_so(file):
    cells = texts(("email", "name")) + '<row r="2"><c r="A2" s="1"><v>0</v></c></row>'
    book(file, sheet(cells), properties='<workbookPr date1904="1"/>')
    assert rows(file) == [Row(2, {"email": "1904-01-01", "name": ""})]


def test_a_bad_cell_refuses_its_row_and_no_other(file):
    cells = (
        texts(("email", "name", "more"))
        + '<row r="2"><c r="A2"><f>HYPERLINK()</f></c></row>'
        + '<row r="3"><c r="B3" t="e"><v>#REF!</v></c></row>'
        + '<row r="4"><c r="A4" s="1"><v>60</v></c></row>'
        + '<row r="5"><c r="A5" t="str"><v>ok</v></c><c r="C5" t="e"><v>#N/A</v></c></row>'
        + '<row r="6"><c r="A6" t="str"><v>x</v></c><c r="D6" t="str"><v>y</v></c></row>'
        + f'<row r="7"><c r="A7" t="str"><v>{LONG}</v></c></row>'
        + '<row r="8"><c r="A8" t="str"><v>top</v></c></row>'
        + '<row r="9"><c r="B9" t="str"><v>under</v></c></row>'
        + '<row r="10"><c r="A10" t="str"><v>end</v></c></row>'
    )
    merged = '<mergeCells><mergeCell ref="A8:A9"/><mergeCell ref="C10:D10"/></mergeCells>'
    book(file, sheet(cells, merged))
    assert rows(file) == [
        Refused(2, "email", "formula-without-value"),
        Refused(3, "name", "error-value"),
        Refused(4, "email", "not-a-time"),
        Row(5, {"email": "ok", "name": ""}),
        Refused(6, "", "too-many-cells"),
        Refused(7, "", "row-too-long"),
        Refused(8, "email", "merged-cells"),
        Refused(9, "email", "merged-cells"),
        Row(10, {"email": "end", "name": ""}),
    ]


def test_the_sheet_is_named_where_there_are_several(file):
    book(file, sheet(texts(("x",))), sheet(PLAIN), names=("First", "People"))
    assert "2 sheets" in said(file)
    assert "Did you mean 'People'?" in said(file, "format: xlsx, sheet: Peple")
    assert str(look(file, rules("format: xlsx, sheet: People"))) == "XLSX"
    assert rows(file, name="People") == [Row(2, {"email": "a@x.org", "name": "Ana"})]


def bomb(file: Path) -> None:
    book(file, sheet(PLAIN), more={"xl/media/image1.png": bytes(import_workbook.MAX_UNPACKED)})


def ratio(file: Path) -> None:
    book(file, sheet(PLAIN), more={"xl/media/image1.png": bytes(1 << 20)})


def locked(file: Path) -> None:
    file.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"))


def entities(file: Path) -> None:
    declared = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    book(file, f"{declared}{sheet(PLAIN)}")


def secret(file: Path) -> None:
    book(file, sheet(PLAIN))
    data = bytearray(file.read_bytes())
    for mark, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = data.find(mark)
        data[start + place] |= 1
    file.write_bytes(data)


def cut(file: Path) -> None:
    book(file, sheet(PLAIN))
    file.write_bytes(file.read_bytes()[:-40])


def twice(file: Path) -> None:
    book(file, sheet(PLAIN))
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/workbook.xml", "<workbook/>")


def spoilt(file: Path) -> None:
    """A byte of a packed part is another one."""
    book(file, sheet(PLAIN))
    with zipfile.ZipFile(file) as archive:
        part = archive.getinfo("xl/worksheets/sheet1.xml")
    data = bytearray(file.read_bytes())
    place = part.header_offset + 30 + len(part.filename) + part.compress_size // 2
    data[place] ^= 0xFF
    file.write_bytes(data)


def packed(file: Path) -> None:
    """A part is packed in a way that no spreadsheet is."""
    book(file, sheet(PLAIN))
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def misnamed(file: Path) -> None:
    """A part's name is said to be UTF-8, and is none."""
    book(file, sheet(PLAIN), more={"\u00e9": b""})
    file.write_bytes(file.read_bytes().replace("\u00e9".encode(), b"\xff\xfe"))


def deep(file: Path) -> None:
    """Elements stand in each other, each of which the parser would hold."""
    numbers = "".join(f"<a{number:x}>" for number in range(60_000))
    book(file, sheet(numbers))


def wide(file: Path) -> None:
    """A tag is so long that the parser would begin it again and again."""
    book(file, sheet("<row " + " ".join(f'a{number:x}=""' for number in range(200_000)) + "/>"))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (packed, "is damaged"),
        (misnamed, "is damaged"),
        (deep, "is damaged"),
        (wide, "is damaged"),
        *(
            (
                lambda file, name=name: book(
                    file, f'<?xml version="1.0" encoding="{name}"?>{sheet(PLAIN)}'
                ),
                "is damaged",
            )
            for name in ("nobody-knows", "shift_jis", "idna")
        ),
        (bomb, "larger than 50 MB"),
        (ratio, "more than 100 to 1"),
        (locked, "has a password"),
        (secret, "has a password"),
        (entities, "defines entities"),
        (cut, "is damaged"),
        (spoilt, "is damaged"),
        (twice, "two parts of one name"),
        (lambda file: file.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600)), "an old one (XLS)"),
        (lambda file: file.write_bytes(b"email,name\n"), "no spreadsheet (XLSX)"),
        (lambda file: file.write_bytes(b"<html><table>"), "no spreadsheet (XLSX)"),
        (lambda file: file.write_bytes(b""), "empty"),
        (
            lambda file: book(file, sheet(PLAIN), more={f"x{n}": b"" for n in range(101)}),
            "more than 100 parts",
        ),
        (lambda file: book(file, sheet(PLAIN), more={"mimetype": b"x"}), "OpenDocument"),
        (lambda file: book(file, sheet(PLAIN), more={"xl/workbook.bin": b"x"}), "XLSB"),
        (
            lambda file: book(file, sheet(PLAIN), more={"xl/externalLinks/externalLink1.xml": b""}),
            "takes values from other files",
        ),
        (lambda file: book(file, *[sheet(PLAIN)] * 11), "more than 10 sheets"),
        (lambda file: book(file, sheet("<row")), "is damaged"),
        (lambda file: book(file, sheet('<row r="2"/><row r="2"/>')), "not in order"),
        (lambda file: book(file, sheet('<row r="1"><c t="s"><v>9</v></c></row>')), "not in order"),
        (lambda file: book(file, sheet("")), "no names of columns"),
        (lambda file: book(file, sheet('<row r="1"><c t="e"><v>#</v></c></row>')), "no names"),
        (lambda file: book(file, sheet(texts(("mail", "name")))), "no column 'email'"),
        (lambda file: book(file, sheet(texts(("e",)))), "Look at its first row"),
        (lambda file: book(file, sheet(texts(("email", "name", "name")))), "twice"),
        (
            lambda file: book(
                file, sheet(PLAIN, '<mergeCells><mergeCell ref="A1:B1"/></mergeCells>')
            ),
            "stand in merged cells",
        ),
        (
            lambda file: book(file, sheet(PLAIN, '<mergeCells><mergeCell ref="?"/></mergeCells>')),
            "merged cells that cannot be read",
        ),
        (
            lambda file: book(
                file, sheet(f'<row r="1"><c r="{"ZZ"}1" t="str"><v>email</v></c></row>')
            ),
            f"more than {MAX_COLUMNS} columns",
        ),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_whole_with_what_it_is(file, make, words):
    make(file)
    assert words in said(file)


def test_of_merged_cells_each_row_that_they_touch_is_told(file):
    lines = texts(("email", "name"), *((f"{line}@x.org", "A") for line in range(2, 10)))
    ranges = ("B3:B6", "B4:C4", "B8:A8", "A9:B9", "C2:D9")
    behind = "".join(f'<mergeCell ref="{one}"/>' for one in ranges)
    book(file, sheet(lines, f"<mergeCells>{behind}</mergeCells>"))
    found = {one.line: one for one in rows(file)}
    refused = {line for line, one in found.items() if isinstance(one, Refused)}
    assert refused == {3, 4, 5, 6, 9}
    assert found[9] == Refused(9, "email", "merged-cells")


def test_half_of_a_letter_refuses_its_row_alone(file):
    book(file, sheet(texts(("email", "name"), ("a@x.org", "A_xD800_"), ("b@x.org", "B"))))
    assert rows(file) == [
        Refused(2, "name", "not-a-text"),
        Row(3, {"email": "b@x.org", "name": "B"}),
    ]


def test_of_a_row_without_end_little_is_kept(file):
    endless = f'<row r="2">{"<c><f/></c>" * 40_000}<c><v>1</v></c></row>'
    book(file, sheet(PLAIN.partition('<row r="2"')[0] + endless), more={})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_workbook, "MAX_RATIO", 1_000)
        assert rows(file) == [Refused(2, "", "row-too-long")]


def test_a_long_text_between_two_tags_is_no_long_tag(file):
    book(
        file,
        sheet(PLAIN + f'<row r="3"><c r="C3"><is><t>{"ab<i/>" * 3 + LONG * 20}</t></is></c></row>'),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_workbook, "MAX_RATIO", 1_000)
        assert rows(file) == [
            Row(2, {"email": "a@x.org", "name": "Ana"}),
            Refused(3, "", "row-too-long"),
        ]


def test_an_archive_that_is_no_spreadsheet_is_refused(file):
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("people.csv", "email,name\n")
    assert "no spreadsheet" in said(file)


def test_a_sheet_that_lies_outside_of_the_archive_is_not_fetched(file):
    related = (
        f'<Relationships><Relationship Id="rId1" Type="{RELATED}/worksheet" '
        'Target="https://example.org/sheet.xml" TargetMode="External"/></Relationships>'
    )
    listed = f'<workbook xmlns="{SPACE}" xmlns:r="{RELATED}"><sheets><sheet name="A" r:id="rId1"/></sheets></workbook>'
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", listed)
        archive.writestr("xl/_rels/workbook.xml.rels", related)
    assert "is damaged" in said(file)


@pytest.mark.parametrize("word", ["delimiter: tab", "encoding: utf-8", "formulas: marked"])
def test_what_a_spreadsheet_has_no_use_for_is_a_mistake_of_the_mapping(word):
    with pytest.raises(Exception, match="nothing is said by"):
        rules(f"format: xlsx, {word}")
