import json
from collections.abc import Mapping
from typing import Any

import pytest
from joserfc import jws as peer
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.crypto.vectors import load
from vault.core.errors import SignatureError
from vault.crypto import base64url, jws
from vault.crypto.jwk import PublicJwk
from vault.crypto.signing import SigningKey, TokenKey

VECTORS = load("jws")
ALL = ("ES256", "Ed25519", "PS256")
TOKEN = TokenKey(bytes(range(32)))
RECEIPT = SigningKey(bytes(range(32)))
PAYLOAD = b'{"own":"ship"}'
PEERS: dict[str, Any] = {
    "ES256": ECKey.generate_key("P-256"),
    "Ed25519": OKPKey.generate_key("Ed25519"),
    "PS256": RSAKey.generate_key(2048),
}


def key_of(made: Any) -> PublicJwk:
    return PublicJwk.parse(made.as_dict(private=False))


def compact(header: object, payload: bytes = PAYLOAD, key: TokenKey | SigningKey = TOKEN) -> str:
    """Sign any header, as an attacker would; strings are taken as they are."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    signed = f"{base64url.encode(text)}.{base64url.encode(payload)}"
    return f"{signed}.{base64url.encode(key.sign(signed.encode()))}"


def refused(token: str | bytes, key: PublicJwk = TOKEN.jwk, **options: Any) -> None:
    with pytest.raises(SignatureError):
        jws.verify(token, key, **{"algorithms": ALL, "max_bytes": 4096, **options})


@pytest.mark.parametrize("case", VECTORS["verify"], ids=lambda case: case["name"])
def test_the_vectors_verify(case):
    key = PublicJwk.parse(case["jwk"])
    verified = jws.verify(case["token"], key, algorithms=("ES256",), max_bytes=4096)
    assert verified.payload.decode() == case["payload"]
    assert verified.header == {"alg": "ES256"}


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_the_name_eddsa_is_refused_though_the_signature_is_good(case):
    key = PublicJwk.parse(case["jwk"])
    refused(case["token"], key)
    refused(case["token"], key, algorithms=("EdDSA", "Ed25519"))
    parts = jws.split(case["token"], max_bytes=4096)
    key.verify(parts.signature, parts.signed)


def test_a_receipt_is_signed_as_the_vector_says():
    vector = VECTORS["receipt"]
    header = {"typ": "ownship-receipt+jws", "kid": RECEIPT.jwk.jkt}
    payload = vector["payload"].encode()
    assert jws.sign(RECEIPT, payload, header=header) == vector["compact"]
    assert jws.sign_detached(RECEIPT, payload, header=header) == vector["detached"]
    verified = jws.verify_detached(
        vector["detached"],
        payload,
        RECEIPT.jwk,
        algorithms=("Ed25519",),
        max_bytes=4096,
        typ="ownship-receipt+jws",
    )
    assert verified.payload == payload


@pytest.mark.parametrize("alg", ALL)
def test_what_joserfc_signs_verifies_here(alg):
    made = PEERS[alg]
    registry = peer.JWSRegistry(algorithms=[alg])
    token = peer.serialize_compact({"alg": alg, "typ": "JWT"}, PAYLOAD, made, registry=registry)
    verified = jws.verify(token, key_of(made), algorithms=(alg,), max_bytes=4096, typ="JWT")
    assert verified.payload == PAYLOAD
    refused(token[:-6] + "AAAAAA", key_of(made))


@pytest.mark.parametrize("key", [TOKEN, RECEIPT], ids=["ES256", "Ed25519"])
def test_what_is_signed_here_verifies_in_joserfc(key):
    theirs = (ECKey if key is TOKEN else OKPKey).import_key(dict(key.jwk.members))
    registry = peer.JWSRegistry(algorithms=[key.jwk.alg])
    token = jws.sign(key, PAYLOAD, header={"typ": "at+jwt", "kid": "1"})
    assert peer.deserialize_compact(token, theirs, registry=registry).payload == PAYLOAD


def test_the_header_is_canonical_and_names_the_keys_algorithm():
    token = jws.sign(TOKEN, PAYLOAD, header={"typ": "at+jwt", "kid": "1"})
    assert base64url.decode(token.split(".")[0]) == b'{"alg":"ES256","kid":"1","typ":"at+jwt"}'


def test_a_caller_may_choose_its_own_key_by_kid():
    token = jws.sign(TOKEN, PAYLOAD, header={"kid": "2026-11"})
    parsed = jws.parse(token, max_bytes=4096)
    assert parsed.header["kid"] == "2026-11"
    jws.check(parsed, TOKEN.jwk, algorithms=("ES256",))


def test_bytes_are_read_as_text_is():
    token = jws.sign(TOKEN, PAYLOAD, header={})
    assert jws.parse(token.encode(), max_bytes=4096) == jws.parse(token, max_bytes=4096)


def test_another_key_does_not_verify():
    token = jws.sign(TOKEN, PAYLOAD, header={})
    refused(token, TokenKey(bytes(32)).jwk)
    refused(token, RECEIPT.jwk)
    refused(token, key_of(PEERS["PS256"]))


@pytest.mark.parametrize(
    "alg", ["none", "None", "HS256", "RS256", "PS256", "ES384", "es256", "Ed25519", "", None, 1, []]
)
def test_the_header_does_not_choose_the_algorithm(alg):
    refused(compact({"alg": alg}))
    refused(compact({"alg": alg}), algorithms=(*ALL, "none", "HS256", alg))


def test_an_algorithm_that_is_not_listed_is_refused():
    token = jws.sign(TOKEN, PAYLOAD, header={})
    refused(token, algorithms=("Ed25519", "PS256"))
    refused(token, algorithms=())
    refused(compact({}))


@pytest.mark.parametrize(
    "member",
    [
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": False},
        {"b64": True, "crit": ["b64"]},
        {"zip": "DEF"},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["AA"]},
        {"jwk": dict(TOKEN.jwk.members)},
        {"jwk": None},
    ],
    ids=",".join,
)
def test_a_header_that_changes_the_rules_is_refused(member):
    refused(compact({"alg": "ES256", **member}))


@pytest.mark.parametrize("typ", ["JWT", "AT+JWT", "application/at+jwt", None, 1, ""])
def test_another_type_is_refused(typ):
    refused(compact({"alg": "ES256", "typ": typ}), typ="at+jwt")
    refused(compact({"alg": "ES256"}), typ="at+jwt")


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"ES256"',
        b'{"alg":"ES256","alg":"ES256"}',
        b'{"alg":"none","alg":"ES256"}',
        b'{"alg":"ES256","x":1.5}',
        b'{"alg":"ES256","x":NaN}',
        b'{"alg":"ES256"} x',
        b'{"alg":"\xff"}',
        '{"alg":"ES256"}'.encode("utf-16"),
        '{"alg":"ES256"}'.encode("utf-16-le"),
        '{"alg":"ES256"}'.encode("utf-32-be"),
        b'{"a":' * 40 + b"1" + b"}" * 40,
    ],
    ids=lambda header: ascii(header)[2:30],
)
def test_a_header_that_is_no_strict_json_object_is_refused(header):
    refused(compact(header))


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a.b",
        "a.b.c.d",
        "é.b.c",
        b"\xff.b.c",
        compact({"alg": "ES256"}, b""),
        compact({"alg": "ES256"}) + "=",
        compact({"alg": "ES256"}) + "\n",
        " " + compact({"alg": "ES256"}),
        compact({"alg": "ES256"}).replace(".", ".=", 1),
        compact({"alg": "ES256"}) + ".",
    ],
    ids=lambda token: ascii(token)[:20],
)
def test_what_is_no_compact_jws_is_refused(token):
    refused(token)


def test_a_signature_of_another_length_or_form_is_refused():
    head, payload, signature = jws.sign(TOKEN, PAYLOAD, header={}).split(".")
    raw = base64url.decode(signature)
    der = TOKEN._key.sign(f"{head}.{payload}".encode(), jws_ecdsa())
    for wrong in (b"", raw[:-1], raw + b"\0", der, bytes(64)):
        refused(f"{head}.{payload}.{base64url.encode(wrong)}")


def jws_ecdsa():
    from vault.crypto.signing import _ECDSA

    return _ECDSA


def test_every_changed_character_is_refused():
    token = jws.sign(TOKEN, PAYLOAD, header={"typ": "at+jwt"})
    for place, letter in enumerate(token):
        changed = token[:place] + ("B" if letter == "A" else "A") + token[place + 1 :]
        refused(changed)


def test_a_token_is_measured_before_it_is_read():
    token = jws.sign(TOKEN, b"x" * 3000, header={})
    assert jws.parse(token, max_bytes=len(token)).payload == b"x" * 3000
    refused(token, max_bytes=len(token) - 1)


def test_a_detached_payload_must_be_the_one_that_was_signed():
    token = jws.sign_detached(RECEIPT, PAYLOAD, header={"typ": "t"})
    options: dict[str, Any] = {"algorithms": ("Ed25519",), "max_bytes": 4096}
    for text, payload in (
        (token, PAYLOAD + b" "),
        (token, b""),
        (token.replace("..", ".AA."), PAYLOAD),
        (jws.sign(RECEIPT, PAYLOAD, header={"typ": "t"}), PAYLOAD),
        (token + ".", PAYLOAD),
        ("..", PAYLOAD),
        ("é" + token, PAYLOAD),
        (token + "=", PAYLOAD),
    ):
        with pytest.raises(SignatureError):
            jws.verify_detached(text, payload, RECEIPT.jwk, **options)
    with pytest.raises(SignatureError):
        jws.verify_detached(token, PAYLOAD, RECEIPT.jwk, algorithms=("Ed25519",), max_bytes=20)
    with pytest.raises(SignatureError):
        jws.verify_detached(token, PAYLOAD, RECEIPT.jwk, typ="other", **options)
    # Without its payload it is no token either.
    refused(token, RECEIPT.jwk)


def test_the_caller_may_not_name_the_algorithm_nor_sign_nothing():
    with pytest.raises(ValueError, match="algorithm"):
        jws.sign(TOKEN, PAYLOAD, header={"alg": "ES256"})
    with pytest.raises(ValueError, match="algorithm"):
        jws.sign_detached(TOKEN, PAYLOAD, header={"alg": "none"})
    with pytest.raises(ValueError, match="payload"):
        jws.sign(TOKEN, b"", header={})


def proof_header(**change: object) -> bytes:
    header: Mapping[str, object] = {
        "typ": "dpop+jwt",
        "alg": "ES256",
        "jwk": dict(TOKEN.jwk.members),
        **change,
    }
    kept = {name: value for name, value in header.items() if value != "absent"}
    return base64url.encode(json.dumps(kept).encode()).encode()


def test_a_proof_brings_its_own_key():
    token = jws.sign(TOKEN, PAYLOAD, header={"typ": "dpop+jwt", "jwk": dict(TOKEN.jwk.members)})
    parts = jws.split(token, max_bytes=jws.MAX_PROOF)
    key = jws.proof_key(parts.header, algorithms=("ES256", "Ed25519"))
    assert key == TOKEN.jwk
    assert key.jkt == TOKEN.jwk.jkt
    key.verify(parts.signature, parts.signed)
    assert parts.payload == PAYLOAD


def test_a_proof_of_joserfc_verifies():
    made = PEERS["ES256"]
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": made.as_dict(private=False)}
    token = peer.serialize_compact(header, PAYLOAD, made, algorithms=["ES256"])
    parts = jws.split(token, max_bytes=jws.MAX_PROOF)
    key = jws.proof_key(parts.header, algorithms=("ES256", "Ed25519"))
    assert key.jkt == made.thumbprint()
    key.verify(parts.signature, parts.signed)


@pytest.mark.parametrize(
    "change",
    [
        {"typ": "JWT"},
        {"typ": "absent"},
        {"alg": "none"},
        {"alg": "Ed25519"},
        {"alg": "PS256"},
        {"alg": "absent"},
        {"jwk": "absent"},
        {"jwk": None},
        {"jwk": {**dict(TOKEN.jwk.members), "d": "AA"}},
        {"jwk": {**dict(TOKEN.jwk.members), "alg": "ES384"}},
        {"jwk": {"kty": "oct", "k": "AA"}},
        {"crit": ["jwk"]},
        {"b64": False},
        {"jku": "https://evil.example"},
        {"x5u": "https://evil.example"},
        {"zip": "DEF"},
    ],
    ids=lambda change: json.dumps(change)[:40],
)
def test_a_proof_header_that_is_not_plain_is_refused(change):
    assert jws.proof_key(proof_header(), algorithms=("ES256",)) == TOKEN.jwk
    with pytest.raises(SignatureError):
        jws.proof_key(proof_header(**change), algorithms=("ES256", "Ed25519"))


def test_a_proof_under_an_algorithm_that_is_not_listed_is_refused():
    with pytest.raises(SignatureError):
        jws.proof_key(proof_header(), algorithms=("Ed25519",))


def test_a_proof_header_is_at_most_512_bytes():
    room = jws.MAX_PROOF_HEADER * 3 // 4 - len(base64url.decode(proof_header(x="")))
    assert len(proof_header(x="a" * room)) == jws.MAX_PROOF_HEADER
    assert jws.proof_key(proof_header(x="a" * room), algorithms=("ES256",)) == TOKEN.jwk
    with pytest.raises(SignatureError):
        jws.proof_key(proof_header(x="a" * (room + 1)), algorithms=("ES256",))
