"""Make one call at a time, as an app does: a token, a fresh proof each, one connection.

What is timed is from the first byte sent to the last one received; the proof is signed before.
"""

import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any

from bench import shop
from bench.shop import Process, Shop
from tests.vaults import ISSUER


@dataclass(frozen=True, slots=True)
class Called:
    """What came back, and when."""

    status: int
    body: bytes
    began: float  # seconds of `time.perf_counter`, before the first byte was sent
    first: float  # when the first part of the body was there
    ended: float

    @property
    def ms(self) -> float:
        return (self.ended - self.began) * 1e3

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class App:
    """The bench's app at one process of the product."""

    shop: Shop
    process: Process
    scope: str = "profile.read profile.list"
    token: str = ""
    nonce: str = ""
    fetched: float = 0.0
    used: float = 0.0
    conn: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.conn = http.client.HTTPConnection("127.0.0.1", self.process.port, timeout=60)

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Called:
        """Call once, with the newest nonce; any other status than 200 ends the bench."""
        called = self._once(method, path, body, headers)
        if called.status == 401:  # the first answer, and one a minute, brings a nonce
            called = self._once(method, path, body, headers)
        if called.status != 200:
            raise RuntimeError(
                f"{method} {path.partition('?')[0]}: {called.status} {called.body!r}"
            )
        return called

    def status(self, method: str, path: str) -> int:
        """Call once and return the status, whatever it is."""
        called = self._once(method, path, None, {})
        return (self._once(method, path, None, {}) if called.status == 401 else called).status

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Called:
        if time.monotonic() - self.fetched > 240 or not self.token:  # a token lives 300 seconds
            self.token = shop.token(self.shop, self.process.port, scope=self.scope)
            self.fetched = time.monotonic()
        party = self.shop.party
        if self.nonce:
            party.nonces["rs"] = self.nonce
        proof = party.proof(method, ISSUER + path.partition("?")[0], token=self.token)
        sent = {
            "host": shop.HOST,
            "authorization": f"DPoP {self.token}",
            "dpop": proof,
            **({"content-type": "application/json"} if body is not None else {}),
            **headers,
        }
        if time.monotonic() - self.used > 3:  # the server closes what is silent
            self.conn.close()
            self.conn.connect()
        began = time.perf_counter()
        self.conn.request(method, path, body=body, headers=sent)
        answer = self.conn.getresponse()
        parts = [answer.read1(65_536)]
        first = time.perf_counter()
        parts.append(answer.read())
        ended = time.perf_counter()
        self.used = time.monotonic()
        if answer.status != 200:  # a body that nobody read ends the connection
            self.conn.close()
        self.nonce = answer.headers.get("dpop-nonce") or self.nonce
        return Called(answer.status, b"".join(parts), began, first, ended)
