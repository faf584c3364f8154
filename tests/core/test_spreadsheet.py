"""What a spreadsheet's cell says as text: digits, days of two calendars, and what is escaped."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core import spreadsheet
from vault.core.errors import WrongValueError


@pytest.mark.parametrize(
    ("reference", "place"),
    [("A1", (1, 0)), ("$XFD$7", (7, 16_383)), ("a1", None), ("A0", None), ("1A", None), ("", None)],
)
def test_the_name_of_a_cell_is_a_place(reference, place):
    assert spreadsheet.place(reference) == place


@given(st.integers(0, 16_383))
def test_letters_lead_back_to_their_column(column):
    assert spreadsheet.place(f"{spreadsheet.letters(column)}1") == (1, column)


@pytest.mark.parametrize(
    ("code", "shows"),
    [
        ("General", False),
        ("0.00", False),
        ('#,##0 "days"', False),
        ("[Red]#,##0", False),
        ("[$-409]d mmm yyyy", True),
        ("dd/mm/yyyy;@", True),
        ("[h]:mm:ss", True),
        ("0_d", False),
    ],
)
def test_a_format_of_days_is_told_from_one_of_numbers(code, shows):
    assert spreadsheet.is_date(code) is shows


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("7", "7"),
        ("-12.50", "-12.5"),
        ("12.5", "12.5"),
        ("4.5E2", "450"),
        ("447700900001", "447700900001"),
        ("0.1", "0.1"),
        ("1E300", "1e+300"),
    ],
)
def test_a_number_is_its_shortest_digits(text, digits):
    assert spreadsheet.number(text) == digits


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-inf", "1_0x"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(WrongValueError):
        spreadsheet.number(text)


@pytest.mark.parametrize(
    ("serial", "from_1904", "text"),
    [
        ("1", False, "1900-01-01"),
        ("59", False, "1900-02-28"),
        ("61", False, "1900-03-01"),
        ("46082", False, "2026-03-01"),
        ("46082.5", False, "2026-03-01T12:00:00"),
        ("0.75", False, "18:00:00"),
        ("0", False, "00:00:00"),
        ("0", True, "1904-01-01"),
        ("44620", True, "2026-03-01"),
        ("2958465", False, "9999-12-31"),
        ("401768", False, "2999-12-31"),
    ],
)
def test_a_serial_number_is_a_day_of_its_calendar(serial, from_1904, text):
    assert spreadsheet.moment(serial, from_1904=from_1904) == text


@pytest.mark.parametrize(
    ("serial", "from_1904"),
    [
        ("60", False),  # 29 February 1900 never was
        ("-1", False),
        ("2958466", False),
        ("2958465.999999", False),  # rounded to a day after the last one
        ("2958465", True),
        ("1E300", False),
        ("x", False),
    ],
)
def test_a_day_that_never_was_is_refused(serial, from_1904):
    with pytest.raises(WrongValueError):
        spreadsheet.moment(serial, from_1904=from_1904)


@given(st.text(max_size=60))
def test_a_text_comes_back_from_a_sheet_as_it_was(text):
    written = spreadsheet.row(2, ["", text])
    found = ET.fromstring(written)  # our own XML
    cells = found.findall("c/is/t")
    assert [spreadsheet.unescaped(one.text or "") for one in cells] == ([text] if text else [])


def test_the_parts_of_a_workbook_are_xml():
    for name, text in spreadsheet.parts('A "quoted" & <odd> name'):
        assert name
        ET.fromstring(text.encode())  # our own XML
    ET.fromstring((spreadsheet.START + spreadsheet.END).encode())
