"""Publish what a package in JSON looks like: JSON Schema 2020-12, written by hand.

Version 1, for ever: members may be added, none changes its meaning. A test holds real packages
against it.
Source: docs/export.md; json-schema.org, 2020-12.
"""

from typing import Final

from vault.core import canonical
from vault.core.export import VERSION, Part

PATH: Final = f"/schema/export/{VERSION}"

_TEXT: Final = {"type": "string"}
_FLAG: Final = {"type": "boolean"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_TIME: Final = {
    "type": "string",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
}
_MAYBE_TIME: Final = {"anyOf": [_TIME, {"type": "null"}]}
_MAYBE_TEXT: Final = {"type": ["string", "null"]}
_ID: Final = {
    "type": "string",
    "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
}
_MAYBE_ID: Final = {"anyOf": [_ID, {"type": "null"}]}
_SOURCE: Final = {"enum": ["told", "observed", "inferred", "third-party"]}
_STATE: Final = {
    "enum": [
        "unknown",
        "requested",
        "deferred",
        "given",
        "renewed",
        "refused",
        "withdrawn",
        "expired",
        "revoked",
        "invalidated",
    ]
}
_BASIS: Final = {
    "enum": [
        "consent",
        "contract",
        "legal-obligation",
        "vital-interest",
        "public-task",
        "legitimate-interest",
    ]
}


def _object(members: dict[str, object], *, optional: tuple[str, ...] = ()) -> dict[str, object]:
    required = [name for name in members if name not in optional]
    return {"type": "object", "properties": members, "required": required}


def _list(item: dict[str, object]) -> dict[str, object]:
    return {"type": "array", "items": item}


_PURPOSE: Final = _object({"purpose": _TEXT, "label": _TEXT, "basis": _BASIS})
_READER: Final = _object({"app": _TEXT, "name": _TEXT, "team": _TEXT, "country": _TEXT})
_FIELD: Final = _object(
    {
        "field": _TEXT,
        "label": _TEXT,
        "category": _TEXT,
        # A value that did not pass its check is not here, and `damaged` says so.
        "value": {"type": ["string", "boolean", "integer", "array", "object", "null"]},
        "text": _TEXT,
        "damaged": _FLAG,
        "source": {"anyOf": [_SOURCE, {"type": "null"}]},
        "since": _MAYBE_TIME,
        "disputed": _MAYBE_TIME,  # since when the customer says that it is wrong
        "verified": _MAYBE_TIME,  # when the customer said that it is right
        "why": _TEXT,
        "retention": _TEXT,
        "purposes": _list(_PURPOSE),
        "readers": _list(_READER),
        "portable": _FLAG,
    }
)
_FILE: Final = _object(
    {
        "number": {"type": "integer", "minimum": 1},
        "name": _TEXT,
        "type": _TEXT,
        "size": {"type": "integer", "minimum": 0},
        "damaged": _FLAG,
        "data": {"type": ["string", "null"], "contentEncoding": "base64"},
    }
)
_COUNT: Final = {"type": ["integer", "null"], "minimum": 0}
_FOLLOW_UP: Final = _object(
    {
        "number": _TEXT,
        "state": {"enum": ["open", "offered", "settled", None]},
        "owner": _MAYBE_TEXT,
        "due": _MAYBE_TIME,
        "since": _MAYBE_TIME,
        "offered": _MAYBE_TEXT,  # what we say came of it
        "refusals": _COUNT,  # how often the customer said that it is not settled
        "damaged": _FLAG,
    }
)
_EVENT: Final = _object(
    {
        "id": _ID,
        "kind": _TEXT,
        "label": _TEXT,
        "at": _TIME,
        "noted": _TIME,
        "channel": _TEXT,
        "content": {"type": ["object", "null"]},
        "who": _MAYBE_TEXT,
        "outcome": _MAYBE_TEXT,
        "attachments": _list(_FILE),
        "follow_up": {"anyOf": [_FOLLOW_UP, {"type": "null"}]},
        "damaged": _FLAG,
        "source": _SOURCE,
        "purpose": _MAYBE_TEXT,
        "app": _MAYBE_TEXT,
        "parent": _MAYBE_ID,
        "portable": _FLAG,
    },
    # Packages of a release before have none of these.
    optional=("who", "outcome", "attachments", "follow_up"),
)
_CONSENT: Final = _object(
    {
        "purpose": _TEXT,
        "label": _TEXT,
        "state": _STATE,
        "fields": _TEXTS,
        "at": _TIME,
        "until": _MAYBE_TIME,
        "notice": _TEXT,
        "code": _TEXT,
        "receipt_id": _ID,
        # As at /schema/consent-receipt/1; null while it cannot be signed.
        "receipt": {"type": ["object", "null"]},
    }
)
_TERM: Final = _object(
    {"term": _TEXT, "label": _TEXT, "value": {"type": ["boolean", "string", "integer", "array"]}}
)
_WITHHELD: Final = _object({"field": _TEXT, "reason": _TEXT})
_LOOK: Final = _object(  # under the names of `/me/usage.json`
    {
        "logtime": _MAYBE_TIME,
        "action": _TEXT,
        "receiver": _TEXT,
        "decision": {"enum": ["allowed", "refused", "partly", "sealed", "unreadable"]},
        "kind": _MAYBE_TEXT,
        "purpose": _MAYBE_TEXT,
        "clauses": _TEXTS,
        "fields": _TEXTS,
        "withheld": _list(_WITHHELD),
        "app": _MAYBE_TEXT,
        "staff": _MAYBE_TEXT,
        "case": _MAYBE_TEXT,
        "request": _MAYBE_TEXT,
        "code": _MAYBE_TEXT,
        # A line whose telling the code of ethics puts off: nothing but its place and this date.
        "opens": _MAYBE_TIME,
        "log": _object({"origin": _TEXT, "position": {"type": "integer", "minimum": 0}}),
    }
)
_RECORDS: Final[dict[Part, dict[str, object]]] = {
    Part.PROFILE: _FIELD,
    Part.EVENTS: _EVENT,
    Part.CONSENTS: _CONSENT,
    Part.TERMS: _TERM,
    Part.WHO_LOOKED: _LOOK,
}


def document(issuer: str) -> bytes:
    """Return the schema of a package as a JSON document."""
    members: dict[str, object] = {
        "schema": {"const": f"{issuer}{PATH}"},
        "package": _ID,
        "made": _TIME,
        "customer": {"type": "string", "pattern": "^[a-z2-7]{26}$"},
        "language": _TEXT,
        "publisher": _object(
            {
                "name": _TEXT,
                "address": _TEXT,
                "country": _TEXT,
                "email": _TEXT,
                "url": _TEXT,
                "contact": _object({"name": _TEXT, "email": _TEXT}),
                "authority": _object({"name": _TEXT, "url": _TEXT}),
            }
        ),
        "code": _object({"version": _TEXT, "digest": _TEXT, "url": _TEXT}),
        "parts": {"type": "array", "items": {"enum": [one.value for one in Part]}, "minItems": 1},
        "period": _object({"since": _MAYBE_TIME, "until": _MAYBE_TIME}),
        **{part.value: _list(record) for part, record in _RECORDS.items()},
        "cut": _list(
            _object(
                {
                    "part": _TEXT,
                    "records": {"type": "integer", "minimum": 0},
                    "oldest": _MAYBE_TIME,
                }
            )
        ),
    }
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{issuer}{PATH}",
        "title": "A package of a customer's own data",
        **_object(members, optional=tuple(part.value for part in Part)),
    }
    return canonical.dumps(schema)
