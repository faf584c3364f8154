"""Say how a document or a file is handed over: its type, its name, whether the reader has it already.

A public document carries a validator over its bytes, so that who has it is told so and gets nothing
again. A personal file never does.
Source: RFC 9110, 8.8.3, 13.1.2 and 15.4.5.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

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
        name = f'attachment; filename="{answer.filename}"'
        made.append((b"content-disposition", name.encode()))
    if isinstance(answer, Stream):
        return 200, b"", made
    made.extend(in_language(answer.lang))
    if answer.kind in _PUBLIC and answer.status == 200:
        validator = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'.encode()
        made.append((b"etag", validator))
        if _has(asked.get(b"if-none-match", b""), validator):
            return 304, b"", made
    return answer.status, answer.body, made


def _has(header: bytes, validator: bytes) -> bool:
    """Say whether a reader holds these bytes; a weak validator is as good for that."""
    held = {one.strip().removeprefix(b"W/") for one in header.split(b",")}
    return validator in held or header.strip() == b"*"
