"""Rows of any file: what is right comes out exactly, what is broken costs its own line."""

import contextlib
import csv
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core.errors import BadRequestError
from vault.services.import_table import MAX_COLUMNS, MAX_ROW, Refused, Row, Table

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=40)


def read(data: bytes, *, delimiter: str = ",", wanted=()) -> list[Row | Refused]:
    return list(Table(io.BytesIO(data), delimiter=delimiter, wanted=wanted))


def reasons(data: bytes) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.reason) for one in read(data) if isinstance(one, Refused)]


def cells(data: bytes, **how) -> list[tuple[str, ...]]:
    return [tuple(one.cells.values()) for one in read(data, **how) if isinstance(one, Row)]


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=20), st.sampled_from(",;|\t"))
def test_what_a_csv_writer_wrote_comes_back_trimmed(rows, delimiter):
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(("a", "b", "c"))
    writer.writerows(rows)
    expected = [tuple(cell.replace("\r\n", "\n").strip() for cell in row) for row in rows]
    found = [
        tuple(cell.replace("\r\n", "\n") for cell in row)
        for row in cells(file.getvalue().encode(), delimiter=delimiter)
    ]
    assert found == expected


@given(st.binary(max_size=400))
def test_no_bytes_raise_more_than_the_documented_error(data):
    try:
        for one in read(b"a,b\n" + data):
            assert isinstance(one, Row | Refused)
    except BadRequestError:
        pytest.fail("the header was good")


@given(st.binary(max_size=100))
def test_a_hostile_header_is_at_most_a_named_error(data):
    with contextlib.suppress(BadRequestError):
        read(data)


def test_a_byte_order_mark_is_no_part_of_the_first_name():
    assert Table(io.BytesIO(b"\xef\xbb\xbfid,name\n"), delimiter=",").columns == ("id", "name")


def test_a_row_of_several_lines_is_one_row_with_its_first_line():
    found = read(b'id,home\n1,"Rua A\nRecife"\n2,x\n')
    rows = [(one.line, one.cells["home"]) for one in found if isinstance(one, Row)]
    assert rows == [(2, "Rua A\nRecife"), (4, "x")]


def test_empty_lines_are_no_rows():
    assert cells(b"a,b\n\n1,2\n\n\n3,4\n") == [("1", "2"), ("3", "4")]


def test_a_file_without_a_last_newline_keeps_its_last_row():
    assert cells(b"a,b\n1,2") == [("1", "2")]


@pytest.mark.parametrize(
    ("row", "refusal"),
    [
        (b"1\n", (2, "b", "too-few-cells")),
        (b"1,2,3\n", (2, "", "too-many-cells")),
        (b"1,\xff\n", (2, "b", "not-utf-8")),
        (b"\xc3\x28,2\n", (2, "a", "not-utf-8")),
        (b'1,"2"x\n', (2, "", "bad-quotes")),
        (b'1,"open\n', (2, "", "bad-quotes")),
        (b"1," + b"x" * MAX_ROW + b"\n", (2, "", "row-too-long")),
    ],
)
def test_a_broken_row_is_refused_with_its_place_and_the_rest_goes_on(row, refusal):
    data = b"a,b\n" + row + b"8,9\n"
    assert reasons(data) == [refusal]
    assert cells(data) == [("8", "9")]


def test_an_open_quote_costs_its_own_line_alone():
    data = b'a,b\n1,"open\n2,x\n3,"y"\n4,z\n'
    assert reasons(data) == [(2, "", "bad-quotes")]
    assert cells(data) == [("2", "x"), ("3", "y"), ("4", "z")]


def test_a_row_may_be_as_long_as_the_limit():
    longest = b"1," + b"x" * (MAX_ROW - 3) + b"\n"
    assert len(longest) == MAX_ROW
    assert len(cells(b"a,b\n" + longest)) == 1
    assert reasons(b"a,b\n" + longest.replace(b"x", b"xx", 1)) == [(2, "", "row-too-long")]


def test_the_inside_of_a_cell_that_is_too_long_is_never_taken_for_rows():
    inside = b"victim@example.org,mine\n" * (MAX_ROW // 20)
    data = b'a,b\n1,"' + inside + b'"\n8,9\n'
    assert reasons(data) == [(2, "", "row-too-long")]
    assert cells(data) == [("8", "9")]


def test_a_line_without_an_end_is_read_in_bounded_memory():
    class Endless(io.RawIOBase):
        left = 64 << 20

        def readable(self):
            return True

        def readinto(self, buffer):
            size = min(len(buffer), self.left)
            buffer[:size] = b"x" * size
            self.left -= size
            return size

    file = io.BufferedReader(Endless())
    table = Table(io.BytesIO(b"a,b\n"), delimiter=",")
    table._file = file
    tracemalloc.start()
    found = [one for one in table if isinstance(one, Refused)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [one.reason for one in found] == ["row-too-long"]
    assert peak < 2 << 20


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no names of columns"),
        (b"\xff\xfea\0b\0", "UTF-16"),
        (b"a,\xff\n", "cannot be read"),
        (b'"a\n', "no names of columns"),
        ((",".join(f"c{n}" for n in range(MAX_COLUMNS + 1)) + "\n").encode(), "more than 200"),
    ],
)
def test_a_header_that_cannot_be_used_refuses_the_file(data, said):
    with pytest.raises(BadRequestError) as refused:
        read(data)
    assert said in refused.value.detail


def test_a_missing_column_is_named_with_its_neighbour():
    with pytest.raises(BadRequestError) as refused:
        read(b"id,email\n", wanted=("e-mail",))
    assert "Did you mean 'email'?" in refused.value.detail


def test_a_file_without_a_header_does_not_show_its_first_row():
    with pytest.raises(BadRequestError) as refused:
        read("1,Ana Conceição\n".encode(), wanted=("name",))
    assert "Ana" not in refused.value.detail


def test_a_column_that_the_mapping_names_may_stand_once():
    with pytest.raises(BadRequestError) as refused:
        read(b"a,a,b\n", wanted=("a",))
    assert "twice" in refused.value.detail
