"""`export` from the shell: what it prints, and how it ends."""

import json
from pathlib import Path

import pytest

from tests.api.oauth.party import Party
from tests.cli.conftest import Home
from tests.vaults import FakeClock

MAPPING = """
mapping: 1
files: {people: {format: csv, formulas: marked}}
people:
  identify: {contact.email: email}
  source: told
  fields: {contact.full_name: name, contact.phone: tel}
  consents: [{purpose: marketing, when: {yes: "1"}, at: at, evidence: form}]
"""
PEOPLE = (
    "email,name,tel,yes,at,form\n"
    "ana@example.org,Ana,+44 7700 900001,1,2026-03-01,F1\n"
    "bo@example.org,Bo,,,,\n"
)
READ = {"purpose": "marketing", "actions": ["read"]}


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING)
    return path


def test_whom_a_purpose_allows_is_written_and_imported_again(made: Home, mapping, tmp_path):
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE, encoding="utf-8")
    assert made.run("import", str(mapping), str(people)).code == 0
    app = tmp_path / "app.json"
    fields = ["contact.email", "contact.full_name"]
    party = Party(FakeClock(), "newsletter")
    document = party.document(
        scope="profile.read profile.list", own={"approved": [{**READ, "datatypes": fields}]}
    )
    app.write_text(json.dumps(document))
    assert made.run("app", "add", str(app)).code == 0
    out = tmp_path / "out"
    words = ("--app", "newsletter", "--purpose", "marketing", "--case", "T-2026-1")
    done = made.run("export", str(mapping), str(out), *words)
    assert (done.code, "not registered to read contact.phone" in done.err) == (4, True), done.err
    mapping.write_text(MAPPING.replace(", contact.phone: tel", ""))
    done = made.run("export", str(mapping), str(out), *words)
    assert (done.code, done.out) == (0, "1 customers looked at, 1 allow it\npeople: 1 rows\n")
    text = (out / "people.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[1].startswith('"ana@example.org","Ana"')
    assert made.run("import", str(mapping), str(out / "people.csv")).code == 0
    again = made.run("export", str(mapping), str(out), *words)
    assert (again.code, "there already" in again.err) == (4, True)
    none = made.run("export", f"{mapping}.none", str(out), *words)
    assert (none.code, "cannot be read" in none.err) == (2, True)
