"""Write a code of ethics as canonical JSON, and read it back as it was.

The bytes are what the digest is over, what the store keeps and what `/code/{version}.json` serves.
A published code is read for ever: reading checks the form alone, never the rules of the compiler,
which may become stricter. Members are only added, at the end of their class and with a default.
Source: RFC 8785; DESIGN 5.
"""

import json
import types
from collections.abc import Iterable
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final, get_args, get_origin, get_type_hints

import rfc8785

from policies.document import Code, Texts
from policies.errors import CodeError, CodeErrors

FORMAT: Final = 1
_FORMAT_KEY: Final = "format"


def dumps(code: Code) -> bytes:
    """Return the canonical JSON of a code."""
    return rfc8785.dumps({_FORMAT_KEY: FORMAT, **_write(code)})


def loads(document: bytes, *, name: str) -> Code:
    """Read the canonical JSON of a code; `name` is what an error calls it.

    Raises:
        CodeErrors: for bytes that `dumps` does not write.
    """
    try:
        value = json.loads(document)
        if not isinstance(value, dict) or value.pop(_FORMAT_KEY) != FORMAT:
            raise ValueError
        code: Code = _read(value, Code, _languages(value))
        if dumps(code) != document:
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        what = "This is not the stored form of a code of ethics."
        advice = "Publish the YAML again, or restore the stored document."
        raise CodeErrors([CodeError(name, 1, 1, what, advice)]) from None
    return code


def _languages(value: dict[str, Any]) -> tuple[str, ...]:
    return tuple(value["languages"])


def _write(value: object) -> Any:  # noqa: ANN401  JSON has no narrower type
    if isinstance(value, Texts):
        return dict(value.entries)
    if is_dataclass(value):
        pairs = ((one, getattr(value, one.name)) for one in fields(value))
        # What is at its default is left out, so that a member added later changes no old digest.
        return {one.name: _write(held) for one, held in pairs if held != one.default}
    if isinstance(value, tuple):
        return [_write(item) for item in value]
    return value.value if isinstance(value, StrEnum) else value


@cache
def _shape(kind: type) -> tuple[tuple[str, Any, bool], ...]:
    hints = get_type_hints(kind)
    return tuple((one.name, hints[one.name], one.default is MISSING) for one in fields(kind))


def _read(value: Any, kind: Any, languages: Iterable[str]) -> Any:  # noqa: ANN401  as above
    """Make a value of the annotated type from JSON."""
    if kind is Texts:
        return Texts(tuple((language, value[language]) for language in languages))
    if is_dataclass(kind) and isinstance(kind, type):
        members = {
            name: _read(value[name], hint, languages)
            for name, hint, needed in _shape(kind)
            if needed or name in value
        }
        return kind(**members)
    if get_origin(kind) is tuple:
        return tuple(_read(item, get_args(kind)[0], languages) for item in value)
    if get_origin(kind) is types.UnionType:  # `X | None`: None is never written
        return _read(value, get_args(kind)[0], languages)
    if issubclass(kind, StrEnum):
        return kind(value)
    if type(value) is not kind:
        raise TypeError
    return value
