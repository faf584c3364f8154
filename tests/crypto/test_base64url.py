import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core.errors import FormatError
from vault.crypto.base64url import decode, encode


@given(st.binary(max_size=80))
def test_what_was_encoded_decodes(data):
    assert decode(encode(data)) == data
    assert decode(encode(data).encode()) == data


@pytest.mark.parametrize(
    "text", ["A", "AAAAA", "AA==", "AB", "AA A", "AA\n", "+A", "/A", "A.A", "é", "AA=", "=", "-_-"]
)
def test_a_second_spelling_is_refused(text):
    with pytest.raises(FormatError):
        decode(text)


def test_bytes_that_are_not_ascii_are_refused():
    with pytest.raises(FormatError):
        decode(b"\xff\xff")
