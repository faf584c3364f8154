"""Entries about people as the vault writes them, for tests of who can find and read them."""

import base64
import hashlib
import json
from uuid import UUID

from tests.verifier.loggen import KEY, ORIGIN, START, A, Written, entry, leaf_hash
from vault.core import log_key
from vault.core.entry import Kind
from vault.core.ids import CustomerId, LogId
from vault.crypto import entry as cipher
from vault.services.draft import Draft
from vault.services.entry import Place, say, write

ANA = hashlib.sha256(b"ana").digest()  # an audit key
EVE = hashlib.sha256(b"eve").digest()
CODE = hashlib.sha256(b"code").hexdigest()


def place(seq, *, at=None, seen=0, log_id=0):
    return Place(
        log_id=LogId(log_id),
        origin=ORIGIN,
        writer=UUID(bytes=A),
        seq=seq,
        part=0,
        parts=1,
        at=START + seq if at is None else at,
        seen=seen,
    )


def about(seq, kind=Kind.READ, epoch=0, *, key=ANA, seen=0, at=None, **members):
    """An entry about the owner of an audit key."""
    told = {"actor": "app:delivery", "app": "delivery", "purpose": "delivery"} | members
    draft = Draft(
        customer=CustomerId(UUID(int=7)), audit_key=key, kind=kind, epoch=epoch, code=CODE, **told
    )
    return write(say(draft), place(seq, at=at, seen=seen))


def log_of(*entries):
    """A log whose first entry is `boot`; the others follow it."""
    return Written([entry(A, 0, kind=64, members={"version": "test"}), *entries])


def key_file(folder, *, key=ANA, seal=True, verifier_key=KEY, name="ana.logkey"):
    """A log key as the vault hands it out."""
    path = folder / name
    path.write_text(
        log_key.write(
            origin=ORIGIN,
            verifier_key=verifier_key,
            generation=1,
            tag=cipher.tag_key(key),
            seal=cipher.seal_key(key) if seal else None,
        )
    )
    return path


def line(log, index):
    """A line of a list, with what the checker reads of it."""
    return {
        "action": "read",
        "log": {
            "origin": ORIGIN,
            "position": index,
            "hash": hashed(log.entries[index]),
        },
    }


def hashed(data):
    return base64.b64encode(leaf_hash(data)).decode()


def list_file(folder, lines, name="usage.json"):
    path = folder / name
    path.write_text(json.dumps(lines))
    return path
