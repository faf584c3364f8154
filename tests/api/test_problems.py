"""One mapper: every error of the tree has one status, and its answer holds fixed texts."""

import json
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.responses import Response

from vault.api import problems
from vault.core import errors
from vault.core.errors import VaultError

ISSUER = "https://vault.example"
# Every error of the tree, and what an app is told. A new error must be thought about here.
EXPECTED = {
    "AuthenticationError": (401, "unauthenticated"),
    "BadRequestError": (400, "bad-request"),
    "BusyError": (503, "busy"),
    "CanonicalError": (400, "bad-json"),
    "ConflictError": (409, "conflict"),
    "DetailsError": (400, "invalid-authorization-details"),
    "ErasedError": (409, "erased"),
    "ForbiddenError": (403, "forbidden"),
    "FrozenError": (401, "frozen"),
    "IdentifierTakenError": (409, "identifier-taken"),
    "LogBrokenError": (503, "log-broken"),
    "MediaTypeError": (415, "unsupported-media-type"),
    "NonceError": (401, "use-dpop-nonce"),
    "NotAvailableError": (404, "not-available"),
    "NotReadyError": (503, "not-ready"),
    "OpenError": (503, "sealed"),
    "OutcomeUnknownError": (503, "outcome-unknown"),
    "OutsideTokenError": (403, "outside-token"),
    "ProofError": (401, "invalid-dpop-proof"),
    "ProviderDownError": (503, "provider-down"),
    "RefusedError": (403, "refused"),
    "RegistrationError": (400, "bad-registration"),
    "ReviewOverdueError": (401, "review-overdue"),
    "TokenError": (401, "invalid-token"),
    "TooLargeError": (413, "too-large"),
    "TooManyError": (429, "too-many"),
    "UnknownFieldError": (400, "unknown-field"),
    "WrongSourceError": (422, "wrong-source"),
    "WrongValueError": (422, "wrong-value"),
}
# What no call of the API can bring about, or what nobody foresaw: 500 without a word.
INTERNAL = {
    "FormatError",
    "SignatureError",
    "StoreDefectError",
    "UnwrapFailedError",
}
# What pages raise and the API never does.
PAGES = {
    "NotFreshError",
    "NotSignedInError",
    "OtherCustomerError",
    "SignInRefusedError",
    "TermNotOfferedError",
}


def tree(root: type[VaultError] = VaultError) -> set[type[VaultError]]:
    found = {child for child in root.__subclasses__() if child.__module__ == errors.__name__}
    for child in root.__subclasses__():
        found |= tree(child)
    return found


def read(answer: Response) -> dict[str, Any]:
    return json.loads(bytes(answer.body))


def test_every_error_of_the_tree_has_its_row():
    assert {one.__name__ for one in tree()} == EXPECTED.keys() | INTERNAL | PAGES


@pytest.mark.parametrize("error", sorted(tree(), key=str))
def test_an_error_is_answered_as_the_table_says(error):
    answer = problems.problem(error(), ISSUER)
    body = read(answer)
    status, code = EXPECTED.get(error.__name__, (500, "internal"))
    if error.__name__ in PAGES:
        return
    assert answer.status_code == body["status"] == status
    assert body["type"] == f"{ISSUER}/problems/{code}"
    assert body.keys() == {"type", "title", "status", "detail"}
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert ("retry-after" in answer.headers) == (status in {429, 503})
    assert ("www-authenticate" in answer.headers) == (status == 401 or code == "outside-token")


def test_a_401_says_how_to_come_back():
    error = errors.NonceError()
    error.nonce = "abc"
    answer = problems.problem(error, ISSUER)
    assert answer.headers["dpop-nonce"] == "abc"
    assert answer.headers["www-authenticate"].startswith('DPoP error="use_dpop_nonce", algs="')


def test_a_403_is_insufficient_scope():
    answer = problems.problem(errors.OutsideTokenError("contact.email"), ISSUER)
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    assert read(answer)["detail"] == "contact.email"


def test_what_is_not_available_has_the_same_bytes_whatever_the_reason():
    bodies = {
        bytes(problems.problem(error, ISSUER).body)
        for error in (errors.NotAvailableError(), errors.NotAvailableError("unknown customer"))
    }
    assert len(bodies) == 1


def test_an_internal_error_says_nothing():
    answer = problems.problem(errors.StoreDefectError("SQLSTATE 42P01: value"), ISSUER)
    assert b"42P01" not in bytes(answer.body)
    assert read(answer)["type"].endswith("/internal")


def test_titles_are_words():
    for code, title in (
        ("invalid-dpop-proof", "Invalid DPoP proof"),
        ("bad-json", "Bad JSON"),
        ("not-available", "Not available"),
    ):
        error = next(one for one in tree() if one.code == code)
        assert read(problems.problem(error(), ISSUER))["title"] == title


class Body(BaseModel):
    number: int


@pytest.fixture
def client() -> httpx2.AsyncClient:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    problems.install(app, ISSUER)

    @app.post("/numbers")
    async def numbers(body: Body) -> int:
        if not body.number:
            raise errors.WrongValueError
        return body.number

    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url=ISSUER, trust_env=False
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/numbers", b'{"number": "secret@example.org"}', 400, "bad-request"),
        ("POST", "/numbers", b"{", 400, "bad-request"),
        ("POST", "/numbers", b'{"number": 0}', 422, "wrong-value"),
        ("GET", "/numbers", b"", 405, "method-not-allowed"),
        ("GET", "/nothing/secret@example.org", b"", 404, "not-found"),
    ],
)
async def test_the_frameworks_own_answers_are_problems_too(
    client, method, path, body, status, code
):
    async with client:
        answer = await client.request(
            method, path, content=body, headers={"content-type": "application/json"}
        )
    assert answer.status_code == status
    assert answer.json()["type"] == f"{ISSUER}/problems/{code}"
    assert "secret" not in answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    if status == 405:
        assert answer.headers["allow"] == "POST"
