"""Expand JSON-LD as far as our documents go: each key becomes the IRI that the context gives it."""

from collections.abc import Iterator
from typing import Any

from policies.linked_context import CONTEXT

ABSOLUTE = ("https://", "http://", "mailto:")


class UnresolvedError(Exception):
    """A key or a value that means nothing to a reader."""


def _is_iri(text: object) -> bool:
    return isinstance(text, str) and text.startswith(ABSOLUTE)


def definition(key: str) -> dict:
    """Return what the context says of a key."""
    found: Any = CONTEXT.get(key)
    if found is None:
        raise UnresolvedError(key)
    entry: dict = {"@id": found} if isinstance(found, str) else {**found}
    if not _is_iri(entry["@id"]):
        raise UnresolvedError(key)
    return entry


def expand(node: dict) -> dict:
    """Return a node with IRIs for keys; raises where something does not resolve."""
    made: dict = {}
    for key, value in node.items():
        items = value if isinstance(value, list) else [value]
        if key == "@context":
            continue
        if key in {"@id", "@type"}:
            if not all(map(_is_iri, items)):
                raise UnresolvedError(value)
            made[key] = value
            continue
        entry = definition(key)
        made.setdefault(entry["@id"], []).extend(_value(key, entry, item) for item in items)
    return made


def _value(key: str, entry: dict, item: object) -> object:
    if entry.get("@container") == "@language":
        if not isinstance(item, dict) or not all(isinstance(one, str) for one in item.values()):
            raise UnresolvedError(key)
        return [{"@language": lang, "@value": text} for lang, text in item.items()]
    if entry.get("@type") == "@id":
        if not _is_iri(item):
            raise UnresolvedError(item)
        return {"@id": item}
    if isinstance(item, dict):
        return expand(item)
    if _is_iri(item) and str(item).startswith("https://w3id.org/"):
        raise UnresolvedError(item)  # a term that would be read as a mere text
    return {"@value": item, **({"@type": entry["@type"]} if "@type" in entry else {})}


def texts(value: object) -> Iterator[str]:
    """Give every text of a JSON value."""
    if isinstance(value, str):
        yield value
    if isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
