"""A small validator of JSON Schema, for the words that the published schema uses and no others."""

import re
from collections.abc import Iterator

# Words that say something about a document, and words that only tell.
_TOLD = {"$schema", "$id", "$anchor", "$defs", "title", "description"}
_TYPES = {"object": dict, "array": list, "string": str}


def faults(schema: dict, value: object, where: str = "") -> Iterator[str]:
    """Give each place of a value that the schema does not allow."""
    for word, said in schema.items():
        if word in _TOLD or word in {"then", "else"}:
            continue
        yield from _CHECKS[word](schema, said, value, where)


def _type(_, said, value, where):
    fits = (
        isinstance(value, int) and not isinstance(value, bool)
        if said == "integer"
        else isinstance(value, _TYPES[said])
    )
    if not fits:
        yield f"{where}: no {said}"


def _properties(_, said, value, where):
    if isinstance(value, dict):
        for name in said.keys() & value.keys():
            yield from faults(said[name], value[name], f"{where}/{name}")


def _required(_, said, value, where):
    if isinstance(value, dict):
        yield from (f"{where}: lacks {name}" for name in said if name not in value)


def _items(_, said, value, where):
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from faults(said, item, f"{where}/{number}")


def _any(_, said, value, where):
    if all(list(faults(one, value, where)) for one in said):
        yield f"{where}: none of several"


def _if(schema, said, value, where):
    branch = "else" if list(faults(said, value, where)) else "then"
    yield from faults(schema[branch], value, where)


def _check(fits, words):
    def check(_, said, value, where):
        if not fits(said, value):
            yield f"{where}: {words}"

    return check


_CHECKS = {
    "type": _type,
    "properties": _properties,
    "required": _required,
    "items": _items,
    "anyOf": _any,
    "if": _if,
    "const": _check(lambda said, value: said == value, "another value"),
    "enum": _check(lambda said, value: value in said, "none of the values"),
    "pattern": _check(
        lambda said, value: not isinstance(value, str) or re.search(said, value), "another form"
    ),
    "minLength": _check(
        lambda said, value: not isinstance(value, str) or len(value) >= said, "too short"
    ),
    "minItems": _check(
        lambda said, value: not isinstance(value, list) or len(value) >= said, "too few"
    ),
    "minimum": _check(lambda said, value: not isinstance(value, int) or value >= said, "too small"),
}
