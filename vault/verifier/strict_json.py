"""Read JSON as what is signed must be written, and give its one canonical form.

Refuses what two readers could read in two ways: duplicate keys, floats, integers beyond 2^53 - 1,
lone surrogates, keys that are not ASCII, other encodings. Under those limits sorted keys without
spaces are RFC 8785.
Source: RFC 8785; consent-standards note, 2.3.
"""

import json

from vault.verifier.errors import BadError

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 32  # levels of nesting


def read(data: bytes) -> object:
    """Read JSON text.

    Raises:
        BadError: for anything that is not such JSON.
    """
    try:
        text = data.decode("utf-8")
        value: object = json.loads(
            text, object_pairs_hook=_unique, parse_float=_refuse, parse_constant=_refuse
        )
    except (ValueError, RecursionError):
        raise BadError("The file is not JSON, or not JSON that reads in one way only.") from None
    _check(value, 0)
    return value


def canonical(value: object) -> bytes:
    """Return the canonical bytes of what `read` gave."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs) or not all(key.isascii() for key in members):
        raise ValueError
    return members


def _refuse(_: str) -> object:
    raise ValueError


def _check(value: object, depth: int) -> None:
    if depth > MAX_DEPTH or (isinstance(value, int) and abs(value) > MAX_INTEGER):
        raise BadError("The file nests deeper, or counts further, than a receipt does.")
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise BadError("The file holds half a character.") from None
    for item in value.values() if isinstance(value, dict) else ():
        _check(item, depth + 1)
    for item in value if isinstance(value, list) else ():
        _check(item, depth + 1)
