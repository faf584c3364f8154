"""Give each sector an order of its own for customers: one AES-256 block over the UUID, its seat.

Whoever has no key sees a seat as chance: it follows from neither the id, nor another sector's seat,
nor the id that the sector knows the customer by. It never leaves the vault in clear.
Source: docs/formats.md, 9; docs/decisions/0014.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

from vault.crypto.service_key import ServiceKey, subkey

SEAT_BYTES: Final = 16


def seats(key: ServiceKey, sector: str, customers: Sequence[UUID]) -> list[bytes]:
    """Return the seat of each customer, in the order given; no two have the same.

    Args:
        key: the service key "pairwise".
        sector: the app's registered sector.
        customers: UUIDs.
    """
    # ECB is what is wanted: a permutation of single blocks, each of them different from all others.
    cipher = Cipher(AES256(subkey(key, b"ownship/audience/v1\0", sector.encode())), ECB())  # noqa: S305
    blocks = cipher.encryptor().update(b"".join([one.bytes for one in customers]))
    return [blocks[at : at + SEAT_BYTES] for at in range(0, len(blocks), SEAT_BYTES)]
