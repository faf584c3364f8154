"""Describe the data API for OpenAPI: parameters, bodies and answers, with one example each.

The routes read their input themselves, strictly; so what they take is said here, beside them, and a
test sends every example to a running vault.
Source: INTERFACES, Data API.
"""

from typing import Any

from vault.core.event import Outcome

Extra = dict[str, Any]

PURPOSE = "delivery"
FIELDS = ["contact.full_name", "contact.phone"]
_RECEIPT = {"type": "string", "description": "Receipt of the record, docs/formats.md."}
_CODE = {
    "type": "object",
    "properties": {"version": {"type": "string"}, "digest": {"type": "string"}},
}
_VALUE: Extra = {"description": "JSON of the field's type; null deletes."}
_WITHHELD = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "field": {"type": "string"},
            "reason": {"enum": ["no-basis", "not-told", "restricted", "not-available"]},
            "clause": {"type": "string"},
            "how_to_ask": {"type": "string", "format": "uri"},
        },
    },
}
_FIELDS_OUT = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "properties": {
            "value": {},
            "source": {"type": "string"},
            "since": {"type": "string", "format": "date-time"},
            "disputed": {
                "const": True,
                "description": "The customer says that the value is wrong; absent otherwise.",
            },
            "verified": {
                "type": "string",
                "format": "date-time",
                "description": "When the customer said that the value is right; absent otherwise.",
            },
        },
    },
}


def _query(name: str, what: str, example: str, *, required: bool = False) -> Extra:
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": what,
        "schema": {"type": "string"},
        "example": example,
    }


def _body(properties: Extra, *, required: list[str], example: Extra) -> Extra:
    schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": required,
    }
    return {
        "required": True,
        "content": {"application/json": {"schema": schema, "example": example}},
    }


def _answers(properties: Extra, status: str = "200") -> Extra:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    named = {
        "400": "The request cannot be read, or names what the code of ethics does not know",
        "401": "Token or proof is missing or wrong",
        "403": "Outside the token; recorded",
        "404": "Not available: unknown customer, or no basis; recorded",
        "503": "Nothing was recorded, so nothing was opened",
    }
    answers: Extra = {
        code: {"description": what, "content": problem} for code, what in named.items()
    }
    schema = {"type": "object", "properties": properties}
    answers[status] = {"description": "Done", "content": {"application/json": {"schema": schema}}}
    return answers


_PURPOSE = _query("purpose", "The one purpose of this call.", PURPOSE, required=True)
_SECURITY: list[Extra] = [{"dpop": []}]

