"""Describe for OpenAPI the calls that ask whether customers may be reached, with one example each.

Source: docs/api.md, may we contact.
"""

from typing import Any, Final

Extra = dict[str, Any]

_RECEIPT: Final[Extra] = {
    "type": "string",
    "description": "Receipt of the record, docs/formats.md.",
}
_PROBLEM: Final[Extra] = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
}
_NAMED: Final = {
    "400": "The request cannot be read, or names what the code of ethics does not know",
    "401": "Token or proof is missing or wrong",
    "403": "Outside the token; recorded",
    "422": "The kind does not reach by this channel, or the content is too large",
    "429": "The app's customers of the day are used up",
    "503": "Nothing was recorded, so nothing is answered",
}
_ASKED: Final[Extra] = {
    "purpose": {"type": "string"},
    "channel": {"enum": ["phone", "email", "post"]},
    "kind": {
        "type": "string",
        "description": "Append an event of this kind where the answer is yes; absent: only ask.",
    },
    "content": {"type": "object", "description": "Of that event; absent: empty."},
}
_SAID: Final[Extra] = {
    "allowed": {"type": "boolean"},
    "reason": {
        "enum": ["no-basis", "quiet-hours", "at-most"],
        "description": "Of a no. no-basis stands for every kind of missing basis.",
    },
    "not_before": {
        "type": "string",
        "format": "date-time",
        "description": "Before it the answer stays no; absent where that is not known.",
    },
    "id": {"type": "string", "description": "The event that was appended."},
}
_EXAMPLE: Final[Extra] = {"purpose": "delivery", "channel": "email"}


def _call(properties: Extra, required: list[str], example: Extra, answer: Extra) -> Extra:
    taken = {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": required,
    }
    given = {"application/json": {"schema": {"type": "object", "properties": answer}}}
    return {
        "security": [{"dpop": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": taken, "example": example}},
        },
        "responses": {
            **{code: {"description": what, "content": _PROBLEM} for code, what in _NAMED.items()},
            "200": {"description": "Yes or no", "content": given},
        },
    }


CONTACT: Final = _call(_ASKED, ["purpose", "channel"], _EXAMPLE, {**_SAID, "receipt": _RECEIPT})
CONTACTS: Final = _call(
    {**_ASKED, "customers": {"type": "array", "items": {"type": "string"}, "maxItems": 1000}},
    ["purpose", "channel", "customers"],
    {**_EXAMPLE, "customers": ["ujhzfcbtritvrzypnic2uv6eky"]},
    {
        "purpose": {"type": "string"},
        "channel": {"type": "string"},
        "code": {
            "type": "object",
            "properties": {"version": {"type": "string"}, "digest": {"type": "string"}},
        },
        "results": {
            "type": "array",
            "description": "In the order asked; `error` is busy where nothing was recorded.",
            "items": {
                "type": "object",
                "properties": {
                    "customer": {"type": "string"},
                    **_SAID,
                    "error": {"type": "string"},
                },
            },
        },
        "receipts": {"type": "array", "items": _RECEIPT},
    },
)
