"""Say what an entry of the access log will tell, before it has a place in the log.

A draft holds names, clauses and digests, never a value. Who may write what is decided before; how
the bytes look is `vault/services/entry.py`; here is only what every use case hands over.
Source: access-log note, 2; docs/formats.md, OAL1.
"""

from dataclasses import dataclass
from typing import NamedTuple

from vault.core.entry import Kind
from vault.core.ids import CustomerId

Lines = tuple[tuple[str, ...], ...]  # such as (field, clause), (purpose, action, field)


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """What a change of consent adds to its entry."""

    state: str
    purpose: str
    fields: tuple[str, ...]
    from_ms: int  # unix ms
    until_ms: int | None  # unix ms, exclusive; None for no end
    shown: str | None  # SHA-256 in hex of the notice bytes that were shown
    digest: str  # SHA-256 in hex of the consent record


@dataclass(frozen=True, slots=True)
class StandingNow:
    """What the standing row says after a change, so that the log alone tells what stood."""

    flags: int
    objections: str  # canonical JSON, as stored
    terms: str  # likewise


class Asked(NamedTuple):
    """What the decision of an entry was made on, beside what the other members say."""

    action: str  # read, write or append
    at: int  # unix ms of the load
    role: str | None = None  # of staff


class Draft(NamedTuple):
    """One entry about one customer; a tuple, since each look makes one of all these members.

    `seen` is what `Appender.looking()` gave before the load began, and `at` the arrival of the
    look. Both stay None for entries of a unit, which fills them in.
    """

    customer: CustomerId  # `ids.NOBODY` for an unknown one, with the deployment's own audit key
    audit_key: bytes  # 32 bytes, unwrapped
    kind: Kind
    epoch: int
    actor: str  # `app:ID`, `customer`, `staff:PSEUDONYM`, `operator`
    code: str  # SHA-256 in hex of the code of ethics that decided; "" before the first
    app: str | None = None
    purpose: str | None = None
    allowed: tuple[tuple[str, str], ...] = ()  # (field, clause)
    withheld: tuple[tuple[str, str], ...] = ()  # (field, reason)
    registration: str | None = None  # SHA-256 in hex of the app's registration
    ceiling: Lines | None = None  # what the token covers; None: no token
    token: str | None = None  # SHA-256 in hex of the token's jti
    request: str | None = None  # our request id
    case: str | None = None  # why staff looked
    handle: str | None = None  # stable pseudonym of the member of staff
    values: tuple[tuple[str, str], ...] = ()  # (value id, SHA-256 in hex of the sealed value)
    sources: tuple[tuple[str, str], ...] = ()  # (field, source) of what was written
    consent: ConsentChange | None = None
    standing: StandingNow | None = None  # of a change of terms, objections, restrictions, holds
    asked: Asked | None = None  # None where no decision was made by purpose or field
    at: int | None = None  # unix ms
    seen: int | None = None
    taken: float | None = None  # when the load was, seconds of the loop's clock; None: no matter
    listed: bool = (
        True  # False: no row says whose entry it is; the customer's tag key still finds it
    )


@dataclass(frozen=True, slots=True)
class SystemDraft:
    """One entry about the vault itself, in clear: no personal data may stand in it."""

    kind: Kind  # 64 and above
    members: tuple[tuple[str, str | int], ...] = ()
    at: int | None = None  # unix ms
