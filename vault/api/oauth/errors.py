"""Name what the token endpoint answers when it refuses: RFC 6749's errors, as JSON.

The texts are fixed. Authlib's own quote what was sent, which may hold characters that an answer
must not have, so none of them leaves: `of` gives ours for a code.
Source: RFC 6749, 5.2; RFC 9396, 5; RFC 9449, 5 and 8; docs/oauth.md, errors.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import orjson
from starlette.responses import Response

from vault.api.problems import HEADERS

INVALID_CLIENT: Final = "invalid_client"
INVALID_REQUEST: Final = "invalid_request"
INVALID_DETAILS: Final = "invalid_authorization_details"

DESCRIPTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        INVALID_REQUEST: "A parameter is missing, repeated or malformed.",
        INVALID_CLIENT: "The app could not be authenticated.",
        INVALID_DETAILS: "The authorization details are refused.",
        "invalid_dpop_proof": "The DPoP proof is missing or not valid.",
        "use_dpop_nonce": "Sign a new DPoP proof with the nonce of the header DPoP-Nonce.",
        "invalid_scope": "The scope is missing, unknown, not registered or not offered yet.",
        "invalid_target": "The resource is not the API of this vault.",
        "invalid_grant": "The grant is not valid.",
        "unauthorized_client": "The app is not registered for this grant.",
        "unsupported_grant_type": "The only grant offered here is client_credentials.",
    }
)


class OAuthError(Exception):
    """A refusal of the token endpoint."""

    def __init__(
        self, code: str, description: str | None = None, *, nonce: str | None = None
    ) -> None:
        """Keep a code of RFC 6749 or its extensions; `nonce` is sent as DPoP-Nonce.

        Precondition: a description of its own is fixed text: printable ASCII, no quote, no input.
        """
        self.code = code
        self.description = description or DESCRIPTIONS[code]
        self.status = 401 if code == INVALID_CLIENT else 400
        self.nonce = nonce
        super().__init__(code)


def refusal(error: OAuthError) -> Response:
    """Return the answer."""
    body = {"error": error.code, "error_description": error.description}
    # No WWW-Authenticate with 401: it would name a scheme of HTTP, and the app used none.
    nonce = {"dpop-nonce": error.nonce} if error.nonce else {}
    return Response(
        orjson.dumps(body),
        status_code=error.status,
        headers={**HEADERS, **nonce, "pragma": "no-cache"},
        media_type="application/json",
    )
