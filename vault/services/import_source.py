"""Take a file to import: a regular file of a bounded size, whose digest says which one it is.

A link, a folder, a pipe or a device is refused, and so is a file that became another one between
the look at it and its import: progress is kept by the digest, and refusals stand beside the file.
Source: ecosystem note, 9; security note, 6.
"""

import codecs
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from vault.core.errors import BadRequestError

MAX_FILE: Final = 4 << 30  # bytes, unless the operator says otherwise
_CHUNK: Final = 1 << 20
_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Source:
    """A file to import."""

    path: Path
    size: int  # bytes
    lines: int
    digest: str  # SHA-256 in hex of the mapping's digest, the file's name in it, and the file
    state: tuple[int, ...]  # what another file would have other


def examine(path: Path, *, mapping: bytes, name: str = "", max_size: int = MAX_FILE) -> Source:
    """Read through a file once and say what it is; it may block.

    Args:
        path: the file.
        mapping: its bytes.
        name: the file's, where the mapping has several.
        max_size: bytes.

    Raises:
        BadRequestError: it cannot be read, is no regular file, or is too large.
    """
    digest = hashlib.sha256(hashlib.sha256(mapping).digest() + name.encode())
    size = lines = 0
    with _open(path) as file:
        state = _state(file)
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            if size > max_size:
                raise BadRequestError(f"The file is larger than {max_size:,} bytes.")
            lines += chunk.count(b"\n")
            digest.update(chunk)
    return Source(path, size, lines, digest.hexdigest(), state)


@contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """Open an examined file again.

    Raises:
        BadRequestError: it is not the one any more.
    """
    with _open(source.path) as file:
        if _state(file) != source.state:
            raise BadRequestError("The file has changed meanwhile. Import it again.")
        yield file


class Recoded:
    """A file in UTF-16, read as if it were UTF-8; what is no letter stays undecodable."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        """Begin behind the mark, where the file stands."""
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._pending = b""
        self._place = 0  # in what is pending: cutting it at each line would copy it each time
        self._ended = False

    def readline(self, limit: int) -> bytes:
        """Return the rest of a line, at most `limit` bytes of it; empty at the end."""
        while True:
            start = self._place
            end = self._pending.find(b"\n", start, start + limit)
            if end >= 0 or self._ended or len(self._pending) - start >= limit:
                break
            self._more()
        self._place = end + 1 if end >= 0 else min(start + limit, len(self._pending))
        return self._pending[start : self._place]

    def _more(self) -> None:
        chunk = self._file.read(_CHUNK // 16)
        self._pending, self._place = self._pending[self._place :], 0
        try:
            text = self._decoder.decode(chunk, final=not chunk)
            self._pending += text.encode("utf-8", "surrogatepass")
        except UnicodeDecodeError:  # an odd byte at the end of the file
            self._pending += b"\xff"
        self._ended = not chunk


@contextmanager
def _open(path: Path) -> Iterator[BinaryIO]:
    try:
        handle = os.open(path, _FLAGS)
    except OSError:
        what = "is a link: name the file itself." if path.is_symlink() else "cannot be read."
        raise BadRequestError(f"The file {what}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise BadRequestError("The file is no regular file, but a folder, a pipe or a device.")
    with os.fdopen(handle, "rb") as file:
        try:
            yield file
        except OSError:
            raise BadRequestError("The file cannot be read.") from None


def _state(file: BinaryIO) -> tuple[int, ...]:
    found = os.fstat(file.fileno())
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
