"""Count the witnesses of a checkpoint: others who saw the log, and that it never went back.

A witness signs a checkpoint with the time, and only if it continues the one it signed before. So
whoever demands a few of them need not keep checkpoints to be sure that all are shown one log.
There are two kinds: Ed25519 (type 0x04) signs the text, ML-DSA-44 (0x06) what the text says, with the
witness's own name. Both sign the time.
Source: c2sp.org/tlog-cosignature; access-log note, 7.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from vault.verifier.checkpoint import parse_checkpoint
from vault.verifier.errors import BadError, CannotTellError, KeyFormatError
from vault.verifier.note import COSIGNATURE, COSIGNATURE_ML_DSA, VerifierKey, signatures

MAX_TIME = 2**63 - 1  # unix seconds

_AT = struct.Struct(">Q")
_SIGNATURE_BYTES = {COSIGNATURE: 64, COSIGNATURE_ML_DSA: 2_420}
_LABEL = b"subtree/v1\n\0"
_TREE = struct.Struct(">QQ32s")  # first leaf, end, root


@dataclass(frozen=True, slots=True)
class Witnessed:
    """That a witness signed."""

    name: str
    at: int  # unix seconds


def check(note: bytes, keys: Sequence[str], *, quorum: int) -> list[Witnessed]:
    """Return the known witnesses that signed a checkpoint, by name.

    Args:
        note: the checkpoint.
        keys: verifier keys of witnesses, of type 0x04 or 0x06.
        quorum: how many of them are demanded, at least 1.

    Raises:
        KeyFormatError: a key is malformed or of another type.
        CannotTellError: more are demanded than there are keys, or this machine cannot verify
            ML-DSA-44.
        BadError: a known witness's signature is wrong, or too few signed.
    """
    known = {
        (key.name, key.key_id): key
        for key in (VerifierKey.parse(one, kinds=(COSIGNATURE, COSIGNATURE_ML_DSA)) for one in keys)
    }
    if len({name for name, _ in known}) != len(keys):
        raise KeyFormatError("A witness is named twice.")
    if not 0 < quorum <= len(known):
        raise CannotTellError(f"A quorum of {quorum} cannot be had of {len(known)} witnesses.")
    body, lines = signatures(note)
    found = {}
    for name, key_id, blob in lines:
        key = known.get((name, key_id))
        at = _verified(key, blob, body) if key else 0
        if at:  # without a time it may have signed a larger tree before
            found[name] = Witnessed(name, at)
    if len(found) < quorum:
        raise BadError(
            f"{len(found)} of the {len(known)} witnesses signed this, and {quorum} are demanded: "
            "the log may be showing you what it shows nobody else."
        )
    return sorted(found.values(), key=lambda one: one.name)


def _verified(key: VerifierKey, blob: bytes, body: bytes) -> int:
    """Return when a witness signed, unix seconds; 0 where it does not say."""
    if len(blob) != _AT.size + _SIGNATURE_BYTES[key.kind]:
        raise BadError(f"The cosignature of {key.name} is malformed.")
    (at,) = _AT.unpack_from(blob)
    signature = blob[_AT.size :]
    if at > MAX_TIME:
        raise BadError(f"The cosignature of {key.name} is of no time.")
    try:
        if key.kind == COSIGNATURE:
            message = f"cosignature/v1\ntime {at}\n".encode() + body
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
        else:
            MLDSA44PublicKey.from_public_bytes(key.public).verify(
                signature, _tree(key.name, at, body)
            )
    except InvalidSignature:
        raise BadError(f"The cosignature of {key.name} is wrong.") from None
    except UnsupportedAlgorithm:
        raise CannotTellError(
            f"The key of {key.name} is of ML-DSA-44, which the OpenSSL of this machine does not know."
        ) from None
    return int(at)


def _tree(name: str, at: int, body: bytes) -> bytes:
    """Return what a witness with ML-DSA-44 signs: its own name, the time, and the whole tree."""
    origin = body.decode().partition("\n")[0]
    size, root = parse_checkpoint(body, origin)
    return b"".join(
        (_LABEL, _short(name), _AT.pack(at), _short(origin), _TREE.pack(0, size, root)),
    )


def _short(text: str) -> bytes:
    data = text.encode()
    if not 0 < len(data) < 256:
        raise BadError("The name of a witness or of a log has 1 to 255 bytes.")
    return bytes((len(data),)) + data
