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


def test_a_fragment_stands_as_what_it_was_made_of():
    lines = (("contact.email", "delivery"), ("contact.phone", "delivery"))
    whole = {"allowed": lines, "epoch": 3, "more": [None, lines]}
    parts = {"more": [None, canonical.fragment(lines)], "epoch": 3}
    parts["allowed"] = canonical.fragment(lines)
    assert canonical.dumps(parts) == canonical.dumps(whole)
    assert canonical.dumps(canonical.fragment(lines)) == canonical.dumps(lines)
    with pytest.raises(CanonicalError):
        canonical.fragment([1.5])
