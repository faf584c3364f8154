"""Fetch a log into a folder, and go on where an earlier fetch ended.

1. the checkpoint: never smaller than one that the folder has seen, and of the same origin;
2. the tiles of all levels and the bundles up to its size, full ones only where they are not there;
3. the checkpoint itself last, so that a folder that was cut short is taken up again.

A full tile is never written over. A longer one must begin with the partial one that was there, or
the publisher changed what they had served. A full bundle that is not served was pruned or is held
back; which of the two is for `log` to say, as is whether anything holds.
Source: c2sp.org/tlog-tiles; access-log note, 6 and 12.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vault.verifier import checkpoint, folder, note, tile
from vault.verifier.checkpoint import Checkpoint
from vault.verifier.errors import BadError, CannotTellError, MissingError, RollbackError
from vault.verifier.file import write
from vault.verifier.folder import Folder
from vault.verifier.merkle import HASH_BYTES
from vault.verifier.progress import Progress
from vault.verifier.web import Site


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched."""

    origin: str
    size: int
    files: int  # that were not there before
    withheld: int  # full bundles that are not served


def fetch(site: Site, path: Path, *, key: str | None = None, origin: str | None = None) -> Fetched:
    """Bring a folder up to the newest checkpoint of a log.

    Args:
        site: the log's address, such as https://HOST/log.
        path: the folder, made where there is none.
        key: verifier key of the log; None to leave signatures to `log`.
        origin: of the log; None likewise.

    Raises:
        KeyFormatError: the key is malformed, or not one of this origin.
        CannotTellError: the server has no log or cannot be reached; the folder cannot be written.
        RollbackError: the log became shorter.
        BadError: the log is not the one that the folder holds.
    """
    text = site.get("checkpoint", note.MAX_BYTES)
    if text is None:
        raise CannotTellError("There is no checkpoint at this address: is it that of a log?")
    newest = _opened(text, key, origin)
    here = Folder(path)
    _refuse_other(here, newest, key)
    files = sum(tiles for _, tiles in _layout(newest.size))
    fresh = withheld = 0
    with Progress("fetching files", files) as progress:
        for done, (level, n, width) in enumerate(_all(newest.size), 1):
            progress.at(done)
            if (here.path / tile.path(level, n, width)).is_file():
                continue
            data = _get(site, level, n, width)
            if data is not None:
                _save(here, level, n, width, data)
                fresh += 1
            elif level == tile.ENTRIES and width == tile.WIDTH:
                withheld += 1
            else:
                raise MissingError(tile.path(level, n, width))
    # In this order: one that is remembered and larger than the newest is taken for a rollback.
    write(here.path / "checkpoint", newest.text)
    here.memory.add(newest)
    return Fetched(newest.origin, newest.size, fresh, withheld)


def _opened(text: bytes, key: str | None, origin: str | None) -> Checkpoint:
    """Return the checkpoint; without a key only its form is judged, and `log` asks for the key."""
    if key is not None and origin is not None:
        return checkpoint.open_(text, key=key, origin=origin)
    body, _ = note.signatures(text)
    said = body.decode().partition("\n")[0]
    return Checkpoint(said, *checkpoint.parse_checkpoint(body, origin or said), text)


def _refuse_other(here: Folder, newest: Checkpoint, key: str | None) -> None:
    """Refuse a log that is shorter than the folder's, or another."""
    if key is not None:
        here.memory.refuse_older(newest, key=key)
    known = here.read("checkpoint", note.MAX_BYTES)
    old = _opened(known, None, newest.origin) if known is not None else None
    if old is not None and (old.size, old.root) != (newest.size, newest.root):
        if old.size == newest.size:
            raise BadError(
                f"The folder has another checkpoint of size {old.size}: the log shows different "
                "readers different entries."
            )
        if old.size > newest.size:
            raise RollbackError(
                f"The log has {newest.size} entries; when it was fetched before it had {old.size}. "
                "Entries that were signed may be gone. Nothing was changed in the folder."
            )


def _layout(size: int) -> Iterator[tuple[int | str, int]]:
    """Give each level, that of the bundles first, and how many tiles it has."""
    for level in (tile.ENTRIES, *tile.levels(size)):
        yield level, -(-tile.hashes_at(_height(level), size) // tile.WIDTH)


def _all(size: int) -> Iterator[tuple[int | str, int, int]]:
    """Give the level, number and width of each bundle and tile; never all at once.

    A server may claim any size, and must still serve each file.
    """
    for level, tiles in _layout(size):
        for n in range(tiles):
            yield level, n, tile.width_of(_height(level), n, size)


def _height(level: int | str) -> int:
    return 0 if isinstance(level, str) else level


def _get(site: Site, level: int | str, n: int, width: int) -> bytes | None:
    name = tile.path(level, n, width)
    if level == tile.ENTRIES:
        data = site.get(name, folder.MAX_BUNDLE)
        if data is not None:
            folder.split(data, width)
        return data
    data = site.get(name, width * HASH_BYTES)
    if data is not None and len(data) != width * HASH_BYTES:
        raise BadError(f"The server's {name} does not hold {width} hashes.")
    return data


def _save(here: Folder, level: int | str, n: int, width: int, data: bytes) -> None:
    """Write a tile, once it begins with the shorter one that is there, which goes away then."""
    partial = (here.path / tile.path(level, n, 1)).parent
    names = [one.name for one in partial.iterdir()] if partial.is_dir() else []
    shorter = [name for name in names if name.isdecimal() and int(name) < width]
    for name in shorter:
        before = here.read(f"{tile.path(level, n, 1)[:-1]}{name}", folder.MAX_BUNDLE)
        if before is not None and not data.startswith(before):
            raise BadError(
                f"The server's {tile.path(level, n, width)} does not go on from the part of it "
                "that was fetched before: the publisher changed what they had signed."
            )
    write(here.path / tile.path(level, n, width), data)
    for name in shorter:
        (partial / name).unlink()
    if width == tile.WIDTH:
        with contextlib.suppress(OSError):  # there was none, or something else lies in it
            partial.rmdir()
