"""Write the whole log into a folder, with what opens it: for the independent replay, elsewhere.

1. an entry of the log says that the keys of everybody's entries leave the vault, before one does;
2. tiles and bundles go as they are served, under the newest checkpoint;
3. codes of ethics and registrations go under their digests, keys a line each, owners as hints;
4. with `store`, what the tables say goes too: digests, states and facts, never a value.

With `since` only the tiles and bundles go that are not whole in an export of that size: copied over it,
the two are the export of today. Keys and hints always go whole, for a key of then may be gone.

Whoever holds the folder reads who looked at whose what, of everybody who was not erased. So its
files are the owner's alone, and the folder must not be there before.
Source: access-log note, 10 and 12; docs/formats.md, export for a replay.
"""

import base64
import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from vault.core import canonical, tiles
from vault.core.entry import Kind
from vault.core.errors import RefusedError
from vault.core.ids import CustomerId
from vault.core.place import index_of, log_of
from vault.core.tiles import ENTRIES, Tile
from vault.services import checkpoints, log_export_store, log_files, replay, unit
from vault.services.deps import Deps
from vault.services.draft import SystemDraft
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.store import app as app_store
from vault.store import checkpoint as checkpoint_store
from vault.store import code as code_store
from vault.store import sweeps
from vault.store.engine import Conn
from vault.verifier.logkey import EntryKeys

PAGE: Final = 200  # customers of one statement
KEPT: Final = 4_096  # entries between two reports
NO_PLACE: Final = "The folder cannot be made there."
TOO_LATE: Final = "The log is not that long yet. Name a size that an export before had."
THERE: Final = "There is such a folder already. Name one that is not there yet."


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    size: int  # of the log
    customers: int  # whose keys were written
    since: int = 0  # what is whole in an export of this size was left out


async def export(
    deps: Deps,
    folder: Path,
    *,
    with_store: bool,
    told: Callable[[int, int], None],
    since: int | datetime = 0,
) -> Exported:
    """Write the log that entries go to.

    Args:
        deps: what a use case may touch.
        folder: is made; it may not be there.
        with_store: whether what the tables say goes too.
        told: is given how many entries are written, and of how many.
        since: a size that an export before had; or a time, which stands for what was signed by then.

    Raises:
        RefusedError: the folder is there already, or the log was never that long.
        NotPublishedError: the log has no checkpoint yet.
        BusyError: it could not be recorded; nothing was written.
    """
    async with deps.database.connect() as conn:
        newest = await checkpoints.newest(deps, conn, deps.log_id)
        start = await _size_at(conn, deps, since) if isinstance(since, datetime) else since
    if start > newest.size:
        raise RefusedError(TOO_LATE)
    _make(folder)
    members = (("use", "log-keys"), ("state", "exported"), ("by", "operator"))

    async def work(it: Unit) -> None:
        it.log(SystemDraft(Kind.KEY, members))

    await unit.run(deps, work)
    size = await _log(deps, folder, told, start)
    async with deps.database.connect() as conn:
        for code in await code_store.load_all(conn):
            _write(folder / "codes" / f"{code.digest}.json", code.document.encode())
        for app in await app_store.load_all(conn):
            _write(folder / "registrations" / f"{app.digest}.json", app.document.encode())
    customers = await _keys(deps, folder, size, with_store=with_store)
    if with_store:
        with _open(folder / "facts.ndjson") as file:
            async for one in log_export_store.facts(deps, size):
                file.write(_line(one))
    return Exported(size, customers, start)


async def _size_at(conn: Conn, deps: Deps, when: datetime) -> int:
    """Return how long the log was when it was last signed by a moment; 0 before the first time."""
    row = await checkpoint_store.newest(conn, deps.log_id, until=unix_ms(when))
    return checkpoints.believed(deps, row).size if row else 0


async def _log(deps: Deps, folder: Path, told: Callable[[int, int], None], since: int) -> int:
    async with deps.database.connect() as conn:
        newest = await checkpoints.newest(deps, conn, deps.log_id)
    for tile in tiles.all_at(newest.size):
        if not tile.is_whole_at(since):
            _write(folder / tile.path, await log_files.hashes(deps, deps.log_id, tile))
    for n in range(since // tiles.WIDTH, -(-newest.size // tiles.WIDTH)):
        one = Tile(ENTRIES, n, tiles.width_at(0, n, newest.size))
        bundle = await log_files.bundle(deps, deps.log_id, one)
        pieces = [bundle.first]
        if bundle.rest is not None:
            pieces += [piece async for piece in bundle.rest]
        _write(folder / one.path, b"".join(pieces))
        done = n * tiles.WIDTH + one.width
        if done % KEPT == 0 or done == newest.size:
            told(done, newest.size)
    # Remembered too, so that an export that is copied over this one is held against it.
    _write(folder / "checkpoints" / str(newest.size), newest.text.encode())
    # The newest comes last, so that a folder that was cut short is none.
    _write(folder / "checkpoint", newest.text.encode())
    return newest.size


async def _keys(deps: Deps, folder: Path, size: int, *, with_store: bool) -> int:
    """Write keys and hints, the key of nobody's entries first; returns how many customers."""
    line, after = 0, None
    with contextlib.ExitStack() as files:
        keys = files.enter_context(_open(folder / "keys.ndjson"))
        owners = files.enter_context(_open(folder / "owners.ndjson"))
        said = files.enter_context(_open(folder / "store.ndjson")) if with_store else None
        keys.write(_line(_key(replay.nobodys(deps))))
        while True:
            async with deps.database.connect() as conn:
                several = await sweeps.customers_after(conn, after, limit=PAGE)
                for one in several:
                    who = CustomerId(one)
                    found = await replay.keys_of(deps, conn, who)
                    if found is None:
                        continue
                    line += 1
                    keys.write(_line(_key(found)))
                    for place in await replay.places_of(conn, who):
                        if log_of(place) == deps.log_id and index_of(place) < size:
                            owners.write(_line([index_of(place), line]))
                    if said is not None:
                        said.write(_line(await log_export_store.of(conn, who, line)))
            if not several:
                return line
            after = several[-1]


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        raise RefusedError(THERE) from None
    except OSError:
        raise RefusedError(NO_PLACE) from None


def _key(keys: EntryKeys) -> dict[str, object]:
    seal = base64.b64encode(keys.seal or b"").decode()
    return {
        "generation": keys.generation,
        "seal": seal,
        "tag": base64.b64encode(keys.tag).decode(),
    }


def _line(value: object) -> bytes:
    return canonical.dumps(value) + b"\n"


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _open(path) as file:
        file.write(data)


def _open(path: Path) -> BinaryIO:
    """Make a file that is its owner's alone from its first moment."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
