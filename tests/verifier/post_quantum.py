"""A witness that signs with ML-DSA-44, made for tests apart from the vault's own code.

Source: c2sp.org/tlog-cosignature, ML-DSA-44 signed message.
"""

import base64
import hashlib
import struct

from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

AT = 1_764_000_000


def secret_of(seed):
    return MLDSA44PrivateKey.from_seed_bytes(seed)


def _key_id(name, public):
    return hashlib.sha256(name.encode() + b"\n\x06" + public).digest()[:4]


def verifier_key(name, seed):
    public = secret_of(seed).public_key().public_bytes_raw()
    data = base64.b64encode(b"\x06" + public).decode()
    return f"{name}+{_key_id(name, public).hex()}+{data}"


def message(name, at, origin, size, root_hash, *, start=0):
    """`cosigned_message`, as RFC 8446 writes its members."""
    return (
        b"subtree/v1\n\x00"
        + bytes((len(name),))
        + name.encode()
        + struct.pack(">Q", at)
        + bytes((len(origin),))
        + origin.encode()
        + struct.pack(">QQ", start, size)
        + root_hash
    )


def line(text, name, seed, *, at=AT, **odd):
    """The signature line over a checkpoint's text; `odd` says otherwise than the text does."""
    origin, size, root_hash = text.split("\n")[:3]
    said = {"origin": origin, "size": int(size), "root_hash": base64.b64decode(root_hash)} | odd
    signer = said.pop("signer", name)
    signature = secret_of(seed).sign(message(signer, said.pop("signed_at", at), **said))
    public = secret_of(seed).public_key().public_bytes_raw()
    blob = _key_id(name, public) + struct.pack(">Q", at) + signature
    return f"— {name} {base64.b64encode(blob).decode()}\n".encode()
