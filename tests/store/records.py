"""Records of the access log for the store's tests: entries that no key has made."""

import hashlib
from typing import Any
from uuid import UUID, uuid4

from vault.core import canonical
from vault.core.entry import EntryClass, Header, Kind, Suite
from vault.core.ids import NOBODY, CustomerId, LogId
from vault.store.integration import Record
from vault.store.leaf import Fact

LOG = LogId(0)
ORIGIN = "example.org/log"
CUSTOMER = CustomerId(UUID("0192f0c1-2d3e-7a4b-8c5d-6e7f80910213"))
CODE = hashlib.sha256(b"code").hexdigest()


def fact(**changes):
    members: dict[str, Any] = {
        "salt": bytes(range(16)),
        "kind": int(Kind.READ),
        "app": "crm",
        "purpose": "delivery",
        "clauses": ("delivery",),
        "code": CODE,
        "allowed": 2,
        "withheld": 1,
        "handle": None,
        "case": None,
    }
    return Fact(**members | changes)


def entry(writer, seq, *, part=0, parts=1, payload=b"payload", system=False, at=1_700_000_000_000):
    header = Header(
        log_id=LOG,
        entry_class=EntryClass.SYSTEM if system else EntryClass.CUSTOMER,
        suite=Suite.CLEAR if system else Suite.COMMITTED,
        at=at,
        writer=writer.bytes,
        seq=seq,
        part=part,
        parts=parts,
        seen=0,
        tag=bytes(16),
        veil=bytes(9),
        facts=bytes(32),
        length=len(payload),
    )
    return header.pack() + payload


def record(writer, seq, *, customers=(CUSTOMER,), facts=None):
    parts = len(customers)
    return Record(
        log_id=LOG,
        writer=writer,
        seq=seq,
        entries=tuple(entry(writer, seq, part=part, parts=parts) for part in range(parts)),
        customers=tuple(customers),
        facts=(fact(),) * parts if facts is None else tuple(facts),
    )


def system(writer, seq, kind):
    payload = canonical.dumps({"v": 1, "kind": int(kind)})
    return Record(
        log_id=LOG,
        writer=writer,
        seq=seq,
        entries=(entry(writer, seq, payload=payload, system=True),),
        customers=(NOBODY,),
        facts=(None,),
    )


def new_writer():
    return uuid4()
