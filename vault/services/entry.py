"""Turn a draft into an entry of the access log, OAL1, at its place in a writer's sequence.

The entry shows outsiders time, writer, class and size. Tag, veil and payload are under the
customer's audit key: it alone finds the entry and reads it. An entry about nobody we know is made
the same way under a key of the deployment, so that it costs and weighs the same.
Source: docs/formats.md, OAL1; access-log note, 2.
"""

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import orjson

from vault.core import canonical
from vault.core.entry import (
    MAX_PAYLOAD,
    VEIL_BYTES,
    EntryClass,
    Header,
    Suite,
    padded_bytes,
    plain_veil,
    sealed_bytes,
)
from vault.core.errors import TooLargeError
from vault.core.ids import LogId
from vault.crypto import entry as cipher
from vault.crypto.random import random_bytes
from vault.services.draft import Draft, SystemDraft
from vault.store.leaf import Fact

VERSION = 1  # of the payload's members; they are only added
SALT_BYTES = 16
KEY_BYTES = 32
MAX_NAME = 200  # characters of a searchable name; the table of facts takes no more


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in its writer's sequence, and when."""

    log_id: LogId
    origin: str
    writer: UUID
    seq: int
    part: int
    parts: int
    at: int  # unix ms
    seen: int


@dataclass(frozen=True, slots=True)
class Written:
    """An entry's bytes with what compliance may search."""

    entry: bytes
    fact: Fact | None  # None for the system's


def write(draft: Draft | SystemDraft, place: Place) -> Written:
    """Write one entry.

    Raises:
        TooLargeError: the entry or a searchable name has no place in the log.
        ValueError: the audit key is none.
    """
    if isinstance(draft, SystemDraft):
        return _write_system(draft, place)
    if len(draft.audit_key) != KEY_BYTES:
        # An empty key would seal for everyone; deriving from it raises nothing by itself.
        raise ValueError("an audit key has 32 bytes")
    salt = random_bytes(SALT_BYTES)
    fact = _fact(draft, salt)
    payload = canonical.dumps(_members(draft, salt))
    length = sealed_bytes(padded_bytes(len(payload)))
    if length > MAX_PAYLOAD:
        raise TooLargeError
    mask = cipher.mask(draft.audit_key, place.log_id, place.writer.bytes, place.seq, place.part)
    header = _header(
        place,
        EntryClass.CUSTOMER,
        tag=mask[:16],
        veil=_xor(plain_veil(draft.kind, draft.epoch), mask[16:25]),
        facts=cipher.facts(
            salt,
            kind=draft.kind,
            app=draft.app,
            purpose=draft.purpose,
            code=draft.code,
            allowed=len(draft.allowed),
            withheld=len(draft.withheld),
        ),
        length=length,
    ).pack()
    sealed = cipher.seal_payload(draft.audit_key, header, place.origin, payload)
    return Written(header + sealed, fact)


def _write_system(draft: SystemDraft, place: Place) -> Written:
    payload = canonical.dumps({"v": VERSION, "kind": int(draft.kind), **dict(draft.members)})
    if len(payload) > MAX_PAYLOAD:
        raise TooLargeError
    header = _header(
        place,
        EntryClass.SYSTEM,
        tag=bytes(16),
        veil=bytes(VEIL_BYTES),
        facts=bytes(32),
        length=len(payload),
    )
    return Written(header.pack() + payload, None)


def _header(
    place: Place, entry_class: EntryClass, *, tag: bytes, veil: bytes, facts: bytes, length: int
) -> Header:
    return Header(
        log_id=place.log_id,
        entry_class=entry_class,
        suite=Suite.COMMITTED if entry_class is EntryClass.CUSTOMER else Suite.CLEAR,
        at=place.at,
        writer=place.writer.bytes,
        seq=place.seq,
        part=place.part,
        parts=place.parts,
        seen=place.seen,
        tag=tag,
        veil=veil,
        facts=facts,
        length=length,
    )


@lru_cache(maxsize=4096)
def _pairs(lines: tuple[tuple[str, ...], ...]) -> orjson.Fragment:
    """Write lines of names, clauses and reasons: few, and the same for most entries of an app."""
    return canonical.fragment(lines)


def _members(draft: Draft, salt: bytes) -> dict[str, object]:
    members: dict[str, object] = {
        "v": VERSION,
        "kind": int(draft.kind),
        "customer": str(draft.customer),
        "actor": draft.actor,
        "app": draft.app,
        "purpose": draft.purpose,
        "code": draft.code,
        "epoch": draft.epoch,
        "salt": salt.hex(),
        "request": draft.request,
        "case": draft.case,
        "allowed": _pairs(draft.allowed),
        "withheld": _pairs(draft.withheld),
        "registration": draft.registration,
        "ceiling": None if draft.ceiling is None else _pairs(draft.ceiling),
        "token": draft.token,
    }
    if draft.values:
        members["values"] = draft.values
    if draft.sources:
        members["sources"] = draft.sources
    if draft.consent:
        members["consent"] = {
            "state": draft.consent.state,
            "purpose": draft.consent.purpose,
            "fields": draft.consent.fields,
            "from": draft.consent.from_ms,
            "until": draft.consent.until_ms,
            "shown": draft.consent.shown,
            "digest": draft.consent.digest,
        }
    if draft.standing:
        members["standing"] = {
            "flags": draft.standing.flags,
            "objections": canonical.loads(draft.standing.objections.encode()),
            "terms": canonical.loads(draft.standing.terms.encode()),
        }
    if draft.asked:
        role = {"role": draft.asked.role} if draft.asked.role else {}
        members["asked"] = {"action": draft.asked.action, "at": draft.asked.at, **role}
    return members


def _fact(draft: Draft, salt: bytes) -> Fact:
    for name in (draft.app, draft.purpose, draft.handle, draft.case):
        # A name that the table of facts refuses would stop the integration for everyone.
        if name is not None and (len(name) > MAX_NAME or "\x00" in name):
            raise TooLargeError
    return Fact(
        salt=salt,
        kind=draft.kind,
        app=draft.app,
        purpose=draft.purpose,
        clauses=tuple(sorted({clause for _, clause in draft.allowed})),
        code=draft.code,
        allowed=len(draft.allowed),
        withheld=len(draft.withheld),
        handle=draft.handle,
        case=draft.case,
    )


def _xor(left: bytes, right: bytes) -> bytes:
    """Cover bytes with a mask of the same length."""
    return (int.from_bytes(left) ^ int.from_bytes(right)).to_bytes(len(left))
