import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.crypto.vectors import flips, load, raw
from vault.core.entry import sealed_bytes
from vault.crypto import committed
from vault.crypto.committed import OpenError, open_, open_stream, seal, seal_stream

VECTORS = load("committed")
KEY = raw(VECTORS["cases"][0]["key"])
CONTEXT = raw(VECTORS["cases"][0]["context"])
SEALED = raw(VECTORS["cases"][0]["sealed"])
CHUNK = 16_384


def text(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def with_salt(salt: bytes, plaintext: bytes) -> bytes:
    """Seal under a given salt: what the module itself never does."""
    chunks = committed._Chunks(KEY, salt, CONTEXT)
    parts = [plaintext[place : place + CHUNK] for place in range(0, len(plaintext) + 1, CHUNK)]
    sealed = (chunks.seal(number, part) for number, part in enumerate(parts))
    return b"".join((salt, chunks.commitment, *sealed))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_the_vectors_open(case):
    key, context, sealed = (raw(case[name]) for name in ("key", "context", "sealed"))
    assert open_(key, context, sealed) == raw(case["plaintext"])
    assert b"".join(open_stream(key, context, [sealed])) == raw(case["plaintext"])


@pytest.mark.parametrize("case", VECTORS["long"], ids=lambda case: str(case["bytes"]))
def test_long_texts_seal_to_the_vectors(case):
    sealed = with_salt(raw(case["salt"]), text(case["bytes"]))
    assert len(sealed) == case["sealed_bytes"] == sealed_bytes(case["bytes"])
    assert hashlib.sha256(sealed).hexdigest() == case["sha256"]
    assert open_(KEY, CONTEXT, sealed) == text(case["bytes"])


@pytest.mark.parametrize(
    "size", [*range(71), *range(CHUNK - 3, CHUNK + 4), 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1]
)
def test_a_text_opens_and_has_the_length_of_the_format(size):
    sealed = seal(KEY, CONTEXT, text(size))
    assert len(sealed) == 56 + size + 16 * (size // CHUNK + 1)
    assert open_(KEY, CONTEXT, sealed) == text(size)


def test_sealing_twice_shares_nothing():
    first, second = seal(KEY, CONTEXT, bytes(64)), seal(KEY, CONTEXT, bytes(64))
    assert first[:24] != second[:24]
    assert first[24:56] != second[24:56]
    assert first[56:] != second[56:]


def test_no_flipped_bit_opens():
    for changed in flips(SEALED):
        with pytest.raises(OpenError):
            open_(KEY, CONTEXT, changed)
        with pytest.raises(OpenError):
            b"".join(open_stream(KEY, CONTEXT, [changed]))


def test_no_other_key_and_no_other_context_opens():
    for key in flips(KEY):
        with pytest.raises(OpenError):
            open_(key, CONTEXT, SEALED)
    for context in (*flips(CONTEXT), b"", CONTEXT + b"\0"):
        with pytest.raises(OpenError):
            open_(KEY, context, SEALED)


def test_the_commitment_is_compared_before_anything_is_decrypted():
    # Under another key the first chunk would fail as well; here every chunk is good and the
    # commitment alone is not, so only the comparison can refuse it.
    sealed = seal(KEY, CONTEXT, b"own ship")
    forged = sealed[:24] + bytes(32) + sealed[56:]
    with pytest.raises(OpenError):
        open_(KEY, CONTEXT, forged)


def test_chunks_do_not_change_places():
    sealed = seal(KEY, CONTEXT, text(3 * CHUNK))
    head, size = sealed[:56], CHUNK + 16
    first, second = sealed[56 : 56 + size], sealed[56 + size : 56 + 2 * size]
    with pytest.raises(OpenError):
        open_(KEY, CONTEXT, head + second + first + sealed[56 + 2 * size :])


@pytest.mark.parametrize("size", [0, 8, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_no_cut_text_opens(size):
    sealed = seal(KEY, CONTEXT, text(size))
    ends = {0, 1, 24, 55, 56, 57, 71, 72, 56 + CHUNK + 15, 56 + CHUNK + 16, len(sealed) - 1}
    for end in sorted(end for end in ends if end < len(sealed)):
        with pytest.raises(OpenError):
            open_(KEY, CONTEXT, sealed[:end])
        with pytest.raises(OpenError):
            b"".join(open_stream(KEY, CONTEXT, [sealed[:end]]))
    with pytest.raises(OpenError):
        open_(KEY, CONTEXT, sealed + b"\0")


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_a_length_of_whole_chunks_alone_is_refused(chunks):
    with pytest.raises(OpenError):
        open_(KEY, CONTEXT, bytes(56 + 16_400 * chunks))


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_key_that_is_not_32_bytes_is_refused(size):
    with pytest.raises(ValueError, match="32 bytes"):
        seal(bytes(size), CONTEXT, b"")
    with pytest.raises(ValueError, match="32 bytes"):
        seal_stream(bytes(size), CONTEXT, [])
    with pytest.raises(OpenError):
        open_(bytes(size), CONTEXT, SEALED)
    with pytest.raises(OpenError):
        next(open_stream(bytes(size), CONTEXT, [SEALED]))


@settings(max_examples=40)
@given(
    st.lists(st.integers(0, 2 * CHUNK + 50), max_size=5),
    st.integers(1, 40_000),
)
def test_streams_agree_with_the_whole_however_they_are_cut(sizes, step):
    parts = [text(size) for size in sizes]
    whole = b"".join(parts)
    sealed = b"".join(seal_stream(KEY, CONTEXT, parts))
    assert open_(KEY, CONTEXT, sealed) == whole
    cut = [sealed[place : place + step] for place in range(0, len(sealed), step)]
    assert b"".join(open_stream(KEY, CONTEXT, cut)) == whole


def test_a_head_that_comes_byte_by_byte_opens():
    assert b"".join(open_stream(KEY, CONTEXT, (bytes((byte,)) for byte in SEALED))) == b"own ship"


def test_a_cut_stream_fails_at_its_end():
    sealed = seal(KEY, CONTEXT, text(2 * CHUNK + 5))
    stream = open_stream(KEY, CONTEXT, [sealed[: 56 + CHUNK + 16]])
    assert next(stream) == text(CHUNK)
    with pytest.raises(OpenError):
        next(stream)


def test_a_stream_is_sealed_in_bounded_parts():
    lengths = [len(part) for part in seal_stream(KEY, CONTEXT, [bytes(3 * CHUNK + 1)])]
    assert lengths == [56, CHUNK + 16, CHUNK + 16, CHUNK + 16, 17]


def test_the_nonces_of_a_message_differ():
    chunks = committed._Chunks(KEY, bytes(24), CONTEXT)
    tags = [chunks.seal(number, b"") for number in range(300)]
    assert all(first != second for first, second in pairwise(sorted(tags)))
