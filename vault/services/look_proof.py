"""Hand customers the proof that a line of "who looked" is in the log, and check it for them.

The check takes the file that a customer would take away, and nothing else of ours: it reads it anew,
hashes its entry, climbs to the root and looks for the signature, as anybody can without us.
1. the entry leads to the root of the checkpoint; 2. the log's key signed the checkpoint; 3. the
customer's tag key finds the entry, so it is about them and nobody else.
That nothing was left out is not shown by any proof of one line: for that there is the log key. No
payload is opened here, so nothing is recorded.
Source: access-log note, 8; c2sp.org/tlog-proof.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from vault.core import log_proof as proof_file
from vault.core import merkle
from vault.core.checkpoint import Checkpoint, NotPublishedError
from vault.core.entry import EntryClass, Header
from vault.core.errors import (
    FormatError,
    LogBrokenError,
    NotAvailableError,
    SignatureError,
)
from vault.core.ids import CustomerId
from vault.core.merkle import ProofError
from vault.core.place import index_of
from vault.crypto import entry as cipher
from vault.crypto import note
from vault.crypto.signing import verifier_key
from vault.services import log_keys, log_proof
from vault.services.audit import audit_key
from vault.services.deps import Deps
from vault.store import leaf

USE: Final = "log"  # of the service key that signs checkpoints


class Verdict(StrEnum):
    """What a check came to."""

    GOOD = "good"
    BAD = "bad"
    SOON = "soon"  # no checkpoint covers the entry yet


class Flaw(StrEnum):
    """The step that failed."""

    ENTRY = "entry"  # it does not lead to the root
    SIGNATURE = "signature"  # the log's key did not sign this
    OWNER = "owner"  # the customer's key does not find it


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of one line found."""

    verdict: Verdict
    flaw: Flaw | None
    origin: str
    key: str  # verifier key of the log, the newest
    index: int
    size: int  # of the checkpoint; 0 where there is none
    at: int | None  # unix ms of the entry, where it can be read
    leaf: str  # leaf hash in hex; "" where there is no entry


async def file(deps: Deps, customer: CustomerId, place: int) -> str | None:
    """Return the proof of a line as a file; None while no checkpoint covers it.

    Raises:
        NotAvailableError: the line is not on this customer's list.
        LogBrokenError: the store cannot give one: what it holds is not what was signed.
        BusyError: the database does not answer.
    """
    await _own(deps, customer, place)
    try:
        return (await log_proof.proof(deps, place)).text
    except NotPublishedError:
        return None


async def check(deps: Deps, customer: CustomerId, place: int) -> Checked:
    """Check the proof of a line.

    Raises:
        NotAvailableError: the line is not on this customer's list.
        BusyError: the database does not answer.
    """
    origin = deps.origin_at(place)
    publics = await log_keys.publics(deps, USE)
    told = Checked(
        verdict=Verdict.SOON,
        flaw=None,
        origin=origin,
        key=verifier_key(origin, publics[-1]),
        index=index_of(place),
        size=0,
        at=None,
        leaf="",
    )
    try:
        text = await file(deps, customer, place)
        if text is None:
            return told
        given = proof_file.parse(text)
    except (LogBrokenError, FormatError):
        return _bad(told, Flaw.ENTRY)
    leaf_hash = merkle.leaf_hash(given.entry)
    at, is_theirs = await _header(deps, customer, given.entry)
    told = replace(told, at=at, leaf=leaf_hash.hex())
    try:
        signed = note.open_(given.checkpoint.encode(), note.known(origin, *publics))
        tree = Checkpoint.parse(signed, origin)
    except (SignatureError, FormatError):
        return _bad(told, Flaw.SIGNATURE)
    told = replace(told, size=tree.size)
    try:
        if given.index != told.index:
            raise ProofError("the proof is of another entry")
        merkle.verify_inclusion(leaf_hash, given.index, tree.size, given.hashes, tree.root)
    except ProofError:
        return _bad(told, Flaw.ENTRY)
    return replace(told, verdict=Verdict.GOOD) if is_theirs else _bad(told, Flaw.OWNER)


def _bad(told: Checked, flaw: Flaw) -> Checked:
    return replace(told, verdict=Verdict.BAD, flaw=flaw)


async def _own(deps: Deps, customer: CustomerId, place: int) -> None:
    async with deps.database.connect() as conn:
        if not await leaf.is_listed(conn, customer, place):
            raise NotAvailableError


async def _header(deps: Deps, customer: CustomerId, entry: bytes) -> tuple[int | None, bool]:
    """Return an entry's time, and whether the customer's tag key finds it."""
    try:
        header = Header.parse(entry)
    except FormatError:
        return None, False
    load = await deps.loads.ask(customer, lane="customer")
    owner, key = audit_key(deps, load)
    if owner != customer or header.entry_class is not EntryClass.CUSTOMER:
        return header.at, False
    mask = cipher.mask(key, header.log_id, header.writer, header.seq, header.part)
    return header.at, mask[:16] == header.tag
