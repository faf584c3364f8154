"""Check a proof file: one entry of the log, and that it stands under a signed checkpoint.

    c2sp.org/tlog-proof@v1
    extra <base64 of the entry>
    index <N>
    <sibling hashes from the leaf up, a base64 hash a line>
                                                            an empty line
    <checkpoint, verbatim>

`extra` proves nothing by itself: it counts because its leaf hash leads to the signed root.
Source: c2sp.org/tlog-proof; access-log note, 8.
"""

import re
from dataclasses import dataclass

from vault.verifier import checkpoint, entry, merkle, strict_base64
from vault.verifier.checkpoint import Checkpoint
from vault.verifier.entry import Header
from vault.verifier.errors import BadError, CannotTellError

VERSION = "c2sp.org/tlog-proof@v1"
MAX_BYTES = 1_000_000
MAX_HASHES = 63  # sizes are below 2^63

_EXTRA = re.compile("extra ([A-Za-z0-9+/]+=*)")
_INDEX = re.compile("index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Proved:
    """An entry that is in the log."""

    index: int
    entry: bytes
    header: Header
    checkpoint: Checkpoint


def check(data: bytes, *, key: str, origin: str) -> Proved:
    """Return what a proof file proves.

    1. the checkpoint is signed and of this origin;
    2. the entry is one, and its leaf hash leads to the root.

    Args:
        data: the file.
        key: verifier key of the log.
        origin: of the log.

    Raises:
        KeyFormatError: the key is malformed, or not one of this origin.
        CannotTellError: the file does not hold the entry.
        BadError: it is malformed or forged, or proves nothing.
    """
    if len(data) > MAX_BYTES:
        raise BadError("The proof is larger than 1 MB.")
    head, separator, note = data.partition(b"\n\n")
    if not separator:
        raise BadError("The proof has no checkpoint.")
    signed = checkpoint.open_(note, key=key, origin=origin)
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise BadError("The proof's first part is not ASCII.") from None
    if lines.pop(0) != VERSION:
        raise BadError(f"The proof does not begin with {VERSION}.")
    if lines and _INDEX.fullmatch(lines[0]):
        raise CannotTellError("The proof does not hold the entry that it is about.")
    found = _EXTRA.fullmatch(lines.pop(0)) if lines else None
    extra = strict_base64.read(found[1]) if found else None
    if extra is None:
        raise BadError("The line extra is not base64 in its one spelling.")
    place = _INDEX.fullmatch(lines.pop(0)) if lines else None
    if not place:
        raise BadError("The line index is malformed or missing.")
    if len(lines) > MAX_HASHES:
        raise BadError("The proof has more hashes than any tree is high.")
    path = [strict_base64.read_hash(line) for line in lines]
    index = int(place[1])
    header = entry.parse(extra)
    merkle.check_inclusion(merkle.leaf(extra), index, signed.size, path, signed.root)
    return Proved(index, extra, header, signed)
