"""Count the witnesses of a checkpoint: others who saw the log, and that it never went back.

A witness signs a checkpoint with the time, and only if it continues the one it signed before. So
whoever demands a few of them need not keep checkpoints to be sure that all are shown one log.
Witnesses with ML-DSA-44 (type 0x06) are unknown to this checker, so their lines do not count.
Source: c2sp.org/tlog-cosignature; access-log note, 7.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vault.verifier.errors import BadError, CannotTellError, KeyFormatError
from vault.verifier.note import VerifierKey, signatures

COSIGNATURE = 0x04  # the type of a witness's key

_BLOB = struct.Struct(">Q64s")


@dataclass(frozen=True, slots=True)
class Witnessed:
    """That a witness signed."""

    name: str
    at: int  # unix seconds


def check(note: bytes, keys: Sequence[str], *, quorum: int) -> list[Witnessed]:
    """Return the known witnesses that signed a checkpoint, by name.

    Args:
        note: the checkpoint.
        keys: verifier keys of witnesses, of type 0x04.
        quorum: how many of them are demanded, at least 1.

    Raises:
        KeyFormatError: a key is malformed or of another type.
        CannotTellError: more are demanded than there are keys.
        BadError: a known witness's signature is wrong, or too few signed.
    """
    known = {
        (key.name, key.key_id): key
        for key in (VerifierKey.parse(one, kind=COSIGNATURE) for one in keys)
    }
    if len({name for name, _ in known}) != len(keys):
        raise KeyFormatError("A witness is named twice.")
    if not 0 < quorum <= len(known):
        raise CannotTellError(f"A quorum of {quorum} cannot be had of {len(known)} witnesses.")
    body, lines = signatures(note)
    found = {}
    for name, key_id, blob in lines:
        if (name, key_id) in known:
            found[name] = Witnessed(name, _verified(known[name, key_id], blob, body))
    if len(found) < quorum:
        raise BadError(
            f"{len(found)} of the {len(known)} witnesses signed this, and {quorum} are demanded: "
            "the log may be showing you what it shows nobody else."
        )
    return sorted(found.values(), key=lambda one: one.name)


def _verified(key: VerifierKey, blob: bytes, body: bytes) -> int:
    """Return when a witness signed."""
    if len(blob) != _BLOB.size:
        raise BadError(f"The cosignature of {key.name} is malformed.")
    at, signature = _BLOB.unpack(blob)
    message = f"cosignature/v1\ntime {at}\n".encode() + body
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except InvalidSignature:
        raise BadError(f"The cosignature of {key.name} is wrong.") from None
    return int(at)
