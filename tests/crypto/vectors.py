"""Read the committed vectors, which are the specification of the formats."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "vectors"


def load(name: str) -> dict[str, Any]:
    """Return one file of vectors."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def raw(text: str) -> bytes:
    """Return the bytes of a hex text."""
    return bytes.fromhex(text)


def flips(data: bytes) -> list[bytes]:
    """Return the data once for each bit, with that bit flipped."""
    return [
        data[:place] + bytes((data[place] ^ 1 << bit,)) + data[place + 1 :]
        for place in range(len(data))
        for bit in range(8)
    ]
