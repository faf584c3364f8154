"""Measure the CPU of one bulk read inside one process: no socket, no client.

    python -m bench.bulk_path [--rounds 20] [--lines] [--sqlite] [--profile FILE]

As `bench.hot_path`, for a call about 1,000 customers of ten fields: it says where the time goes. What
an app would see is `bench.bulk_read`.
"""

import argparse
import asyncio
import contextlib
import cProfile
import json
import random
import time
from typing import Any

from bench import cpu, one_process, shop
from bench.bulk_read import ASKED, LINES, PATH
from tests.vaults import ISSUER
from vault.main import front, settle
from vault.settings import read
from vault.wiring import running


class Asker:
    """Makes bulk calls of the application."""

    def __init__(self, app: Any, filled: shop.Shop, token: str, *, lines: bool) -> None:
        self.app, self.filled, self.token, self.lines = app, filled, token, lines

    def scope(self, length: int) -> dict[str, Any]:
        party = self.filled.party
        headers = {
            "host": shop.HOST,
            "authorization": f"DPoP {self.token}",
            "dpop": party.proof("POST", ISSUER + PATH, token=self.token),
            "content-type": "application/json",
            "content-length": str(length),
            **(LINES if self.lines else {}),
        }
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": PATH,
            "raw_path": PATH.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
            "state": {},
        }

    async def call(
        self, profile: cProfile.Profile | None = None, *, learn: bool = False
    ) -> tuple[float, float]:
        """Return the seconds of a call, by the clock and of the CPU."""
        ids = random.sample(self.filled.ids, ASKED)
        body = json.dumps({"purpose": shop.PURPOSE, "customers": ids}).encode()
        scope, given, sent, left = self.scope(len(body)), [body], [], asyncio.Event()

        async def receive() -> dict[str, Any]:
            if given:
                return {"type": "http.request", "body": given.pop(), "more_body": False}
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        with profile or contextlib.nullcontext():
            start, used = time.perf_counter(), time.process_time()
            await self.app(scope, receive, send)
            took = time.perf_counter() - start, time.process_time() - used
        headers = dict(sent[0]["headers"])
        if b"dpop-nonce" in headers:
            self.filled.party.nonces["rs"] = headers[b"dpop-nonce"].decode()
        if not learn:
            self.check(ids, sent)
        return took

    def check(self, ids: list[str], sent: list[dict[str, Any]]) -> None:
        """Refuse to measure an answer that lacks anything."""
        body = b"".join(one["body"] for one in sent[1:])
        if self.lines:
            found = [json.loads(line) for line in body.splitlines()]
            results = [one for one in found if "customer" in one]
        else:
            results = json.loads(body)["results"]
        if [one["customer"] for one in results] != ids:
            raise RuntimeError(f"{sent[0]['status']}: {body[:200].decode()}")
        assert all(len(one["fields"]) == len(shop.FIELDS) for one in results)


async def measure(filled: shop.Shop, asked: argparse.Namespace, tree: list[int]) -> None:
    """Serve the vault in this process and ask it."""
    async with running(read(filled.environment())) as deps:
        app = front(deps, read(filled.environment()))
        settle()
        asker = Asker(app, filled, await shop.token_of(filled, app), lines=asked.lines)
        await asker.call(learn=True)
        await asker.call()
        rounds = []
        for _ in range(asked.rounds):
            before = cpu.used(tree)
            took, used = await asker.call()
            rounds.append((took, used, cpu.used(tree) - before, one_process.arithmetic()))
        took, used, _, fixed = (min(one[number] for one in rounds) for number in range(4))
        other = sum(one[2] for one in rounds) / asked.rounds  # a tick is too long for the least
        print(f"{took * 1e3:.0f} ms a call, of {asked.rounds} the least")
        print(f"{used / ASKED * 1e6:.0f} us of CPU a customer, the least")
        if tree:
            print(f"{other / ASKED * 1e6:.0f} us of PostgreSQL a customer, the mean")
        print(f"{fixed * 1e3:.2f} ms for the arithmetic")
        profiles = [cProfile.Profile() for _ in range(3)]
        # A busy machine may decide a chunk twice: the least says what is due.
        for profile in profiles:
            await asker.call(profile)
        profile = min(profiles, key=one_process.counted)
        print(f"{one_process.counted(profile) / ASKED:.0f} calls of functions a customer")
        if asked.profile:
            profile.dump_stats(asked.profile)


def main() -> None:
    words = one_process.words(__doc__.splitlines()[0], customers=2_000)
    words.add_argument("--lines", action="store_true", help="lines, not one document")
    one_process.run(measure, words.parse_args())


if __name__ == "__main__":
    main()
