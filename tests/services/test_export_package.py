"""A package holds exactly what the vault holds, in each form, and nothing in it can run."""

import asyncio
import base64
import csv
import hashlib
import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from io import StringIO

import pytest
from sqlalchemy import select, update

from policies.model import Source
from tests import followed
from tests.portal import looks
from tests.schema import faults
from tests.services import packages
from tests.services.decisions import allow
from tests.services.logbook import until
from tests.services.packages import CANARY, NAME, SAID, VALUES, document, package, tables, wish
from tests.stories.test_planted import search
from tests.vaults import ISSUER, START
from vault.core import export_schema
from vault.core.export import Form, Part
from vault.core.export_cells import FORMULA
from vault.core.times import unix_ms
from vault.services import (
    attachment,
    consent,
    customer,
    export_job,
    own,
    own_event,
    receipts,
    standing_change,
    who_looked,
)
from vault.services.request_row import new_id
from vault.store import commit
from vault.store.follow_up import follow_up
from vault.store.interaction import interaction
from vault.store.value import value

SCHEMA = json.loads(export_schema.document(ISSUER))


@pytest.fixture
async def ana(deps):
    return await packages.ana(deps)


async def whole(deps, whose, least):
    """Wait until so many entries are in the customer's list."""
    async with asyncio.timeout(10):
        while len(await who_looked.latest(deps, whose, limit=200)) < least:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def test_the_validator_finds_what_is_not_as_the_schema_says():
    good = {"schema": f"{ISSUER}/schema/export/1"}
    assert any("$.schema is not" in one for one in faults(SCHEMA, good | {"schema": "x"}))
    assert "$ lacks made" in list(faults(SCHEMA, good))
    assert "$.extra is not written down" in list(faults(SCHEMA, good | {"extra": 1}))
    with pytest.raises(ValueError, match="maxLength"):
        list(faults({"maxLength": 1}, ""))


async def test_a_package_in_json_is_as_its_published_schema_says(deps, ana):
    await allow(deps, ana)
    await consent.withdraw(deps, ana, "marketing", request="r")
    await looks.some(deps, ana)
    await standing_change.set_terms(
        deps, ana, lambda terms: terms.__class__(paused=True, lapse_days=30, quiet="22:00-08:00")
    )
    await whole(deps, ana, 9)
    found = await document(deps, ana)
    assert list(faults(SCHEMA, found)) == []
    assert all(found[part.value] for part in Part)
    alone = await document(deps, ana, parts=(Part.TERMS,))
    assert list(faults(SCHEMA, alone)) == []
    assert set(alone) & {part.value for part in Part} == {"terms"}


async def test_the_profile_is_what_the_vault_holds(deps, ana):
    held = {
        one.field.name: one
        for one in await own.held(deps, ana, request="r")
        if one.value is not None
    }
    found = {one["field"]: one for one in (await document(deps, ana))["profile"]}
    assert {name: one["value"] for name, one in found.items()} == {
        name: one.value for name, one in held.items()
    }
    assert {name: found[name]["value"] for name in VALUES} == VALUES | {
        "contact.phone": held["contact.phone"].value
    }
    name = found["contact.full_name"]
    assert (name["source"], name["damaged"], name["portable"]) == ("told", False, True)
    assert name["purposes"][0]["basis"] == "contract"
    assert {
        "app": "delivery",
        "name": "Delivery planner",
        "team": "Logistics",
        "country": "IE",
    } in (name["readers"])
    assert found["preferences.coffee"]["text"] == "Flat white"


async def test_contact_events_come_back_to_the_letter(deps, ana):
    found = (await document(deps, ana))["events"]
    assert [one["content"] for one in found] == list(reversed(SAID))
    assert {one["channel"] for one in found} == {"=phone"}
    # Observed, but on the basis of a legitimate interest: shown, and not portable.
    assert {(one["source"], one["portable"]) for one in found} == {("observed", False)}


