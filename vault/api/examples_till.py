"""Describe the calls of a till for OpenAPI: look somebody up, give a card, count points.

Source: docs/api.md, at the till; `vault/api/examples.py`.
"""

from typing import Any

from vault.api.examples import PROFILE_READ, PURPOSE

Extra = dict[str, Any]

_TEXT: Extra = {"type": "string"}
_IDENTIFIER: Extra = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"field": _TEXT, "value": _TEXT},
    "required": ["field", "value"],
}
_FIELDS: Extra = {
    "type": "array",
    "items": _TEXT,
    "maxItems": 64,
    "description": "Names; `group.*` for all of a group that the token covers; absent: all of it.",
}


def _call(properties: Extra, *, required: list[str], example: Extra, responses: Extra) -> Extra:
    schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": required,
    }
    content = {"application/json": {"schema": schema, "example": example}}
    return {
        "security": PROFILE_READ["security"],
        "requestBody": {"required": True, "content": content},
        "responses": responses,
    }


LOOKUP: Extra = _call(
    {"purpose": _TEXT, "identifier": _IDENTIFIER, "fields": _FIELDS},
    required=["purpose", "identifier"],
    example={
        "purpose": PURPOSE,
        "identifier": {"field": "contact.email", "value": "ana@example.org"},
        "fields": ["contact.*"],
    },
    responses=PROFILE_READ["responses"],
)
_ERRORS: Extra = {code: said for code, said in PROFILE_READ["responses"].items() if code != "200"}


def _done(properties: Extra) -> Extra:
    """Return the answers of a call that makes something."""
    schema = {"type": "object", "properties": properties}
    content = {"application/json": {"schema": schema}}
    return {**_ERRORS, "201": {"description": "Done", "content": content}}


CARD: Extra = _call(
    {"purpose": _TEXT, "replace": {"type": "boolean", "default": False}},
    required=["purpose"],
    example={"purpose": "loyalty.rewards", "replace": False},
    responses=_done(
        {
            "customer": _TEXT,
            "field": _TEXT,
            "number": {"type": "string", "description": "Digits; the last one is a check digit."},
            "replaced": {"type": "boolean", "description": "Whether an older card ended by it."},
            "receipt": _TEXT,
        }
    ),
)
POINTS: Extra = _call(
    {
        "purpose": _TEXT,
        "kind": _TEXT,
        "at": {"type": "string", "format": "date-time"},
        "channel": {"type": "string", "maxLength": 64},
        "points": {"type": "integer", "description": "Below zero where points are spent."},
        "reference": {
            "type": "string",
            "maxLength": 64,
            "description": "The app's own word for it; each counts once for a customer.",
        },
        "content": {"type": "object"},
    },
    required=["purpose", "kind", "at", "channel", "points", "reference"],
    example={
        "purpose": "loyalty.rewards",
        "kind": "purchase",
        "at": "2026-11-01T09:00:00Z",
        "channel": "shop",
        "points": 12,
        "reference": "till-3/1001",
    },
    responses=_done(
        {
            "id": _TEXT,
            "points": {"type": "integer", "description": "The balance."},
            "counted": {
                "type": "boolean",
                "description": "False with 200: this reference was counted before.",
            },
            "receipt": _TEXT,
        }
    ),
)
