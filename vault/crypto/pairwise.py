"""Give each app's sector ids of its own for customers: one AES-256 block over the UUID.

Reversible by us, so no table can leak; no collisions, since a block cipher is a permutation; not
joinable between sectors, since each has its own key. The key is not rotated: apps store the ids.
Source: docs/formats.md, 9.
"""

import re
from functools import lru_cache
from threading import get_ident
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

from vault.core.ids import NOBODY, CustomerId, PairwiseId
from vault.crypto.service_key import ServiceKey, subkey

_FORM = re.compile("[a-z2-7]{26}")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)  # ten bits each
_DIGITS = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")  # as int(…, 32) reads them
_SHIFTS = range(120, -1, -10)
_CUSTOMERS = frozenset({7})  # versions of their UUIDs
_EVENTS = frozenset({7, 8})
_NO_BLOCK = "a" * 26  # stands in for text that is no id, so that it takes the same steps


def pairwise_id(key: ServiceKey, sector: str, customer: UUID) -> PairwiseId:
    """Return the id that a sector knows a customer by: 26 lower-case base32 characters.

    Args:
        key: the service key "pairwise".
        sector: the app's registered sector, by default its client id.
        customer: a UUIDv7.
    """
    encrypt, _ = _ciphers(get_ident(), key, sector)
    bits = int.from_bytes(encrypt.update(customer.bytes)) << 2  # 128 bits, and two spare zeros
    return PairwiseId("".join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS]))


def customer_of(key: ServiceKey, sector: str, text: str) -> CustomerId:
    """Return the customer of an id; never raises.

    Returns:
        NOBODY for anything that `pairwise_id` never gave to this sector. The caller looks it up as
        any other: a malformed id takes the path and the time of an unknown one.
    """
    return CustomerId(_read(key, sector, text, _CUSTOMERS))


def event_of(key: ServiceKey, sector: str, text: str) -> UUID:
    """Return the contact event of an id; never raises, and otherwise as `customer_of`.

    One that counted points has an id made of its reference, which is of version 8.
    """
    return _read(key, sector, text, _EVENTS)


def _read(key: ServiceKey, sector: str, text: str, versions: frozenset[int]) -> UUID:
    good = _FORM.fullmatch(text) is not None
    bits = int((text if good else _NO_BLOCK).translate(_DIGITS), 32)
    _, decrypt = _ciphers(get_ident(), key, sector)
    found = UUID(bytes=decrypt.update((bits >> 2).to_bytes(16)))
    # Spare bits that are not zero would be a second spelling of the same id.
    return found if good and not bits & 3 and found.version in versions else NOBODY


# A cipher costs 3 us to build and 0.1 us to use. It keeps state and may not be shared between
# threads, so each has its own; a later thread of the same number may have it, for its first is gone.
@lru_cache(maxsize=4096)
def _ciphers(thread: int, key: ServiceKey, sector: str) -> tuple[CipherContext, CipherContext]:
    del thread
    # ECB is what is wanted: a permutation of single blocks, each of them different from all others.
    cipher = Cipher(AES256(subkey(key, b"ownship/pairwise/v1\0", sector.encode())), ECB())  # noqa: S305
    return cipher.encryptor(), cipher.decryptor()
