"""Check a log in a folder in one pass: entries, writers, tiles, checkpoints (L1, L2 and L3).

1. the newest checkpoint is signed, and not smaller than one that was seen;
2. with an older checkpoint: this one continues it, and what follows looks at newer entries alone;
3. entries hash to leaves, leaves to the tiles of all levels; each writer's entries are in order;
4. every checkpoint that was seen is signed and has the root of the tree at its size;
5. the tree has the signed root, no record is cut, and only what `prune` names is missing.

Entries are read a bundle at a time, so a log of any length takes the same memory. What entries say
is for those who have their keys.
Source: access-log note, 10 and 12.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from vault.verifier import checkpoint, since, tile
from vault.verifier.checkpoint import Checkpoint
from vault.verifier.errors import BadError, StaleError
from vault.verifier.folder import Folder
from vault.verifier.merkle import HASH_BYTES
from vault.verifier.progress import Progress
from vault.verifier.sequences import Sequences
from vault.verifier.tree import Tree


@dataclass(frozen=True, slots=True)
class Checked:
    """A log that holds."""

    newest: Checkpoint
    old: Checkpoint | None  # the older checkpoint that it continues; None: all was checked
    first: int  # index of the first entry that was checked
    absent: int  # entries from the beginning that are not in the folder
    pruned: bool  # whether an entry of the log says that they are not served any more
    writers: int
    checkpoints: int  # that were seen before and agree


def check(folder: Folder, *, key: str, origin: str, old_text: bytes | None = None) -> Checked:
    """Check a log; nothing is believed but the key.

    Args:
        folder: where it is.
        key: verifier key of the log.
        origin: of the log.
        old_text: a checkpoint up to which the log was checked before; None to check all.

    Raises:
        KeyFormatError: the key is malformed, or not one of this origin.
        CannotTellError: there is no checkpoint, or an entry is newer than this checker.
        EntryError: an entry is malformed or out of its writer's order.
        StaleError: L3 alone does not hold.
        BadError: anything else does not hold.
    """
    newest = folder.checkpoint(key, origin)
    old = checkpoint.open_(old_text, key=key, origin=origin) if old_text is not None else None
    if old is not None:
        since.check(folder, old, newest)
    pruned = folder.first_bundle(newest.size) * tile.WIDTH
    known = old.size if old is not None else 0
    start = since.start(folder, max(known, pruned), newest.size) if known else 0
    sequences = Sequences(origin, open_until=known, pruned=pruned > 0)
    tree = Tree(folder, start)
    sizes = [size for size in folder.memory.sizes() if start < size <= newest.size]
    agreed = 0
    with Progress("checking entries", newest.size) as progress:
        for hashes in _leaves(folder, sequences, start, max(start, pruned), newest.size):
            while agreed < len(sizes) and sizes[agreed] <= tree.size + len(hashes) // HASH_BYTES:
                seen = folder.memory.of(sizes[agreed], key=key, origin=origin)
                _agree(seen, tree.root(hashes[: (seen.size - tree.size) * HASH_BYTES]))
                agreed += 1
            tree.add(hashes)
            progress.at(tree.size)
    tree.finish()
    if tree.root() != newest.root:
        raise BadError("The entries do not lead to the root that the checkpoint signs.")
    sequences.finish(newest.size)
    if known < pruned and sequences.minimum < pruned:
        raise BadError(
            f"{tile.path(tile.ENTRIES, pruned // tile.WIDTH - 1)} is missing, and no entry of the "
            "log says that it was pruned: the publisher holds back what they signed."
        )
    if sequences.newer is not None:
        raise sequences.newer
    if sequences.stale is not None:
        raise StaleError(sequences.stale, sequences.stale_count)
    is_said = 0 < pruned <= sequences.minimum
    return Checked(newest, old, max(start, pruned), pruned, is_said, sequences.writers, agreed)


def _leaves(
    folder: Folder, sequences: Sequences, start: int, entries_from: int, size: int
) -> Iterator[bytes]:
    """Give the leaf hashes of each tile: from the tile where entries were pruned, else hashed."""
    for n in range(start // tile.WIDTH, entries_from // tile.WIDTH):
        yield folder.hashes(0, n)
    for first, entries in folder.bundles(entries_from, size):
        yield sequences.take(first, entries)


def _agree(seen: Checkpoint, root: bytes) -> None:
    if seen.root != root:
        raise BadError(
            f"The checkpoint of size {seen.size} does not agree with the entries: the log that was "
            "shown then is not the one that is shown today."
        )
