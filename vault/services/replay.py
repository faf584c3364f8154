"""Decide again what the log says was permitted, customer by customer, in parts of bounded size.

1. the system's entries of every log tell what held for everybody;
2. of each customer with an entry in the span, all changes are learned, then what is in the span is
   judged, by the independent checker's own evaluator;
3. entries on no customer's list are nobody's, or of somebody who was erased.

Here entries, keys and documents are handed over, and nothing is decided. What a customer's list leaves
out is not found here: the customer's own log key finds it (`ownship-verify scan`).
Source: access-log note, 10; docs/replay.md.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from vault.core import canonical
from vault.core.entry import EntryClass, parse
from vault.core.errors import CanonicalError, FormatError, OpenError
from vault.core.ids import CustomerId, LogId
from vault.core.place import at, index_of, log_of
from vault.crypto import entry as cipher
from vault.crypto.keys import Kind, unwrap
from vault.services.deps import Deps
from vault.services.load import wrapped
from vault.store import app as app_store
from vault.store import code as code_store
from vault.store import customer as customer_store
from vault.store import leaf, logs, sweeps_log
from vault.store import replay as store
from vault.store.engine import Conn
from vault.store.replay import DONE, ReplayRow
from vault.verifier.errors import BadError
from vault.verifier.logkey import EntryKeys
from vault.verifier.replay import Replay, Report
from vault.verifier.replay_system import System

PAGE = 500  # entries of one statement
CUSTOMERS = 100  # of one statement
SPAN = 20_000  # leaves that one statement looks through for the system's
KEPT = 20  # of what was found, in the row of a replay
NOBODY = 0  # generation of the key of entries about nobody

_CUSTOMER = "c/"  # a place: behind this customer
_LEAF = "l/"  # a place: from this index on, what is on no list


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of a replay did."""

    row: ReplayRow  # with its counts added
    entries: int  # that were looked at
    report: Report


async def part(deps: Deps, row: ReplayRow, *, most: int) -> Part:
    """Go on with a replay; nothing is written.

    Args:
        deps: what a use case may touch.
        row: how far it is.
        most: entries after which it stops, at the next customer.

    Returns:
        The row with another place; `DONE` at the end.
    """
    report, place, looked = Report(), row.place, 0
    async with deps.database.connect() as conn:
        system = await learn_system(conn)
        while looked < most and place != DONE:
            if place.startswith(_LEAF):
                first = int(place.removeprefix(_LEAF))
                end = min(first + PAGE, row.size)
                looked += await _unlisted(deps, conn, system, report, row.log_id, first, end)
                place = f"{_LEAF}{end}" if end < row.size else DONE
                continue
            after = UUID(place.removeprefix(_CUSTOMER)) if place else None
            several = await sweeps_log.owners(
                conn, row.log_id, row.start, row.size, after=after, limit=CUSTOMERS
            )
            if not several:
                place = f"{_LEAF}{row.start}"
            for who in several:
                looked += await _customer(deps, conn, system, report, row, who)
                place = f"{_CUSTOMER}{who.hex}"
                if looked >= most:
                    break
    return Part(_added(row, report, place), looked, report)


async def learn_system(conn: Conn) -> System:
    """Return what the system's entries of every log tell, with the documents that are stored."""
    system = System()
    for code in await code_store.load_all(conn):
        _take(system.add_code, code.document, code.digest)
    for app in await app_store.load_all(conn):
        _take(system.add_registration, app.document, app.digest)
    for log_id in reversed(await logs.all_(conn)):
        size = await leaf.count(conn, log_id)
        for first in range(0, size, SPAN):
            for index, entry in await store.system_leaves(conn, log_id, first, first + SPAN):
                _learn(system, at(log_id, index), entry)
    return system


