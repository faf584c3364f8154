"""Write and read what a checkpoint of the log says: origin, size and root, a line each.

It is the text that is signed, and nothing else may stand in it: no extension lines, one spelling
of each number. Signatures are `vault/crypto/note.py`; the verifier reads checkpoints by itself.
Source: c2sp.org/tlog-checkpoint; access-log note, 7; docs/formats.md.
"""

import base64
import re
from dataclasses import dataclass
from typing import Final, Self

from vault.core.errors import FormatError, VaultError
from vault.core.merkle import HASH_BYTES

MAX_SIZE: Final = 2**63  # sizes are below it

_SIZE: Final = re.compile("0|[1-9][0-9]{0,18}")  # not `int`: it takes +1, 1_0 and other digits


class NotPublishedError(VaultError):
    """The newest checkpoint does not cover what was asked for: an entry, a tile, a log."""

    code = "not-published"
    sentence = "No checkpoint of the log covers this yet. Try again in a second."


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself at one size."""

    origin: str
    size: int
    root: bytes

    def body(self) -> bytes:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n".encode()

    @classmethod
    def parse(cls, body: bytes, origin: str) -> Self:
        """Read the text of a checkpoint.

        Args:
            body: what was signed, its last newline included.
            origin: of the log that it must be of.

        Raises:
            FormatError: for another log's, and for anything that `body` does not write.
        """
        try:
            lines = body.decode().split("\n")
            named, size, root, end = lines
            found = cls(named, int(size), base64.b64decode(root, validate=True))
        except ValueError:
            raise FormatError from None
        if named != origin or end or not _SIZE.fullmatch(size) or found.size >= MAX_SIZE:
            raise FormatError
        # `validate` ignores spare bits: two texts for the same bytes, so compare.
        if len(found.root) != HASH_BYTES or found.body() != body:
            raise FormatError
        return found
