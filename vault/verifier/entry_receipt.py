"""Check an entry receipt: the vault's signed promise that a decision will be in its log.

A receipt names one entry, or the neighbouring entries of a batch, by leaf hash and shows that they
stand under a root which the vault's receipt key signed. Whether the log keeps the promise is for
the check of the log. Key and origin are the reader's own, never the receipt's.
Source: docs/formats.md, entry receipt.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from vault.verifier.errors import BadError, KeyFormatError
from vault.verifier.merkle import check_inclusion, tree_hash
from vault.verifier.note import VerifierKey, open_note
from vault.verifier.strict_base64 import read_hash

VERSION = "ownship-receipt@v1"
MAX_BYTES = 1_000_000

_NUMBER = "(0|[1-9][0-9]{0,18})"  # ASCII digits, no leading zero
_HASH = "([A-Za-z0-9+/]{43}=)"
_ENTRY = re.compile(f"entry {_HASH}")
_INDEX = re.compile(f"index {_NUMBER}")
_ENTRIES = re.compile(f"entries {_NUMBER} {_NUMBER}")
_RECEIPT = re.compile(f"receipt {_NUMBER} ([0-9a-f-]{{36}}) {_NUMBER} {_NUMBER}")
_ROOT = re.compile(f"root {_NUMBER} {_HASH}")
_BY = re.compile(f"integrate-by {_NUMBER}")


@dataclass(frozen=True, slots=True)
class Promise:
    """What the receipt key signed."""

    log_id: int
    writer: UUID
    first_seq: int
    last_seq: int
    entries: int
    root: bytes
    integrate_by: int  # unix ms


@dataclass(frozen=True, slots=True)
class EntryReceipt:
    """A receipt that holds."""

    leaves: tuple[bytes, ...]  # of the entries that it is about
    promise: Promise


def check(data: bytes, *, key: str, origin: str) -> EntryReceipt:
    """Return what a receipt promises, once signature and path are checked.

    Args:
        data: the receipt's text.
        key: verifier key of entry receipts, whose name is the origin and `/receipts`; several, of
            a vault whose key was changed, with spaces between them.
        origin: of the log.

    Raises:
        KeyFormatError: the key is malformed or not the receipts' key of this origin.
        BadError: the receipt is malformed, forged, or not of this key and origin.
    """
    keys = key.split()
    if any(VerifierKey.parse(one).name != f"{origin}/receipts" for one in keys):
        raise KeyFormatError("The verifier key is not the key of this origin's entry receipts.")
    if len(data) > MAX_BYTES:
        raise BadError("The receipt is larger than 1 MB.")
    head, separator, note = data.partition(b"\n\n")
    if not separator:
        raise BadError("The receipt has no signed part.")
    promise = _promise(open_note(note, keys), origin)
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise BadError("The receipt's first part is not ASCII.") from None
    if lines[0] != VERSION:
        raise BadError(f"The receipt does not begin with {VERSION}.")
    if len(lines) > 1 and lines[1].startswith("entries "):
        return EntryReceipt(_batch(lines[1:], promise), promise)
    return EntryReceipt((_single(lines[1:], promise),), promise)


def _single(lines: Sequence[str], promise: Promise) -> bytes:
    if len(lines) < 2:
        raise BadError("The receipt names no entry.")
    leaf = read_hash(_match(_ENTRY, lines[0], "entry")[1])
    index = int(_match(_INDEX, lines[1], "index")[1])
    path = [read_hash(line) for line in lines[2:]]
    check_inclusion(leaf, index, promise.entries, path, promise.root)
    return leaf


def _batch(lines: Sequence[str], promise: Promise) -> tuple[bytes, ...]:
    match = _match(_ENTRIES, lines[0], "entries")
    first, count = int(match[1]), int(match[2])
    leaves = [read_hash(line) for line in lines[1:]]
    if len(leaves) != promise.entries or tree_hash(leaves) != promise.root:
        raise BadError("The entries do not lead to the signed root.")
    if not 0 < count <= len(leaves) - first:
        raise BadError("The receipt is about entries that it does not list.")
    return tuple(leaves[first : first + count])


def _promise(body: bytes, origin: str) -> Promise:
    lines = body.decode().split("\n")
    if len(lines) != 5 or lines[4]:
        raise BadError("The signed part does not have four lines.")
    if lines[0] != f"{origin}/receipts":
        raise BadError("The receipt is of another origin.")
    receipt = _match(_RECEIPT, lines[1], "receipt")
    root = _match(_ROOT, lines[2], "root")
    try:
        writer = UUID(receipt[2])
    except ValueError:
        raise BadError("The writer is no UUID.") from None
    promise = Promise(
        log_id=int(receipt[1]),
        writer=writer,
        first_seq=int(receipt[3]),
        last_seq=int(receipt[4]),
        entries=int(root[1]),
        root=read_hash(root[2]),
        integrate_by=int(_match(_BY, lines[3], "integrate-by")[1]),
    )
    if str(writer) != receipt[2] or promise.last_seq < promise.first_seq:
        raise BadError("The line receipt names no run of a writer.")
    return promise


def _match(pattern: re.Pattern[str], line: str, name: str) -> re.Match[str]:
    match = pattern.fullmatch(line)
    if not match:
        raise BadError(f"The line {name} is malformed or missing.")
    return match
