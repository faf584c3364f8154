"""Open one entry of the access log for compliance: what for and which case first, then a record.

1. why and case are told, and lie sealed in the address of the look, for this member and entry alone;
2. whose entry it is is found, and the look recorded, on that customer's own list too;
3. only then the payload opens, each time it is shown.

It holds names, clauses and reasons, never a value. Who the customer is is not said: staff see an id
that is the same for all entries of one customer, and that no app, receipt or address has. What was
erased does not open any more, and its facts stay. An entry about nobody opens under a key of the
deployment. Each of the three looks is recorded alike, so that it costs and tells the same.
Source: security note, 8 and T14; access-log note, 2 and 11.
"""

import struct
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from policies.names import AUDIT
from vault.core import canonical, log_look
from vault.core.entry import HEADER_BYTES, Kind
from vault.core.errors import BadRequestError, CanonicalError, NotAvailableError, OpenError
from vault.core.ids import NOBODY, CustomerId
from vault.core.log_filter import Known
from vault.core.log_look import Why
from vault.core.recorded import Recorded
from vault.core.staff import Right
from vault.crypto import entry as cipher
from vault.crypto.pairwise import pairwise_id
from vault.crypto.tokens import open_cursor, seal_cursor
from vault.services import log_search
from vault.services.audit import audit_key
from vault.services.deps import Deps
from vault.services.draft import Draft
from vault.services.situation import unix_ms
from vault.services.staff import Member
from vault.store import leaf, sweeps_log

LIFE: Final = timedelta(hours=8)  # of a look's address: as long as a session
SECTOR: Final = "#audit"  # no registration can name it, so no app ever has these ids
_AT: Final = struct.Struct(">Q")  # unix ms
_BETWEEN: Final = b"\0"


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry says."""

    actor: str
    allowed: tuple[tuple[str, str], ...]  # (name, clause)
    withheld: tuple[tuple[str, str], ...]  # (name, reason)
    request: str | None
    epoch: int
    registration: str | None  # SHA-256 in hex
    token: str | None  # SHA-256 in hex of the token's id
    sources: tuple[tuple[str, str], ...]
    consent: str | None  # the state that a change of consent brought


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry that was looked into."""

    facts: Known
    why: Why
    case: str
    said: Said | None  # None: it does not open any more
    customer: str  # the id by which staff join entries; "" for nobody's


def lead(deps: Deps, member: Member, entry: int, *, why: Why, case: str) -> str:
    """Return the last part of the address of a look; nothing is opened.

    Raises:
        NotAvailableError: the member may open nothing.
        WrongValueError: the case is none.
    """
    member.need(Right.SEARCH_LOG)
    reference = log_look.case(case)
    now = unix_ms(deps.clock.now())
    content = _BETWEEN.join((why.value.encode(), reference.encode()))
    return seal_cursor(deps.keys.service("cursor"), _place(member, entry), _AT.pack(now) + content)


async def look(deps: Deps, member: Member, entry: int, place: str, *, request: str) -> Opened:
    """Record the look and open the entry.

    Raises:
        NotAvailableError: the member may not, no customer's entry stands there, or the address is
            another's or too old.
        BusyError: the look could not be recorded; nothing was opened.
    """
    facts = await log_search.find(deps, member, entry)
    why, case = _told(deps, member, entry, place)
    async with deps.database.connect() as conn:
        owner = await sweeps_log.owner_of(conn, entry) or NOBODY
    with deps.appender.looking() as seen:
        load = await deps.loads.ask(owner, lane=member.actor)
        customer, key = audit_key(deps, load)
        standing = load.found.standing if load.found else None
        draft = Draft(
            customer=customer,
            audit_key=key,
            kind=Kind.STAFF_LOOK,
            epoch=standing.epoch if standing else 0,
            actor=member.actor,
            handle=member.handle,
            code=load.rulebook.digest,
            purpose=why.value,
            allowed=((AUDIT, AUDIT),),
            request=request,
            case=case,
            seen=seen,
        )
        (recorded,) = await deps.appender.record([draft])
    said = await _open(deps, recorded, entry, key)
    known = said is not None and recorded.customer != NOBODY
    return Opened(facts, why, case, said, _pseudonym(deps, recorded.customer) if known else "")


async def _open(deps: Deps, recorded: Recorded, entry: int, key: bytes) -> Said | None:
    """Open an entry for a look that is on record; None when this key does not open it."""
    if AUDIT not in recorded.allowed:
        msg = "an entry opens under a record of the clause that lets staff look into it"
        raise ValueError(msg)
    async with deps.database.connect() as conn:
        found = await leaf.entries_at(conn, [entry])
    if not found:
        return None
    header, payload = found[0].entry[:HEADER_BYTES], found[0].entry[HEADER_BYTES:]
    try:
        said = canonical.loads(cipher.open_payload(key, header, deps.origin_at(entry), payload))
    except (OpenError, CanonicalError):
        return None
    return _said(said)


def _said(said: dict[str, Any]) -> Said:
    return Said(
        actor=said["actor"],
        allowed=tuple((name, clause) for name, clause in said["allowed"]),
        withheld=tuple((name, reason) for name, reason in said["withheld"]),
        request=said["request"],
        epoch=said["epoch"],
        registration=said["registration"],
        token=said["token"],
        sources=tuple((name, source) for name, source in said.get("sources", ())),
        consent=said["consent"]["state"] if "consent" in said else None,
    )


def _pseudonym(deps: Deps, customer: CustomerId) -> str:
    return pairwise_id(deps.keys.service("pairwise"), SECTOR, customer)


def _place(member: Member, entry: int) -> str:
    return f"log-entry/{member.handle}/{entry}"


def _told(deps: Deps, member: Member, entry: int, place: str) -> tuple[Why, str]:
    try:
        content = open_cursor(deps.keys.service("cursor"), _place(member, entry), place)
        (at,) = _AT.unpack_from(content)
        why, _, case = content[_AT.size :].partition(_BETWEEN)
        told = Why(why.decode()), case.decode()
    except (BadRequestError, struct.error, ValueError):
        raise NotAvailableError from None
    if unix_ms(deps.clock.now()) - at > LIFE.total_seconds() * 1000:
        raise NotAvailableError
    return told
