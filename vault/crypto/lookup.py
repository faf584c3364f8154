"""Find a customer by an identifier without storing it: the blind index, OB1.

    OB1 = u8 generation || HMAC-SHA256(BIK, label || u16 normaliser || text)[0:16]

Equal identifiers have equal indexes within a generation; whoever holds the key can test guesses,
whoever holds the table alone cannot. So only near-unique identifiers may be indexed; the compiler
of the code of ethics sees to that, and `vault/core` normalises the text before it comes here.
Source: docs/formats.md, 8.
"""

import hmac

from vault.crypto.service_key import ServiceKey, subkey

OB1_BYTES = 17
TOMBSTONE_BYTES = 16


def index(key: ServiceKey, path: str, normaliser: int, text: str) -> bytes:
    """Return the index of an identifier, 17 bytes.

    Args:
        key: the service key "index".
        path: the field's name, with the source where an external id has one.
        normaliser: u16, number of the rule that made `text`.
        text: the normalised identifier.

    Raises:
        OverflowError: when the normaliser is no u16.
    """
    generation = bytes((key.generation,))
    derived = subkey(key, b"ownship/index-key/v1\0", generation + path.encode())
    message = b"ownship/index/v1\0" + normaliser.to_bytes(2) + text.encode()
    return generation + hmac.digest(derived, message, "sha256")[:16]


def tombstone(key: ServiceKey, normaliser: int, text: str) -> bytes:
    """Return what stays of an erased identifier, 16 bytes, so that an import cannot revive it.

    It holds no customer and no field: whoever was erased is not added again under any of them.
    """
    derived = subkey(key, b"ownship/tombstone/v1\0")
    return hmac.digest(derived, normaliser.to_bytes(2) + text.encode(), "sha256")[:TOMBSTONE_BYTES]
