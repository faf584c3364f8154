"""Keep one log as files in a folder, so that each is whole or not there, whenever the power goes.

A file is written under a name of its own, flushed, given its place, and then the folder is flushed.
A full tile or a bundle never changes: other bytes in its place are an alarm and are not written. It
knows nothing of what the bytes say. It blocks, so callers give it a thread.
Source: access-log note, 6 and 9; docs/formats.md, the layout of a log in files.
"""

import contextlib
import fcntl
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from vault.core.errors import BusyError
from vault.core.log_errors import MirrorDamagedError, MirrorDownError
from vault.core.tiles import WIDTH, Tile
from vault.crypto.random import uuid4

CHECKPOINT: Final = "checkpoint"  # the newest; written last, so all that it covers is there
CHECKPOINTS: Final = "checkpoints"  # those that were mirrored, by their sizes; thinned out later
MAX_BYTES: Final = WIDTH * (65_535 + 2)  # of a full bundle, the largest file there is
_SIZE: Final = re.compile("0|[1-9][0-9]{0,18}")
_LOCK: Final = ".lock"
_BEGUN: Final = ".begun-"  # what a file is called until it is whole


class Folder:
    """The folder of one log."""

    def __init__(self, path: Path) -> None:
        """Take a folder; nothing is made or read yet."""
        self.path = path

    def read(self, name: str) -> bytes | None:
        """Return a file; None where there is none.

        Raises:
            MirrorDownError: it cannot be read, or is no file.
            MirrorDamagedError: it is larger than any file of a log.
        """
        try:
            with open(self.path / name, "rb", opener=_at_once) as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise MirrorDownError
                data = file.read(MAX_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            raise MirrorDownError from None
        if len(data) > MAX_BYTES:
            raise MirrorDamagedError
        return data

    def tile(self, tile: Tile) -> bytes:
        """Return a tile or a bundle that must be there.

        Raises:
            MirrorDamagedError: it is not.
        """
        data = self.read(tile.path)
        if data is None:
            raise MirrorDamagedError
        return data

    def keep(self, tile: Tile, data: bytes) -> None:
        """Write a tile or a bundle, unless it is there; one that is full is never changed.

        Raises:
            MirrorDamagedError: a full one is there with other bytes.
            MirrorDownError: it cannot be written.
        """
        there = self.read(tile.path)
        if there == data:
            return
        if there is not None and tile.width == WIDTH:
            raise MirrorDamagedError
        self.replace(tile.path, data)

    def replace(self, name: str, data: bytes) -> None:
        """Write a file in one step: readers see all of the old one or all of the new one.

        Raises:
            MirrorDownError: it cannot be written; what was there stays.
        """
        where = self.path / name
        begun = where.parent / f"{_BEGUN}{uuid4().hex}"
        try:
            self._make(where.parent)
            with begun.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            begun.replace(where)
            _flush(where.parent)
        except OSError:
            with contextlib.suppress(OSError):
                begun.unlink()
            raise MirrorDownError from None

    def drop_shorter(self, tile: Tile) -> None:
        """Delete the shorter states of a tile: what is cut from this one is the same."""
        folder = self.path / Tile(tile.level, tile.n, 1).path
        with contextlib.suppress(OSError):  # they only cost room
            for one in list(folder.parent.iterdir()):
                if one.name.isdigit() and int(one.name) < tile.width:
                    one.unlink()
            if tile.width == WIDTH:
                folder.parent.rmdir()

    def sizes(self) -> list[int]:
        """Return the sizes under which checkpoints are kept, the smallest first.

        Raises:
            MirrorDownError: the folder cannot be read.
        """
        try:
            names = [one.name for one in (self.path / CHECKPOINTS).iterdir()]
        except FileNotFoundError:
            return []
        except OSError:
            raise MirrorDownError from None
        return sorted(int(name) for name in names if _SIZE.fullmatch(name))

    def forget(self, sizes: Sequence[int]) -> None:
        """Delete checkpoints that are kept under these sizes.

        Raises:
            MirrorDownError: one cannot be deleted; those before it are gone.
        """
        try:
            for size in sizes:
                (self.path / CHECKPOINTS / str(size)).unlink(missing_ok=True)
            if sizes:
                _flush(self.path / CHECKPOINTS)
        except OSError:
            raise MirrorDownError from None

    def is_empty(self) -> bool:
        """Say whether the folder holds nothing of a log.

        Raises:
            MirrorDownError: it cannot be read.
        """
        try:
            names = {one.name for one in self.path.iterdir()}
        except FileNotFoundError:
            return True
        except OSError:
            raise MirrorDownError from None
        return names.isdisjoint({CHECKPOINT, CHECKPOINTS, "tile"})

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other process write meanwhile.

        Raises:
            BusyError: another does.
            MirrorDownError: the folder cannot be made.
        """
        try:
            self._make(self.path)
            lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            raise MirrorDownError from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise BusyError from None
        finally:
            os.close(lock)

    def _make(self, folder: Path) -> None:
        """Make a folder, and let it and what it is in survive a power loss."""
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        for one in reversed(missing):
            one.mkdir(exist_ok=True)
            _flush(one.parent)


def _at_once(path: str, flags: int) -> int:
    # A pipe in the place of a file would be waited for, with the log's head locked.
    return os.open(path, flags | os.O_NONBLOCK)


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
