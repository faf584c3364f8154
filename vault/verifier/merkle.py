"""Check Merkle proofs by the definition of RFC 6962, from the top of the tree down.

Written apart from the vault's own implementation, and in another way: that one climbs from the
leaf by the rules of RFC 9162, this one splits the tree as RFC 6962 defines it. Tests compare them.
Source: RFC 6962, 2.1 and 2.1.1.
"""

import hashlib
from collections.abc import Sequence

from vault.verifier.errors import ProofError

HASH_BYTES = 32


def leaf(entry: bytes) -> bytes:
    """Return the leaf hash of an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes.

    Raises:
        ProofError: for a hash that is not 32 bytes.
    """
    if any(len(one) != HASH_BYTES for one in leaves):
        raise ProofError("A hash does not have 32 bytes.")
    if not leaves:
        return hashlib.sha256(b"").digest()
    return _tree_hash(leaves)


def check_inclusion(
    leaf_hash: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf is at `index` in the tree of `size` leaves with this root.

    Raises:
        ProofError: saying what does not fit.
    """
    if any(len(one) != HASH_BYTES for one in (leaf_hash, root, *path)):
        raise ProofError("A hash does not have 32 bytes.")
    if not 0 <= index < size:
        raise ProofError("The index is outside of the tree.")
    if _root_of(leaf_hash, index, size, list(path)) != root:
        raise ProofError("The path does not lead to the root.")


def _tree_hash(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return _node(_tree_hash(leaves[:split]), _tree_hash(leaves[split:]))


def _root_of(leaf_hash: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Rebuild the root of a subtree; the last hash of the path is the sibling at its top."""
    if size == 1:
        if path:
            raise ProofError("The path has a hash too many.")
        return leaf_hash
    if not path:
        raise ProofError("The path lacks a hash.")
    sibling = path.pop()
    split = _split(size)
    if index < split:
        return _node(_root_of(leaf_hash, index, split, path), sibling)
    return _node(sibling, _root_of(leaf_hash, index - split, size - split, path))


def _split(size: int) -> int:
    """Return the largest power of two below the size."""
    split = 1
    while split * 2 < size:
        split *= 2
    return split


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
