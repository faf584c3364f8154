"""Remember the checkpoints that were seen: a log that became shorter, or another, is refused.

Each is a file named for its size, the note verbatim; in the folder of a log they lie in
`checkpoints/`. A memory is of one origin, and says nothing to whoever has none.
Source: access-log note, 12.
"""

import re
from pathlib import Path

from vault.verifier import checkpoint, note
from vault.verifier.checkpoint import Checkpoint
from vault.verifier.errors import BadError, CannotTellError, RollbackError
from vault.verifier.file import read, write

_SIZE = re.compile("0|[1-9][0-9]{0,18}")


class Memory:
    """Checkpoints by size."""

    def __init__(self, path: Path) -> None:
        """Take a folder; it need not be there."""
        self._path = path

    def sizes(self) -> list[int]:
        """Return the sizes, the smallest first."""
        names = [one.name for one in self._path.iterdir()] if self._path.is_dir() else []
        return sorted(int(name) for name in names if _SIZE.fullmatch(name))

    def of(self, size: int, *, key: str, origin: str) -> Checkpoint:
        """Return the checkpoint that was seen at a size.

        Raises:
            CannotTellError: it was not seen.
            BadError: it is malformed, forged, of another origin or of another size.
        """
        name = f"{self._path.name}/{size}"
        text = read(self._path / str(size), note.MAX_BYTES, name)
        if text is None:
            raise CannotTellError(f"There is no {name}.")
        try:
            found = checkpoint.open_(text, key=key, origin=origin)
        except BadError as error:
            raise type(error)(f"{name}: {error}") from None
        if found.size != size:
            raise BadError(f"{name} is a checkpoint of size {found.size}.")
        return found

    def refuse_older(self, newest: Checkpoint, *, key: str) -> None:
        """Refuse a checkpoint that is smaller than one that was seen, or another of its size.

        Raises:
            RollbackError: it is smaller.
            BadError: it is another, or what is remembered is malformed or forged.
        """
        for size in reversed(self.sizes()):
            if size < newest.size:
                return
            seen = self.of(size, key=key, origin=newest.origin)
            if seen.size > newest.size:
                raise RollbackError(
                    f"The checkpoint is of size {newest.size}, but one of size {seen.size} was "
                    "seen before: the log was put back, and entries that were signed may be gone."
                )
            if seen.root != newest.root:
                raise BadError(
                    f"Two checkpoints of size {seen.size} have different roots: the log shows "
                    "different readers different entries."
                )

    def add(self, seen: Checkpoint) -> None:
        """Remember a checkpoint.

        Precondition: `refuse_older` took it.

        Raises:
            CannotTellError: it cannot be written.
        """
        path = self._path / str(seen.size)
        if not path.exists():
            write(path, seen.text)
