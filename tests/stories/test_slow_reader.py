"""An app that reads slowly, or goes: the vault waits for it, and asks for nothing more."""

import asyncio
import json
import socket
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.stories.served import Served
from tests.stories.shop_app import App
from vault.core import canonical
from vault.store.engine import open_database

LONG = {  # as many characters as the code of ethics allows, of four bytes each
    "contact.full_name": "😀" * 400,
    "contact.postal_address": "😀" * 500,
    "preferences.delivery_note": "😀" * 300,
}
FIELDS = list(LONG)
APPROVED = [{"purpose": "delivery", "actions": ["read"], "datatypes": FIELDS}]
PATH = "/api/v1/profiles:batch"
EMAIL = "slow@example.org"
ASKED = 1_000
CHUNK = 100
BUFFER = 4_096  # bytes that the client's socket takes before it is read
SEGMENT = 536  # bytes
# Chunks of 480 KB that may be recorded for a reader who stands still: some are in the buffers of
# server and system, which are not ours to bound; one waits to be sent, two are under way.
MOST = 8


def recorded(served: Served) -> int:
    """Return how many entries there are, integrated or not."""

    async def count() -> int:
        database = open_database(served.database_url)
        found = 0
        async with database.connect() as conn:
            for statement in (
                "SELECT count(*) FROM log_leaf",
                "SELECT coalesce(sum(parts), 0) FROM log_outbox",
            ):
                found += int((await conn.execute(text(statement))).scalar_one())
        await database.dispose()
        return found

    return asyncio.run(count())


def still(served: Served) -> int:
    """Return the number of entries once it has stayed the same for a second."""
    before, since = recorded(served), time.monotonic()
    while time.monotonic() < since + 1.0:
        time.sleep(0.1)
        now = recorded(served)
        if now != before:
            before, since = now, time.monotonic()
    return before


def memory(pid: int) -> int:
    """Return the bytes that a process and its children hold."""
    total = 0
    for one in (pid, *children(pid)):
        status = Path(f"/proc/{one}/status").read_text()
        total += int(status.partition("VmRSS:")[2].split()[0]) * 1024
    return total


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    found = [int(child) for task in tasks for child in task.read_text().split()]
    return [*found, *(one for child in found for one in children(child))]


@pytest.fixture
def asked(installed: Served) -> tuple[App, bytes]:
    """An app, and the body of a bulk call about one customer with long values, again and again."""
    installed.start()
    options = [part for name, value in LONG.items() for part in ("--set", f"{name}={value}")]
    who = installed.run("customer", "add", "--email", EMAIL, *options, "--source", "told")
    party = App(installed, "delivery", APPROVED)
    party.sign_in()
    pairwise = installed.run("app", "id", "delivery", who)
    body = {"purpose": "delivery", "customers": [pairwise], "fields": FIELDS}
    assert party.request("POST", PATH, body).status_code == 200
    return party, canonical.dumps({**body, "customers": [pairwise] * ASKED})


def send(
    served: Served, party: App, body: bytes, accept: str = "application/x-ndjson"
) -> socket.socket:
    """Ask over a socket that takes little; nothing of the answer is read yet."""
    proof = party.proof("POST", party.issuer + PATH, token=party.bearer)
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    # Small segments keep the server's own buffer small too: on loopback it may take 4 MB.
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
    one.settimeout(30)
    one.connect(("127.0.0.1", served.port))
    head = (
        f"POST {PATH} HTTP/1.1\r\nhost: localhost:{served.port}\r\ncontent-type: application/json\r\n"
        f"accept: {accept}\r\nauthorization: DPoP {party.bearer}\r\ndpop: {proof}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    one.sendall(head.encode() + body)
    return one


def drained(one: socket.socket) -> bytes:
    """Return all that comes to the end."""
    got = bytearray()
    while part := one.recv(65_536):
        got += part
    return bytes(got)


def test_a_reader_that_stands_still_stops_the_looking_and_costs_no_memory(
    installed: Served, asked: tuple[App, bytes]
) -> None:
    party, body = asked
    for _ in range(3):  # what a first call leaves behind is no cost of a slow one
        with send(installed, party, body) as quick:
            assert drained(quick).endswith(b"\r\n0\r\n\r\n")
    before = still(installed)
    assert installed.process
    held = memory(installed.process.pid)
    with send(installed, party, body) as one:
        assert one.recv(12) == b"HTTP/1.1 200"
        waiting = still(installed)
        assert waiting - before <= MOST * CHUNK + 10
        grown = memory(installed.process.pid) - held
        got = drained(one)
    lines = [line for line in got.split(b"\n") if line.startswith(b'{"customer"')]
    assert len(lines) == ASKED, got[-300:]
    assert (
        json.loads(lines[-1])["fields"]["contact.full_name"]["value"] == LONG["contact.full_name"]
    )
    assert grown < 2 * len(got), grown
    assert still(installed) - before >= ASKED


def test_a_reader_that_goes_leaves_the_rest_unasked(
    installed: Served, asked: tuple[App, bytes]
) -> None:
    party, body = asked
    before = still(installed)
    with send(installed, party, body) as one:
        assert one.recv(12) == b"HTTP/1.1 200"
    assert still(installed) - before <= MOST * CHUNK + 10


def test_a_reader_of_one_answer_that_goes_leaves_the_rest_unasked(
    installed: Served, asked: tuple[App, bytes]
) -> None:
    party, body = asked
    looked = []
    for _ in range(3):  # on a quick machine all may be done before anybody can go
        before = still(installed)
        with send(installed, party, body, "application/json"):
            deadline = time.monotonic() + 30
            while recorded(installed) == before and time.monotonic() < deadline:
                time.sleep(0.01)
        looked.append(still(installed) - before)
        if CHUNK <= looked[-1] < ASKED:
            break
    assert CHUNK <= looked[-1] < ASKED, looked
