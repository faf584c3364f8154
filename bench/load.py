"""Ask as many apps' connections do: `python -m bench.load`, a process of its own.

    stdin:  one line of JSON, what to ask; then a line `go` for each round it is to run
    stdout: `ready` when all requests are made and signed, then one line of JSON, what came

Requests are bytes made beforehand, each with a fresh proof. A connection has one request in flight
and stays open. Sockets and epoll alone: a client library would cost more than the server.
"""

import base64
import gc
import hashlib
import json
import random
import select
import socket
import sys
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from bench import cpu

ECDSA = ec.ECDSA(SHA256())
SILENCE = 15.0  # seconds without any answer, after which the round is no round
SAMPLES = 40  # answers that are handed back whole, to be compared
COUNTED = 8  # of so many answers one is looked into for the size of its commit


def b64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


class Signer:
    """Makes requests, each with its own proof."""

    def __init__(self, spec: dict[str, Any]) -> None:
        key = serialization.load_pem_private_key(spec["key"].encode(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self.key = key
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": spec["jwk"]}
        self.header = b64(json.dumps(header, separators=(",", ":")).encode())
        self.token = spec["token"].encode()
        self.ath = b64(hashlib.sha256(self.token).digest()).decode()
        self.issuer, self.host = spec["issuer"], spec["issuer"].partition("//")[2].encode()
        self.query = spec["query"].encode()
        self.nonce = ""

    def proof(self, path: str, method: str = "GET") -> bytes:
        """Return a fresh proof of one request."""
        claims = {
            "htm": method,
            "htu": self.issuer + path,
            "iat": int(time.time()),
            "jti": uuid.uuid4().hex,
            "ath": self.ath,
        }
        if self.nonce:
            claims["nonce"] = self.nonce
        signed = self.header + b"." + b64(json.dumps(claims, separators=(",", ":")).encode())
        r, s = decode_dss_signature(self.key.sign(signed, ECDSA))
        return signed + b"." + b64(r.to_bytes(32) + s.to_bytes(32))

    def request(self, path: str) -> bytes:
        proof = self.proof(path)
        return b"".join(
            (
                *(b"GET ", path.encode(), b"?", self.query, b" HTTP/1.1\r\nhost: ", self.host),
                *(b"\r\nauthorization: DPoP ", self.token, b"\r\ndpop: ", proof, b"\r\n\r\n"),
            )
        )


@dataclass(slots=True)
class Connection:
    socket: socket.socket
    sent: float = 0.0
    number: int = 0
    got: bytes = b""


@dataclass
class Came:
    answers: int = 0
    bad: dict[str, int] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    samples: list[list[Any]] = field(default_factory=list)
    commits: float = (
        0.0  # of the answers that were looked into: one divided by its commit's entries
    )
    looked: int = 0


def connect(target: list[Any]) -> socket.socket:
    found = socket.create_connection(tuple(target), timeout=10)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


def probe(target: list[Any], request: bytes) -> bytes:
    """Send one request and return the whole answer."""
    with connect(target) as one:
        one.sendall(request)
        got = b""
        while not complete(got):
            more = one.recv(65_536)
            if not more:
                break
            got += more
    return got


def complete(got: bytes) -> int:
    """Return where the body begins when the answer is whole, else 0."""
    end = got.find(b"\r\n\r\n")
    if end < 0:
        return 0
    place = got.find(b"content-length: ", 0, end)
    if place < 0:
        raise ValueError("an answer without content-length")
    length = int(got[place + 16 : got.index(b"\r\n", place)])
    return end + 4 if len(got) >= end + 4 + length else 0


def run(spec: dict[str, Any], paths: list[str], requests: list[bytes]) -> dict[str, Any]:
    """Ask for `warm` seconds, then for `seconds` that count."""
    targets = spec["targets"]
    poll = select.epoll()
    open_: dict[int, Connection] = {}
    for number in range(spec["connections"]):
        one = Connection(connect(targets[number % len(targets)]))
        one.socket.setblocking(False)
        open_[one.socket.fileno()] = one
        poll.register(one.socket.fileno(), select.EPOLLIN)
    clock = time.perf_counter
    trees: dict[str, list[int]] = spec["trees"]
    next_, came, counting = 0, Came(), False
    for one in open_.values():
        one.sent, one.number = clock(), next_
        one.socket.sendall(requests[next_])
        next_ += 1
    started = clock()
    begin, end = started + spec["warm"], started + spec["warm"] + spec["seconds"]
    before: dict[str, float] = {}
    own = 0.0
    while True:
        events = poll.poll(SILENCE)
        if not events:
            raise RuntimeError("no answer for a long time")
        for number, _ in events:
            one = open_[number]
            got = one.socket.recv(262_144)
            if not got:
                raise RuntimeError("the server closed a connection")
            if one.got:
                got, one.got = one.got + got, b""
            body = complete(got)
            if not body:
                one.got = got
                continue
            now = clock()
            if counting:
                note(came, got, body, now - one.sent, paths[one.number], one.number)
            if next_ == len(requests):
                raise RuntimeError("too few requests were made for so fast a server")
            one.sent, one.number = now, next_
            one.socket.send(requests[next_])
            next_ += 1
        now = clock()
        if not counting and now >= begin:
            counting, begin = True, now
            before = {name: cpu.used(roots) for name, roots in trees.items()}
            own = time.process_time()
        elif counting and now >= end:
            break
    seconds = clock() - begin
    used = {name: cpu.used(roots) - before[name] for name, roots in trees.items()}
    used["load"] = time.process_time() - own
    for one in open_.values():
        one.socket.close()
    took = sorted(came.took)
    return {
        "answers": came.answers,
        "sent": next_,  # warm-up and what was in flight at the end included
        "bad": came.bad,
        "seconds": seconds,
        "rate": came.answers / seconds,
        "p50_ms": took[len(took) // 2] * 1e3,
        "p99_ms": took[min(len(took) - 1, len(took) * 99 // 100)] * 1e3,
        "max_ms": took[-1] * 1e3,
        "cpu_us": {name: value / came.answers * 1e6 for name, value in used.items()},
        "entries_a_commit": came.looked / came.commits if came.commits else None,
        "samples": came.samples,
    }


def note(came: Came, got: bytes, body: int, took: float, path: str, number: int) -> None:
    if got[9:12] != b"200":
        status = got[9:12].decode()
        came.bad[status] = came.bad.get(status, 0) + 1
        return
    came.answers += 1
    came.took.append(took)
    if len(came.samples) < SAMPLES:
        came.samples.append([path, json.loads(got[body:])])
    if number % COUNTED == 0:
        place = got.find(b"\\nroot ", body)
        if place > 0:
            came.looked += 1
            came.commits += 1 / int(got[place + 7 : got.index(b" ", place + 7)])


def main() -> None:
    spec = json.loads(sys.stdin.readline())
    signer = Signer(spec)
    chosen = random.Random(spec["seed"])
    paths = [spec["path"].format(id=chosen.choice(spec["ids"])) for _ in range(spec["requests"])]
    # The first answer brings the nonce that proofs must carry.
    head, _, _ = probe(spec["targets"][0], signer.request(paths[0])).partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"dpop-nonce: "):
            signer.nonce = line[12:].decode()
    requests = [signer.request(path) for path in paths]
    gc.collect()
    gc.disable()
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(run(spec, paths, requests)), flush=True)


if __name__ == "__main__":
    main()