async def test_files_of_events_come_back_in_json_and_by_name_elsewhere(deps, ana, monkeypatch):
    monkeypatch.setattr("vault.services.export_files.TOGETHER", 1)
    data = b"%PDF-1.7" + bytes(2_000)
    event, _ = await packages.call(deps, ana, {}, who="Shop team", outcome="beyond")
    await attachment.add(
        deps,
        packages.noting(ana),
        event,
        1,
        data=data,
        claimed="application/pdf",
        name="=carta.pdf",
    )
    told = (await document(deps, ana))["events"][0]
    assert (told["who"], told["outcome"]) == ("Shop team", "beyond")
    (file,) = told["attachments"]
    assert (file["name"], file["size"], file["damaged"]) == ("_carta.pdf", len(data), False)
    assert base64.b64decode(file["data"]) == data
    table = tables(await package(deps, ana, wish(Form.CSV)))["events.csv"]
    row = next(csv.DictReader(StringIO(table.removeprefix("\ufeff"))))
    assert row["Attached files (in the package as JSON)"] == "_carta.pdf"


async def test_what_follows_a_contact_is_told_with_it(deps, tmp_path):
    await followed.put_in_force(deps, tmp_path)
    eve = await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    for kind in ("thanks", "complaint"):
        event_id = new_id(deps.clock.now())
        await own_event.append(deps, eve, kind, event_id=event_id, text="x", request="r")
    found = {one["kind"]: one["follow_up"] for one in (await document(deps, eve))["events"]}
    assert found["thanks"] is None
    assert list(faults(SCHEMA, await document(deps, eve))) == []
    one = found["complaint"]
    assert (one["state"], one["owner"], one["refusals"]) == ("open", "support", 0)
    assert one["due"][:10] == (deps.clock.now() + timedelta(followed.WITHIN)).date().isoformat()
    table = tables(await package(deps, eve, wish(Form.CSV)))["events.csv"]
    rows = csv.DictReader(StringIO(table.removeprefix("\ufeff")))
    assert sorted(row["What follows it"] for row in rows) == ["", "we have to see to it"]

    async def settle(conn):
        await conn.execute(update(follow_up).values(state="settled"))

    await commit.request(deps.database, settle)
    found = {one["kind"]: one["follow_up"] for one in (await document(deps, eve))["events"]}
    assert (found["complaint"]["damaged"], found["complaint"]["state"]) == (True, None)


async def test_a_period_holds_for_events_and_looks_and_for_nothing_else(deps, ana, clock):
    first = packages.FIRST
    found = await document(
        deps, ana, since=first + timedelta(days=80), until=first + timedelta(days=160)
    )
    assert [one["content"] for one in found["events"]] == [SAID[1]]
    assert found["who_looked"] == []
    assert found["profile"]
    clock.turn(days=10)
    await looks.by_app(deps, ana, "delivery", "delivery", "contact.email", request="late")

    async def listed() -> bool:
        return any(one.request == "late" for one in await who_looked.latest(deps, ana, limit=200))

    await until(listed)
    late = await document(deps, ana, since=START + timedelta(days=9))
    assert "late" in {one["request"] for one in late["who_looked"]}
    assert {one["logtime"][:10] for one in late["who_looked"]} == {"2026-12-11"}
    early = await document(deps, ana, until=START + timedelta(days=9))
    assert {one["logtime"][:10] for one in early["who_looked"]} == {"2026-12-01"}


async def test_events_beyond_a_page_all_come_in_their_order(deps, ana, monkeypatch):
    monkeypatch.setattr("vault.services.export_parts.EVENTS", 4)
    for number in range(9):  # all at one moment: the id decides
        await packages.call(deps, ana, {"number": number})
    found = (await document(deps, ana))["events"]
    assert len(found) == 9 + len(SAID)
    assert sorted(one["content"]["number"] for one in found[:9]) == list(range(9))
    async with deps.database.connect() as conn:
        rows = (await conn.execute(select(interaction.c.interaction_id, interaction.c.at))).all()
    rows.sort(key=lambda row: (row.at, row.interaction_id), reverse=True)
    assert [one["id"] for one in found] == [str(row.interaction_id) for row in rows]


