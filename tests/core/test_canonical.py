"""Canonical JSON: the bytes of RFC 8785, and a reader that takes nothing doubtful."""

import contextlib
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from vault.core import canonical
from vault.core.errors import CanonicalError

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.text(st.characters(max_codepoint=127))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-canonical.MAX_INTEGER, canonical.MAX_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_the_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert canonical.dumps(value) == rfc8785.dumps(value)


@given(VALUES)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert canonical.loads(canonical.dumps(value)) == value


@pytest.mark.parametrize(
    "value",
    [1.5, 2**53, -(2**53), "\ud800", {"é": 1}, {1: 1}, {"a": b""}, object(), {1, 2}],
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(CanonicalError):
        canonical.dumps(value)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":2}',
        b"1.0",
        b"1e2",
        b"NaN",
        b"Infinity",
        b"9007199254740992",
        b"[" * 17 + b"]" * 17,
        b"[" * 100_000,
        b"",
        b"\xff",
        b'"\\ud800"',
        '"a"'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b"{} {}",
    ],
)
def test_what_is_doubtful_is_not_read(data: bytes) -> None:
    with pytest.raises(CanonicalError):
        canonical.loads(data)


def test_depth_sixteen_is_read() -> None:
    deep = json.loads("[" * 16 + "]" * 16)
    assert canonical.loads(b"[" * 16 + b"]" * 16) == deep


@given(st.binary(max_size=64))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with contextlib.suppress(CanonicalError):
        canonical.loads(data)


@given(st.dictionaries(KEYS, st.tuples(st.booleans(), VALUES), max_size=8))
def test_a_filled_form_is_what_the_whole_object_gives(members: dict[str, tuple[bool, Any]]) -> None:
    known = {name: value for name, (is_known, value) in members.items() if is_known}
    blanks = {name: value for name, (_, value) in members.items() if name not in known}
    form = canonical.Form(known, blanks)
    for _ in range(2):  # it may be filled again
        filled = form.fill({name: canonical.dumps(value) for name, value in blanks.items()})
        assert filled == canonical.dumps(known | blanks)


def test_a_form_knows_its_blanks_and_nothing_that_is_not_canonical() -> None:
    assert canonical.Form({}, ()).fill({}) == b"{}"
    with pytest.raises(KeyError):
        canonical.Form({"a": 1}, ("b",)).fill({"a": b"2"})
    for known, blanks in (({"a": 1}, ("a",)), ({"a": 1.5}, ()), ({"é": 1}, ()), ({}, ("é",))):
        with pytest.raises(CanonicalError):
            canonical.Form(known, blanks)


@given(st.none() | st.text())
def test_a_text_alone_is_written_as_anything_is(value: str | None) -> None:
    try:
        whole = canonical.dumps(value)
    except CanonicalError:
        with pytest.raises(CanonicalError):
            canonical.text(value)
    else:
        assert canonical.text(value) == whole


@pytest.mark.parametrize("value", [0, -1, 2**53 - 1, 1 - 2**53, 7])
def test_a_number_alone_is_written_as_anything_is(value: int) -> None:
    assert canonical.number(value) == canonical.dumps(value)


@pytest.mark.parametrize("value", [1.5, 2**53, -(2**53), b"1", object()])
def test_neither_a_text_nor_a_number_alone_may_be_what_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(CanonicalError):
        canonical.number(value)
    with pytest.raises(CanonicalError):
        canonical.text(value)


@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans(), st.booleans())
def test_however_it_is_spaced_and_escaped_the_same_is_read(
    value: Any,
    indent: int | str | None,
    ascii_: bool,
    ordered: bool,
) -> None:
    spaced = json.dumps(value, indent=indent, ensure_ascii=ascii_, sort_keys=ordered)
    assert canonical.loads(spaced.encode()) == value
