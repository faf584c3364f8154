"""Read a checkpoint: how long the log is and which root it has, signed by the log's key.

The origin is the reader's own and so is the key: a checkpoint of another log, or by another key,
says nothing about this one.
Source: access-log note, 7; c2sp.org/tlog-checkpoint.
"""

import hashlib
import re
from dataclasses import dataclass

from vault.verifier import strict_base64
from vault.verifier.errors import BadError, KeyFormatError
from vault.verifier.note import VerifierKey, open_note

MAX_SIZE = 2**63  # sizes are below it

_SIZE = re.compile("0|[1-9][0-9]*")  # not `int`, which takes +1, 1_0 and other digits


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log's key has signed."""

    origin: str
    size: int
    root: bytes
    text: bytes  # the note, verbatim


def open_(text: bytes, *, key: str, origin: str) -> Checkpoint:
    """Return what a signed checkpoint says.

    Args:
        text: the note.
        key: verifier key of the log, whose name is the origin; several, of a log whose key was
            changed, with spaces between them.
        origin: of the log, HOST/log.

    Raises:
        KeyFormatError: the key is malformed, or not one of this origin.
        BadError: the note is malformed or forged, or no checkpoint of this origin.
    """
    keys = key.split()
    if any(VerifierKey.parse(one).name != origin for one in keys):
        raise KeyFormatError("The verifier key is not that of this origin's checkpoints.")
    size, root = parse_checkpoint(open_note(text, keys), origin)
    return Checkpoint(origin, size, root, text)


def parse_checkpoint(body: bytes, origin: str) -> tuple[int, bytes]:
    """Return size and root of a note's text.

    Raises:
        BadError: it is no checkpoint, or of another origin.
    """
    lines = body.decode().split("\n")
    if len(lines) != 4 or lines[3]:
        raise BadError("A checkpoint has three lines: origin, size and root. This has others.")
    if lines[0] != origin:
        raise BadError("The checkpoint is of another origin.")
    # The length first: a number of a million digits takes `int` minutes.
    if len(lines[1]) > 19 or not _SIZE.fullmatch(lines[1]) or int(lines[1]) >= MAX_SIZE:
        raise BadError("The size of the checkpoint is no number in its one spelling.")
    size, root = int(lines[1]), strict_base64.read_hash(lines[2])
    if size == 0 and root != hashlib.sha256(b"").digest():
        raise BadError("The checkpoint of an empty log has a root that no empty log has.")
    return size, root
