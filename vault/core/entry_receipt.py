"""Write the promise that a decision will be in the log: the entry receipt.

It bridges the time between a commit and the log's next checkpoint. One signature covers all that
one writer committed at once; each receipt shows, by an inclusion proof, that its entry is under
it. Signing is `vault/crypto/signing.py`; an independent reader is `vault/verifier`.
Source: docs/formats.md, entry receipt.
"""

import base64
from collections.abc import Sequence
from uuid import UUID

from vault.core.merkle import root

VERSION = "ownship-receipt@v1"
INTEGRATE_WITHIN = 10_000  # ms from the commit within which the entry is promised to be in the log


def key_name(origin: str) -> str:
    """Return the name of the receipts' key, which is not the log's own."""
    return f"{origin}/receipts"


def promise(
    origin: str,
    *,
    log_id: int,
    writer: bytes,
    seqs: tuple[int, int],
    leaf_hashes: Sequence[bytes],
    integrate_by: int,
) -> bytes:
    """Return the text that is signed for the entries of one commit.

    Args:
        origin: the log's origin.
        log_id: the log's number.
        writer: 16 bytes.
        seqs: first and last sequence number, both inclusive.
        leaf_hashes: of all entries of the commit, at least one, in order.
        integrate_by: unix ms.
    """
    lines = (
        key_name(origin),
        f"receipt {log_id} {UUID(bytes=writer)} {seqs[0]} {seqs[1]}",
        f"root {len(leaf_hashes)} {_base64(root(leaf_hashes))}",
        f"integrate-by {integrate_by}",
    )
    return "".join(f"{line}\n" for line in lines).encode()


def single(leaf: bytes, index: int, path: Sequence[bytes], note: str) -> str:
    """Return the receipt of one entry: `path` proves it under the signed promise `note`."""
    lines = (VERSION, f"entry {_base64(leaf)}", f"index {index}", *map(_base64, path), "", note)
    return "\n".join(lines)


def together(leaf_hashes: Sequence[bytes], first: int, count: int, note: str) -> str:
    """Return one receipt for `count` neighbouring entries of a commit, from index `first` on.

    It carries every leaf hash of the commit instead of a path for each, so the note stands once.
    """
    return "\n".join(
        (VERSION, f"entries {first} {count}", *map(_base64, leaf_hashes), "", note),
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
