import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import ECKey, OKPKey, RSAKey

from tests.crypto.vectors import load
from vault.core.errors import SignatureError
from vault.crypto import base64url
from vault.crypto.jwk import PublicJwk
from vault.crypto.signing import SigningKey, TokenKey

VECTORS = load("jws")
EC = VECTORS["verify"][0]["jwk"]
OKP = VECTORS["thumbprints"][1]["jwk"]
RSA = VECTORS["thumbprints"][0]["jwk"]


def without(jwk: dict, name: str) -> dict:
    return {key: value for key, value in jwk.items() if key != name}


def rsa_jwk(bits: int, *, e: str = "AQAB") -> dict:
    number = rsa.generate_private_key(65537, bits).public_key().public_numbers().n
    return {"kty": "RSA", "n": base64url.encode(number.to_bytes(-(-bits // 8))), "e": e}


@pytest.mark.parametrize("case", VECTORS["thumbprints"], ids=lambda case: case["name"])
def test_thumbprints_are_those_of_the_rfcs(case):
    assert PublicJwk.parse(case["jwk"]).jkt == case["thumbprint"]


@pytest.mark.parametrize(
    ("jwk", "alg"), [(EC, "ES256"), (OKP, "Ed25519"), (RSA, "PS256")], ids=["EC", "OKP", "RSA"]
)
def test_the_key_decides_its_algorithm(jwk, alg):
    key = PublicJwk.parse(jwk)
    assert key.alg == alg
    assert key.kid == jwk.get("kid")
    assert key == PublicJwk.parse({**jwk, "kid": "another", "use": "sig", "x-own": 1})


def test_an_export_is_read_again_and_names_its_key():
    for jwk in (EC, OKP, RSA):
        key = PublicJwk.parse(jwk)
        exported = key.export()
        assert PublicJwk.parse(exported) == key
        assert exported["kid"] == jwk.get("kid", key.jkt)
        assert (exported["use"], exported["alg"]) == ("sig", key.alg)
        assert key.export(kid="2026-11")["kid"] == "2026-11"


def test_thumbprints_and_keys_agree_with_joserfc():
    for key, peer in (
        (TokenKey(bytes(range(32))).jwk, ECKey),
        (SigningKey(bytes(range(32))).jwk, OKPKey),
        (PublicJwk.parse(RSA), RSAKey),
    ):
        theirs = peer.import_key(dict(key.members))
        assert theirs.thumbprint() == key.jkt
        assert not theirs.is_private


def test_a_private_key_is_refused():
    for made in (ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519")):
        with pytest.raises(SignatureError):
            PublicJwk.parse(made.as_dict(private=True))
        PublicJwk.parse(made.as_dict(private=False))
    for name in ("d", "p", "q", "dp", "dq", "qi", "oth", "k"):
        with pytest.raises(SignatureError):
            PublicJwk.parse({**EC, name: "AA"})


@pytest.mark.parametrize(
    "jwk",
    [
        None,
        "",
        [],
        {},
        {"kty": "oct"},
        {"kty": "AKP"},
        {**EC, "kty": 1},
        {**EC, "kty": "OKP"},
        {**EC, "crv": "P-384"},
        {**EC, "crv": "secp256k1"},
        without(EC, "crv"),
        without(EC, "x"),
        without(EC, "y"),
        {**EC, "x": 1},
        {**EC, "x": EC["x"] + "="},
        {**EC, "x": EC["x"][:-1]},
        {**EC, "x": EC["y"], "y": EC["x"]},
        {**EC, "x": "A" * 43, "y": "A" * 43},
        {**EC, "alg": "ES384"},
        {**EC, "alg": None},
        {**EC, "use": "enc"},
        {**EC, "kid": 7},
        {**EC, "kid": ""},
        {**EC, "kid": "k" * 129},
        {**OKP, "crv": "Ed448"},
        {**OKP, "crv": "X25519"},
        {**OKP, "x": OKP["x"][:-4]},
        {**OKP, "alg": "EdDSA"},
        without(OKP, "x"),
        {**RSA, "e": "Aw"},
        {**RSA, "e": "AAEAAQ"},
        {**RSA, "alg": "RS256"},
        {**RSA, "n": ""},
        {**RSA, "n": "AA" + RSA["n"]},
        without(RSA, "n"),
        without(RSA, "e"),
    ],
    ids=lambda jwk: json.dumps(jwk)[:60],
)
def test_what_is_no_key_of_ours_is_refused(jwk):
    with pytest.raises(SignatureError) as caught:
        PublicJwk.parse(jwk)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_rsa_keys_have_2048_to_4096_bits():
    assert PublicJwk.parse(rsa_jwk(2048)).alg == "PS256"
    with pytest.raises(SignatureError):
        PublicJwk.parse(rsa_jwk(1024))
    huge = base64url.encode(b"\x01" + bytes(511) + b"\x01")
    with pytest.raises(SignatureError):
        PublicJwk.parse({**RSA, "n": huge})
    longest = base64url.encode(b"\xff" * 512)
    assert PublicJwk.parse({**RSA, "n": longest}).alg == "PS256"
