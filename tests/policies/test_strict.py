"""The reader of YAML keeps every scalar as text, and fails only in the documented way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import strict
from policies.compile import compile_
from policies.errors import CodeErrors, Mistakes
from policies.strict import Mapping, Scalar, Sequence
from tests.policies.documents import GOOD


def read(text):
    mistakes = Mistakes("a.yaml")
    node = strict.read(text.encode(), mistakes)
    mistakes.check()
    return node


@pytest.mark.parametrize("word", ["no", "1:30", "0o17", "~", "null", "2026-11-01", "1e3", "<<"])
def test_a_word_stays_the_word_that_was_written(word):
    node = read(f"key: {word}")
    assert node == Mapping((1, 1), ((Scalar((1, 1), "key"), Scalar((1, 6), word)),))


def test_lists_and_mappings_know_their_places():
    node = read("a:\n  - b\n  - {c: d}\n")
    inner = Mapping((3, 5), ((Scalar((3, 6), "c"), Scalar((3, 9), "d")),))
    assert node == Mapping(
        (1, 1), ((Scalar((1, 1), "a"), Sequence((2, 3), (Scalar((2, 5), "b"), inner))),)
    )


def test_nesting_up_to_the_limit_is_read():
    assert read("[" * strict.MAX_DEPTH + "]" * strict.MAX_DEPTH) is not None
    with pytest.raises(CodeErrors, match="deeper than 20"):
        read("[" * (strict.MAX_DEPTH + 1) + "]" * (strict.MAX_DEPTH + 1))


def test_a_file_up_to_the_limit_is_read():
    assert read("a: b #" + "." * (strict.MAX_BYTES - 6)) is not None
    with pytest.raises(CodeErrors, match="larger than 1 MB"):
        read("a: b #" + "." * (strict.MAX_BYTES - 5))


def mistakes_of(data):
    try:
        compile_(data, name="any.yaml")
    except CodeErrors as errors:
        return errors.errors
    return ()


def compiles_or_names_its_mistakes(data):
    # YAML ends a line at more characters than others do.
    lines = sum(data.count(end.encode()) for end in "\n\r\x85\u2028\u2029") + 1
    for one in mistakes_of(data):
        assert 1 <= one.line <= lines + 1
        assert one.column >= 1
        assert one.what
        assert one.advice


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_compile_or_name_their_mistakes(data):
    compiles_or_names_its_mistakes(data)


@settings(max_examples=300)
@given(st.text("ab:-[]{},&*!|>'\"%@`#?~\\xU0\n \t\r\x85\u2028é.", max_size=60))
def test_any_near_yaml_compiles_or_names_its_mistakes(text):
    compiles_or_names_its_mistakes(text.encode())


@settings(max_examples=150)
@given(
    st.integers(0, len(GOOD)),
    st.integers(0, 40),
    st.text("ab:-[]{},&*!|>'\"%#?\\\n 0", max_size=8) | st.characters().map(str),
)
def test_a_good_code_with_any_edit_compiles_or_names_its_mistakes(start, length, text):
    edited = GOOD[:start] + text + GOOD[start + length :]
    compiles_or_names_its_mistakes(edited.encode("utf-8", "surrogatepass"))
