"""Read a customer's own entries of the access log: who looked, when, for what.

Entries are opened with the customer's audit key, so nobody else's can be shown by mistake. An
entry that does not open is listed as damaged and not left out: a hidden look is the worst case.
The caller records its own look first.
Source: DESIGN 8; access-log note, 8.
"""

from dataclasses import dataclass

import structlog

from vault.core import canonical
from vault.core.entry import HEADER_BYTES, Header, Kind
from vault.core.errors import CanonicalError, FormatError, OpenError
from vault.core.ids import CustomerId
from vault.crypto import entry as cipher
from vault.services.appender import MAIN_LOG
from vault.services.deps import Deps
from vault.store import leaf

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of "who looked"."""

    index: int
    at: int | None  # unix ms; None where the entry cannot be read at all
    kind: Kind | None  # None where the entry is damaged, like everything below
    actor: str = ""
    app: str | None = None
    purpose: str | None = None
    allowed: tuple[tuple[str, str], ...] = ()  # (field, clause)
    withheld: tuple[tuple[str, str], ...] = ()  # (field, reason)
    request: str | None = None
    case: str | None = None
    epoch: int = 0
    code: str = ""
    consent: str | None = None  # the state that a change of consent brought
    sources: tuple[tuple[str, str], ...] = ()  # (field, source) of what was written


async def list_entries(
    deps: Deps, customer: CustomerId, audit_key: bytes, *, before: int | None = None, limit: int
) -> list[Line]:
    """Return a customer's entries, the newest first; on PostgreSQL those integrated so far.

    Args:
        deps: database and origin.
        customer: whose list.
        audit_key: the customer's, unwrapped.
        before: only entries with a smaller index; None for the newest.
        limit: how many at most.

    Raises:
        BusyError: the database does not answer.
    """
    async with deps.database.connect() as conn:
        listed = await leaf.entries_of(conn, customer, MAIN_LOG, before=before, limit=limit)
    return [_line(one, audit_key, deps.origin) for one in listed]


def _line(listed: leaf.Listed, audit_key: bytes, origin: str) -> Line:
    try:
        header = Header.parse(listed.entry)
    except FormatError:
        logger.error("log-entry-damaged", index=listed.index)
        return Line(index=listed.index, at=None, kind=None)
    try:
        return _read(listed, header, audit_key, origin)
    except (OpenError, CanonicalError, KeyError, TypeError, ValueError):
        # Not the same customer's, or changed in the database: the log's hashes will tell.
        logger.error("log-entry-damaged", index=listed.index)
        return Line(index=listed.index, at=header.at, kind=None)


def _read(listed: leaf.Listed, header: Header, audit_key: bytes, origin: str) -> Line:
    packed, payload = listed.entry[:HEADER_BYTES], listed.entry[HEADER_BYTES:]
    # The payload is sealed under the header and a key of one customer, so neither can be another's.
    said = canonical.loads(cipher.open_payload(audit_key, packed, origin, payload))
    return Line(
        index=listed.index,
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
