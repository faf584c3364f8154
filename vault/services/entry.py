"""Turn a draft into an entry of the access log, OAL1, at its place in a writer's sequence.

The entry shows outsiders time, writer, class and size. Tag, veil and payload are under the
customer's audit key: it alone finds the entry and reads it. An entry about nobody we know is made
the same way under a key of the deployment, so that it costs and weighs the same.

`say` is the half that may fail: what a draft says has no place in the log. `write` puts what was
said at a place, and what is said by many looks of an app is written once.
Source: docs/formats.md, OAL1; access-log note, 2.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from uuid import UUID

from vault.core import canonical
from vault.core.canonical import Form
from vault.core.entry import (
    MAX_PAYLOAD,
    VEIL_BYTES,
    EntryClass,
    Header,
    Kind,
    Suite,
    customers_header,
    padded_bytes,
    plain_veil,
    sealed_bytes,
)
from vault.core.errors import FormatError, TooLargeError
from vault.core.ids import NOBODY, CustomerId, LogId
from vault.crypto import entry as cipher
from vault.crypto.random import Chances
from vault.services.draft import Draft, Lines, SystemDraft
from vault.store.leaf import Fact

VERSION: Final = 1  # of the payload's members; they are only added
SALT_BYTES: Final = 16
CHANCE_BYTES: Final = SALT_BYTES + 24  # of one entry: the salts of its facts and of its seal
KEY_BYTES: Final = 32
MAX_NAME: Final = 200  # characters of a searchable name; the table of facts takes no more
MAX_TIME: Final = 2**63  # unix ms, exclusive

# Members that differ from one entry to the next; `_more` adds those that many entries lack.
_BLANKS: Final = ("case", "customer", "epoch", "request", "salt", "token")


class Place(NamedTuple):
    """Where an entry stands in its writer's sequence, and when."""

    log_id: LogId
    origin: str
    writer: UUID
    seq: int
    part: int
    parts: int
    at: int  # unix ms
    seen: int


class Said(NamedTuple):
    """What an entry says wherever it stands, with what is known beside it."""

    draft: Draft | SystemDraft
    payload: bytes  # canonical JSON
    length: int  # bytes of the payload as it will stand there
    veil: bytes  # kind and epoch, uncovered
    facts: bytes
    fact: Fact | None  # what compliance may search; None for the system's
    owner: CustomerId  # on whose list it goes; NOBODY for none
    names: frozenset[str]  # that may be opened


def say(draft: Draft | SystemDraft, chances: Chances | None = None) -> Said:
    """Say what a draft does.

    Args:
        draft: of one entry.
        chances: for one of many entries, which take `CHANCE_BYTES` each.

    Raises:
        TooLargeError: the entry or a searchable name has no place in the log.
        VaultError, ValueError, TypeError: nor has another member, or the audit key is none.
    """
    if isinstance(draft, SystemDraft):
        return _say_system(draft)
    if len(draft.audit_key) != KEY_BYTES:
        # An empty key would seal for everyone; deriving from it raises nothing by itself.
        raise ValueError("an audit key has 32 bytes")
    _check_time(draft.at)
    _check_name(draft.handle)
    _check_name(draft.case)
    more = _more(draft)
    shared = _shared(
        draft.actor, draft.allowed, draft.app, draft.ceiling, draft.code, draft.kind,
        draft.purpose, draft.registration, draft.withheld, tuple(more),
    )  # fmt: skip
    salt = (chances or Chances(SALT_BYTES)).take(SALT_BYTES)
    more["case"] = canonical.text(draft.case)
    more["customer"] = b'"%b"' % str(draft.customer).encode()
    more["epoch"] = canonical.number(draft.epoch)
    more["request"] = canonical.text(draft.request)
    more["salt"] = b'"%b"' % salt.hex().encode()
    more["token"] = canonical.text(draft.token)
    payload = shared.form.fill(more)
    length = sealed_bytes(padded_bytes(len(payload)))
    if length > MAX_PAYLOAD:
        raise TooLargeError
    return Said(
        draft,
        payload,
        length,
        plain_veil(draft.kind, draft.epoch),
        cipher.facts_of(salt, shared.counted),
        Fact(salt, *shared.fact, draft.handle, draft.case),
        draft.customer if draft.listed else NOBODY,
        shared.names,
    )


