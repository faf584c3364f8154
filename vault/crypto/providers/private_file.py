"""Keep one file that only its owner may read, and replace it so that no crash can lose it.

The folder is 0700, the file 0600, both ours; anything else is refused, symbolic links too, before a
byte is read. A change is written aside, flushed, renamed, and the folder is flushed. What the file
holds is not known here.
Source: docs/formats.md, 7.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from vault.core.errors import ProviderDownError, UnwrapFailedError

MAX_BYTES = 1_048_576  # a ring of a hundred years is a tenth of it

_LINKED = frozenset((errno.ELOOP, errno.ENOTDIR))  # what O_NOFOLLOW says of a link
_BAD_FOLDER = "The key ring's folder must be a folder of mode 0700 that belongs to this user."
_BAD_FILE = "The key ring must be a file of mode 0600 that belongs to this user, and no link."
_DOWN = "The key ring cannot be read or written. Check OWNSHIP_KEYS, the disk and its mount."

Change = Callable[[bytes | None], bytes]  # content before, None for no file -> content after


class PrivateFile:
    """A file by its path; opened anew for each use, so that a change elsewhere is seen."""

    def __init__(self, path: Path) -> None:
        """Keep the path; nothing is touched."""
        self._folder = path.parent
        self._name = path.name
        self._aside = f".{path.name}.new"

    def read(self) -> bytes:
        """Return the content.

        Raises:
            UnwrapFailedError: wrong owner, mode or kind of file or folder.
            ProviderDownError: it cannot be read, or is not there.
        """
        with _translated(), self._opened_folder() as folder:
            content = self._read(folder)
            if content is None:
                raise ProviderDownError(_DOWN)
            return content

    def change(self, change: Change, *, make_folder: bool = False) -> datetime:
        """Replace the content by what `change` makes of it; return when, by the file's own time.

        One process at a time: the folder is locked from before reading to after flushing, so that
        two changes never lose each other's.

        Raises:
            UnwrapFailedError: wrong owner, mode or kind of file or folder.
            ProviderDownError: it cannot be read or written; the old content stands.
        """
        with _translated():
            if make_folder:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._opened_folder() as folder:
                fcntl.flock(folder, fcntl.LOCK_EX)
                return self._replace(folder, change(self._read(folder)))

    @contextmanager
    def _opened_folder(self) -> Iterator[int]:
        try:
            folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError as error:
            if error.errno in _LINKED:
                raise UnwrapFailedError(_BAD_FOLDER) from None
            raise
        try:
            found = os.fstat(folder)
            if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) != 0o700:
                raise UnwrapFailedError(_BAD_FOLDER)
            yield folder
        finally:
            os.close(folder)

    def _read(self, folder: int) -> bytes | None:
        # O_NONBLOCK: a pipe in the file's place must not hold us up before it is refused.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            file = os.open(self._name, flags, dir_fd=folder)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in _LINKED:
                raise UnwrapFailedError(_BAD_FILE) from None
            raise
        try:
            found = os.fstat(file)
            ours = found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) == 0o600
            if not (ours and stat.S_ISREG(found.st_mode) and found.st_size <= MAX_BYTES):
                raise UnwrapFailedError(_BAD_FILE)
            with os.fdopen(file, "rb", closefd=False) as opened:
                return opened.read()
        finally:
            os.close(file)

    def _replace(self, folder: int, content: bytes) -> datetime:
        with suppress(FileNotFoundError):
            os.unlink(self._aside, dir_fd=folder)  # of a change that was killed
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        file = os.open(self._aside, flags, 0o600, dir_fd=folder)
        try:
            with os.fdopen(file, "wb") as opened:
                opened.write(content)
                opened.flush()
                os.fsync(file)
                when = os.fstat(file).st_mtime
            os.replace(self._aside, self._name, src_dir_fd=folder, dst_dir_fd=folder)
        except OSError:
            os.unlink(self._aside, dir_fd=folder)  # it holds keys
            raise
        os.fsync(folder)
        return datetime.fromtimestamp(when, UTC)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError:
        # `from None`: an OSError names the path, and errors name none.
        raise ProviderDownError(_DOWN) from None