async def keys_of(deps: Deps, conn: Conn, customer: CustomerId) -> EntryKeys | None:
    """Return what finds and opens a customer's entries; None when their key is gone or broken."""
    rows = [one for one in await customer_store.load_keys(conn, customer) if one.kind == Kind.AUDIT]
    if not rows:
        return None
    newest = max(rows, key=lambda one: one.generation)
    try:
        secret = unwrap(deps.keys.keks, wrapped(newest))
    except (OpenError, FormatError):
        return None
    return EntryKeys(newest.generation, cipher.tag_key(secret), cipher.seal_key(secret))


def nobodys(deps: Deps) -> EntryKeys:
    """Return what finds and opens entries about nobody."""
    secret = deps.keys.service("nobody-audit").secret
    return EntryKeys(NOBODY, cipher.tag_key(secret), cipher.seal_key(secret))


async def _customer(
    deps: Deps, conn: Conn, system: System, report: Report, row: ReplayRow, who: CustomerId
) -> int:
    places = await places_of(conn, who)
    judged = [
        one for one in places if log_of(one) == row.log_id and row.start <= index_of(one) < row.size
    ]
    keys = await keys_of(deps, conn, who)
    if keys is None:
        report.unreadable += len(judged)
        return len(judged)
    one = Replay(system, report, keys, deps.origin_of)
    for page in _pages(places):
        entries = await leaf.entries_at(conn, page)
        await asyncio.to_thread(_each, one.learn, [(each.place, each.entry) for each in entries])
    for page in _pages(judged):
        entries = await leaf.entries_at(conn, page)
        report.unreadable += len(page) - len(entries)
        await asyncio.to_thread(_each, one.judge, [(each.place, each.entry) for each in entries])
    return len(places)


async def _unlisted(
    deps: Deps,
    conn: Conn,
    system: System,
    report: Report,
    log_id: LogId,
    first: int,
    end: int,
) -> int:
    """Judge the entries about nobody, and count those of whom nobody has a key any more."""
    leaves = await store.leaves(conn, log_id, first, end)
    places = [at(log_id, index) for index, _ in leaves]
    known = await sweeps_log.listed(conn, log_id, places)
    one = Replay(system, report, nobodys(deps), deps.origin_of)
    for place, (_, entry) in zip(places, leaves, strict=True):
        if place not in known and entry[6] == EntryClass.CUSTOMER:
            one.judge(place, entry)
    return len(leaves)


async def places_of(conn: Conn, who: CustomerId) -> list[int]:
    """Return where all of a customer's entries stand, over every log."""
    places: list[int] = []
    before: int | None = None
    while page := await leaf.places_of(conn, who, before=before, limit=PAGE):
        places += page
        before = page[-1]
    return places


def _added(row: ReplayRow, report: Report, place: str) -> ReplayRow:
    found = [*json.loads(row.found), *(list(one) for one in report.disagreements)][:KEPT]
    return replace(
        row,
        place=place,
        replayed=row.replayed + report.replayed,
        unreadable=row.unreadable + report.unreadable,
        undecidable=row.undecidable + report.undecidable,
        disagreeing=row.disagreeing + report.disagreeing,
        found=canonical.dumps(found).decode(),
    )


def _pages(places: Sequence[int]) -> list[Sequence[int]]:
    return [places[start : start + PAGE] for start in range(0, len(places), PAGE)]


def _each(take: Callable[[int, bytes], None], entries: Iterable[tuple[int, bytes]]) -> None:
    for place, entry in entries:
        take(place, entry)


def _take(add: Callable[[bytes, str], None], document: str, digest: str) -> None:
    try:
        add(document.encode(), digest)
    except BadError:  # its entries are undecidable, which is told
        return


def _learn(system: System, place: int, entry: bytes) -> None:
    try:
        header, payload = parse(entry)
        system.learn(canonical.loads(payload), place=place, at=header.at)
    except (FormatError, CanonicalError, KeyError, TypeError, BadError):
        return  # what it told is not known, so what rests on it cannot be told