PROFILE_READ: Extra = {
    "security": _SECURITY,
    "parameters": [
        _PURPOSE,
        _query(
            "fields",
            "Names with commas, `group.*` for all of a group; absent: all that the token covers.",
            ",".join(FIELDS),
        ),
    ],
    "responses": _answers(
        {
            "customer": {"type": "string"},
            "purpose": {"type": "string"},
            "fields": _FIELDS_OUT,
            "withheld": _WITHHELD,
            "code": _CODE,
            "receipt": _RECEIPT,
        }
    ),
}
PROFILE_WRITE: Extra = {
    "security": _SECURITY,
    "requestBody": _body(
        {
            "purpose": {"type": "string"},
            "source": {"enum": ["told", "observed", "inferred", "third-party"]},
            "fields": {"type": "object", "additionalProperties": _VALUE},
        },
        required=["purpose", "source", "fields"],
        example={
            "purpose": PURPOSE,
            "source": "told",
            "fields": {"contact.phone": "+351912345678"},
        },
    ),
    "responses": _answers(
        {"written": {"type": "array", "items": {"type": "string"}}, "receipt": _RECEIPT}
    ),
}
BATCH: Extra = {
    "security": _SECURITY,
    "requestBody": _body(
        {
            "purpose": {"type": "string"},
            "customers": {"type": "array", "items": {"type": "string"}, "maxItems": 1000},
            "fields": {"type": "array", "items": {"type": "string"}, "maxItems": 64},
        },
        required=["purpose", "customers"],
        example={"purpose": PURPOSE, "customers": ["ujhzfcbtritvrzypnic2uv6eky"]},
    ),
    "responses": _answers(
        {
            "purpose": {"type": "string"},
            "code": _CODE,
            "results": {"type": "array", "items": {"type": "object"}},
            "receipts": {"type": "array", "items": _RECEIPT},
        }
    ),
}
AUDIENCE: Extra = {
    "security": _SECURITY,
    "parameters": [
        _PURPOSE,
        _query("fields", "Names with commas; absent: all that the token covers.", ",".join(FIELDS)),
        _query("cursor", "`next` of the page before; good for 7 days.", ""),
        _query("limit", "Customers to look at, 1 to 1,000; absent: 100.", "100"),
    ],
    "responses": _answers(
        {
            "purpose": {"type": "string"},
            "code": _CODE,
            "results": {
                "type": "array",
                "description": "Fewer than the limit, or none, is not the end: `next` says.",
                "items": {
                    "type": "object",
                    "properties": {
                        "customer": {"type": "string"},
                        "fields": _FIELDS_OUT,
                        "withheld": _WITHHELD,
                    },
                },
            },
            "receipts": {"type": "array", "items": _RECEIPT},
            "next": {"type": ["string", "null"]},
        }
    ),
}
RESOLVE: Extra = {
    "security": _SECURITY,
    "requestBody": _body(
        {
            "purpose": {"type": "string"},
            "identifier": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "value": {"type": "string"}},
                "required": ["field", "value"],
            },
            "create": {"type": "boolean", "default": False},
        },
        required=["purpose", "identifier"],
        example={
            "purpose": PURPOSE,
            "identifier": {"field": "contact.email", "value": "ana@example.org"},
            "create": False,
        },
    ),
    "responses": _answers(
        {"customer": {"type": "string"}, "created": {"type": "boolean"}, "receipt": _RECEIPT}
    ),
}
INTERACTION_APPEND: Extra = {
    "security": _SECURITY,
    "requestBody": _body(
        {
            "purpose": {"type": "string"},
            "kind": {"type": "string"},
            "at": {"type": "string", "format": "date-time"},
            "channel": {"type": "string", "maxLength": 64},
            "parent": {"type": "string"},
            "who": {"type": "string", "maxLength": 64},
            "outcome": {"enum": [one.value for one in Outcome]},
            "content": {"type": "object"},
        },
        required=["purpose", "kind", "at", "channel", "content"],
        example={
            "purpose": PURPOSE,
            "kind": "purchase",
            "at": "2026-11-01T09:00:00Z",
            "channel": "web",
            "content": {"order": "1001", "total_cents": 2490},
        },
    ),
    "responses": _answers({"id": {"type": "string"}, "receipt": _RECEIPT}, "201"),
}
FOLLOW_UPS: Extra = {
    "security": _SECURITY,
    "parameters": [_PURPOSE],
    "responses": _answers(
        {
            "customer": {"type": "string"},
            "purpose": {"type": "string"},
            "follow_ups": {"type": "array", "items": {"type": "object"}},
            "code": _CODE,
            "receipt": _RECEIPT,
        }
    ),
}
INTERACTIONS: Extra = {
    "security": _SECURITY,
    "parameters": [
        _PURPOSE,
        _query("kind", "One kind; absent: all that the token covers.", "purchase"),
        _query("cursor", "`next` of the page before.", ""),
        _query("thread", "One event with all under it; it has no pages.", ""),
    ],
    "responses": _answers(
        {
            "customer": {"type": "string"},
            "purpose": {"type": "string"},
            "interactions": {"type": "array", "items": {"type": "object"}},
            "next": {"type": ["string", "null"]},
            "code": _CODE,
            "receipt": _RECEIPT,
        }
    ),
}
CONSENTS: Extra = {
    "security": _SECURITY,
    "parameters": [_PURPOSE],
    "responses": _answers(
        {"purpose": {"type": "string"}, "allowed": {"type": "boolean"}, "receipt": _RECEIPT}
    ),
}
COMPONENTS: Extra = {
    "schemas": {
        "Problem": {
            "type": "object",
            "description": "RFC 9457; the request id is in X-Request-Id.",
            "properties": {
                "type": {"type": "string", "format": "uri"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
            },
            "required": ["type", "title", "status"],
        }
    },
    "securitySchemes": {
        "dpop": {
            "type": "http",
            "scheme": "DPoP",
            "description": "RFC 9449: an access token of ours, with a proof for each request.",
        }
    },
}
