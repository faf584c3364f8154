"""Hold a JSON document against a JSON Schema, as far as our own schemas use the language.

A keyword that is not known here is an error, so that no schema can promise what is not checked.
"""

import re
from collections.abc import Iterator

_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "null": type(None),
}
_KNOWN = {
    "$id",
    "$schema",
    "anyOf",
    "const",
    "enum",
    "items",
    "minItems",
    "minimum",
    "pattern",
    "properties",
    "required",
    "title",
    "type",
}


def faults(schema, document, place="$") -> Iterator[str]:
    """Name each place of a document that is not as the schema says."""
    if unknown := set(schema) - _KNOWN:
        raise ValueError(f"{place}: {unknown}")
    if "const" in schema and document != schema["const"]:
        yield f"{place} is not {schema['const']!r}"
    if "enum" in schema and document not in schema["enum"]:
        yield f"{place} is none of {schema['enum']}"
    if "anyOf" in schema and all(list(faults(one, document, place)) for one in schema["anyOf"]):
        yield f"{place} is none of the forms"
    if "type" in schema and not any(_is(kind, document) for kind in _listed(schema["type"])):
        yield f"{place} is no {schema['type']}"
    if isinstance(document, str) and not re.search(schema.get("pattern", ""), document):
        yield f"{place} does not match"
    if isinstance(document, int) and document < schema.get("minimum", document):
        yield f"{place} is too small"
    if isinstance(document, list):
        if len(document) < schema.get("minItems", 0):
            yield f"{place} is too short"
        for number, one in enumerate(document):
            yield from faults(schema.get("items", {}), one, f"{place}[{number}]")
    if isinstance(document, dict):
        yield from (
            f"{place} lacks {name}" for name in schema.get("required", ()) if name not in document
        )
        for name, one in document.items():
            if "properties" in schema:
                # Ours may grow, but what a test sees is what is written down today.
                if name not in schema["properties"]:
                    yield f"{place}.{name} is not written down"
                    continue
                yield from faults(schema["properties"][name], one, f"{place}.{name}")


def _listed(kinds):
    return kinds if isinstance(kinds, list) else [kinds]


def _is(kind, document):
    if kind == "integer" and isinstance(document, bool):
        return False
    return isinstance(document, _TYPES[kind])
