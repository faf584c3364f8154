"""Say how a document or a file is handed over: its type, its name, whether the reader has it already.

A public document carries a validator over its bytes, so that who has it is told so and gets nothing
again. A personal file never does.
Source: RFC 9110, 8.8.3, 13.1.2 and 15.4.5; RFC 6266; RFC 8187.
"""

import hashlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from portal.answers import Document, Stream
from portal.headers import in_language

_PUBLIC: Final = frozenset({"public", "kept"})


def handed(
    answer: Document | Stream, asked: Mapping[bytes, bytes]
) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
    """Return status, body and headers; the body of a stream comes later.

    Args:
        answer: what a handler gave.
        asked: the headers of the request.
    """
    made = [(b"content-type", answer.media_type.encode())]
    if answer.filename:
        made.append((b"content-disposition", _saved_as(answer.filename).encode("ascii")))
    if isinstance(answer, Stream):
        return 200, b"", made
    made.extend(in_language(answer.lang))
    if answer.kind in _PUBLIC and answer.status == 200:
        validator = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'.encode()
        made.append((b"etag", validator))
        if _has(asked.get(b"if-none-match", b""), validator):
            return 304, b"", made
    return answer.status, answer.body, made


def _saved_as(name: str) -> str:
    """Return what offers a file for saving; a name of other letters as RFC 8187 writes it.

    >>> _saved_as("a.pdf"), _saved_as("ção.pdf")
    ('attachment; filename="a.pdf"', "attachment; filename*=UTF-8''%C3%A7%C3%A3o.pdf")
    """
    if name.isascii():
        return f'attachment; filename="{name}"'
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _has(header: bytes, validator: bytes) -> bool:
    """Say whether a reader holds these bytes; a weak validator is as good for that."""
    held = {one.strip().removeprefix(b"W/") for one in header.split(b",")}
    return validator in held or header.strip() == b"*"
