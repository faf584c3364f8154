"""Write and read the proof that an entry is in the log, as a file that anybody can check.

It holds the entry, the hashes that lead from it to the root, and the signed checkpoint that names
the root. Whoever has the log's verifier key needs nothing else of ours.
Source: c2sp.org/tlog-proof; access-log note, 8; docs/formats.md.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vault.core.errors import FormatError
from vault.core.merkle import HASH_BYTES

VERSION: Final = "c2sp.org/tlog-proof@v1"
MEDIA_TYPE: Final = "text/plain; charset=utf-8"
SUFFIX: Final = "tlog-proof"
MAX_CHARACTERS: Final = 200_000  # an entry of 64 KiB in base64, 63 hashes and a checkpoint

_INDEX: Final = re.compile("index (0|[1-9][0-9]{0,18})")


def write(entry: bytes, index: int, path: Sequence[bytes], checkpoint: str) -> str:
    """Return the text of a `.tlog-proof` file.

    Args:
        entry: its bytes; they prove nothing until their leaf hash is included.
        index: where it stands.
        path: of an inclusion proof, from the leaf up.
        checkpoint: the signed note, verbatim.
    """
    lines = (VERSION, f"extra {_base64(entry)}", f"index {index}", *map(_base64, path), "")
    return "\n".join(lines) + "\n" + checkpoint


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@dataclass(frozen=True, slots=True)
class ProofFile:
    """What such a file holds."""

    entry: bytes
    index: int
    hashes: tuple[bytes, ...]  # from the leaf up
    checkpoint: str  # a signed note


def parse(text: str) -> ProofFile:
    """Read a proof.

    Raises:
        FormatError: for anything that no proof of ours is.
    """
    head, separator, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if len(text) > MAX_CHARACTERS or not separator or len(lines) < 3 or lines[0] != VERSION:
        raise FormatError
    index = _INDEX.fullmatch(lines[2])
    if not lines[1].startswith("extra ") or index is None:
        raise FormatError
    hashes = tuple(_bytes(one) for one in lines[3:])
    if any(len(one) != HASH_BYTES for one in hashes):
        raise FormatError
    return ProofFile(_bytes(lines[1].removeprefix("extra ")), int(index[1]), hashes, checkpoint)


def _bytes(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise FormatError from None
    # `validate` ignores spare bits: two texts for the same bytes, so compare.
    if base64.b64encode(data).decode() != text:
        raise FormatError
    return data
