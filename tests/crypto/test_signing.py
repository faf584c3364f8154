import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.crypto.vectors import flips, load, raw
from vault.core.errors import SignatureError
from vault.crypto import base64url
from vault.crypto.signing import SigningKey, TokenKey, note_key_id, sign_note, verifier_key

VECTORS = load("signing")
NOTE = VECTORS["notes"][0]


@pytest.mark.parametrize("case", VECTORS["ed25519"], ids=lambda case: case["name"])
def test_ed25519_gives_the_vectors(case):
    key = SigningKey(raw(case["seed"]))
    signature = key.sign(raw(case["message"]))
    assert (key.public.hex(), signature.hex()) == (case["public"], case["signature"])
    key.jwk.verify(signature, raw(case["message"]))
    Ed25519PublicKey.from_public_bytes(key.public).verify(signature, raw(case["message"]))


@pytest.mark.parametrize("case", VECTORS["notes"], ids=lambda case: case["name"])
def test_notes_are_those_of_the_vectors(case):
    key = SigningKey(raw(case["seed"]))
    assert note_key_id(case["name"], key.public).hex() == case["key_id"]
    assert verifier_key(case["name"], key.public) == case["verifier_key"]
    assert sign_note(key, case["name"], case["text"].encode()) == case["note"]


def test_one_key_under_two_names_has_two_ids():
    assert VECTORS["notes"][0]["key_id"] != VECTORS["notes"][1]["key_id"]
    assert VECTORS["notes"][0]["seed"] == VECTORS["notes"][1]["seed"]


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "a\u00a0b", "a\u2003b", "\t"], ids=ascii)
def test_a_name_that_cannot_stand_in_a_note_is_refused(name):
    key = SigningKey(bytes(32))
    with pytest.raises(ValueError, match="name"):
        note_key_id(name, key.public)
    with pytest.raises(ValueError, match="name"):
        verifier_key(name, key.public)
    with pytest.raises(ValueError, match="name"):
        sign_note(key, name, b"text\n")


@pytest.mark.parametrize("text", [b"", b"\n", b"text", b"text\n\n"])
def test_a_text_that_cannot_stand_in_a_note_is_refused(text):
    with pytest.raises(ValueError, match="note"):
        sign_note(SigningKey(bytes(32)), "example.org/log", text)


@pytest.mark.parametrize("case", VECTORS["es256"], ids=lambda case: case["secret"][:4])
def test_a_token_key_is_that_of_the_vectors(case):
    key = TokenKey(raw(case["secret"]))
    assert dict(key.jwk.members) == {
        "crv": "P-256",
        "kty": "EC",
        "x": case["x"],
        "y": case["y"],
    }
    assert key.jwk.jkt == case["thumbprint"]
    public = ec.derive_private_key(int(case["scalar"], 16), ec.SECP256R1()).public_key()
    assert base64url.encode(public.public_numbers().x.to_bytes(32)) == case["x"]


def test_an_es256_signature_is_r_and_s_and_verifies():
    key = TokenKey(bytes(range(32)))
    for _ in range(40):  # short r or s, which must keep their zeros, are one in 128
        signature = key.sign(b"own ship")
        assert len(signature) == 64
        key.jwk.verify(signature, b"own ship")


@pytest.mark.parametrize("key", [SigningKey(bytes(32)), TokenKey(bytes(32))], ids=["ed", "es"])
def test_no_changed_signature_or_message_verifies(key):
    signature = key.sign(b"own")
    for changed in flips(signature):
        with pytest.raises(SignatureError):
            key.jwk.verify(changed, b"own")
    for message in (*flips(b"own"), b"", b"own "):
        with pytest.raises(SignatureError):
            key.jwk.verify(signature, message)
    for wrong in (b"", signature[:-1], signature + b"\0", bytes(64), b"\xff" * 64):
        with pytest.raises(SignatureError):
            key.jwk.verify(wrong, b"own")


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_secret_of_another_length_is_refused(size):
    with pytest.raises(ValueError, match="32 bytes"):
        SigningKey(bytes(size))
    with pytest.raises(ValueError, match="32 bytes"):
        TokenKey(bytes(size))
