"""Write the promise that a decision will be in the log: the entry receipt.

It bridges the time between a commit and the log's next checkpoint. One signature covers all that
one writer committed at once; each receipt shows, by an inclusion proof, that its entry is under
it. Signing is `vault/crypto/signing.py`; an independent reader is `vault/verifier`.
Source: docs/formats.md, entry receipt.
"""

from binascii import b2a_base64
from collections.abc import Sequence
from uuid import UUID

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
    size: int,
    root: bytes,
    integrate_by: int,
) -> bytes:
    """Return the text that is signed for the entries of one commit.

    Args:
        origin: the log's origin.
        log_id: the log's number.
        writer: 16 bytes.
        seqs: first and last sequence number, both inclusive.
        size: how many entries the commit has.
        root: over their leaf hashes.
        integrate_by: unix ms.
    """
    lines = (
        key_name(origin),
        f"receipt {log_id} {UUID(bytes=writer)} {seqs[0]} {seqs[1]}",
        f"root {size} {_base64(root)}",
        f"integrate-by {integrate_by}",
    )
    return "".join(f"{line}\n" for line in lines).encode()


def singles(tree: Sequence[Sequence[bytes]], note: str) -> list[str]:
    """Return the receipt of each entry of a commit, whose path leads to the signed promise `note`.

    Args:
        tree: from `merkle.levels`, over all leaf hashes of the commit.
        note: over its root.
    """
    paths = [""]  # of the nodes of one level, from the root down: a sibling, then the parent's path
    texts = [_base64(one) for one in tree[-1]]
    for level in tree[-2::-1]:
        texts = [_base64(one) for one in level]
        lines = [f"{text}\n" for text in texts]
        lines.append("")  # the last of an odd number moves up without a sibling
        paths = [lines[index ^ 1] + paths[index >> 1] for index in range(len(level))]
    return [
        f"{VERSION}\nentry {text}\nindex {index}\n{path}\n{note}"
        for index, (text, path) in enumerate(zip(texts, paths, strict=True))
    ]


def together(leaf_hashes: Sequence[bytes], first: int, count: int, note: str) -> str:
    """Return one receipt for `count` neighbouring entries of a commit, from index `first` on.

    It carries every leaf hash of the commit instead of a path for each, so the note stands once.
    """
    return "\n".join(
        (VERSION, f"entries {first} {count}", *map(_base64, leaf_hashes), "", note),
    )


def _base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode()
