"""Read and write files of a folder that somebody else may have filled.

A folder comes from whom it is held against. A named pipe or a device in the place of a file would
keep the reader waiting for ever, or never end, so nothing but a regular file is read, and never
more of it than such a file can have.
Source: access-log note, 12; docs/verify.md.
"""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from vault.verifier.errors import BadError, CannotTellError


def read(path: Path, limit: int, name: str) -> bytes | None:
    """Return a file of at most `limit` bytes; None where there is none.

    Raises:
        CannotTellError: it cannot be read, or is no regular file.
        BadError: it is larger.
    """
    try:
        with open_(path, name) as file:
            data = file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        raise CannotTellError(f"{name} cannot be read.") from None
    if len(data) > limit:
        raise BadError(f"{name} is larger than any such file.")
    return data


def open_(path: Path, name: str) -> BinaryIO:
    """Open a regular file to read it, and wait for nothing.

    Raises:
        OSError: there is none, or it cannot be read.
        CannotTellError: it is no regular file.
    """
    file = open(path, "rb", opener=_at_once)  # noqa: SIM115  whoever asked closes it
    # Of what was opened, not of the path: between two looks another could take its place.
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise CannotTellError(
            f"{name} is no regular file but a pipe, a device or the like. It was not read: take it "
            "out of the folder, and ask where the folder is from."
        )
    return file


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        CannotTellError: it cannot be written.
    """
    fresh = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)  # of a write that was cut, or a pipe that waits for one
        with fresh.open("xb") as file:
            file.write(data)
        fresh.replace(path)
    except OSError:
        raise CannotTellError("The folder cannot be written.") from None


def _at_once(path: str, flags: int) -> int:
    # Where there is no such flag (Windows), there are no pipes in folders either.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
