"""Describe OAuth's routes for OpenAPI: what each takes and gives.

The endpoints read their forms themselves, strictly; so what they take is said here.
Source: docs/oauth.md.
"""

import json
from typing import Any, Final

Extra = dict[str, Any]

_ASSERTION: Final[Extra] = {
    "client_assertion_type": {
        "type": "string",
        "const": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    },
    "client_assertion": {"type": "string", "maxLength": 4096, "description": "RFC 7523"},
    "client_id": {"type": "string"},
}
_DETAILS: Final = [
    {
        "type": "profile_access",
        "purpose": "delivery",
        "actions": ["read"],
        "datatypes": ["contact.full_name", "contact.postal_address"],
    }
]
_ERROR: Final[Extra] = {
    "type": "object",
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
    "required": ["error", "error_description"],
}
_PROBLEM: Final[Extra] = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
}
_PROOF: Final[Extra] = {
    "name": "DPoP",
    "in": "header",
    "required": True,
    "description": "RFC 9449: a proof for this request, with a nonce of ours.",
    "schema": {"type": "string", "maxLength": 2048},
}


def _form(properties: Extra, *, required: list[str], example: Extra) -> Extra:
    schema = {"type": "object", "properties": {**properties, **_ASSERTION}, "required": required}
    sent = {
        "client_assertion_type": _ASSERTION["client_assertion_type"]["const"],
        "client_assertion": "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJkZWxpdmVyeSJ9.c2lnbmF0dXJl",
    }
    content = {"schema": schema, "example": {**example, **sent}}
    return {"required": True, "content": {"application/x-www-form-urlencoded": content}}


def _answers(good: Extra, example: Extra) -> Extra:
    refused = {"application/json": {"schema": _ERROR}}
    schema = {"type": "object", "properties": good}
    content = {"application/json": {"schema": schema, "example": example}}
    return {
        "200": {"description": "Done", "content": content},
        "400": {"description": "Refused: RFC 6749, 5.2", "content": refused},
        "401": {"description": "The app is not authenticated", "content": refused},
        "413": {"description": "The form is longer than 65,536 bytes", "content": _PROBLEM},
        "415": {"description": "The body is no form", "content": _PROBLEM},
        "429": {"description": "Too many; see Retry-After", "content": _PROBLEM},
        "503": {"description": "Busy; see Retry-After", "content": _PROBLEM},
    }


TOKEN: Final[Extra] = {
    "parameters": [_PROOF],
    "requestBody": _form(
        {
            "grant_type": {"type": "string", "enum": ["client_credentials"]},
            "scope": {"type": "string"},
            "authorization_details": {"type": "string", "maxLength": 16384},
            "resource": {"type": "string", "format": "uri"},
        },
        required=["grant_type", "scope", "client_assertion_type", "client_assertion"],
        example={
            "grant_type": "client_credentials",
            "scope": "profile.read",
            "authorization_details": json.dumps(_DETAILS),
        },
    ),
    "responses": _answers(
        {
            "access_token": {"type": "string", "maxLength": 4096},
            "token_type": {"type": "string", "const": "DPoP"},
            "expires_in": {"type": "integer"},
            "scope": {"type": "string"},
            "authorization_details": {"type": "array", "items": {"type": "object"}},
        },
        {
            "access_token": "eyJ0eXAiOiJhdCtqd3QifQ.eyJpc3MiOiJodHRwIn0.c2lnbmF0dXJl",
            "token_type": "DPoP",
            "expires_in": 300,
            "scope": "profile.read",
            "authorization_details": _DETAILS,
        },
    ),
}
_TOKEN_FORM: Final = _form(
    {"token": {"type": "string"}, "token_type_hint": {"type": "string"}},
    required=["token", "client_assertion_type", "client_assertion"],
    example={"token": "eyJ0eXAiOiJhdCtqd3QifQ.eyJpc3MiOiJodHRwIn0.c2lnbmF0dXJl"},
)
REVOKE: Final[Extra] = {"requestBody": _TOKEN_FORM, "responses": _answers({}, {})}
INTROSPECT: Final[Extra] = {
    "requestBody": _TOKEN_FORM,
    "responses": _answers({"active": {"type": "boolean"}}, {"active": False}),
}
