"""A witness of its own: HTTP, a key, and the memory of what it cosigned last.

It checks what a witness must, with the independent checker alone: the log's signature, and that the
checkpoint continues the one before.
Source: c2sp.org/tlog-witness; c2sp.org/tlog-cosignature.
"""

import asyncio
import base64
import hashlib
import struct
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.verifier import post_quantum
from vault.verifier import merkle
from vault.verifier.checkpoint import parse_checkpoint
from vault.verifier.errors import BadError
from vault.verifier.note import open_note

AT = 1_780_000_000


@dataclass
class Witnessing:
    """One witness of one log."""

    name: str
    log_key: str
    origin: str
    seed: bytes = bytes(range(1, 33))
    size: int = 0
    root: bytes = b""
    asked: list[int] = field(default_factory=list)  # statuses that it answered
    instead: tuple[int, bytes] | None = None  # answer this, whatever is asked
    url: str = ""

    @property
    def _blob(self):
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        return b"\x04" + key.public_key().public_bytes_raw()

    @property
    def key_id(self):
        return hashlib.sha256(self.name.encode() + b"\n" + self._blob).digest()[:4]

    @property
    def key(self):
        """Its verifier key, as operators pin it."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(self._blob).decode()}"

    def line(self, body, at=AT):
        """Its signature line over a checkpoint's text."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        signature = key.sign(f"cosignature/v1\ntime {at}\n".encode() + body)
        blob = self.key_id + struct.pack(">Q", at) + signature
        return f"— {self.name} {base64.b64encode(blob).decode()}\n".encode()

    def answer(self, path, request):
        if self.instead:
            return self.instead
        if path != "/witness/add-checkpoint":
            return 404, b""
        head, _, note = request.partition(b"\n\n")
        first, *proof = head.decode().split("\n")
        old = int(first.removeprefix("old "))
        try:
            body = open_note(note, [self.log_key])
        except BadError:
            return 403, b""
        size, root = parse_checkpoint(body, self.origin)
        if old != self.size:
            return 409, f"{self.size}\n".encode()
        if old == 0 and proof:
            return 422, b""
        if old:
            try:
                hashes = [base64.b64decode(one, validate=True) for one in proof]
                merkle.check_consistency(old, size, self.root, root, hashes)
            except BadError:
                return 422, b""
        self.size, self.root = size, root
        return 200, self.line(body)


class PostQuantum(Witnessing):
    """A witness that signs with ML-DSA-44."""

    @property
    def key(self):
        return post_quantum.verifier_key(self.name, self.seed)

    def line(self, body, at=AT):
        return post_quantum.line(body.decode(), self.name, self.seed, at=at)


@asynccontextmanager
async def serving(witness):
    """Serve a witness on loopback."""

    async def serve(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
        if "content-length" in fields:
            request = await reader.readexactly(int(fields["content-length"]))
        else:
            request = b""
            while length := int(await reader.readline(), 16):
                request += await reader.readexactly(length)
                await reader.readline()
        status, body = witness.answer(head.split(" ")[1], request)
        witness.asked.append(status)
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n"
            "Content-Type: text/plain\r\nConnection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    witness.url = f"http://127.0.0.1:{port}/witness"
    async with server:
        yield witness
