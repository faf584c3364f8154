import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crypto.vectors import load, raw
from vault.crypto.hkdf import Keyed, expand


@pytest.mark.parametrize("case", load("hkdf")["cases"], ids=lambda case: case["name"])
def test_expand_gives_the_vectors(case):
    okm = raw(case["okm"])
    assert (
        expand(raw(case["key"]), raw(case["info"]), length=len(okm), algorithm=case["algorithm"])
        == okm
    )


def test_a_longer_key_begins_with_the_shorter_one():
    longest = expand(bytes(32), b"info", length=255 * 32)
    for length in (1, 31, 32, 33, 64, 8159):
        assert expand(bytes(32), b"info", length=length) == longest[:length]


@pytest.mark.parametrize("length", [-1, 0, 255 * 32 + 1])
def test_a_length_out_of_range_is_refused(length):
    with pytest.raises(ValueError, match="255 blocks"):
        expand(bytes(32), b"info", length=length)


@given(st.binary(max_size=200), st.binary(max_size=400), st.sampled_from(["sha256", "sha512"]))
def test_a_prepared_key_gives_the_macs_of_the_standard_library(key, message, algorithm):
    keyed = Keyed(key, algorithm)
    for _ in range(2):
        assert keyed.mac(message) == hmac.digest(key, message, algorithm)
