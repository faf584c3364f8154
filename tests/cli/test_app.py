"""Apps are registered by their metadata, listed, shown, frozen and thawed."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Home, only_sqlite_made
from vault.cli.demo_vault import SAMPLES
from vault.crypto.signing import SigningKey


@pytest.fixture
def metadata(tmp_path: Path) -> Path:
    document = json.loads((SAMPLES / "apps" / "delivery.json").read_bytes())
    document["jwks"] = {"keys": [SigningKey(b"k" * 32).jwk.export(kid="1")]}
    document["ownship"]["review_by"] = "2199-01-01"
    path = tmp_path / "delivery.json"
    path.write_text(json.dumps(document))
    return path


def change(path: Path, **members: object) -> Path:
    document = json.loads(path.read_text()) | members
    changed = path.with_name("changed.json")
    changed.write_text(json.dumps(document))
    return changed


def test_an_app_is_added_shown_frozen_and_thawed(made: Home, metadata):
    assert made.run("app", "add", str(metadata)).out == "delivery\n"
    assert made.run("app", "add", str(metadata)).code == 0
    assert json.loads(made.run("app", "show", "delivery").out)["client_name"] == "Delivery planner"
    assert made.run("app", "freeze", "delivery").code == 0
    rows = [line.split("\t") for line in made.run("app", "list").out.splitlines()]
    assert rows[1][:3] == ["delivery", "Delivery planner", "frozen"]
    assert made.run("app", "thaw", "delivery").code == 0
    assert "live" in made.run("app", "list").out


def test_another_registration_replaces_the_first_only_on_purpose(made: Home, metadata):
    assert made.run("app", "add", str(metadata)).code == 0
    other = change(metadata, client_name="Another")
    assert made.run("app", "add", str(other)).code == 4
    assert made.run("app", "add", "--replace", str(other)).code == 0
    assert "Another" in made.run("app", "list").out


def test_each_app_knows_a_customer_by_an_id_of_its_own(made: Home, metadata):
    added = made.run("customer", "add", "--email", "a@example.org", "--source", "told")
    customer = added.out.strip()
    made.run("app", "add", str(metadata))
    one = made.run("app", "id", "delivery", customer)
    assert one.code == 0
    assert one.out.strip() != customer
    assert made.run("app", "id", "delivery", "no-id").code == 2
    assert made.run("app", "id", "nobody", customer).code == 2


@only_sqlite_made
def test_what_the_code_does_not_give_an_app_is_not_registered(made: Home, metadata):
    document = json.loads(metadata.read_text())
    document["ownship"]["approved"][0]["datatypes"] = ["contact.birth_date"]
    wide = metadata.with_name("wide.json")
    wide.write_text(json.dumps(document))
    done = made.run("app", "add", str(wide))
    assert done.code == 2
    assert "does not give delivery read of contact.birth_date" in done.err
    assert made.run("app", "add", str(change(metadata, jwks_uri="https://x"))).code == 2
    assert made.run("app", "add", str(metadata.with_name("none.json"))).code == 2
