"""Check that a promised entry is in the log in time: invariant L4.

A checkpoint has no time, but entries have: one that holds an entry made after `integrate-by` was
signed after it. The first such among the checkpoints that the folder has seen must hold what was
promised. The entries are hashed up to the signed root, so what is found is in the log, and what is
not found is not.
Source: access-log note, 8 and 10.
"""

from dataclasses import dataclass
from pathlib import Path

from vault.verifier import entry, tile
from vault.verifier.checkpoint import Checkpoint
from vault.verifier.entry_receipt import EntryReceipt
from vault.verifier.errors import BadError, BrokenPromiseError, CannotTellError
from vault.verifier.folder import Folder
from vault.verifier.merkle import HASH_BYTES, leaf
from vault.verifier.progress import Progress
from vault.verifier.tree import Tree


@dataclass(frozen=True, slots=True)
class Kept:
    """A promise that was kept."""

    indexes: tuple[int, ...]
    newest: Checkpoint
    by: int | None  # size of the first checkpoint after `integrate-by`; None: it is still to come


def check(receipt: EntryReceipt, path: Path, *, key: str, origin: str) -> Kept:
    """Check that a receipt's entries are in the first checkpoint after its `integrate-by`.

    Args:
        receipt: one that holds.
        path: folder of the log.
        key: verifier key of the log, which is not that of receipts.
        origin: of the log.

    Raises:
        KeyFormatError: the key is malformed, or not one of this origin.
        CannotTellError: the log in the folder does not go so far.
        BrokenPromiseError: an entry is not there, or came too late.
        BadError: the log does not hold.
    """
    folder = Folder(path)
    newest = folder.checkpoint(key, origin)
    found, passed = _search(folder, newest, receipt)
    sizes = [*folder.memory.sizes(), newest.size]
    by = min((size for size in sizes if passed is not None and size > passed), default=None)
    for hash_ in receipt.leaves:
        if hash_ in found and (by is None or found[hash_] < by):
            continue
        if by is None:
            raise CannotTellError(
                f"The log in the folder ends at {newest.size} entries, before the promised time: "
                "fetch it again later."
            )
        late = f"stands at {found[hash_]}" if hash_ in found else "is not in the log"
        raise BrokenPromiseError(
            f"A promised entry {late}, but the checkpoint of size {by} is from after the promised "
            "time. With this receipt and that checkpoint you can show that the promise was broken."
        )
    return Kept(tuple(found[hash_] for hash_ in receipt.leaves), newest, by)


def _search(
    folder: Folder, newest: Checkpoint, receipt: EntryReceipt
) -> tuple[dict[bytes, int], int | None]:
    """Return where the promised leaves stand, and the first entry made after the promised time."""
    promised, by = set(receipt.leaves), receipt.promise.integrate_by
    tree, pruned = Tree(folder), folder.first_bundle(newest.size)
    found: dict[bytes, int] = {}
    passed: int | None = None
    with Progress("searching entries", newest.size) as progress:
        for n in range(-(-newest.size // tile.WIDTH)):
            first, width = n * tile.WIDTH, tile.width_of(0, n, newest.size)
            if n < pruned:
                data = folder.hashes(0, n, width)
                hashes = [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]
            else:
                entries = folder.bundle(n, width)
                hashes = [leaf(one) for one in entries]
                if passed is None:
                    made = (entry.parse(one).at for one in entries)
                    passed = next((first + at for at, ms in enumerate(made) if ms > by), None)
            found.update((one, first + at) for at, one in enumerate(hashes) if one in promised)
            tree.add(b"".join(hashes))
            progress.at(tree.size)
    if tree.root() != newest.root:
        raise BadError("The entries do not lead to the root that the checkpoint signs.")
    return found, passed
