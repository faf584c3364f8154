"""A vault with many customers of ten values and three consents, and an app that may read them.

Everything comes in by the vault's own ways: installed, a code of ethics published, the app
registered, the customers imported. What was imported is known, so that answers can be compared.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from bench import people
from bench.database import free_port
from policies.compile import compile_
from tests.api.oauth.party import Party
from tests.vaults import ISSUER, FakeClock, publish, vault
from vault.crypto.pairwise import pairwise_id
from vault.services import app as apps
from vault.services import identifier, import_form, import_source, importing
from vault.services.import_mapping import parse
from vault.services.integrator import Integrator
from vault.store.engine import open_database
from vault.store.migrate import upgrade

HOST = ISSUER.partition("//")[2]
APP = "loyalty"
PURPOSE = "loyalty.rewards"
FIELDS = (
    "account.external_id",
    "contact.full_name",
    "contact.email",
    "contact.phone",
    "contact.postal_address",
    "contact.language",
    "contact.birth_date",
    "preferences.store",
    "loyalty.card",
    "loyalty.points",
)


class Clock(FakeClock):
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    @property
    def seconds(self) -> int:
        return int(time.time())


@dataclass
class Shop:
    """A vault that is filled, closed, and ready to be served."""

    url: str
    home: Path
    party: Party
    token_port: int = 0  # of the process whose token endpoint is asked
    ids: list[str] = field(default_factory=list)  # how the app knows the customers, in their order

    def environment(self) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("OWNSHIP_")
        }
        return kept | {
            "OWNSHIP_HOME": str(self.home),
            "OWNSHIP_DATABASE_URL": self.url,
            "OWNSHIP_ISSUER": ISSUER,
        }

    def values(self, number: int) -> dict[str, object]:
        """Return what a read of a customer must give."""
        row = dict(zip(people.COLUMNS, people.row(number), strict=True))
        return {
            "account.external_id": row["id"],
            "contact.full_name": row["name"],
            "contact.email": row["email"],
            "contact.language": row["language"],
            "contact.birth_date": row["born"],
            "preferences.store": row["shop"],
            "loyalty.card": row["card"],
            "loyalty.points": int(row["points"]),
        }


async def fill(url: str, home: Path, count: int) -> Shop:
    """Install a vault and bring `count` customers in."""
    await upgrade(url)
    written = people.code(home)
    rulebook = compile_(written.read_bytes(), name=written.name)
    file = home / "customers.csv"
    people.write(file, count)
    party = Party(Clock(), APP)
    database = open_database(url, patient=True)
    try:
        async with vault(database, home, clock=Clock()) as deps:
            await publish(deps, written)
            approved = [{"purpose": PURPOSE, "actions": ["read"], "datatypes": list(FIELDS)}]
            own = {"owner": "Shops", "daily_limit": 10_000_000, "approved": approved}
            await apps.add(
                deps, party.metadata(scope="profile.read profile.list customers.resolve", own=own)
            )
            (rules,) = parse(people.MAPPING, rulebook, name="bench").files
            source = import_source.examine(file, mapping=people.MAPPING)
            done = await importing.run(
                deps, rules, source, form=import_form.look(file, rules), rulebook=rulebook
            )
            assert (done.complete, done.refused) == (True, 0), done
            ids = await _ids(deps, rulebook, count)
            integrator = Integrator(database, log_id=deps.log_id)
            while await integrator.integrate():
                pass
            await integrator.close()
    finally:
        await database.dispose()
    return Shop(url, home, party, ids=ids)


async def _ids(deps: Any, rulebook: Any, count: int) -> list[str]:
    key, sector = deps.keys.service("pairwise"), APP
    found: list[str] = []
    for start in range(0, count, 1_000):
        keys = [
            identifier.identities(deps, rulebook, {"account.external_id": f"C-{n:010d}"})[0].key
            for n in range(start, min(start + 1_000, count))
        ]
        async with deps.database.connect() as conn:
            owners = await identifier.find_many(conn, deps, keys)
        found += [pairwise_id(key, sector, owners[one]) for one in keys]
    return found


class Process:
    """A child that serves, started and waited for."""

    def __init__(self, command: list[str], shop: Shop, port: int, *, log: Path) -> None:
        self.port = port
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                command, env=shop.environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait(self, path: str = "/readyz") -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                answer = httpx2.get(f"http://127.0.0.1:{self.port}{path}", headers={"host": HOST})
            except httpx2.HTTPError:
                time.sleep(0.1)
                continue
            if answer.status_code == 200:
                return
            time.sleep(0.1)
        raise RuntimeError(f"it does not serve: {self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def serve(shop: Shop) -> Process:
    """Start one process of the product."""
    port = free_port()
    command = [sys.executable, "-m", "vault.cli", "serve", "--port", str(port)]
    started = Process(command, shop, port, log=shop.home / f"serve-{port}.log")
    started.wait()
    return started


def token(shop: Shop, port: int, *, scope: str = "profile.read") -> str:
    """Get an access token from the token endpoint of a process, as the app does."""

    async def ask() -> str:
        where = f"http://127.0.0.1:{port}"
        async with httpx2.AsyncClient(base_url=where, headers={"host": HOST}) as client:
            return await _token(shop, client, scope)

    return asyncio.run(ask())


async def token_of(shop: Shop, app: Any, *, scope: str = "profile.read") -> str:
    """Get an access token from an application in this process."""
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER) as client:
        return await _token(shop, client, scope)


async def _token(shop: Shop, client: httpx2.AsyncClient, scope: str) -> str:
    details = [
        {
            "type": "profile_access",
            "purpose": PURPOSE,
            "actions": ["read"],
            "datatypes": list(FIELDS),
        }
    ]
    return await shop.party.token(client, scope=scope, authorization_details=json.dumps(details))
