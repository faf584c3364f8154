"""An erased customer is gone: for apps, in the files, behind a kill and out of a backup.

Source: DESIGN 11, promise 5; security note, T08.
"""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.postgres import PostgresServer
from tests.stories.served import Served
from tests.stories.shop_app import App, Customer
from tests.stories.test_planted import ADDRESS, EMAIL, NAME, search
from vault.store.customer import customer_key
from vault.store.engine import open_database

APPROVED = [
    {
        "purpose": "delivery",
        "actions": ["read"],
        "datatypes": ["contact.full_name", "contact.postal_address"],
    }
]
# The command with a process that dies once the journal has the erasure and nothing is committed.
KILLED = """
import os
from vault.services.lanes import Lanes
async def dies(*_, **__): os._exit(9)
Lanes.append = dies
from vault.cli.main import main
main()
"""


def add(served: Served) -> str:
    return served.run(
        "customer", "add", "--email", EMAIL, "--set", f"contact.full_name={NAME}",
        "--set", f"contact.postal_address={ADDRESS}", "--source", "told",
    )  # fmt: skip


def wrapped_keys(served: Served, who: str) -> list[bytes]:
    async def load() -> list[bytes]:
        database = open_database(served.database_url)
        async with database.connect() as conn:
            statement = select(customer_key.c.wrapped).where(
                customer_key.c.customer_id == UUID(who)
            )
            found = list((await conn.execute(statement)).scalars())
        await database.dispose()
        return found

    return asyncio.run(load())


@pytest.fixture
def back_up(
    installed: Served, request: pytest.FixtureRequest, postgres_server: PostgresServer
) -> Callable[[], Callable[[], None]]:
    """Copy the database of a vault that is not served; returns what puts the copy back."""

    def copy() -> Callable[[], None]:
        if installed.database_url.startswith("sqlite"):
            file = installed.database_url.removeprefix("sqlite:///")
            shutil.copyfile(file, f"{file}.backup")

            def put_back() -> None:
                for end in ("-wal", "-shm"):
                    shutil.rmtree(file + end, ignore_errors=True)
                shutil.copyfile(f"{file}.backup", file)

            return put_back
        name = postgres_server.create_database(installed.database_url.rpartition("/")[2])
        request.addfinalizer(lambda: postgres_server.drop_database(name))

        def use_copy() -> None:
            installed.database_url = postgres_server.url(name)

        return use_copy

    return copy


def test_an_erased_customer_is_unknown_to_apps_and_in_no_file(
    installed: Served, postgres_server: PostgresServer
) -> None:
    who = add(installed)
    keys = wrapped_keys(installed, who)
    assert len(keys) == 2
    installed.start()
    app = App(installed, "delivery", APPROVED)
    pairwise = installed.run("app", "id", "delivery", who)
    app.sign_in()
    path = f"/api/v1/customers/{pairwise}/profile?purpose=delivery"
    assert NAME in app.request("GET", path).text
    customer = Customer(installed, EMAIL)
    customer.sign_in()
    assert NAME in customer.http.get("/home").text
    said = installed.run("customer", "erase", who, "--now", "--yes")  # beside the server
    erased, unknown = (app.request("GET", one) for one in (path, path.replace(pairwise, "a" * 26)))
    assert (erased.status_code, erased.content) == (404, unknown.content)
    assert erased.headers.keys() == unknown.headers.keys()
    assert customer.http.get("/home", follow_redirects=False).status_code == 303
    certificate = installed.client().get(said.split()[-1].removeprefix(installed.issuer))
    assert "Certificate of erasure" in certificate.text
    assert installed.stop() == 0
    folder = installed.home.parent
    for mail in folder.rglob("*.eml"):
        mail.unlink()  # the last letter is addressed to somebody
    assert search(folder, (NAME, ADDRESS, EMAIL)) == set()
    if installed.database_url.startswith("sqlite"):
        files = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
        assert not any(key in content for key in keys for content in files)
        assert not any(key.hex().encode() in content for key in keys for content in files)


def test_a_kill_between_journal_and_commit_is_finished_before_anything_opens(
    installed: Served,
) -> None:
    who = add(installed)
    command = [sys.executable, "-c", KILLED, "customer", "erase", who, "--now", "--yes"]
    done = subprocess.run(command, env=installed.env, capture_output=True, check=False)
    assert done.returncode == 9, done.stderr
    assert wrapped_keys(installed, who)  # nothing was committed
    (line,) = (installed.home / "erasures.jsonl").read_text().splitlines()
    assert json.loads(line)["customer"] == who
    installed.start()
    assert wrapped_keys(installed, who) == []
    assert installed.stop() == 0


def test_a_restored_backup_and_the_same_file_again_bring_nobody_back(
    installed: Served, back_up: Callable[[], Callable[[], None]]
) -> None:
    table = installed.home / "people.csv"
    table.write_text(f"email,name\n{EMAIL},{NAME}\nben@example.org,Ben\n", encoding="utf-8")
    mapping = installed.home / "mapping.yaml"
    mapping.write_text(
        "mapping: 1\nfiles: {people: {format: csv}}\npeople:\n  identify: {contact.email: email}\n"
        "  source: told\n  fields: {contact.full_name: name}\n",
        encoding="utf-8",
    )
    who = add(installed)
    put_back = back_up()
    installed.run("customer", "erase", who, "--now", "--yes")
    put_back()
    assert wrapped_keys(installed, who)
    said = installed.run("import", str(mapping), str(table), status=1)  # a command, not a server
    assert wrapped_keys(installed, who) == []
    assert "1 customer added" in said or "1 customers added" in said
    refused = table.with_name("people.csv.refused.csv").read_text().splitlines()
    assert refused[1:] == ["2,email,erased"]
    installed.start()
    assert installed.stop() == 0
    assert len((installed.home / "erasures.jsonl").read_text().splitlines()) == 1


def test_without_its_journal_the_vault_does_not_start(installed: Served) -> None:
    installed.run("customer", "erase", add(installed), "--now", "--yes")
    (installed.home / "erasures.jsonl").unlink()
    installed.run("customer", "add", "--email", "b@example.org", "--source", "told", status=3)
    installed.run("doctor", status=1)
    with pytest.raises(AssertionError, match="not ready"):
        installed.start()
