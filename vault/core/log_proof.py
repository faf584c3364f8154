"""Write the proof that an entry is in the log, as a file that anybody can check.

It holds the entry, the hashes that lead from it to the root, and the signed checkpoint that names
the root. Whoever has the log's verifier key needs nothing else of ours.
Source: c2sp.org/tlog-proof; access-log note, 8; docs/formats.md.
"""

import base64
from collections.abc import Sequence
from typing import Final

VERSION: Final = "c2sp.org/tlog-proof@v1"


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
