"""Whatever a customer wrote, no cell is a formula, and a table reads back as it was written."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core.export_cells import FORMULA, MARK, line, text

# A reader of CSV takes CR, LF and NUL in a cell as they are, when the cell is quoted.
CELLS = st.one_of(
    st.text(max_size=40),
    st.builds(str.__add__, st.sampled_from((*FORMULA, '"', "'", ",", ";")), st.text(max_size=20)),
)


@given(st.lists(CELLS, min_size=1, max_size=8))
def test_a_row_reads_back_and_no_cell_of_it_is_a_formula(cells):
    written = line(cells)
    (read,) = csv.reader(StringIO(written, newline=""), strict=True)
    assert [cell for cell in read if cell.startswith(FORMULA)] == []
    assert [
        cell.removeprefix(MARK) if cell[1:].startswith(FORMULA) and cell[0] == MARK else cell
        for cell in read
    ] == [
        cell.removeprefix(MARK) if cell[:1] == MARK and cell[1:].startswith(FORMULA) else cell
        for cell in cells
    ]


@pytest.mark.parametrize("first", FORMULA)
def test_each_beginning_of_a_formula_is_marked(first):
    assert line([f"{first}1"]) == f'"\'{first}1"\r\n'


@pytest.mark.parametrize("inside", ["1=1", " =1", "a+b", "x\ty", "'", ""])
def test_what_begins_with_none_is_left_as_it_is(inside):
    assert line([inside]) == f'"{inside}"\r\n'


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (7, "7"),
        ([], ""),
        (["a", True, ["b"]], 'a; yes; ["b"]'),
        ({"a": 1, "b": {"c": "é"}}, 'a: 1\nb: {"c": "é"}'),
    ],
)
def test_a_value_is_written_as_people_read_it(value, words):
    assert text(value, "en") == words