async def test_looks_beyond_a_page_all_come(deps, ana, monkeypatch):
    monkeypatch.setattr("vault.services.export_parts.LINES", 3)
    await whole(deps, ana, 5)
    before = await who_looked.latest(deps, ana, limit=200)
    found = (await document(deps, ana))["who_looked"]
    assert [one["log"]["position"] for one in found][-len(before) :] == [
        line.place for line in before
    ]
    assert found[-1]["action"] == "written"


async def test_decisions_come_with_the_receipts_that_can_be_checked(deps, ana):
    await allow(deps, ana)
    (line,) = await receipts.list_(deps, ana)
    (found,) = (await document(deps, ana))["consents"]
    assert found["purpose"] == "marketing"
    assert found["state"] == "given"
    signed = json.loads(await receipts.open_(deps, ana, line.receipt_id))
    assert found["receipt"] == signed
    assert found["receipt"]["signature"]


async def test_what_is_too_much_is_cut_and_says_so(deps, ana, monkeypatch):
    monkeypatch.setattr(export_job, "MOST_RECORDS", 3)
    found = await document(deps, ana)
    assert len(found["events"]) == 3
    cut = {one["part"]: one for one in found["cut"]}
    assert cut["events"]["records"] == 3
    assert cut["events"]["oldest"] == found["events"][-1]["at"]
    assert "profile" in cut
    page = (await package(deps, ana, wish(Form.HTML))).decode()
    assert "What is not in this package" in page
    assert "events.csv is short" in tables(await package(deps, ana, wish(Form.CSV)))["README.txt"]


async def test_a_package_has_a_largest_size(deps, ana, monkeypatch):
    monkeypatch.setattr(export_job, "MOST_BYTES", 1)
    found = await document(deps, ana)
    assert found["profile"] == []
    assert {one["part"] for one in found["cut"]} >= {"profile", "events"}


async def test_what_is_damaged_is_told_and_hides_nothing_else(deps, ana):
    async def spoil(conn):
        for column, where in (
            (value.c.sealed, value.c.field == "contact.email"),
            (interaction.c.sealed, interaction.c.at == packages.FIRST),
        ):
            sealed = (await conn.execute(select(column).where(where))).scalar_one()
            spoilt = sealed[:-1] + bytes([sealed[-1] ^ 1])
            await conn.execute(update(column.table).where(where).values(sealed=spoilt))

    await commit.request(deps.database, spoil)
    found = await document(deps, ana)
    assert list(faults(SCHEMA, found)) == []
    damaged = {one["field"] for one in found["profile"] if one["damaged"]}
    assert damaged == {"contact.email"}
    assert [one["damaged"] for one in found["events"]] == [False, False, False, True]
    assert len(found["profile"]) == len(VALUES)


# --- CSV ----------------------------------------------------------------------------------------


async def test_csv_is_quoted_whole_and_no_cell_is_a_formula(deps, ana):
    files = tables(await package(deps, ana, wish(Form.CSV)))
    assert set(files) == {f"{part.value}.csv" for part in Part} | {"README.txt"}
    for name, text in files.items():
        if name == "README.txt":
            continue
        assert re.fullmatch(r'(?:"(?:[^"]|"")*"(?:,|\r\n))*', text)
        for row in csv.reader(StringIO(text, newline="")):
            assert not [cell for cell in row if cell.startswith(FORMULA)], name
    rows = list(csv.DictReader(StringIO(files["profile.csv"], newline="")))
    held = {row["Name in the code of ethics"]: row["What we hold"] for row in rows}
    assert held["contact.full_name"] == NAME
    assert held["contact.phone"].startswith("'+353")
    assert held["preferences.delivery_note"].startswith("'=HYPERLINK")
    assert held["preferences.topics"] == "Coffee; Tea"
    said = [row["What was said or done"] for row in csv.DictReader(StringIO(files["events.csv"]))]
    assert "apostrophe" in files["README.txt"]
    assert any("x" * 8_192 in one for one in said)


async def test_a_package_in_csv_of_one_part_is_one_table(deps, ana):
    files = tables(await package(deps, ana, wish(Form.CSV, parts=(Part.TERMS,))))
    assert set(files) == {"terms.csv", "README.txt"}
    assert files["terms.csv"] == '"Term","Set to","Name"\r\n'


