"""Read what lost entries say: the vault's own in clear, a customer's with the customer's key.

A tag says whose entry it is to the holder of one key alone, so every key is tried on every entry
that has no owner yet: two hashes a pair, on states that are made ready once a key. There is no index
to look in, and there must be none: whoever had it could link a customer's entries. Looks are
counted; only changes are opened.
Source: access-log note, 2 and 9.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from uuid import UUID

import structlog

from vault.core import canonical
from vault.core.entry import EntryClass, Kind
from vault.core.errors import CanonicalError, FormatError, OpenError
from vault.core.ids import CustomerId
from vault.core.log_errors import MirrorDamagedError
from vault.core.recovery import Change
from vault.crypto import entry as cipher
from vault.crypto.service_key import Mac
from vault.services.lost import Entry, Proof

_SYSTEM: Final = (Kind.CODE, Kind.REGISTRATION, Kind.KEY, Kind.STAFF_ROLE)
PAGE: Final = 256  # entries that one key is tried on together
_VEIL: Final = slice(16, 25)  # of the mask: what covers kind and epoch

logger = structlog.get_logger()


@dataclass(slots=True)
class System:
    """What the vault's own lost entries say."""

    keys: set[UUID] = field(default_factory=set)  # of erased customers
    again: dict[str, int] = field(default_factory=dict)  # what the operator must do again
    others: int = 0  # lost entries about customers and nobody


@dataclass(slots=True)
class Owned:
    """The lost entries of some customers."""

    entries: int = 0
    written: int = 0  # of these, writes: the values are gone
    places: dict[CustomerId, list[int]] = field(default_factory=dict)  # indexes of their entries
    changes: dict[CustomerId, list[Change]] = field(default_factory=dict)


def of_system(proof: Proof) -> System:
    """Take what the lost entries of the vault itself say.

    Raises:
        MirrorDamagedError: as `Proof.entries`, or one says nothing that can be read.
    """
    found = System()
    for one in proof.entries():
        if one.header.entry_class is not EntryClass.SYSTEM:
            found.others += 1
            continue
        try:
            said = canonical.loads(one.payload)
            kind = Kind(said["kind"])
            if kind is Kind.ERASE:
                found.keys |= {UUID(key) for key in said["keys"].split()}
        except (CanonicalError, KeyError, TypeError, ValueError, AttributeError):
            raise MirrorDamagedError from None
        if kind in _SYSTEM:
            name = kind.name.lower().replace("_", "-")
            found.again[name] = found.again.get(name, 0) + 1
    return found


class Search:
    """The lost entries about customers, from which those whose owner is found are taken out."""

    def __init__(self, proof: Proof, origin: str) -> None:
        """Begin with all of them.

        Args:
            proof: walked to its end.
            origin: of the log, under which its entries are sealed.
        """
        self._proof = proof
        self._origin = origin
        self._found = bytearray(max(0, proof.size - proof.start))  # a byte an entry
        self._is_over = False

    def of_customers(self, keys: Sequence[tuple[CustomerId, bytes]]) -> Owned:
        """Find the lost entries of some customers, by trying the tag key of each.

        Args:
            keys: customers with their audit keys.

        Raises:
            MirrorDamagedError: as `Proof.entries`.
        """
        found = Owned()
        several = [(customer, key, Mac(cipher.tag_key(key))) for customer, key in keys]
        if self._is_over or not several:
            return found
        is_over = True
        entries = self._proof.entries()
        while page := list(islice(entries, PAGE)):
            waiting = [one for one in page if self._waits(one)]
            for customer, key, mac in several:
                waiting = self._take(found, customer, key, mac, waiting)
            is_over = is_over and not waiting
        self._is_over = is_over
        return found

    def _waits(self, one: Entry) -> bool:
        is_owned = self._found[one.index - self._proof.start]
        return one.header.entry_class is EntryClass.CUSTOMER and not is_owned

    def _take(
        self, found: Owned, customer: CustomerId, key: bytes, mac: Mac, waiting: list[Entry]
    ) -> list[Entry]:
        """Take out the entries that a customer's key finds; return the others."""
        masks = mac.of_each([one.place for one in waiting])
        mine = [
            at
            for at, (one, mask) in enumerate(zip(waiting, masks, strict=True))
            if mask.startswith(one.header.tag)
        ]
        for at in mine:
            one = waiting[at]
            self._found[one.index - self._proof.start] = 1
            found.entries += 1
            found.places.setdefault(customer, []).append(one.index)
            kind, epoch = _unveiled(one.header.veil, masks[at][_VEIL])
            found.written += kind == Kind.WRITTEN
            if kind is not None and kind.is_change and kind is not Kind.ERASED:
                change = _change(one, kind, epoch, key, self._origin)
                found.changes.setdefault(customer, []).append(change)
        if not mine:
            return waiting
        return [one for at, one in enumerate(waiting) if at not in set(mine)]


def _unveiled(veil: bytes, cover: bytes) -> tuple[Kind | None, int]:
    plain = bytes(a ^ b for a, b in zip(veil, cover, strict=True))
    try:
        return Kind(plain[0]), int.from_bytes(plain[1:])
    except ValueError:  # of a later release
        return None, int.from_bytes(plain[1:])


def _change(one: Entry, kind: Kind, epoch: int, key: bytes, origin: str) -> Change:
    try:
        said = canonical.loads(cipher.open_payload(key, one.packed, origin, one.payload))
        return Change.read(kind, epoch, said)
    except (OpenError, CanonicalError, FormatError):
        logger.error("log-entry-damaged", index=one.index)
        return Change.unreadable(epoch)
