"""Read what a cell of a spreadsheet says as text, and write a sheet that says texts alone.

A number is its shortest digits, a day its serial number counted from 1900 or from 1904, and a time of
it an ISO text. The day that Excel believes to have been, 29 February 1900, is none. What stands in
files, and what the texts mean, is not known here.
Source: ECMA-376, part 1, 18.17.4 (dates), 22.9.2.19 (escapes); ecosystem note, 9.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from html import escape
from typing import Final

from vault.core.errors import WrongValueError

DAY: Final = 86_400  # seconds
# Formats of numbers that are days or times, which no workbook has to declare.
BUILT_IN: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_FIRST: Final = date(1899, 12, 31)  # serial 0 of the one system, counted from
_FIRST_1904: Final = date(1904, 1, 1)
_NO_DAY: Final = 60  # 29 February 1900
_LAST: Final = 2_958_465  # 31 December 9999

_CELL: Final = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Of a format: what stands in quotes, behind a backslash or in brackets is no letter of a day, save
# hours, minutes and seconds that run on.
_NO_LETTERS: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def place(reference: str) -> tuple[int, int] | None:
    """Return row (from 1) and column (from 0) of a cell's name; None where it names none.

    >>> place("AB12")
    (12, 27)
    """
    found = _CELL.fullmatch(reference)
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column - 1


def is_date(code: str) -> bool:
    """Say whether a format of numbers shows days or times.

    >>> is_date('#,##0.00 "days"'), is_date("yyyy-mm-dd")
    (False, True)
    """
    return any(one in "dmyhs" for one in _NO_LETTERS.sub("", code.partition(";")[0]).lower())


def number(text: str) -> str:
    """Return a number as its shortest digits.

    Raises:
        WrongValueError: it is none.

    >>> number("0.30000000000000004"), number("4.5E2"), number("351")
    ('0.30000000000000004', '450', '351')
    """
    if _WHOLE.fullmatch(text):
        return text
    try:
        found = float(text)
    except ValueError:
        raise WrongValueError from None
    if found != found or found in {float("inf"), float("-inf")}:  # noqa: PLR0124  no number
        raise WrongValueError
    whole = int(found)
    return str(whole) if found == whole and abs(whole) < 2**53 else repr(found)


def moment(text: str, *, from_1904: bool) -> str:
    """Return a serial number as a day, a time of a day, or both, to the second.

    Raises:
        WrongValueError: there is no such day.

    >>> moment("46082.5", from_1904=False)
    '2026-03-01T12:00:00'
    """
    serial = float(number(text))
    if not 0 <= serial < _LAST + 1:
        raise WrongValueError
    seconds = round(serial * DAY)
    days, rest = divmod(seconds, DAY)
    clock = time(rest // 3600, rest // 60 % 60, rest % 60)
    if days == 0 and not from_1904:
        return clock.isoformat()
    if from_1904:
        start = _FIRST_1904
    elif days == _NO_DAY:
        raise WrongValueError
    else:
        start = _FIRST if days < _NO_DAY else _FIRST - timedelta(days=1)
    try:
        day = start + timedelta(days=days)
    except OverflowError:
        raise WrongValueError from None
    return f"{day.isoformat()}T{clock.isoformat()}" if rest else day.isoformat()


def unescaped(text: str) -> str:
    """Return a text whose letters that XML cannot hold were written as `_x000D_`."""
    return _ESCAPED.sub(lambda one: chr(int(one[1], 16)), text) if "_x" in text else text


def letters(column: int) -> str:
    """Return the letters of a column, from 0.

    >>> letters(27)
    'AB'
    """
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def row(line: int, cells: Sequence[str]) -> str:
    """Return a row of a sheet; every cell is a text, so that no program runs one."""
    written = "".join(
        f'<c r="{letters(column)}{line}" t="inlineStr"><is>'
        f'<t xml:space="preserve">{_xml(cell)}</t></is></c>'
        for column, cell in enumerate(cells)
        if cell
    )
    return f'<row r="{line}">{written}</row>'


def parts(name: str) -> Iterator[tuple[str, str]]:
    """Give name and text of each part of a workbook of one sheet, save the sheet itself."""
    yield (
        "[Content_Types].xml",
        (
            f'{_DECLARED}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_MAIN}.sheet.main+xml"/>'
            f'<Override PartName="/{SHEET}" ContentType="{_MAIN}.worksheet+xml"/></Types>'
        ),
    )
    yield "_rels/.rels", _related(f"{_RELATED}/officeDocument", "xl/workbook.xml")
    yield (
        "xl/workbook.xml",
        (
            f'{_DECLARED}<workbook xmlns="{_SPACE}" xmlns:r="{_RELATED}"><sheets>'
            f'<sheet name="{_xml(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
    )
    yield "xl/_rels/workbook.xml.rels", _related(f"{_RELATED}/worksheet", "worksheets/sheet1.xml")


SHEET: Final = "xl/worksheets/sheet1.xml"
_DECLARED: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SPACE: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATED: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
START: Final = f'{_DECLARED}<worksheet xmlns="{_SPACE}"><sheetData>'
END: Final = "</sheetData></worksheet>"


def _related(kind: str, target: str) -> str:
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return (
        f'{_DECLARED}<Relationships xmlns="{space}">'
        f'<Relationship Id="rId1" Type="{kind}" Target="{target}"/></Relationships>'
    )


def _xml(text: str) -> str:
    safe = _NO_XML.sub(lambda one: f"_x{ord(one[0]):04X}_", text)
    return escape(safe).replace("\r", "&#13;")  # what is bare, a reader takes for a line end