def write(said: Said, place: Place, chances: Chances | None = None) -> bytes:
    """Write what was said as the entry of one place; `chances` as for `say`."""
    draft, writer = said.draft, place.writer.bytes
    if isinstance(draft, SystemDraft):
        return _system_header(said, place).pack() + said.payload
    tagging, sealing = cipher.both_keys(draft.audit_key)
    where = cipher.masked(place.log_id, writer, place.seq, place.part)
    mask = cipher.mask_at(tagging, where)
    header = customers_header(
        place.log_id, writer, place.seq, place.part, place.parts, place.at, place.seen,
        tag=mask[:16], veil=_xor(said.veil, mask[16:25]), facts=said.facts, length=said.length,
    )  # fmt: skip
    return header + cipher.seal_payload(
        sealing, header, place.origin, said.payload, chances=chances
    )


def _say_system(draft: SystemDraft) -> Said:
    _check_time(draft.at)
    payload = canonical.dumps({"v": VERSION, "kind": int(draft.kind), **dict(draft.members)})
    if len(payload) > MAX_PAYLOAD:
        raise TooLargeError
    return Said(
        draft, payload, len(payload), bytes(VEIL_BYTES), bytes(32), None, NOBODY, frozenset()
    )


def _system_header(said: Said, place: Place) -> Header:
    return Header(
        log_id=place.log_id,
        entry_class=EntryClass.SYSTEM,
        suite=Suite.CLEAR,
        at=place.at,
        writer=place.writer.bytes,
        seq=place.seq,
        part=place.part,
        parts=place.parts,
        seen=place.seen,
        tag=bytes(16),
        veil=said.veil,
        facts=said.facts,
        length=said.length,
    )


class _Shared(NamedTuple):
    """What like looks have in common: one app, one purpose, one answer to the same names."""

    form: Form  # of the payload
    counted: bytes  # what facts hash behind the salt
    fact: tuple[int, str | None, str | None, tuple[str, ...], str, int, int]  # behind the salt
    names: frozenset[str]


@lru_cache(maxsize=4096)
def _shared(
    actor: str,
    allowed: Lines,
    app: str | None,
    ceiling: Lines | None,
    code: str,
    kind: Kind,
    purpose: str | None,
    registration: str | None,
    withheld: Lines,
    more: tuple[str, ...],
) -> _Shared:
    """Write what names no customer, no token and no request: few, and the same for most entries."""
    _check_name(app)
    _check_name(purpose)
    known = {
        "v": VERSION,
        "kind": int(kind),
        "actor": actor,
        "app": app,
        "purpose": purpose,
        "code": code,
        "allowed": allowed,
        "withheld": withheld,
        "registration": registration,
        "ceiling": ceiling,
    }
    counts = len(allowed), len(withheld)
    counted = cipher.counted(
        kind=kind, app=app, purpose=purpose, code=code, allowed=counts[0], withheld=counts[1]
    )
    clauses = tuple(sorted({clause for _, clause in allowed}))
    return _Shared(
        Form(known, (*_BLANKS, *more)),
        counted,
        (int(kind), app, purpose, clauses, code, *counts),
        frozenset(name for name, _ in allowed),
    )


def _more(draft: Draft) -> dict[str, bytes]:
    """Write the members that are left out of most entries."""
    members: dict[str, bytes] = {}
    if draft.asked:
        at = {"at": canonical.number(draft.asked.at)}
        members["asked"] = _asked(draft.asked.action, draft.asked.role).fill(at)
    if draft.values:
        members["values"] = canonical.dumps(draft.values)
    if draft.sources:
        members["sources"] = canonical.dumps(draft.sources)
    if draft.consent:
        members["consent"] = canonical.dumps(_consent(draft))
    if draft.standing:
        standing = {
            "flags": draft.standing.flags,
            "objections": canonical.loads(draft.standing.objections.encode()),
            "terms": canonical.loads(draft.standing.terms.encode()),
        }
        members["standing"] = canonical.dumps(standing)
    return members


@lru_cache(maxsize=64)
def _asked(action: str, role: str | None) -> Form:
    return Form({"action": action} | ({"role": role} if role else {}), ("at",))


def _consent(draft: Draft) -> Mapping[str, object]:
    change = draft.consent
    if change is None:
        return {}
    return {
        "state": change.state,
        "purpose": change.purpose,
        "fields": change.fields,
        "from": change.from_ms,
        "until": change.until_ms,
        "shown": change.shown,
        "digest": change.digest,
    }


def _check_name(name: str | None) -> None:
    # A name that the table of facts refuses would stop the integration for everyone.
    if name is not None and (len(name) > MAX_NAME or "\x00" in name):
        raise TooLargeError


def _check_time(at: int | None) -> None:
    if at is not None and not 0 <= at < MAX_TIME:
        raise FormatError


def _xor(left: bytes, right: bytes) -> bytes:
    """Cover bytes with a mask of the same length."""
    return (int.from_bytes(left) ^ int.from_bytes(right)).to_bytes(len(left))
