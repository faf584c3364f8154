"""Check Merkle proofs by the definition of RFC 6962, from the top of the tree down.

Written apart from the vault's own implementation, and in another way: that one climbs from the
leaf by the rules of RFC 9162, this one splits the tree as RFC 6962 defines it. Tests compare them.
Source: RFC 6962, 2.1, 2.1.1 and 2.1.2.
"""

from collections.abc import Sequence
from hashlib import sha256 as _sha256

from vault.verifier.errors import ProofError

HASH_BYTES = 32


def leaf(entry: bytes) -> bytes:
    """Return the leaf hash of an entry."""
    return _sha256(b"\x00" + entry).digest()


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes.

    Raises:
        ProofError: for a hash that is not 32 bytes.
    """
    if any(len(one) != HASH_BYTES for one in leaves):
        raise ProofError("A hash does not have 32 bytes.")
    if not leaves:
        return _sha256(b"").digest()
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


def check_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Check that the tree of `new_size` leaves continues the one of `old_size`.

    From the empty tree nothing is shown, so that is refused whatever the path.

    Raises:
        ProofError: saying what does not fit.
    """
    if any(len(one) != HASH_BYTES for one in (old_root, new_root, *path)):
        raise ProofError("A hash does not have 32 bytes.")
    if not 0 < old_size <= new_size:
        raise ProofError("There is no older tree of this size: nothing is shown.")
    rest = list(path)
    roots = _roots(old_size, new_size, old_root, rest)
    if rest:
        raise ProofError("The path has a hash too many.")
    if roots != (old_root, new_root):
        raise ProofError("The newer tree does not continue the older one.")


def full_root(hashes: bytes) -> bytes:
    """Return the root over hashes in one piece, whose number is a power of two."""
    while len(hashes) > HASH_BYTES:
        pairs = range(0, len(hashes), 2 * HASH_BYTES)
        hashes = b"".join(
            [_sha256(b"\x01" + hashes[at : at + 2 * HASH_BYTES]).digest() for at in pairs]
        )
    return hashes


def joined(left: Sequence[bytes]) -> bytes:
    """Return the root of a tree from the roots of its full subtrees, the largest first."""
    *rest, root = left
    for one in reversed(rest):
        root = node(one, root)
    return root


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees."""
    return _sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """Return the largest power of two below the size: where a tree of 2 leaves or more parts."""
    return 1 << ((size - 1).bit_length() - 1)


def _tree_hash(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    middle = split(len(leaves))
    return node(_tree_hash(leaves[:middle]), _tree_hash(leaves[middle:]))


def _root_of(leaf_hash: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Rebuild the root of a subtree; the last hash of the path is the sibling at its top."""
    if size == 1:
        if path:
            raise ProofError("The path has a hash too many.")
        return leaf_hash
    if not path:
        raise ProofError("The path lacks a hash.")
    sibling = path.pop()
    middle = split(size)
    if index < middle:
        return node(_root_of(leaf_hash, index, middle, path), sibling)
    return node(sibling, _root_of(leaf_hash, index - middle, size - middle, path))


def _roots(old: int, size: int, known: bytes | None, path: list[bytes]) -> tuple[bytes, bytes]:
    """Rebuild the roots of the older and of the newer subtree of `size` leaves.

    Args:
        old: leaves of the older one; at least 1, at most `size`.
        size: leaves of the newer one.
        known: the older root while the subtree is all of the older tree; a path leaves it out.
        path: what is left of it; its last hash is the topmost sibling.
    """
    if old == size and known is not None:
        return known, known
    if not path:
        raise ProofError("The path lacks a hash.")
    sibling = path.pop()
    if old == size:
        return sibling, sibling
    middle = split(size)
    if old <= middle:
        older, newer = _roots(old, middle, known, path)
        return older, node(newer, sibling)
    older, newer = _roots(old - middle, size - middle, None, path)
    return node(sibling, older), node(sibling, newer)
