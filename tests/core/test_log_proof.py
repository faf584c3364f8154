"""A proof that is written is read as it was; anything else is none."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core import log_key, log_proof
from vault.core.errors import FormatError

NOTE = "example.org/log\n3\nAAAA\n\n— example.org/log AAAA\n"
HASH = bytes(range(32))
GOOD = log_proof.write(b"entry", 2, [HASH, HASH[::-1]], NOTE)


@given(
    st.binary(max_size=300),
    st.integers(0, 2**63 - 1),
    st.lists(st.binary(min_size=32, max_size=32), max_size=5),
)
def test_what_is_written_is_read(entry, index, path):
    found = log_proof.parse(log_proof.write(entry, index, path, NOTE))
    assert found == log_proof.ProofFile(entry, index, tuple(path), NOTE)


def spare(data):
    """Base64 of the same bytes in a second spelling."""
    text = base64.b64encode(data).decode()
    return text[:-2] + chr(ord(text[-2]) + 1) + "="


@pytest.mark.parametrize(
    "text",
    [
        "",
        GOOD.replace("@v1", "@v2"),
        GOOD.replace("\n\n", "\n", 1).replace("\n\n", "\n"),
        GOOD.replace("extra ", ""),
        GOOD.replace("index 2", "index 02"),
        GOOD.replace("index 2", "index +2"),
        GOOD.replace("index 2", "index ٢"),
        GOOD.replace("index 2\n", ""),
        GOOD.replace(base64.b64encode(HASH).decode(), base64.b64encode(HASH[:31]).decode()),
        GOOD.replace(base64.b64encode(HASH).decode(), spare(HASH)),
        GOOD.replace(base64.b64encode(HASH).decode(), "!"),
        f"{log_proof.VERSION}\n\n{NOTE}",
        GOOD + "x" * log_proof.MAX_CHARACTERS,
    ],
)
def test_what_is_no_proof_is_refused(text):
    with pytest.raises(FormatError):
        log_proof.parse(text)


def test_the_checkpoint_is_kept_as_it_is():
    assert log_proof.parse(GOOD).checkpoint == NOTE


@pytest.mark.parametrize(("tag", "seal"), [(b"x" * 31, None), (HASH, b"x" * 33), (b"", HASH)])
def test_a_log_key_holds_keys_of_32_bytes(tag, seal):
    with pytest.raises(ValueError, match="32 bytes"):
        log_key.write(origin="o", verifier_key="o+0+A", generation=1, tag=tag, seal=seal)
