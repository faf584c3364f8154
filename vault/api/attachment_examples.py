"""Describe for OpenAPI the calls that attach a file to a contact event and fetch one.

Source: docs/api.md, attachments; `vault/api/examples.py`.
"""

from typing import Any, Final

from vault.api.examples import CONSENTS
from vault.core.attachment import MAX_BYTES, MOST, Media

Extra = dict[str, Any]

_BYTES: Final[Extra] = {"schema": {"type": "string", "format": "binary", "maxLength": MAX_BYTES}}
_FILES: Final[Extra] = {media.value: _BYTES for media in Media}
_PURPOSE: Final[Extra] = {
    "name": "purpose",
    "in": "query",
    "required": True,
    "description": "The one purpose of this call.",
    "schema": {"type": "string"},
    "example": "support",
}
_REFUSED: Final[Extra] = {
    status: said for status, said in CONSENTS["responses"].items() if status != "200"
}
_MADE: Final[Extra] = {
    "number": {"type": "integer", "minimum": 1, "maximum": MOST},
    "name": {"type": "string", "description": "As it is kept: made harmless."},
    "type": {"enum": [media.value for media in Media]},
    "size": {"type": "integer"},
    "receipt": {"type": "string", "description": "Receipt of the record, docs/formats.md."},
}
ATTACH: Final[Extra] = {
    "security": CONSENTS["security"],
    "parameters": [
        _PURPOSE,
        {
            "name": "name",
            "in": "query",
            "required": False,
            "description": "Of the file.",
            "schema": {"type": "string"},
            "example": "letter.pdf",
        },
    ],
    "requestBody": {"required": True, "content": _FILES},
    "responses": {
        **_REFUSED,
        "201": {
            "description": "Done",
            "content": {"application/json": {"schema": {"type": "object", "properties": _MADE}}},
        },
    },
}
ATTACHMENT: Final[Extra] = {
    "security": CONSENTS["security"],
    "parameters": [_PURPOSE],
    "responses": {
        **_REFUSED,
        "200": {
            "description": "The file; the receipt of the record is in Ownship-Receipt, base64url.",
            "content": _FILES,
        },
    },
}
