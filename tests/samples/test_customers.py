"""The sample is what its program writes, and nobody in it can be a person's address or number."""

import csv
import io
import json
import re
import unicodedata
from collections import Counter

import phonenumbers

from policies.model import Identifier
from tests.samples import generate
from tests.vaults import RULEBOOK
from vault.cli.demo_vault import APPS, SAMPLES
from vault.core import registration
from vault.core.identifier import normalise
from vault.crypto.signing import SigningKey

TEXT = (SAMPLES / "customers.csv").read_text(encoding="utf-8")
ROWS = list(csv.DictReader(io.StringIO(TEXT)))
# Ofcom's numbers for drama; 555-0100 to 555-0199 of any American area.
FICTION = re.compile(r"\+447700900\d{3}|\+1\d{3}55501\d\d")


def test_the_sample_is_what_its_program_writes():
    written = io.StringIO()
    generate.write(written)
    assert written.getvalue() == TEXT
    assert len(TEXT.encode()) <= 300_000


def test_there_are_a_thousand_with_identifiers_of_their_own():
    assert len(ROWS) == 1_000
    kinds = {
        "id": Identifier.EXTERNAL,
        "email": Identifier.EMAIL,
        "tel": Identifier.PHONE,
        "card": Identifier.CARD,
    }
    for column, kind in kinds.items():
        found = [normalise(kind, row[column], region="IE") for row in ROWS if row[column]]
        assert len(found) == len(set(found)) > 500


def test_every_address_and_number_is_kept_for_fiction():
    for row in ROWS:
        assert re.search(r"@example\.(org|com|net)$", row["email"])
        if row["tel"]:
            number = phonenumbers.parse(row["tel"], "IE")
            assert phonenumbers.is_possible_number(number)
            assert FICTION.fullmatch(normalise(Identifier.PHONE, row["tel"], region="IE"))


def test_the_names_are_of_many_scripts_and_shapes():
    names = [row["name"] for row in ROWS]
    scripts = Counter(
        unicodedata.name(char).split()[0] for name in names for char in name if char.isalpha()
    )
    for script in [
        "LATIN",
        "ARABIC",
        "HEBREW",
        "DEVANAGARI",
        "TAMIL",
        "THAI",
        "CJK",
        "HIRAGANA",
        "HANGUL",
        "CYRILLIC",
        "GREEK",
        "ETHIOPIC",
        "GEORGIAN",
        "ARMENIAN",
    ]:
        assert scripts[script] > 20, script
    assert any(len(name) == 1 for name in names)
    assert any(len(name) >= 200 for name in names)
    assert any("'" in name for name in names)
    assert any("-" in name for name in names)
    assert any("\u200c" in name for name in names)


def test_customers_consented_to_different_things_and_some_to_nothing():
    kinds = Counter((row["letters"], row["rewards"], row.get("rewards_birthday")) for row in ROWS)
    assert len(kinds) == 6
    assert any(row["letters"] == "1" and not row["letters_form"] for row in ROWS)


def test_the_sample_apps_ask_for_what_the_sample_code_gives_them():
    for name in APPS:
        document = json.loads((SAMPLES / "apps" / f"{name}.json").read_bytes())
        document["jwks"] = {"keys": [SigningKey(b"k" * 32).jwk.export(kid="1")]}
        document["ownship"]["review_by"] = "2199-01-01"
        read = registration.parse(json.dumps(document).encode())
        assert read.client_id == name
        assert RULEBOOK.uncovered(read.permissions(), app=name) == []
