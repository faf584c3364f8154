"""A log in files, made for tests apart from the vault's own code: entries, tiles, checkpoints.

`Written` takes entries and writes the folder as the vault serves it; whatever a test wants broken
it changes in the lists before, or in the files after.
"""

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "example.org/log"
SEED = bytes(range(32))
START = 1_764_000_000_000  # unix ms
A, B, C = (bytes((one,)) * 16 for one in (0xA1, 0xB2, 0xC3))

HEADER = struct.Struct(">4sHBBQ16sQHHQ16s9sB32sH")


def public_of(seed=SEED):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def key_of(name=ORIGIN, seed=SEED, kind=1):
    public = public_of(seed)
    key_id = hashlib.sha256(name.encode() + b"\n" + bytes((kind,)) + public).hexdigest()[:8]
    return f"{name}+{key_id}+{base64.b64encode(bytes((kind,)) + public).decode()}"


def signature(text, name=ORIGIN, seed=SEED):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + public_of(seed)).digest()[:4]
    return f"— {name} {base64.b64encode(key_id + key.sign(text)).decode()}\n"


def note(text, name=ORIGIN, seed=SEED):
    return f"{text}\n{signature(text.encode(), name, seed)}".encode()


KEY = key_of()


def entry(
    writer=A,
    seq=0,
    *,
    at=START,
    seen=0,
    part=0,
    parts=1,
    kind=None,
    members=None,
    payload=b"",
    log_id=0,
    **odd,
):
    """An entry; one of the system where `kind` says which."""
    if kind is not None:
        said = {"v": 1, "kind": kind} | (members or {})
        payload = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    seal = bytes(16), bytes(9), bytes(32)
    if kind is None:
        seal = hashlib.sha256(b"tag%d" % seq).digest()[:16], b"v" * 9, b"f" * 32
    return (
        HEADER.pack(
            odd.get("magic", b"OAL1"),
            log_id,
            odd.get("entry_class", 1 if kind is None else 2),
            odd.get("suite", 1 if kind is None else 0),
            at,
            writer,
            seq,
            part,
            parts,
            seen,
            seal[0],
            seal[1],
            odd.get("zero", 0),
            seal[2],
            odd.get("length", len(payload)),
        )
        + payload
    )


def leaf_hash(data):
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root(leaves):
    """The root, by the definition of RFC 6962."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(root(leaves[:split]), root(leaves[split:]))


def checkpoint_text(size, root_hash, origin=ORIGIN):
    return f"{origin}\n{size}\n{base64.b64encode(root_hash).decode()}\n"


def checkpoint(leaves, origin=ORIGIN, seed=SEED):
    return note(checkpoint_text(len(leaves), root(leaves), origin), origin, seed)


def tile_path(level, n, width=256):
    digits = f"{n:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    spelled = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{spelled}" + ("" if width == 256 else f".p/{width}")


@dataclass
class Written:
    """A log, and how it is written into a folder."""

    entries: list[bytes] = field(default_factory=list)
    origin: str = ORIGIN

    @property
    def leaves(self):
        return [leaf_hash(one) for one in self.entries]

    def checkpoint(self, size=None):
        return checkpoint(self.leaves[:size], self.origin)

    def save(self, folder, *, seen=()):
        """Write everything that is served at this size, and checkpoints of the sizes seen."""
        folder = Path(folder)
        put(folder, "checkpoint", self.checkpoint())
        for size in seen:
            put(folder, f"checkpoints/{size}", self.checkpoint(size))
        framed = [struct.pack(">H", len(one)) + one for one in self.entries]
        for n, at in enumerate(range(0, len(framed), 256)):
            part = framed[at : at + 256]
            put(folder, tile_path("entries", n, len(part)), b"".join(part))
        level, hashes = 0, self.leaves
        while hashes:
            above = []
            for n, at in enumerate(range(0, len(hashes), 256)):
                part = hashes[at : at + 256]
                put(folder, tile_path(level, n, len(part)), b"".join(part))
                if len(part) == 256:
                    above.append(root(part))
            level, hashes = level + 1, above
        return folder


def put(folder, name, data):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def honest(count, *, writers=(A, B), batch=None):
    """Entries as writers of the vault make them: boot, looks in turn, a batch now and then."""
    entries: list[bytes] = []
    seqs = dict.fromkeys(writers, 0)
    turn = 0
    while len(entries) < count:
        writer = writers[turn % len(writers)]
        turn += 1
        place = {"at": START + turn, "seen": max(0, len(entries) - 3)}
        seq = seqs[writer]
        seqs[writer] += 1
        if seq == 0:
            entries.append(entry(writer, 0, kind=64, members={"version": "test"}, **place))
            continue
        parts = min(batch, count - len(entries)) if batch and seq % 5 == 0 else 1
        entries += [
            entry(writer, seq, part=part, parts=parts, payload=b"p" * (seq % 7), **place)
            for part in range(parts)
        ]
    return Written(entries)


def proof(log, index, size=None, *, path=None, extra=None):
    """A .tlog-proof of one entry, its path by the definition of RFC 6962, 2.1.1."""
    leaves = log.leaves[:size]
    path = audit_path(leaves, index) if path is None else path
    data = log.entries[index] if extra is None else extra
    lines = ["c2sp.org/tlog-proof@v1", f"extra {base64.b64encode(data).decode()}", f"index {index}"]
    lines += [base64.b64encode(one).decode() for one in path]
    return "\n".join([*lines, "", ""]).encode() + log.checkpoint(size)


def audit_path(leaves, index):
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return [*audit_path(leaves[:split], index), root(leaves[split:])]
    return [*audit_path(leaves[split:], index - split), root(leaves[:split])]


def cosignature(text, name, seed, at=1_764_000_000, kind=4):
    """The line of a witness."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    key_id = bytes.fromhex(key_of(name, seed, kind).split("+")[1])
    signed = key.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
    blob = base64.b64encode(key_id + struct.pack(">Q", at) + signed).decode()
    return f"— {name} {blob}\n".encode()
