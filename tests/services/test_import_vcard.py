"""Cards: each is a row, by its own line; a bad one is told and the rest goes on, in bounded memory."""

import io
import tracemalloc
from pathlib import Path

import pytest

from policies.errors import CodeErrors
from tests.vaults import RULEBOOK
from vault.core.errors import BadRequestError
from vault.services.import_form import look
from vault.services.import_mapping import parse
from vault.services.import_table import MAX_COLUMNS, MAX_ROW, Refused, Row
from vault.services.import_vcard import Cards

WANTED = ("EMAIL", "FN", "TEL.cell")


def rules(form: str = "format: vcard", column: str = "FN"):
    names = (
        f"fields: {{contact.full_name: {column}}}, identify: {{contact.email: EMAIL}}, source: told"
    )
    text = f"mapping: 1\nfiles: {{people: {{{form}}}}}\npeople: {{{names}}}\n"
    return parse(text.encode(), RULEBOOK, name="m").files[0]


def cards(data: bytes | str, wanted=WANTED, encoding: str = "utf-8"):
    raw = data if isinstance(data, bytes) else data.encode()
    return list(Cards(io.BytesIO(raw), wanted=wanted, encoding=encoding))


def card(*lines: str, version: str = "3.0") -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


def row(line: int, email: str = "", name: str = "", tel: str = "") -> Row:
    return Row(line, {"EMAIL": email, "FN": name, "TEL.cell": tel})


def test_cards_of_both_versions_are_rows_by_the_line_on_which_they_begin():
    data = card("FN:Ana", "item1.EMAIL;TYPE=INTERNET:ana@x.org", "TEL;TYPE=cell:1", "TEL:2")
    data += "\r\n" + card("fn:Bo", 'TEL;VALUE=uri;TYPE="cell,voice":tel:+44-1', version="4.0")
    assert cards(data) == [row(1, "ana@x.org", "Ana", "1"), row(9, "", "Bo", "+44-1")]


def test_a_folded_line_is_one_also_within_a_letter():
    raw = card("FN:Conceição").encode()
    cut = raw.index("ç".encode()) + 1
    assert cards(raw[:cut] + b"\r\n " + raw[cut:])[0] == row(1, "", "Conceição")
    assert cards(card("FN:An", "\ta"))[0] == row(1, "", "Ana")


def test_the_preferred_one_counts_else_the_first():
    data = card("EMAIL:1@x", "EMAIL;PREF=2:2@x", "EMAIL;TYPE=pref:3@x", "EMAIL;PREF=1:4@x")
    assert cards(data)[0] == row(1, "3@x")


def test_a_photograph_costs_nothing():
    photo = "PHOTO;ENCODING=b;TYPE=JPEG:" + "A" * (3 * MAX_ROW)
    folded = "\r\n ".join("QUJD" * 18 for _ in range(4_000))
    data = card("FN:Ana", photo, f"X-LOGO:{folded}", "EMAIL:a@x")
    tracemalloc.start()
    try:
        assert cards(data)[0] == row(1, "a@x", "Ana")
        assert tracemalloc.get_traced_memory()[1] < len(data) + 12 * MAX_ROW
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("data", "refused"),
    [
        (card("FN:A", version="2.1"), Refused(1, "", "not-vcard-3-or-4")),
        ("BEGIN:VCARD\nFN:A\nEND:VCARD\n", Refused(1, "", "not-vcard-3-or-4")),
        (card("FN:" + "x" * MAX_ROW), Refused(1, "FN", "row-too-long")),
        (card(*["FN:" + "x" * 30_000] * 3), Refused(1, "FN", "row-too-long")),
        (card("FN;ENCODING=QUOTED-PRINTABLE:=41"), Refused(1, "FN", "not-a-text")),
        (card("FN:a\0b"), Refused(1, "FN", "not-a-text")),
        (card("FN:A", "no colon here"), Refused(1, "", "bad-line")),
        (card("x" * (MAX_ROW + 5)), Refused(1, "", "row-too-long")),
        (card("FN:Jos").encode()[:-13] + b"\xe9\r\nEND:VCARD\r\n", Refused(1, "", "not-utf-8")),
        ("BEGIN:VCARD\nVERSION:4.0\nFN:A\n", Refused(1, "", "no-end")),
        ("\n  \nhello\nhello\n", Refused(3, "", "outside-a-card")),
    ],
)
def test_a_bad_card_is_told_and_the_next_one_is_read(data, refused):
    raw = data if isinstance(data, bytes) else data.encode()
    found = cards(raw + card("FN:Next").encode())
    assert found[0] == refused
    last = found[-1]
    assert isinstance(last, Row)
    assert last.cells["FN"] == "Next"
    assert len(found) == 2


def test_a_photograph_in_another_encoding_refuses_no_card():
    assert cards(card("FN:A", "NOTE:x").encode().replace(b"NOTE:x", b"NOTE:\xe9")) == [
        row(1, "", "A")
    ]


def test_the_line_reached_is_the_last_of_a_card():
    reader = Cards(io.BytesIO((card("FN:A") + card("FN:B")).encode()), wanted=("FN",))
    assert [reader.line for _ in reader] == [4, 8]


def test_columns_that_no_card_has_are_a_mistake_of_the_mapping():
    with pytest.raises(CodeErrors, match="No vCard has 'FNX'"):
        rules(column="FNX")
    with pytest.raises(BadRequestError):
        Cards(io.BytesIO(b""), wanted=("FNX",))
    with pytest.raises(BadRequestError):
        Cards(io.BytesIO(b""), wanted=[f"TEL.x{n}" for n in range(MAX_COLUMNS + 1)])


@pytest.mark.parametrize(
    ("data", "form", "words"),
    [
        (b"email,name\n", "format: vcard", "no vCard"),
        (b"begin:vcard\n", "format: csv", "format: vcard"),
        (b"\xef\xbb\xbfBEGIN:VCARD\n", "format: vcard", ""),
    ],
)
def test_what_a_file_is_decides_and_not_its_name(tmp_path: Path, data, form, words):
    file = tmp_path / "people.vcf"
    file.write_bytes(data)
    if not words:
        assert str(look(file, rules())) == "UTF-8, vCard"
        return
    with pytest.raises(BadRequestError, match=words):
        look(file, rules(form, column="EMAIL.work" if "csv" in form else "FN"))
