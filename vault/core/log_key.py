"""Write a log key: what finds, and perhaps opens, every entry about one customer in a log.

    ownship-logkey@v1
    origin example.org/log
    key example.org/log+98af023b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4
    generation 1
    tag <32 bytes in base64>
    seal <32 bytes in base64>         only where payloads may be opened

The tag key finds entries and reads their kind and epoch; the seal key opens them. Whoever has the
file can do the same, so it is handed to its customer alone. Who that is, and that it was recorded,
is for the service to know. `vault/verifier/logkey.py` reads it.
Source: access-log note, 8; docs/formats.md, log keys.
"""

import base64
from typing import Final

FIRST_LINE: Final = "ownship-logkey@v1"
KEY_BYTES: Final = 32


def write(
    *, origin: str, verifier_key: str, generation: int, tag: bytes, seal: bytes | None
) -> str:
    """Return a log key as text.

    Args:
        origin: of the log.
        verifier_key: with which the log's checkpoints are checked.
        generation: of the customer's audit key, from 1.
        tag: 32 bytes.
        seal: 32 bytes; None for a key that finds entries and opens none.

    Raises:
        ValueError: a key has not 32 bytes.
    """
    if any(len(one) != KEY_BYTES for one in (tag, seal) if one is not None):
        msg = "the keys of a log key have 32 bytes"
        raise ValueError(msg)
    lines = [
        FIRST_LINE,
        f"origin {origin}",
        f"key {verifier_key}",
        f"generation {generation}",
        f"tag {base64.b64encode(tag).decode()}",
    ]
    if seal is not None:
        lines.append(f"seal {base64.b64encode(seal).decode()}")
    return "\n".join(lines) + "\n"
