"""Give the one byte form of JSON that is hashed, sealed and signed.

Canonical means RFC 8785 restricted to what we use: no floats, no lone surrogates, ASCII keys,
integers within 2^53 - 1. Under those limits `json.dumps` with sorted keys writes the same bytes
as RFC 8785; a test compares the two.
Source: RFC 8785; docs/formats.md, 1.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from vault.core.errors import CanonicalError

MAX_INTEGER = 2**53 - 1  # the largest integer that every JSON reader keeps exact
MAX_DEPTH = 16  # nesting that a parser may be asked for


def dumps(value: object) -> bytes:
    """Return the canonical UTF-8 bytes of a JSON value.

    Raises:
        CanonicalError: for floats, lone surrogates, keys that are not ASCII text, big integers.
    """
    _check(value, 0)
    try:
        # The same bytes, fifteen times as fast; what differs was refused by the check.
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # keys that are text of a type of their own
        return _encode(value).encode()


def text(value: str | None) -> bytes:
    """Return the canonical bytes of one text, or of nothing; errors as for `dumps`."""
    if value is None:
        return b"null"
    if type(value) is not str:
        return dumps(value)
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:  # a lone surrogate, which is no character
        raise CanonicalError from None


def number(value: int) -> bytes:
    """Return the canonical bytes of one integer; errors as for `dumps`."""
    if type(value) is int and -MAX_INTEGER <= value <= MAX_INTEGER:
        return b"%d" % value
    return dumps(value)


class Form:
    """An object of which some members are known: what many objects share is written once."""

    __slots__ = ("_blanks", "_parts")

    def __init__(self, known: Mapping[str, object], blanks: Iterable[str]) -> None:
        """Write what is known, and leave a blank for each of the other members.

        Args:
            known: members that are the same each time.
            blanks: names of the others; none is known, and `fill` is given each.

        Raises:
            CanonicalError: as `dumps`.
        """
        self._blanks = tuple(sorted(blanks))
        dumps(dict(known))  # refuses keys that are not ASCII
        written = {name: dumps(value) for name, value in known.items()}
        if not written.keys().isdisjoint(self._blanks) or not "".join(self._blanks).isascii():
            raise CanonicalError
        parts, here = [], b"{"  # what stands before each blank, and behind the last
        for name in sorted((*written, *self._blanks)):
            here += dumps(name) + b":"
            if name in written:
                here += written[name] + b","
            else:
                parts += [here, b""]
                here = b","
        parts.append((here[:-1] if here.endswith(b",") else here) + b"}")
        self._parts = parts

    def fill(self, members: Mapping[str, bytes]) -> bytes:
        """Return the object.

        Args:
            members: of each blank what `dumps`, `text`, `number` or `fill` wrote; whoever gives
                other bytes answers for them.
        """
        parts = self._parts.copy()
        parts[1::2] = [members[name] for name in self._blanks]
        return b"".join(parts)


def loads(data: bytes) -> Any:  # noqa: ANN401  JSON has no narrower type
    """Read JSON strictly: duplicate keys, floats, NaN and depth over 16 are refused.

    Raises:
        CanonicalError: for everything that is not such JSON.
    """
    try:
        value = orjson.loads(data)
        # What gives the same bytes again lost nothing on the way, such as one of two equal keys.
        if orjson.dumps(value) != data:
            value = _decode(data)
    except (ValueError, RecursionError):
        value = _decode(data)
    _check(value, 0)
    return value


def _decode(data: bytes) -> object:
    try:
        # As text: from bytes, json.loads would guess UTF-16 and UTF-32 too.
        value: object = _decoder.decode(data.decode())
    except (ValueError, RecursionError):
        raise CanonicalError from None
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise CanonicalError
    return result


def _refuse(_: str) -> object:
    raise CanonicalError


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
_decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_refuse, parse_constant=_refuse)


def _check(value: object, depth: int) -> None:
    if type(value) is int and -MAX_INTEGER <= value <= MAX_INTEGER:
        return
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _check_text(value)
        return
    if depth >= MAX_DEPTH and isinstance(value, list | tuple | dict):
        raise CanonicalError
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise CanonicalError
    elif isinstance(value, list | tuple):
        _check_items(value, depth + 1)
    elif isinstance(value, dict):
        for key in value:
            if not (isinstance(key, str) and key.isascii()):
                raise CanonicalError
        _check_items(value.values(), depth + 1)
    else:
        raise CanonicalError


def _check_items(items: Iterable[object], depth: int) -> None:
    # Entries of the log are lists of lists of names: a call for each name would take long.
    for item in items:
        kind = type(item)
        if kind is str and item.isascii():  # type: ignore[attr-defined]
            continue
        if (kind is tuple or kind is list) and depth < MAX_DEPTH:
            _check_items(item, depth + 1)  # type: ignore[arg-type]
        elif item is not None:
            _check(item, depth)


def _check_text(text: str) -> None:
    if text.isascii():  # which is nearly always, and quick to see
        return
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which is no character
        raise CanonicalError from None
