import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crypto.vectors import flips, load, raw
from vault.core.errors import OpenError as CoreOpenError
from vault.crypto import sealed
from vault.crypto.sealed import Box, OpenError, open_, seal

KEY = bytes(range(32))
CONTEXT = b"ownship/example/v1\0"
CASES = load("sealed")["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_vectors_open(case):
    key, context, ciphertext = (raw(case[name]) for name in ("key", "context", "sealed"))
    assert open_(key, context, ciphertext) == raw(case["plaintext"])
    assert len(ciphertext) == len(raw(case["plaintext"])) + sealed.OVERHEAD


@pytest.mark.parametrize("size", range(71))
def test_every_short_length_opens_again(size):
    text = bytes(range(size))
    ciphertext = seal(KEY, CONTEXT, text)
    assert len(ciphertext) == size + 28
    assert open_(KEY, CONTEXT, ciphertext) == text


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100), st.binary(max_size=300))
def test_what_was_sealed_opens(key, context, text):
    assert open_(key, context, Box(key).seal(context, text)) == text


def test_a_text_behind_a_header_opens():
    box = Box(KEY)
    assert box.open_(CONTEXT, b"header" + box.seal(CONTEXT, b"own ship"), 6) == b"own ship"
    with pytest.raises(OpenError):
        box.open_(CONTEXT, b"header" + box.seal(CONTEXT, b""), 7)


def test_several_texts_open_in_their_order_or_none_does():
    box, contexts = Box(KEY), [CONTEXT, b"", b"other\0"]
    texts = [b"own ship", b"", b"x" * 40]
    ciphertexts = [b"head" + one for one in box.seal_each(contexts, texts)]
    assert box.open_each(contexts, ciphertexts, 4) == texts
    assert box.open_each([], []) == []
    for place in range(3):
        bad = list(ciphertexts)
        for changed in (*flips(bad[place][4:]), bad[place][4:-1], b"", bytes(28)):
            bad[place] = b"head" + changed
            with pytest.raises(OpenError) as caught:
                box.open_each(contexts, bad, 4)
            assert caught.value.__cause__ is None
            assert caught.value.__suppress_context__ or caught.value.__context__ is None
    with pytest.raises(OpenError):
        box.open_each(contexts[::-1], ciphertexts, 4)


def test_no_flipped_bit_opens():
    for changed in flips(seal(KEY, CONTEXT, b"own ship")):
        with pytest.raises(OpenError):
            open_(KEY, CONTEXT, changed)


def test_no_other_key_and_no_other_context_opens():
    ciphertext = seal(KEY, CONTEXT, b"own ship")
    for key in flips(KEY):
        with pytest.raises(OpenError):
            open_(key, CONTEXT, ciphertext)
    for context in (*flips(CONTEXT), b"", CONTEXT + b"\0", CONTEXT[:-1]):
        with pytest.raises(OpenError):
            open_(KEY, context, ciphertext)


def test_no_cut_and_no_longer_text_opens():
    ciphertext = seal(KEY, CONTEXT, b"own ship")
    for end in range(len(ciphertext)):
        with pytest.raises(OpenError):
            open_(KEY, CONTEXT, ciphertext[:end])
    with pytest.raises(OpenError):
        open_(KEY, CONTEXT, ciphertext + b"\0")


@pytest.mark.parametrize("size", [0, 16, 24, 31, 33, 64])
def test_a_key_that_is_not_32_bytes_is_refused(size):
    with pytest.raises(ValueError, match="32 bytes"):
        seal(bytes(size), CONTEXT, b"")
    with pytest.raises(ValueError, match="32 bytes"):
        Box(bytes(size))
    with pytest.raises(OpenError):
        open_(bytes(size), CONTEXT, seal(KEY, CONTEXT, b""))


def test_the_error_tells_nothing():
    with pytest.raises(OpenError) as caught:
        open_(KEY, CONTEXT, seal(KEY, b"other", b"secret"))
    assert OpenError is CoreOpenError
    assert str(caught.value) == CoreOpenError.sentence
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_no_nonce_comes_twice():
    box = Box(KEY)
    nonces = {box.seal(b"", b"")[: sealed.NONCE_BYTES] for _ in range(100_000)}
    assert len(nonces) == 100_000
