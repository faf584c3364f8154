"""kill -9 under load: no acknowledged write is lost, and no read is without its record.

Source: DESIGN 11, promises 1 and 4; security note, 7 (I1, I3).
"""

import asyncio
import base64
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from tests.stories.served import Served
from tests.stories.shop_app import App
from vault.core.entry import Header
from vault.store.engine import open_database

KILLS = 50  # on each database
FIELD = "contact.postal_address"
APPROVED = [{"purpose": "delivery", "actions": ["read", "write"], "datatypes": [FIELD]}]


@dataclass
class Load:
    """Threads that write and read until told to stop; they keep what was acknowledged."""

    app: App
    path: str
    written: list[int] = field(default_factory=list)  # numbers acknowledged, in order
    receipts: list[str] = field(default_factory=list)  # leaf hashes, base64, of every 200
    wrong: list[int] = field(default_factory=list)  # statuses that are neither 200 nor 503
    stop: threading.Event = field(default_factory=threading.Event)

    def write(self, start: int) -> None:
        number = start
        while not self.stop.is_set():
            body = {"purpose": "delivery", "source": "told", "fields": {FIELD: f"No {number}"}}
            if self._send("PATCH", self.path, body):
                self.written.append(number)
                number += 1

    def read(self) -> None:
        while not self.stop.is_set():
            self._send("GET", f"{self.path}?purpose=delivery")

    def _send(self, method: str, path: str, body: Any = None) -> bool:
        try:
            answer = self.app.request(method, path, body)
        except httpx2.TransportError:  # the server was killed: nothing was acknowledged
            time.sleep(0.01)
            return False
        if answer.status_code == 200:
            self.receipts.append(answer.json()["receipt"].split("\n")[1].split()[1])
            return True
        if answer.status_code not in {401, 503}:  # 401: the token's time may be over
            self.wrong.append(answer.status_code)
        return False


def value(app: App, path: str) -> int:
    """Return the number that is stored now; -1 before the first."""
    fields = app.request("GET", f"{path}?purpose=delivery").json()["fields"]
    return int(fields[FIELD]["value"].removeprefix("No ")) if FIELD in fields else -1


@pytest.mark.slow
def test_kills_lose_nothing_that_was_acknowledged(installed: Served) -> None:
    who = installed.run("customer", "add", "--email", "killed@example.org", "--source", "told")
    app = App(installed, "delivery", APPROVED)
    path = f"/api/v1/customers/{installed.run('app', 'id', 'delivery', who)}/profile"
    receipts: list[str] = []
    newest = -1
    for kill in range(KILLS):
        installed.start()
        app.sign_in()
        stored = value(app, path)
        # A write whose answer was lost may stand; one that was acknowledged must.
        assert stored in {newest, newest + 1}, f"kill {kill}"
        load = Load(app, path)
        threads = [threading.Thread(target=load.read) for _ in range(4)]
        threads.append(threading.Thread(target=load.write, args=(stored + 1,)))
        for thread in threads:
            thread.start()
        time.sleep(0.1 + 0.01 * (kill % 20))  # somewhere else in the work each time
        installed.kill()
        load.stop.set()
        for thread in threads:
            thread.join()
        assert load.wrong == []
        newest = load.written[-1] if load.written else stored
        receipts += load.receipts
    installed.start()
    app.sign_in()
    assert value(app, path) in {newest, newest + 1}
    assert len(receipts) > KILLS  # the load was one
    waited(installed)
    assert installed.stop() == 0
    assert missing(installed, receipts) == set()


def waited(served: Served) -> None:
    """Wait until nothing waits for its place; the lease of a leader that was killed ends by itself."""

    async def waiting() -> int:
        database = open_database(served.database_url)
        async with database.connect() as conn:
            count: int = (await conn.execute(text("SELECT count(*) FROM log_outbox"))).scalar_one()
        await database.dispose()
        return count

    deadline = time.monotonic() + 60
    while asyncio.run(waiting()):
        assert time.monotonic() < deadline, "records wait for ever"
        time.sleep(0.2)


def missing(served: Served, receipts: list[str]) -> set[str]:
    """Return the acknowledged entries that are not in the log."""

    async def leaves() -> set[bytes]:
        database = open_database(served.database_url)
        async with database.connect() as conn:
            rows = (await conn.execute(text("SELECT hash, entry FROM log_leaf"))).all()
        await database.dispose()
        for _, entry in rows:
            Header.parse(bytes(entry))
        return {bytes(hash_) for hash_, _ in rows}

    found = {base64.b64encode(one).decode() for one in asyncio.run(leaves())}
    return set(receipts) - found
