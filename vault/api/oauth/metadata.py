"""Say what the authorization server and the API offer: both metadata documents.

They name only what answers today, so that a client built from them never meets a 404.
Source: RFC 8414, 9728, 9396, 9449; docs/oauth.md, metadata.
"""

from typing import Final

from vault.core import app_keys, details
from vault.core.scope import LIVE
from vault.services import proof

SERVER_PATH: Final = "/.well-known/oauth-authorization-server"
RESOURCE_PATH: Final = "/.well-known/oauth-protected-resource/api/v1"


def server(issuer: str) -> dict[str, object]:
    """Return the authorization server's metadata."""
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth/token",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "jwks_uri": f"{issuer}/oauth/jwks",
        "op_policy_uri": f"{issuer}/code",
        "response_types_supported": [],  # required by RFC 8414; there is no authorization endpoint
        "grant_types_supported": ["client_credentials"],
        **_authentication("token"),
        **_authentication("revocation"),
        **_authentication("introspection"),
        **_shared(),
    }


def resource(issuer: str) -> dict[str, object]:
    """Return the API's metadata."""
    return {
        "resource": f"{issuer}/api/v1",
        "authorization_servers": [issuer],
        "bearer_methods_supported": ["header"],
        "dpop_bound_access_tokens_required": True,
        **_shared(),
    }


def _authentication(endpoint: str) -> dict[str, object]:
    prefix = f"{endpoint}_endpoint_auth"
    return {
        f"{prefix}_methods_supported": ["private_key_jwt"],
        f"{prefix}_signing_alg_values_supported": sorted(app_keys.ALGORITHMS),
    }


def _shared() -> dict[str, object]:
    return {
        "scopes_supported": sorted(LIVE),
        "authorization_details_types_supported": [details.TYPE],
        "dpop_signing_alg_values_supported": sorted(proof.ALGORITHMS),
    }
