"""Keep the journal of erasures: one file beside the database and outside of its backups.

A line is on the disk before the erasure is acknowledged, and before its COMMIT: a crash between the
two leaves an erasure that the next start finishes, never one that is forgotten. The file is its
owner's alone, only grows, and any number of processes may append.
Source: crypto note, 10; docs/formats.md, erasures; DESIGN 11, promise 5.
"""

import asyncio
import contextlib
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from vault.core import erasure_journal as form
from vault.core.erasure_journal import Erased, Lifted, Line
from vault.core.errors import BusyError, FormatError, NotReadyError
from vault.core.ids import CustomerId
from vault.crypto.row_mac import JOURNAL, check_row, row_mac
from vault.services.deps import Deps

NAME: Final = "erasures.jsonl"  # in the home, unless OWNSHIP_ERASURES says where
_DAMAGED: Final = (
    "The journal of erasures is damaged. Put the newest copy of the file of OWNSHIP_ERASURES back; "
    "without it a restored backup could bring erased people back."
)
_MISSING: Final = (
    "The journal of erasures lacks an erasure that the database knows. Put the newest copy of the "
    "file of OWNSHIP_ERASURES back, or set OWNSHIP_ERASURES to where it is."
)
_UNREADABLE: Final = "The journal of erasures cannot be read. Check OWNSHIP_ERASURES and its disk."
_NOT_OURS: Final = "The journal of erasures must be a file of mode 0600 that belongs to this user."
_DOWN: Final = (
    "The journal of erasures cannot be written, so nobody was erased. Check OWNSHIP_ERASURES."
)


def path(deps: Deps) -> Path:
    """Return where the journal is."""
    return deps.erasures or deps.home / NAME


async def read(deps: Deps) -> list[Line]:
    """Return every line, each checked; none where there is no file.

    Raises:
        NotReadyError: a line was edited, added, moved or taken out, or the file is not ours alone.
    """
    return await asyncio.to_thread(_read, deps)


async def find(deps: Deps, customer: CustomerId) -> Erased | None:
    """Return the line of a customer; None where there is none, or no file.

    Raises:
        NotReadyError: the line is none of ours, or the file is not ours alone.
    """
    return await asyncio.to_thread(_find, deps, customer)


async def erased(deps: Deps, line: Erased, *, begun: bool) -> Erased:
    """Append an erasure and wait until it is on the disk; an earlier line of the customer counts.

    Args:
        deps: keys and place.
        line: what is to be erased.
        begun: whether the database knows of an erasure, so that the file must be there.

    Returns:
        The line that stands for this customer.

    Raises:
        BusyError: it cannot be written; nobody may be erased.
        NotReadyError: the file is missing or damaged.
    """
    found = await asyncio.to_thread(_append, deps, line, line.customer, begun=begun)
    return found if isinstance(found, Erased) else line


async def lifted(deps: Deps, line: Lifted) -> None:
    """Append that tombstones were lifted; errors as for `erased`."""
    await asyncio.to_thread(_append, deps, line, None, begun=True)


def check_complete(lines: list[Line], known: frozenset[object]) -> None:
    """Refuse a journal that lacks an erasure which the database knows.

    Raises:
        NotReadyError: it does.
    """
    if not known <= {line.erasure_id for line in lines if isinstance(line, Erased)}:
        raise NotReadyError(_MISSING)


def _read(deps: Deps) -> list[Line]:
    try:
        with _opened(path(deps), os.O_RDONLY, lock=fcntl.LOCK_SH) as file:
            content = _content(file)
    except FileNotFoundError:
        return []
    except OSError:
        raise NotReadyError(_UNREADABLE) from None
    before: bytes | None = None
    found = []
    for text in form.lines(content):
        found.append(_line(deps, text, before=before))
        before = text
    return found


def _find(deps: Deps, customer: CustomerId) -> Erased | None:
    try:
        with _opened(path(deps), os.O_RDONLY, lock=fcntl.LOCK_SH) as file:
            content = _content(file)
    except FileNotFoundError:
        return None
    except OSError:
        raise NotReadyError(_UNREADABLE) from None
    return _of(deps, content[: content.rfind(b"\n") + 1], customer)


def _append(deps: Deps, line: Line, customer: CustomerId | None, *, begun: bool) -> Line:
    where = path(deps)
    try:
        with _opened(where, os.O_RDWR | os.O_APPEND | os.O_CREAT, lock=fcntl.LOCK_EX) as file:
            content = _content(file)
            if begun and not content:
                raise NotReadyError(_MISSING)
            whole = content[: content.rfind(b"\n") + 1]
            if customer is not None and (stands := _of(deps, whole, customer)):
                return stands
            *_, last = [None, *form.lines(whole[whole.rfind(b"\n", 0, -1) + 1 :])]
            if last is not None:  # nothing is chained to a line that is none of ours
                _line(deps, last, before=False)
            os.ftruncate(file, len(whole))  # of an append that a crash cut, and nobody counted on
            text = form.dump(line, deployment=deps.deployment, before=last, mac=_mac(deps)) + b"\n"
            if os.write(file, text) != len(text):
                raise BusyError(_DOWN)
            os.fsync(file)
            _flush_folder(where.parent)
    except OSError:
        raise BusyError(_DOWN) from None
    return line


def _of(deps: Deps, content: bytes, customer: CustomerId) -> Erased | None:
    """Return the line of a customer; ids are found as text, since the file may be long."""
    place = content.find(f'"customer":"{customer}"'.encode())
    if place < 0:
        return None
    start = content.rfind(b"\n", 0, place) + 1
    line = _line(deps, content[start : content.index(b"\n", place)], before=False)
    return line if isinstance(line, Erased) else None


def _line(deps: Deps, text: bytes, *, before: bytes | bool | None) -> Line:
    try:
        return form.load(text, deployment=deps.deployment, before=before, check=_check(deps))
    except FormatError:
        raise NotReadyError(_DAMAGED) from None


def _mac(deps: Deps) -> Callable[[bytes], bytes]:
    return lambda covered: row_mac(deps.keys.service("row-mac"), JOURNAL, covered)


def _check(deps: Deps) -> Callable[[bytes, bytes], bool]:
    def good(covered: bytes, mac: bytes) -> bool:
        with contextlib.suppress(NotReadyError):  # a generation that there never was, or is not now
            return check_row(deps.keys.service("row-mac", mac[0]), JOURNAL, covered, mac)
        return False

    return good


@contextmanager
def _opened(where: Path, flags: int, *, lock: int) -> Iterator[int]:
    if flags & os.O_CREAT:
        where.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(where, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    try:
        found = os.fstat(file)
        ours = found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o077
        if not (ours and stat.S_ISREG(found.st_mode)):
            raise NotReadyError(_NOT_OURS)
        fcntl.flock(file, lock)  # to the end of this use; the kernel gives it up with the process
        yield file
    finally:
        os.close(file)


def _content(file: int) -> bytes:
    size = os.fstat(file).st_size
    return os.pread(file, size, 0) if size else b""


def _flush_folder(folder: Path) -> None:
    """Let a file that was just made survive a power loss."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
