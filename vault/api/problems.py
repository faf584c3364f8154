"""Say to apps what went wrong: one mapper from the vault's errors to RFC 9457.

Decides status and headers for each error, nothing else: the texts are the errors' own and hold no
value and nothing that was typed. `type` names a page; there is no `instance`, for the request id is
in X-Request-Id alone. An unknown customer's problem has the same bytes as a forbidden one's.
Source: RFC 9457, 6750, 9449; INTERFACES, refusals that have a name.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from vault.core import errors
from vault.core.checkpoint import NotPublishedError
from vault.core.errors import VaultError

# The nearest class of an error's family decides.
STATUS: Final[Mapping[type[VaultError], int]] = MappingProxyType(
    {
        errors.VaultError: 500,
        errors.BadRequestError: 400,
        errors.MediaTypeError: 415,
        errors.AuthenticationError: 401,
        errors.OutsideTokenError: 403,
        errors.ForbiddenError: 403,
        errors.RefusedError: 403,
        errors.NotAvailableError: 404,
        NotPublishedError: 404,
        errors.IdentifierTakenError: 409,
        errors.ErasedError: 409,
        errors.ConflictError: 409,
        errors.TooLargeError: 413,
        errors.WrongSourceError: 422,
        errors.WrongValueError: 422,
        errors.TooManyError: 429,
        errors.BusyError: 503,
        errors.NotReadyError: 503,
        errors.OpenError: 503,  # its record stands, nothing is answered, an alarm has gone
    }
)
HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
    }
)
PROOF_ALGORITHMS: Final = "ES256 Ed25519"

_INSUFFICIENT: Final = "insufficient_scope"
_OAUTH: Final = {"use-dpop-nonce": "use_dpop_nonce", "invalid-dpop-proof": "invalid_dpop_proof"}
_WORDS: Final = {"dpop": "DPoP", "json": "JSON"}
# What the framework refuses before any route runs: status -> code and sentence.
_FRAMEWORK: Final = {
    404: ("not-found", "There is nothing here. Compare the path with the API's documentation."),
    405: ("method-not-allowed", "This method is not offered here. The header Allow names those."),
}


def status_of(error: VaultError) -> int:
    """Return the HTTP status of an error."""
    return next(STATUS[one] for one in type(error).__mro__ if one in STATUS)


def problem(error: VaultError, issuer: str) -> Response:
    """Return the answer that an error means."""
    status = status_of(error)
    if status == 500:
        return _answer(issuer, status, "internal", VaultError.sentence, {})
    headers = {}
    if status == 503:
        headers["retry-after"] = "1"
    if isinstance(error, errors.TooManyError):
        headers["retry-after"] = str(error.seconds)
    if isinstance(error, errors.AuthenticationError):
        headers["www-authenticate"] = challenge(_OAUTH.get(error.code, "invalid_token"), issuer)
        if error.nonce:
            headers["dpop-nonce"] = error.nonce
    if isinstance(error, errors.OutsideTokenError):
        headers["www-authenticate"] = challenge(_INSUFFICIENT, issuer)
    # One text for all that is not available: no detail may tell an unknown customer from another.
    same = isinstance(error, errors.NotAvailableError)
    return _answer(issuer, status, error.code, error.sentence if same else error.detail, headers)


def challenge(error: str, issuer: str) -> str:
    """Return the header WWW-Authenticate of the API."""
    where = f"{issuer}/.well-known/oauth-protected-resource/api/v1"
    return f'DPoP error="{error}", algs="{PROOF_ALGORITHMS}", resource_metadata="{where}"'


def framework_problem(status: int, issuer: str, headers: Mapping[str, str]) -> Response:
    """Return the answer for what no route serves."""
    code, sentence = _FRAMEWORK.get(status, ("bad-request", errors.BadRequestError.sentence))
    return _answer(issuer, status, code, sentence, dict(headers))


def install(app: FastAPI, issuer: str) -> None:
    """Let an application answer every error of its routes with a problem."""

    async def vault_error(_: Request, error: Exception) -> Response:
        return problem(error if isinstance(error, VaultError) else VaultError(), issuer)

    async def not_valid(_: Request, __: Exception) -> Response:
        # The framework's own answer quotes the input, so nothing of it is used.
        return problem(errors.BadRequestError(), issuer)

    async def not_served(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        allowed = error.headers if isinstance(error, HTTPException) else None
        return framework_problem(status, issuer, allowed or {})

    app.add_exception_handler(VaultError, vault_error)
    app.add_exception_handler(RequestValidationError, not_valid)

    async def unforeseen(_: Request, __: Exception) -> Response:
        return problem(VaultError(), issuer)  # the guard logs its class; no detail leaves

    app.add_exception_handler(HTTPException, not_served)
    app.add_exception_handler(Exception, unforeseen)


def _answer(
    issuer: str, status: int, code: str, detail: str, headers: Mapping[str, str]
) -> Response:
    body = {
        "type": f"{issuer}/problems/{code}",
        "title": _title(code),
        "status": status,
        "detail": detail,
    }
    return Response(
        orjson.dumps(body),
        status_code=status,
        headers={**HEADERS, **headers},
        media_type="application/problem+json",
    )


def _title(code: str) -> str:
    words = " ".join(_WORDS.get(word, word) for word in code.split("-"))
    return words[0].upper() + words[1:]
