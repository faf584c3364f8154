import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from vault.core.merkle import leaf_hash, root
from vault.crypto.signing import SigningKey, sign_note, verifier_key
from vault.verifier.errors import KeyFormatError, NoteError
from vault.verifier.note import open_note

SEED = bytes(range(32))
NAME = "example.org/log"
KEY = "example.org/log+98af023b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
SIGNATURE = (
    "mK8CO+BRZWsNbOSLZ6WX5b6XB6NSJreLGWgIvO9WSF9Xf30mGVOflBb+3wsZedooBn0s6XcTjNJr3TQZ4R1bK66pygY="
)
ABC = base64.b64encode(root([leaf_hash(one) for one in (b"a", b"b", b"c")])).decode()
TEXT = f"{NAME}\n3\n{ABC}\n".encode()
NOTE = TEXT + f"\n— {NAME} {SIGNATURE}\n".encode()


def signed(text, name=NAME, seed=SEED):
    """One signature line, made apart from the vault's own code."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public = key.public_key().public_bytes_raw()
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    return f"— {name} {base64.b64encode(key_id + key.sign(text)).decode()}\n".encode()


def key_of(name, seed):
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + public).hexdigest()[:8]
    return f"{name}+{key_id}+{base64.b64encode(bytes((1,)) + public).decode()}"


def test_the_known_answer_opens_and_is_what_the_vault_signs():
    assert open_note(NOTE, [KEY]) == TEXT
    assert sign_note(SigningKey(SEED), NAME, TEXT).encode() == NOTE
    assert verifier_key(NAME, SigningKey(SEED).public) == KEY == key_of(NAME, SEED)


def test_a_second_known_signature_may_stand_beside_it():
    other = key_of("witness.example", bytes(32))
    note = NOTE + signed(TEXT, "witness.example", bytes(32))
    assert open_note(note, [KEY]) == TEXT
    assert open_note(note, [KEY, other]) == TEXT
    assert open_note(note, [other]) == TEXT


def test_sixteen_signatures_of_others_are_ignored():
    strangers = b"".join(signed(TEXT, f"stranger{one}", bytes((one,)) * 32) for one in range(16))
    assert open_note(NOTE + strangers, [KEY]) == TEXT


def test_the_last_empty_line_parts_text_and_signatures():
    text = b"one\n\ntwo\n"
    assert open_note(text + b"\n" + signed(text), [KEY]) == text


def test_separators_of_unicode_are_no_ends_of_lines():
    text = "one\u0085two\u2028three\n".encode()
    assert open_note(text + b"\n" + signed(text), [KEY]) == text


def test_a_known_signature_that_fails_refuses_the_note_even_beside_a_good_one():
    forged = signed(b"other text\n", "witness.example", bytes(32))
    witness = key_of("witness.example", bytes(32))
    with pytest.raises(NoteError, match="wrong"):
        open_note(NOTE + forged, [KEY, witness])
    assert open_note(NOTE + forged, [KEY]) == TEXT


def test_a_known_name_with_another_id_is_unknown():
    other = key_of(NAME, bytes(32))
    with pytest.raises(NoteError, match="None of the given keys"):
        open_note(NOTE, [other])


@given(st.integers(0, 8 * len(NOTE) - 1))
def test_no_bit_of_a_note_can_be_flipped(bit):
    changed = bytearray(NOTE)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(NoteError):
        open_note(bytes(changed), [KEY])


LINE = NOTE[len(TEXT) + 1 :]


@pytest.mark.parametrize(
    ("note", "why"),
    [
        (b"", "nothing"),
        (TEXT, "no empty line"),
        (TEXT + b"\n", "no signature"),
        (NOTE[:-1], "no newline at the end"),
        (NOTE + b"\n", "an empty line at the end leaves no signature"),
        (TEXT + b"\n" + LINE * 101, "over 100 signatures"),
        (b"x" * 1_000_000 + NOTE, "over 1 MB"),
        (NOTE.replace(b"3", b"\xff", 1), "no UTF-8"),
        (NOTE.replace(b"\n3", b"\r\n3"), "a carriage return"),
        (NOTE.replace(b"\n3", b"\n\x003"), "a zero"),
        (NOTE.replace(b"\n3", b"\n\t3"), "a tab"),
        (NOTE.replace("—".encode(), b"-"), "a hyphen for the dash"),
        (NOTE.replace("— ".encode(), "—  ".encode()), "two spaces"),
        (NOTE.replace("— ".encode(), "—".encode()), "no space"),
        (NOTE.replace(f"— {NAME} ".encode(), "—  ".encode()), "an empty name"),
        (NOTE.replace(f"— {NAME}".encode(), f"— {NAME}+x".encode()), "a plus in the name"),
        (NOTE.replace(f"— {NAME}".encode(), "— a\u00a0b".encode()), "a space of Unicode in a name"),
        (NOTE.replace(SIGNATURE.encode(), SIGNATURE[:-4].encode()), "a short signature"),
        (NOTE.replace(SIGNATURE.encode(), SIGNATURE[:-1].encode()), "base64 without its padding"),
        (NOTE.replace(b"ygY=", b"ygZ="), "spare bits"),
        (NOTE.replace(SIGNATURE.encode(), b"mK8COw=="), "an id without a signature"),
        (NOTE.replace(SIGNATURE.encode(), b""), "no base64"),
        (NOTE.replace(SIGNATURE.encode(), SIGNATURE.encode() + b" x"), "something behind it"),
        (TEXT + b"\nno signature\n" + LINE, "a malformed line before a good one"),
        (NOTE + b"no signature\n", "a malformed line behind a good one"),
    ],
)
def test_a_malformed_note_is_refused(note, why):
    with pytest.raises(NoteError):
        open_note(note, [KEY])


NAME_PART, ID_PART, KEY_PART = KEY.split("+", 2)


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ([], "none at all"),
        ([""], "empty"),
        ([NAME], "a name alone"),
        ([f"{NAME_PART}+{ID_PART}"], "no key"),
        ([f"+{ID_PART}+{KEY_PART}"], "no name"),
        ([f"a b+{ID_PART}+{KEY_PART}"], "a space in the name"),
        ([f"{NAME_PART}+98AF023B+{KEY_PART}"], "an id in capitals"),
        ([f"{NAME_PART}+98af023c+{KEY_PART}"], "another id"),
        ([f"other.example/log+{ID_PART}+{KEY_PART}"], "another name"),
        ([f"{NAME_PART}+{ID_PART}+{KEY_PART[:-4]}"], "a short key"),
        ([f"{NAME_PART}+{ID_PART}+{KEY_PART}="], "not canonical"),
        ([f"{NAME_PART}+{ID_PART}+{'B' + KEY_PART[1:]}"], "another type"),
        ([KEY, "broken"], "a broken one beside a good one"),
        ([f"{KEY}\n"], "a newline behind it"),
    ],
)
def test_a_verifier_key_must_be_whole(keys, why):
    with pytest.raises(KeyFormatError):
        open_note(NOTE, keys)
