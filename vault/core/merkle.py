"""Compute and check the Merkle tree of the access log.

Decides which hashes prove that an entry is in a tree, or that one tree continues another. It
refuses to know what an entry says. Every hash is exactly 32 bytes, and a proof that would prove
nothing is refused rather than accepted. The verifier has an implementation of its own.
Source: RFC 6962, 2.1; RFC 9162, 2.1.1 to 2.1.4.
"""

import hashlib
from collections.abc import Iterable, Sequence

from vault.core.errors import FormatError

HASH_BYTES = 32


class ProofError(ValueError):
    """A proof, or a hash in it, does not prove what it is shown for."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry; the first byte keeps leaves and nodes apart."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees.

    Raises:
        ProofError: for a hash that is not 32 bytes, which would let one pair pass for another.
    """
    if len(left) != HASH_BYTES or len(right) != HASH_BYTES:
        raise ProofError("a hash is not 32 bytes")
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; of none, SHA-256 of nothing.

    Raises:
        ProofError: for a hash that is not 32 bytes.
    """
    _check(leaf_hashes)
    return _levels(leaf_hashes)[-1][0] if leaf_hashes else hashlib.sha256(b"").digest()


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the siblings of one leaf, from the leaf up.

    Raises:
        ProofError: when there is no such leaf.
    """
    _check(leaf_hashes)
    if not 0 <= index < len(leaf_hashes):
        raise ProofError("there is no leaf at this index")
    return _path(_levels(leaf_hashes), index)


def levels(leaf_hashes: Sequence[bytes]) -> list[list[bytes]]:
    """Return the tree from the leaves up to the level of the root alone, for at least one leaf.

    Raises:
        ProofError: for a hash that is not 32 bytes, or none.
    """
    _check(leaf_hashes)
    if not leaf_hashes:
        raise ProofError("there is no leaf")
    return _levels(leaf_hashes)


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return the hashes that show the tree of `old_size` leaves to be a prefix of this one.

    Raises:
        ProofError: when the old size is 0 or more than there are leaves.
    """
    _check(leaf_hashes)
    if not 0 < old_size <= len(leaf_hashes):
        raise ProofError("there is no old tree of this size")
    return _subproof(leaf_hashes, old_size, known=True)


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes
) -> None:
    """Check that a leaf stands at `index` in the tree of `size` leaves with this root.

    Raises:
        ProofError: when the proof does not show it.
    """
    _check((leaf, root_hash, *proof))
    if not 0 <= index < size:
        raise ProofError("there is no leaf at this index")
    first, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofError("a hash is left over")
        if first % 2 or first == last:
            result = node_hash(sibling, result)
            first, last = _up(first, last)
        else:
            result = node_hash(result, sibling)
        first, last = first // 2, last // 2
    if last != 0:
        raise ProofError("a hash is missing")
    if result != root_hash:
        raise ProofError("the hashes lead to another root")


def verify_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the new tree continues the old one.

    Raises:
        ProofError: when the proof does not show it; always for an old size of 0, since a proof
            from the empty tree shows nothing.
    """
    _check((old_root, new_root, *proof))
    if not 0 < old_size <= new_size:
        raise ProofError("there is no old tree of this size")
    if old_size == new_size:
        if proof or old_root != new_root:
            raise ProofError("trees of one size are equal, without a proof")
        return
    if not proof:
        raise ProofError("a hash is missing")
    # The old root is left out of a proof where it is itself a node of the new tree.
    hashes = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    first, last = old_size - 1, new_size - 1
    while first % 2:
        first, last = first // 2, last // 2
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise ProofError("a hash is left over")
        if first % 2 or first == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            first, last = _up(first, last)
        else:
            new = node_hash(new, sibling)
        first, last = first // 2, last // 2
    if last != 0:
        raise ProofError("a hash is missing")
    if old != old_root or new != new_root:
        raise ProofError("the hashes lead to other roots")


class Frontier:
    """The right edge of a growing tree: the roots of its perfect subtrees, the largest first.

    Appending and the root cost the height of the tree, whatever the size of the log.
    """

    def __init__(self, size: int = 0, edge: bytes = b"") -> None:
        """Take up a tree where `edge`, the subtree roots in one piece, left it.

        Raises:
            FormatError: when the edge has not one hash for each bit set in the size.
        """
        if len(edge) != HASH_BYTES * size.bit_count():
            raise FormatError
        self._size = size
        self._roots = [edge[at : at + HASH_BYTES] for at in range(0, len(edge), HASH_BYTES)]

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._size

    @property
    def edge(self) -> bytes:
        """The subtree roots in one piece, at most 64 hashes."""
        return b"".join(self._roots)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at the right.

        Raises:
            ProofError: for a hash that is not 32 bytes.
        """
        self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes at the right, in order; errors as for `append`, and then none is added."""
        added = list(leaves)
        _check(added)
        sha256, roots = hashlib.sha256, self._roots
        for size, leaf in enumerate(added, self._size):
            merged = leaf
            while size & 1:  # every trailing one is a subtree that the new leaf completes
                merged = sha256(b"\x01" + roots.pop() + merged).digest()  # as `node_hash`
                size >>= 1  # noqa: PLW2901  the height, from the places of its trailing ones
            roots.append(merged)
        self._size += len(added)

    def root(self) -> bytes:
        """Return the root of the tree so far."""
        if not self._roots:
            return hashlib.sha256(b"").digest()
        *left, result = self._roots
        for subtree in reversed(left):
            result = node_hash(subtree, result)
        return result


def _check(hashes: Iterable[bytes]) -> None:
    for one in hashes:
        if len(one) != HASH_BYTES:
            raise ProofError("a hash is not 32 bytes")


def _up(first: int, last: int) -> tuple[int, int]:
    """Climb past the levels where the node has no sibling at its right."""
    while first and first % 2 == 0:
        first, last = first // 2, last // 2
    return first, last


def _levels(leaf_hashes: Sequence[bytes]) -> list[list[bytes]]:
    """Return the tree from the leaves up; a node without a partner moves up as it is.

    Pairing level by level gives the tree of RFC 6962, whose left subtree is always the largest
    perfect one.
    """
    sha256 = hashlib.sha256
    tree = [list(leaf_hashes)]
    while len(tree[-1]) > 1:
        below = tree[-1]
        # As `node_hash`; each of these was measured, or is a hash already.
        above = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(below[::2], below[1::2], strict=False)
        ]
        if len(below) % 2:
            above.append(below[-1])
        tree.append(above)
    return tree


def _path(tree: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    proof = []
    for level in tree[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            proof.append(level[sibling])
        index //= 2
    return proof


def _subproof(leaf_hashes: Sequence[bytes], old_size: int, *, known: bool) -> list[bytes]:
    """SUBPROOF of RFC 9162, 2.1.4.1: `known` says that the verifier holds the old root itself."""
    size = len(leaf_hashes)
    if old_size == size:
        return [] if known else [root(leaf_hashes)]
    split = 1 << ((size - 1).bit_length() - 1)  # the largest power of two below the size
    left, right = leaf_hashes[:split], leaf_hashes[split:]
    if old_size <= split:
        return [*_subproof(left, old_size, known=known), root(right)]
    return [*_subproof(right, old_size - split, known=False), root(left)]
