import hashlib

import pytest

from vault.core.errors import FormatError
from vault.crypto.digest import ZEROS16, ZEROS32, hex32, name16, names32

DIGEST = hashlib.sha256(b"code").hexdigest()


def test_a_name_is_half_of_its_hash_and_none_is_zeros():
    assert name16("delivery") == hashlib.sha256(b"delivery").digest()[:16]
    assert name16(None) == ZEROS16
    assert name16("") != ZEROS16


def test_names_are_hashed_sorted_and_once():
    expected = hashlib.sha256(b'["a.b","c.d"]').digest()
    assert names32(["c.d", "a.b", "c.d"]) == names32(frozenset({"a.b", "c.d"})) == expected
    assert names32([]) == hashlib.sha256(b"[]").digest()


def test_a_digest_is_read_from_hex_and_none_is_zeros():
    assert hex32(DIGEST) == hashlib.sha256(b"code").digest()
    assert hex32(None) == hex32("") == ZEROS32


@pytest.mark.parametrize(
    "text", ["0", "zz" * 32, DIGEST.upper(), DIGEST[:-2], DIGEST + "00", " " + DIGEST, "sha256:"]
)
def test_another_spelling_of_a_digest_is_refused(text):
    with pytest.raises(FormatError):
        hex32(text)
