"""An app's metadata: what may be registered, member by member."""

import contextlib
import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.model import Permission
from policies.names import Action
from vault.core import registration
from vault.core.errors import RegistrationError
from vault.core.scope import Scope

KEY = {
    "kty": "EC",
    "crv": "P-256",
    "kid": "2026-11",
    "alg": "ES256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
DOCUMENT: dict[str, Any] = {
    "client_id": "delivery",
    "client_name": "Delivery planner",
    "contacts": ["delivery@shop.example"],
    "jwks": {"keys": [KEY]},
    "token_endpoint_auth_method": "private_key_jwt",
    "token_endpoint_auth_signing_alg": "ES256",
    "grant_types": ["authorization_code", "client_credentials", "refresh_token"],
    "redirect_uris": ["https://delivery.shop.example/callback"],
    "dpop_bound_access_tokens": True,
    "scope": "profile.read events.read offline_access",
    "require_pushed_authorization_requests": True,
    "ownship": {
        "owner": "Logistics",
        "sector": "delivery",
        "review_by": "2027-11-01",
        "daily_limit": 20000,
        "approved": [
            {
                "purpose": "delivery",
                "actions": ["read"],
                "datatypes": ["contact.postal_address"],
                "retention": "P30D",
            }
        ],
        "events": {"method": "poll"},
        "introspect": False,
    },
}


def changed(path: str, value: object) -> bytes:
    """The document with one member set, or taken out for `...`."""
    document = copy.deepcopy(DOCUMENT)
    place: Any = document
    *way, last = path.split(".")
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if value is ...:
        del place[last]
    elif isinstance(place, list):
        place[int(last)] = value
    else:
        place[last] = value
    return json.dumps(document).encode()


def test_the_documented_example_is_read():
    page = Path(__file__).parents[2] / "docs" / "oauth.md"
    (example,) = re.findall(r"(?ms)^```json\n(.*?)^```", page.read_text(encoding="utf-8"))
    assert json.loads(example) == DOCUMENT
    read = registration.parse(example.encode())
    assert read.client_id == read.sector == "delivery"
    assert read.scopes == {Scope.PROFILE_READ, Scope.EVENTS_READ, Scope.OFFLINE_ACCESS}
    assert read.permissions() == {Permission("delivery", Action.READ, "contact.postal_address")}
    assert read.keys[0].kid == "2026-11"
    assert dict(read.keys[0].members) == {name: KEY[name] for name in ("kty", "crv", "x", "y")}
    assert read.review_by.isoformat() == "2027-11-01"


def test_an_app_without_the_code_grant_needs_no_redirect():
    document = {**DOCUMENT, "grant_types": ["client_credentials"]}
    del document["redirect_uris"], document["require_pushed_authorization_requests"]
    document["ownship"] = {
        name: DOCUMENT["ownship"][name]
        for name in ("owner", "review_by", "daily_limit", "approved")
    }
    read = registration.parse(json.dumps(document).encode())
    assert read.redirect_uris == ()
    assert read.sector == "delivery"  # the client id, when nothing else is registered
    assert read.introspect is False


REQUIRED = [
    *(name for name in DOCUMENT),
    *(f"ownship.{name}" for name in ("owner", "review_by", "daily_limit", "approved")),
]


@pytest.mark.parametrize("path", REQUIRED)
def test_a_missing_member_is_named(path):
    with pytest.raises(RegistrationError, match=path.rpartition(".")[2]):
        registration.parse(changed(path, ...))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("client_id", "Delivery"),
        ("client_id", "a" * 33),
        ("client_id", "app:one"),
        ("client_id", 7),
        ("client_name", ""),
        ("client_name", "a" * 101),
        ("client_name", "two\nlines"),
        ("contacts", []),
        ("contacts", "delivery@shop.example"),
        ("contacts", ["nobody"]),
        ("contacts", ["a@b.example", "a@b.example"]),
        ("jwks", {"keys": []}),
        ("jwks", {"keys": [KEY], "more": 1}),
        ("jwks", [KEY]),
        ("jwks", {"keys": [KEY, KEY]}),  # one kid for two
        ("jwks", {"keys": [KEY | {"kid": str(n)} for n in range(3)]}),
        ("jwks.keys.0", "key"),
        ("jwks.keys.0.kid", ...),
        ("jwks.keys.0.kid", "a b"),
        ("jwks.keys.0.kid", "a" * 129),
        ("jwks.keys.0.kty", "RSA"),
        ("jwks.keys.0.crv", "P-384"),
        ("jwks.keys.0.alg", "ES384"),
        ("jwks.keys.0.use", "enc"),
        ("jwks.keys.0.x", ...),
        ("jwks.keys.0.x", "+/=="),
        ("jwks.keys.0.x5u", "https://evil.example/"),
        ("token_endpoint_auth_method", "client_secret_basic"),
        ("token_endpoint_auth_signing_alg", "RS256"),
        ("token_endpoint_auth_signing_alg", "none"),
        ("token_endpoint_auth_signing_alg", "EdDSA"),
        ("token_endpoint_auth_signing_alg", "PS256"),  # not what the key is for
        ("token_endpoint_auth_signing_alg", ["ES256"]),
        ("grant_types", []),
        ("grant_types", ["password"]),
        ("grant_types", ["implicit", "client_credentials"]),
        ("grant_types", ["client_credentials", "refresh_token"]),
        ("grant_types", ["client_credentials"]),  # redirect URIs without the code grant
        ("grant_types", ["client_credentials", "client_credentials"]),
        ("redirect_uris", []),
        ("redirect_uris", ["http://shop.example/callback"]),
        ("redirect_uris", ["https://shop.example/#a"]),
        ("redirect_uris", [f"https://shop.example/{n}" for n in range(11)]),
        ("dpop_bound_access_tokens", False),
        ("dpop_bound_access_tokens", 1),
        ("scope", ""),
        ("scope", "openid"),
        ("scope", ["profile.read"]),
        ("require_pushed_authorization_requests", False),
        ("ownship", []),
        ("ownship.owner", ""),
        ("ownship.sector", "../x"),
        ("ownship.review_by", "2027-02-30"),
        ("ownship.review_by", "20271101"),
        ("ownship.review_by", 20271101),
        ("ownship.daily_limit", 0),
        ("ownship.daily_limit", True),
        ("ownship.daily_limit", "unlimited"),
        ("ownship.daily_limit", 10_000_001),
        ("ownship.approved", []),
        ("ownship.approved", {}),
        ("ownship.approved.0.type", "profile_access"),
        ("ownship.approved.0.datatypes", ["contact.*"]),
        ("ownship.approved.0.purpose", "Delivery"),
        ("ownship.events", {"method": "push", "endpoint": "https://169.254.169.254/"}),
        ("ownship.events", {"method": "poll", "endpoint": "https://shop.example/"}),
        ("ownship.introspect", "yes"),
        ("ownship.unlimited", True),
        ("client_secret_expires_at", 0),
        ("response_types", ["code"]),
        ("software_statement", "x"),
    ],
    ids=str,
)
def test_a_wrong_member_is_refused(path, value):
    with pytest.raises(RegistrationError):
        registration.parse(changed(path, value))


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_a_private_key_is_refused_by_that_name(member):
    with pytest.raises(RegistrationError, match="private"):
        registration.parse(changed(f"jwks.keys.0.{member}", "AAAA"))


