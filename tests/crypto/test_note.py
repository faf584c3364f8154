"""Signed notes, opened as the independent checker opens them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verifier.test_note import KEY, NAME, NOTE, SEED, TEXT, key_of, signed
from vault.core.errors import SignatureError
from vault.crypto import note
from vault.crypto.signing import SigningKey
from vault.verifier.errors import NoteError
from vault.verifier.note import open_note

KEYS = note.known(NAME, SigningKey(SEED).public)
WITNESS = note.known("witness.example", SigningKey(bytes(32)).public)
LINE = NOTE[len(TEXT) + 1 :]


def ours(text, keys=KEYS):
    try:
        return note.open_(text, keys)
    except SignatureError:
        return None


def theirs(text, keys=(KEY,)):
    try:
        return open_note(text, keys)
    except NoteError:
        return None


def test_the_known_answer_opens():
    assert note.open_(NOTE, KEYS) == TEXT


def test_several_keys_may_sign_under_one_name():
    keys = note.known(NAME, SigningKey(bytes(32)).public, SigningKey(SEED).public)
    assert note.open_(NOTE, keys) == TEXT
    assert note.open_(TEXT + b"\n" + signed(TEXT, seed=bytes(32)), keys) == TEXT


def test_unknown_signatures_are_ignored_and_a_known_one_that_fails_refuses():
    beside = NOTE + signed(TEXT, "witness.example", bytes(32))
    assert note.open_(beside, KEYS) == note.open_(beside, WITNESS) == TEXT
    forged = NOTE + signed(b"other\n", "witness.example", bytes(32))
    assert note.open_(forged, KEYS) == TEXT
    assert ours(forged, {**KEYS, **WITNESS}) is None


@pytest.mark.parametrize("keys", [{}, note.known(NAME, SigningKey(bytes(32)).public), WITNESS])
def test_a_note_that_nobody_known_has_signed_is_refused(keys):
    with pytest.raises(SignatureError):
        note.open_(NOTE, keys)


@given(st.integers(0, len(NOTE) - 1), st.integers(1, 255))
def test_no_byte_of_a_note_can_be_changed(place, bits):
    changed = bytearray(NOTE)
    changed[place] ^= bits
    assert ours(bytes(changed)) is None


@pytest.mark.parametrize(
    "text",
    [
        b"",
        TEXT,
        TEXT + b"\n",
        NOTE[:-1],
        NOTE + b"\n",
        b"x" * 1_000_000 + NOTE,
        TEXT + b"\n" + LINE * 100,
        TEXT + b"\n" + LINE * 101,
        NOTE + b"no signature\n",
        TEXT + b"\nno signature\n" + LINE,
        NOTE.replace(b"3", b"\xff", 1),
        NOTE.replace(b"\n3", b"\r\n3"),
        NOTE.replace(b"\n3", b"\n\t3"),
        NOTE.replace("— ".encode(), "—  ".encode()),
        NOTE.replace(f"— {NAME} ".encode(), "—  ".encode()),
        NOTE.replace(f"— {NAME}".encode(), f"— {NAME}+x".encode()),
        NOTE.replace(f"— {NAME}".encode(), "— a b".encode()),
        NOTE.replace(f"— {NAME}".encode(), "— a\u2003b".encode()),
        NOTE.replace(b"ygY=", b"ygZ="),
        NOTE.replace(b"ygY=", b"ygY"),
        NOTE.replace(b"ygY=", b"yg="),
        NOTE + f"— {NAME} mK8COw==\n".encode(),
        NOTE + f"— {NAME} \n".encode(),
        NOTE + "— stranger AAAAAAA=\n".encode(),
        NOTE + "— stranger A\n".encode(),
        "one\u0085two\u2028three\n\n".encode() + signed("one\u0085two\u2028three\n".encode()),
        b"one\n\ntwo\n\n" + signed(b"one\n\ntwo\n"),
    ],
)
def test_every_form_is_judged_as_the_checker_judges_it(text):
    assert ours(text) == theirs(text)


@given(st.lists(st.sampled_from([b"\n", LINE, TEXT, b"\n\n", "— x AAAAAAA=\n".encode()])))
def test_pieces_in_any_order_are_judged_alike(pieces):
    text = b"".join(pieces)
    assert ours(text) == theirs(text)


def test_the_keys_of_both_are_the_same():
    assert key_of(NAME, SEED) == KEY
