"""Measure the CPU of one consented read inside one process: no socket, no load generator.

    python -m bench.hot_path [--rounds 20] [--customers 500] [--sqlite] [--profile FILE]

The whole ASGI application answers prebuilt, signed requests, 32 at a time, from a vault of its own.
CPU time moves with what else the machine does, so the least of all rounds is the figure, and beside
it stands how long a fixed piece of arithmetic took. It says where the time goes; what a customer's
app would see is `bench.consented_read`.
"""

import argparse
import asyncio
import contextlib
import cProfile
import json
import time
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives import serialization

from bench import cpu, load, one_process, shop
from tests.vaults import ISSUER
from vault.garbage import settle
from vault.main import front
from vault.settings import read
from vault.wiring import running

AT_ONCE = 32
READS = 640  # of one round


def scope(request: bytes) -> dict[str, Any]:
    """Return what a server would make of one request."""
    head, *lines = request.rstrip(b"\r\n").split(b"\r\n")
    path, _, query = head.split(b" ")[1].partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path.decode(),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [tuple(line.split(b": ", 1)) for line in lines],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "state": {},
    }


class Asker:
    """Signs requests and hands them to the application."""

    def __init__(self, app: Any, filled: shop.Shop, token: str) -> None:
        self.app, self.ids, self.place = app, filled.ids, 0
        pem = filled.party.proof_key.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self.signer = load.Signer(
            {
                "key": pem.decode(),
                "jwk": filled.party.proof_key.jwk,
                "token": token,
                "issuer": ISSUER,
                "query": f"purpose={shop.PURPOSE}",
            }
        )

    def scopes(self, count: int) -> list[dict[str, Any]]:
        found = []
        for _ in range(count):
            one = self.ids[self.place % len(self.ids)]
            self.place += 1
            found.append(scope(self.signer.request(f"/api/v1/customers/{one}/profile")))
        return found

    async def ask(self, one: dict[str, Any]) -> tuple[int, dict[bytes, bytes], bytes]:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.app(one, receive, send)
        return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]

    async def learn(self) -> None:
        """Take the nonce that proofs must carry."""
        _, headers, _ = await self.ask(self.scopes(1)[0])
        self.signer.nonce = headers[b"dpop-nonce"].decode()

    async def round(self, count: int, profile: cProfile.Profile | None = None) -> float:
        """Return the CPU seconds that `count` reads took."""
        waiting: Iterator[dict[str, Any]] = iter(self.scopes(count))
        answers: list[tuple[int, dict[bytes, bytes], bytes]] = []

        async def connection() -> None:
            answers.extend([await self.ask(one) for one in waiting])

        with profile or contextlib.nullcontext():
            start = time.process_time()
            await asyncio.gather(*(connection() for _ in range(AT_ONCE)))
            took = time.process_time() - start
        for status, _, body in answers:
            if status != 200 or len(json.loads(body)["fields"]) != len(shop.FIELDS):
                raise RuntimeError(f"{status}: {body.decode()}")
        return took


async def measure(filled: shop.Shop, asked: argparse.Namespace, tree: list[int]) -> None:
    """Serve the vault in this process and ask it."""
    async with running(read(filled.environment())) as deps:
        app = front(deps, read(filled.environment()))
        settle()
        asker = Asker(app, filled, await shop.token_of(filled, app))
        await asker.learn()
        rounds = []
        await asker.round(READS)
        for _ in range(asked.rounds):
            before = cpu.used(tree)
            took = await asker.round(READS)
            rounds.append((took, (cpu.used(tree) - before), one_process.arithmetic()))
        least, other, fixed = (min(one[number] for one in rounds) for number in range(3))
        print(f"{least / READS * 1e6:.0f} us of CPU a read, of {asked.rounds} rounds the least")
        if tree:
            print(f"{other / READS * 1e6:.0f} us of PostgreSQL")
        print(f"{fixed * 1e3:.2f} ms for the arithmetic")
        profile = cProfile.Profile()
        await asker.round(READS, profile)
        print(f"{one_process.counted(profile) / READS:.0f} calls of functions a read")
        if asked.profile:
            profile.dump_stats(asked.profile)


def main() -> None:
    one_process.run(measure, one_process.words(__doc__.splitlines()[0], customers=500).parse_args())


if __name__ == "__main__":
    main()