# --- HTML ---------------------------------------------------------------------------------------

ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "dl", "div", "dt",
    "dd", "section", "table", "caption", "thead", "tbody", "tr", "th", "td", "span",
}  # fmt: skip


class Elements(HTMLParser):
    """Collect elements, attributes and text."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.cells = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag == "span":
            self.cells.append("")

    def handle_data(self, data):
        if self.cells and self.tags[-1] == "span":
            self.cells[-1] += data


async def test_the_page_to_read_is_text_alone(deps, ana):
    page = (await package(deps, ana, wish(Form.HTML))).decode()
    parser = Elements()
    parser.feed(page)
    assert set(parser.tags) <= ELEMENTS
    assert not [one for one in parser.attributes if one[1].startswith("on") or one[1] == "style"]
    assert not [one for one in parser.attributes if one[1] in {"src", "href", "action", "srcset"}]
    assert ("html", "lang", "en") in parser.attributes
    assert (parser.tags.count("h1"), parser.tags.count("caption")) == (1, len(Part))
    for said in (NAME, *(one["text"] for one in SAID if "text" in one)):
        assert any(said in cell for cell in parser.cells), said[:20]
    assert "&lt;script&gt;alert(1)" in page
    assert "{{7*7}}" in page
    style = re.search("<style>(.*)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'"
    assert ("meta", "content", policy) in parser.attributes


async def test_an_empty_part_of_the_page_says_nothing_and_is_no_table_of_nothing(deps, ana):
    page = (await package(deps, ana, wish(Form.HTML, parts=(Part.TERMS, Part.CONSENTS)))).decode()
    assert page.count("<span>Nothing.</span>") == 2
    assert page.rstrip().endswith("</html>")


# --- what lies where ----------------------------------------------------------------------------


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("form", list(Form))
async def test_nothing_of_a_package_lies_in_plain_in_the_database(deps, ana, tmp_path, form):
    made = await packages.ordered(deps, ana, wish(form))
    planted = (CANARY, "Quay Street", "1980-02-29")
    assert (tmp_path / "vault.db").exists()
    assert (tmp_path / "vault.db-wal").exists()
    assert search(tmp_path, planted) == set()
    body = await packages.fetched(deps, ana, made)
    assert search(tmp_path, planted) == set()
    if form is not Form.CSV:
        assert CANARY.encode() in body


async def test_making_a_large_package_never_holds_up_others(deps, ana, monkeypatch):
    """The loop turns while 300 contact events of 15 KB are read, written and sealed."""
    for number in range(60):
        await packages.call(deps, ana, {"n": number, "text": "z" * 15_000})
    longest, turning = 0.0, True

    async def turn():
        nonlocal longest
        clock = asyncio.get_running_loop().time
        while turning:
            start = clock()
            await asyncio.sleep(0.001)
            longest = max(longest, clock() - start)

    other = asyncio.create_task(turn())
    body = await package(deps, ana, wish(Form.HTML, parts=(Part.EVENTS,)))
    turning = False
    await other
    assert len(body) > 60 * 15_000
    assert longest < 0.25


async def test_a_look_that_is_sealed_for_a_time_is_sealed_in_a_package_too(
    deps, ana, clock, monkeypatch
):
    await looks.by_app(deps, ana, "delivery", "delivery", "contact.email", request="hidden")
    await whole(deps, ana, 6)
    soon = unix_ms(START + timedelta(days=30))
    monkeypatch.setattr(
        "vault.services.entries.opens_at",
        lambda _, *, purpose, kind, at: soon if purpose == "delivery" else None,
    )
    body = await package(deps, ana, wish(parts=(Part.WHO_LOOKED,)))
    assert b"hidden" not in body
    assert b'"purpose":"delivery"' not in body
    (line,) = [one for one in json.loads(body)["who_looked"] if one["opens"]]
    assert (line["decision"], line["receiver"], line["fields"]) == ("sealed", "", [])
    assert list(faults(SCHEMA, json.loads(body))) == []
    clock.turn(days=31)
    assert b"hidden" in await package(deps, ana, wish(parts=(Part.WHO_LOOKED,)))
