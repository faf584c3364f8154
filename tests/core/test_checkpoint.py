import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core.checkpoint import Checkpoint
from vault.core.errors import FormatError

ORIGIN = "example.org/log"
ROOT = bytes.fromhex("36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1")
BODY = b"example.org/log\n3\nNmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=\n"


def test_a_checkpoint_is_three_lines():
    assert Checkpoint(ORIGIN, 3, ROOT).body() == BODY


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_read_as_it_is_written(size, root):
    written = Checkpoint(ORIGIN, size, root)
    assert Checkpoint.parse(written.body(), ORIGIN) == written


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "nothing"),
        (b"\n\n\n", "empty lines"),
        (BODY[:-1], "no newline at the end"),
        (BODY + b"\n", "an empty line at the end"),
        (BODY + b"extension\n", "an extension line"),
        (BODY.replace(b"\n3\n", b"\n+3\n"), "a sign"),
        (BODY.replace(b"\n3\n", b"\n-3\n"), "below zero"),
        (BODY.replace(b"\n3\n", b"\n03\n"), "a leading zero"),
        (BODY.replace(b"\n3\n", b"\n 3\n"), "a space"),
        (BODY.replace(b"\n3\n", b"\n3\r\n"), "a carriage return"),
        (BODY.replace(b"\n3\n", b"\n1_0\n"), "an underscore"),
        (BODY.replace(b"\n3\n", "\n٣\n".encode()), "another script's digit"),
        (BODY.replace(b"\n3\n", b"\n\n"), "no size"),
        (BODY.replace(b"\n3\n", b"\n9223372036854775808\n"), "2^63"),
        (BODY.replace(b"\n3\n", b"\n10000000000000000000000\n"), "more than fits anywhere"),
        (BODY.replace(b"HsE=", b"HsF="), "spare bits"),
        (BODY.replace(b"HsE=", b"HsE"), "no padding"),
        (BODY.replace(b"NmQu", b""), "29 bytes"),
        (BODY.replace(b"NmQu", b"NmQuNmQu"), "35 bytes"),
        (BODY.replace(b"NmQu", b"Nm-u"), "another alphabet"),
        (BODY.replace(b"example", b"example2"), "another origin"),
        (BODY.replace(b"\n3", b"/1\n3"), "another log of the same origin"),
        (BODY.replace(b"example", b"ex\xffmple"), "no UTF-8"),
    ],
)
def test_what_is_no_checkpoint_of_the_log_is_refused(body, why):
    with pytest.raises(FormatError):
        Checkpoint.parse(body, ORIGIN)


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused_or_says_something_else(place, bits):
    changed = bytearray(BODY)
    changed[place] ^= bits
    try:
        found = Checkpoint.parse(bytes(changed), ORIGIN)
    except FormatError:
        return
    assert found != Checkpoint(ORIGIN, 3, ROOT)
