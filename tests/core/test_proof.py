"""The claims of a DPoP proof: about this request, this token and this minute."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core import canonical, proof
from vault.core.errors import CanonicalError, ProofError

URI = "https://vault.example/api/v1/customers/abc/profile"
NOW = 1_795_426_200
CLAIMS = {"htm": "GET", "htu": URI, "iat": NOW, "jti": "one", "ath": "hash"}


def claims(**change: object) -> proof.ProofClaims:
    return proof.read(json.dumps(CLAIMS | change).encode())


def check(one: proof.ProofClaims, **change: object) -> None:
    asked = {"method": "GET", "uri": URI, "now": NOW, "ath": "hash"} | change
    proof.check(one, **asked)  # type: ignore[arg-type]


def test_a_proof_of_this_request_passes():
    check(claims())


def test_other_members_are_ignored():
    assert claims(extra={"a": 1}) == claims()


@pytest.mark.parametrize(
    "change",
    [
        {"htm": ""},
        {"htm": 1},
        {"htu": None},
        {"iat": "1"},
        {"iat": True},
        {"iat": 1.5},
        {"iat": 9e99},
        {"iat": None},
        {"jti": ""},
        {"jti": "a" * 129},
        {"jti": 1},
        {"ath": 1},
        {"nonce": 1},
        {"nonce": ""},
        {"nonce": None},
    ],
    ids=str,
)
def test_a_claim_of_another_type_or_size_is_refused(change):
    with pytest.raises(ProofError):
        claims(**change)


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"\xff", b'{"iat":1,"iat":1}', b"{}"])
def test_what_is_no_object_of_claims_is_refused(payload):
    with pytest.raises(ProofError):
        proof.read(payload)


@given(st.binary(max_size=200))
def test_nothing_but_the_one_error_comes_out(payload):
    with pytest.raises(ProofError):
        proof.read(payload)


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        ({"htm": "get"}, "htm"),
        ({"htm": "POST"}, "htm"),
        ({"htu": "https://vault.example/api/v1/customers/abd/profile"}, "htu"),
        ({"htu": "https://evil.example/api/v1/customers/abc/profile"}, "htu"),
        ({"htu": "http://vault.example/api/v1/customers/abc/profile"}, "htu"),
        ({"htu": "https://user@vault.example/api/v1/customers/abc/profile"}, "htu"),
        ({"htu": "https://vault.example:8443/api/v1/customers/abc/profile"}, "htu"),
        ({"htu": "/api/v1/customers/abc/profile"}, "htu"),
        ({"htu": URI + "/"}, "htu"),
        ({"htu": "https://vault.example/api/v1/x/../customers/abc/profile"}, "htu"),
        ({"iat": NOW - 61}, "iat"),
        ({"iat": NOW + 31}, "iat"),
        ({"ath": "other"}, "ath"),
    ],
    ids=str,
)
def test_a_proof_of_another_request_is_refused_by_its_claim(change, claim):
    with pytest.raises(ProofError, match=claim):
        check(claims(**change))


def test_a_proof_without_token_hash_is_refused_where_a_token_is_presented():
    without = {name: value for name, value in CLAIMS.items() if name != "ath"}
    one = proof.read(json.dumps(without).encode())
    check(one, ath=None)
    with pytest.raises(ProofError, match="ath"):
        check(one)


@pytest.mark.parametrize("at", [NOW - 60, NOW + 30])
def test_the_window_includes_its_ends(at):
    check(claims(iat=at))


@pytest.mark.parametrize(
    "htu",
    [
        URI + "?purpose=delivery",
        URI + "#part",
        "HTTPS://VAULT.example:443/api/v1/customers/abc/profile",
        "https://vault.example:/api/v1/customers/%61bc/profile",
    ],
)
def test_spellings_of_one_uri_are_equal(htu):
    check(claims(htu=htu))


def test_two_texts_that_are_no_uri_are_not_equal():
    with pytest.raises(ProofError, match="htu"):
        check(claims(htu="nothing"), uri="nowhere")


def test_the_method_of_a_batch_route_keeps_its_colon():
    uri = "http://localhost:8000/api/v1/profiles:batch"
    check(claims(htm="POST", htu=uri), method="POST", uri=uri)
    assert proof.normal("http://localhost:8000/api/v1/profiles%3abatch") != proof.normal(uri)


@given(
    st.dictionaries(
        st.sampled_from(["htm", "htu", "iat", "jti", "ath", "nonce", "é", "x"])
        | st.text(max_size=3),
        st.text(max_size=5) | st.integers() | st.floats() | st.booleans() | st.none(),
    ),
    st.sampled_from([(",", ":"), (", ", ": ")]),
    st.booleans(),
)
def test_the_quick_reader_reads_what_the_strict_one_reads(members, separators, escaped):
    payload = json.dumps(CLAIMS | members, separators=separators, ensure_ascii=escaped).encode(
        "utf-8", "surrogatepass"
    )
    try:
        strict = canonical.loads(payload)
    except CanonicalError:
        with pytest.raises(ProofError):
            proof._claims(payload)
    else:
        assert proof._claims(payload) == strict
