"""Cards and spreadsheets go the whole way: into customers, with what is bad told and the rest imported."""

import asyncio
from pathlib import Path

import pytest

from tests.services.import_shop import refused
from tests.services.workbooks import book, sheet, texts
from tests.vaults import RULEBOOK
from vault.services import identifier, importing, own
from vault.services.import_form import look
from vault.services.import_mapping import parse
from vault.services.import_source import examine

CARDS = """BEGIN:VCARD
VERSION:3.0
FN:Ana Conceição
EMAIL;TYPE=work:ana@example.org
BDAY:19850412
END:VCARD
BEGIN:VCARD
VERSION:2.1
FN:Old
EMAIL:old@example.org
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:Methuselah
EMAIL:methuselah@example.org
BDAY:1899-12-31
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:Not Yet
EMAIL:later@example.org
BDAY:2999-01-01
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:Bo
EMAIL:bo@example.org
BDAY:2027-01-01
END:VCARD
"""
NAMES = "contact.full_name: FN, contact.birth_date: BDAY"
SHEET = "contact.full_name: name, contact.birth_date: born"


def mapping(form: str, email: str, fields: str) -> bytes:
    rules = f"{{identify: {{contact.email: {email}}}, source: told, fields: {{{fields}}}}}"
    return f"mapping: 1\nfiles: {{people: {{{form}}}}}\npeople: {rules}\n".encode()


async def take(deps, file: Path, text: bytes):
    (rules,) = parse(text, RULEBOOK, name="m").files
    source, form = examine(file, mapping=text), look(file, rules)
    return await importing.run(deps, rules, source, form=form, rulebook=RULEBOOK)


async def held(deps, email: str):
    one = identifier.identity(deps, RULEBOOK, field="contact.email", value=email)
    assert one
    async with deps.database.connect() as conn:
        who = await identifier.find(conn, deps, one.key)
    assert who
    found = await own.held(deps, who, request="r")
    return {one.field.name: one.value for one in found if one.value is not None}


async def test_cards_become_customers(deps, tmp_path: Path):
    file = tmp_path / "people.vcf"
    file.write_text(CARDS, encoding="utf-8")
    text = mapping("format: vcard", "EMAIL", NAMES)
    done = await take(deps, file, text)
    assert (done.added, done.refused, done.rows) == (2, 3, 5)
    assert refused(file) == [
        "7,,not-vcard-3-or-4",
        "12,BDAY,before-1900",
        "18,BDAY,in-the-future",
    ]
    assert await held(deps, "ana@example.org") == {
        "contact.email": "ana@example.org",
        "contact.full_name": "Ana Conceição",
        "contact.birth_date": "1985-04-12",
    }
    again = await take(deps, file, text)
    assert (again.added, again.changed, again.refused) == (0, 0, 3)


async def test_rows_of_a_spreadsheet_become_customers(deps, tmp_path: Path):
    file = tmp_path / "people.xlsx"
    rows = (
        texts(("email", "name", "born"), ("ana@example.org", "=1+1", "1985-04-12"))
        + '<row r="3"><c r="A3" t="str"><v>bo@example.org</v></c><c r="B3" t="str"><v>Bo</v></c>'
        '<c r="C3" s="1"><v>46082</v></c></row>'
        '<row r="4"><c r="A4" t="str"><v>x@example.org</v></c><c r="B4"><f>NOW()</f></c></row>'
        '<row r="5"><c r="A5" t="str"><v>y@example.org</v></c><c r="C5" s="1"><v>60</v></c></row>'
    )
    book(file, sheet(rows))
    done = await take(deps, file, mapping("format: xlsx", "email", SHEET))
    assert (done.added, done.refused, done.lines) == (2, 2, 5)
    assert refused(file) == ["4,name,formula-without-value", "5,born,not-a-time"]
    assert await held(deps, "ana@example.org") == {
        "contact.email": "ana@example.org",
        "contact.full_name": "=1+1",
        "contact.birth_date": "1985-04-12",
    }
    assert (await held(deps, "bo@example.org"))["contact.birth_date"] == "2026-03-01"


@pytest.mark.parametrize("kind", ["vcard", "xlsx"])
async def test_a_run_that_was_cut_goes_on(deps, tmp_path: Path, monkeypatch, kind):
    monkeypatch.setattr(importing, "MAX_ROWS", 2)
    monkeypatch.setattr(importing, "MAX_ROWS_SQLITE", 2)
    file = tmp_path / f"people.{kind}"
    people = [(f"p{number}@example.org", f"P{number}", "") for number in range(5)]
    if kind == "vcard":
        cards = [f"BEGIN:VCARD\nVERSION:4.0\nEMAIL:{one}\nEND:VCARD\n" for one, _, _ in people]
        file.write_text("".join(cards))
        text = mapping("format: vcard", "EMAIL", NAMES)
    else:
        book(file, sheet(texts(("email", "name", "born"), *people)))
        text = mapping("format: xlsx", "email", SHEET)
    (rules,) = parse(text, RULEBOOK, name="m").files
    source, form = examine(file, mapping=text), look(file, rules)
    stop = asyncio.Event()
    cut = await importing.run(
        deps, rules, source, form=form, rulebook=RULEBOOK, stop=stop, report=lambda _: stop.set()
    )
    assert (cut.rows, cut.complete) == (2, False)
    done = await importing.run(deps, rules, source, form=form, rulebook=RULEBOOK)
    assert (done.rows, done.added, done.complete) == (5, 3, True)