@pytest.mark.parametrize(
    ("member", "why"), [("jwks_uri", "fetches nothing"), ("client_secret", "No secret")]
)
def test_what_would_be_dangerous_is_refused_with_its_reason(member, why):
    with pytest.raises(RegistrationError, match=why):
        registration.parse(changed(member, "https://169.254.169.254/"))


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        json.dumps(DOCUMENT).encode()[:-1] + b',"scope":"profile.read"}',  # twice
        json.dumps(DOCUMENT).encode() + b" " * 65_536,
    ],
    ids=range(6),
)
def test_what_is_no_document_is_refused(document):
    with pytest.raises(RegistrationError):
        registration.parse(document)


@given(
    st.sampled_from([*REQUIRED, "ownship.sector", "ownship.events", "ownship.introspect"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
        ),
        max_leaves=6,
    ),
)
def test_nothing_but_a_registration_and_the_one_error_comes_out(path, value):
    with contextlib.suppress(RegistrationError):
        registration.parse(changed(path, value))


def test_rsa_and_ed25519_keys_have_their_own_members():
    rsa = {"kty": "RSA", "kid": "r", "n": "AQAB", "e": "AQAB", "alg": "PS256"}
    octets = {"kty": "OKP", "crv": "Ed25519", "kid": "o", "x": "AAAA", "use": "sig"}
    for algorithm, key in (("PS256", rsa), ("Ed25519", octets)):
        document = {
            **DOCUMENT,
            "jwks": {"keys": [key]},
            "token_endpoint_auth_signing_alg": algorithm,
        }
        assert registration.parse(json.dumps(document).encode()).keys[0].kid == key["kid"]
