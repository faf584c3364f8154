"""Go on from a checkpoint up to which the log was checked before.

`check` shows that the log continues it, by a proof that is found among the tiles. `start` says how
far back the pass must begin so that nothing is lost by it: at the newest older entry of each writer
that goes on, and at the oldest entry that a new one had not seen.
Source: RFC 9162, 2.1.4; access-log note, 10 and 12.
"""

from vault.verifier import entry, merkle, tile
from vault.verifier.checkpoint import Checkpoint
from vault.verifier.errors import BadError, RollbackError
from vault.verifier.folder import Folder
from vault.verifier.tree import consistency_path


def check(folder: Folder, old: Checkpoint, new: Checkpoint) -> list[bytes]:
    """Check that a log continues an older checkpoint, and return the hashes that show it.

    Raises:
        RollbackError: it became shorter.
        BadError: it does not continue it, or the tiles do not show it.
    """
    if new.size < old.size:
        raise RollbackError(
            f"The log has {new.size} entries; when it was seen before it had {old.size}. "
            "Entries that were signed may be gone."
        )
    if old.size == 0:
        raise BadError("The older checkpoint is of an empty log, from which nothing is shown.")
    if new.size == old.size:
        if new.root != old.root:
            raise BadError(
                f"Two checkpoints of size {old.size} have different roots: the log shows different "
                "readers different entries."
            )
        return []
    path = consistency_path(folder, old.size, new.size)
    merkle.check_consistency(old.size, new.size, old.root, new.root, path)
    return path


def start(folder: Folder, old: int, new: int) -> int:
    """Return the index of the bundle at which a pass over the newer entries must begin.

    Args:
        folder: where the bundles are.
        old: size up to which the log was checked.
        new: size of the newer checkpoint.

    Raises:
        BadError: a bundle is missing or malformed.
    """
    begun: set[bytes] = set()
    sought: set[bytes] = set()
    seen = old
    for _, entries in folder.bundles(old, new):
        for data in entries:
            header = entry.parse(data)
            if header.seq and header.writer not in begun:
                sought.add(header.writer)
            begun.add(header.writer)
            seen = min(seen, header.seen)
    n = old // tile.WIDTH
    if n * tile.WIDTH < old:
        sought -= _writers(folder, n, old)
    while n and (sought or seen < n * tile.WIDTH) and folder.has_bundle(n - 1):
        n -= 1
        sought -= _writers(folder, n, old)
    return n * tile.WIDTH


def _writers(folder: Folder, n: int, size: int) -> set[bytes]:
    entries = folder.bundle(n, tile.width_of(0, n, size))
    return {entry.parse(data).writer for data in entries}
