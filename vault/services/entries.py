"""Read a customer's own entries of the access log: who looked, when, for what.

Entries are opened with the customer's audit key, so nobody else's can be shown by mistake. An
entry that does not open is listed as damaged and not left out: a hidden look is the worst case.
A look that the code of ethics seals for a time is listed as sealed: this is the one place where
entries become lines, so no page, file or export can show it before its day, or forget it.
The caller records its own look first.
Source: DESIGN 8; access-log note, 8; consent-standards note, 9.10.
"""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from policies.model import Rulebook
from vault.core import canonical
from vault.core.entry import HEADER_BYTES, Header, Kind
from vault.core.errors import CanonicalError, FormatError, OpenError
from vault.core.ids import CustomerId
from vault.core.look import Line, opens_at, sealed
from vault.core.merkle import leaf_hash
from vault.core.place import Place
from vault.crypto import entry as cipher
from vault.services import published
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.store import leaf
from vault.store.engine import Conn

__all__ = ["Line", "list_entries", "opened"]

logger = structlog.get_logger()


async def list_entries(
    deps: Deps,
    customer: CustomerId,
    audit_key: bytes,
    *,
    before: int | None = None,
    limit: int,
    skip: int = 0,
) -> list[Line]:
    """Return a customer's entries, the newest first; on PostgreSQL those integrated so far.

    Args:
        deps: database, clock, codes of ethics and origin.
        customer: whose list.
        audit_key: the customer's, unwrapped.
        before: only entries at a smaller place; None for the newest.
        limit: how many at most.
        skip: how many of the newest are left out.

    Raises:
        BusyError: the database does not answer.
    """
    async with deps.database.connect() as conn:
        places = await leaf.places_of(conn, customer, before=before, limit=limit, skip=skip)
        return await opened(deps, conn, places, audit_key)


async def opened(deps: Deps, conn: Conn, places: Sequence[int], audit_key: bytes) -> list[Line]:
    """Return the entries at these places as their customer may see them at this moment.

    In the order given. An entry that is not there any more is a line that cannot be read.

    Precondition: they are of the list of the customer whose key this is.
    """
    listed = {one.place: one for one in await leaf.entries_at(conn, places)}
    lines = [
        _line(Place(where), listed.get(Place(where)), audit_key, deps.origin_at(where))
        for where in places
    ]
    codes = {line.code for line in lines if line.purpose and line.kind is not None}
    books = await published.proven(deps, conn, codes)
    now = unix_ms(deps.clock.now())
    return [_shown(line, books.get(line.code), now) for line in lines]


def _shown(line: Line, rulebook: Rulebook | None, now: int) -> Line:
    if line.kind is None or line.at is None:
        return line
    opens = opens_at(rulebook, purpose=line.purpose, kind=line.kind, at=line.at)
    return line if opens is None or opens <= now else sealed(line, opens)


def _line(where: Place, listed: leaf.Listed | None, audit_key: bytes, origin: str) -> Line:
    if listed is None:
        logger.error("log-entry-missing", index=where)
        return Line(place=where, at=None, kind=None)
    hashed = leaf_hash(listed.entry)
    try:
        header = Header.parse(listed.entry)
    except FormatError:
        logger.error("log-entry-damaged", index=where)
        return Line(place=where, at=None, kind=None, leaf=hashed)
    try:
        return replace(_read(listed, header, audit_key, origin), leaf=hashed)
    except (OpenError, CanonicalError, KeyError, TypeError, ValueError):
        # Not the same customer's, or changed in the database: the log's hashes will tell.
        logger.error("log-entry-damaged", index=where)
        return Line(place=where, at=header.at, kind=None, leaf=hashed)


def _read(listed: leaf.Listed, header: Header, audit_key: bytes, origin: str) -> Line:
    packed, payload = listed.entry[:HEADER_BYTES], listed.entry[HEADER_BYTES:]
    # The payload is sealed under the header and a key of one customer, so neither can be another's.
    said = canonical.loads(cipher.open_payload(audit_key, packed, origin, payload))
    return Line(
        place=listed.place,
        at=header.at,
        kind=Kind(said["kind"]),
        actor=said["actor"],
        app=said["app"],
        purpose=said["purpose"],
        allowed=tuple((field, clause) for field, clause in said["allowed"]),
        withheld=tuple((field, reason) for field, reason in said["withheld"]),
        request=said["request"],
        case=said["case"],
        epoch=said["epoch"],
        code=said["code"],
        consent=said["consent"]["state"] if "consent" in said else None,
        sources=tuple((field, source) for field, source in said.get("sources", ())),
    )
