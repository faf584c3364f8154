"""Customers from a file: whole rows, their consents, what is refused, and what a second run does."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from policies.model import Source as Gathered
from tests.vaults import RULEBOOK, FakeClock, vault
from vault.cli.demo_vault import SAMPLES
from vault.core.entry import Kind
from vault.core.errors import BadRequestError, ConflictError, RefusedError
from vault.core.ids import CustomerId
from vault.services import (
    choices,
    consent,
    customer,
    erase,
    identifier,
    importing,
    own,
    profile,
)
from vault.services.audit import audit_key
from vault.services.deps import Deps
from vault.services.entries import list_entries
from vault.services.import_done import Progress
from vault.services.import_form import look
from vault.services.import_mapping import parse
from vault.services.import_source import Source, examine
from vault.services.profile import Change
from vault.store.disclosure import load_many
from vault.store.engine import Database

MAPPING = b"""
mapping: 1
files: {people: {format: csv}}
people:
  identify: {contact.email: email}
  source: told
  gathered_at: joined
  fields: {contact.full_name: name, contact.phone: tel, loyalty.points: {column: points, source: observed}}
  consents:
    - {purpose: marketing, when: {letters: "1"}, at: signed, evidence: form, wording: Write to me.}
"""
HEADER = "email,name,tel,points,joined,letters,signed,form\n"
ANA = "ana@example.org,Ana Conceição d'Ávila,+44 7700 900001,7,2026-03-01,1,2026-03-02,F-1\n"
BO = "bo@example.org,Ng,,,2026-03-01,,,\n"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def deps(database: Database, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Deps]:
    async with vault(database, tmp_path, clock=clock) as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


async def run(deps: Deps, file: Path, text: str, *, mapping: bytes = MAPPING, **how):
    source = written(file, text, mapping)
    (rules,) = parse(mapping, RULEBOOK, name="mapping.yaml").files
    form = look(file, rules)
    return await importing.run(deps, rules, source, form=form, rulebook=RULEBOOK, **how)


def written(file: Path, text: str, mapping: bytes = MAPPING) -> Source:
    file.write_text(HEADER + text, encoding="utf-8")
    return examine(file, mapping=mapping)


def refused(file: Path) -> list[str]:
    path = file.with_name(file.name + ".refused.csv")
    return path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []


async def find(deps: Deps, email: str):
    one = identifier.identity(deps, RULEBOOK, field="contact.email", value=email)
    async with deps.database.connect() as conn:
        return await identifier.find(conn, deps, one.key if one else (b"", 0))


async def held(deps: Deps, email: str) -> dict[str, object]:
    found = await own.held(deps, await find(deps, email), request="r")
    return {one.field.name: one.value for one in found if one.value is not None}


async def rename(deps: Deps, who: CustomerId, name: str) -> None:
    ask = replace(customer.operator(("contact.full_name",)), customer=who)
    await profile.write(deps, ask, Change({"contact.full_name": name}, Gathered.TOLD))


async def test_a_row_becomes_a_customer_with_values_exactly_as_written(deps, file):
    done = await run(deps, file, ANA + BO)
    assert (done.added, done.refused, done.complete) == (2, 0, True)
    assert await held(deps, "ana@example.org") == {
        "contact.email": "ana@example.org",
        "contact.full_name": "Ana Conceição d'Ávila",
        "contact.phone": "+44 7700 900001",
        "loyalty.points": 7,
    }
    assert await held(deps, "bo@example.org") == {
        "contact.email": "bo@example.org",
        "contact.full_name": "Ng",
    }
    rows = {row.field: row for row in (await stored(deps, "ana@example.org")).values}
    assert rows["loyalty.points"].source == "observed"
    assert rows["contact.phone"].gathered_at == datetime(2026, 3, 1, tzinfo=UTC)


async def test_evidence_gives_a_consent_and_no_evidence_gives_none(deps, file):
    rows = ANA + "cy@example.org,Cy,,,,1,2026-03-02,\n" + "di@example.org,Di,,,,0,2026-03-02,F-2\n"
    done = await run(deps, file, rows)
    assert done.consents == 1
    states = {}
    for name in ("ana", "cy", "di"):
        found = await choices.choices(deps, await find(deps, f"{name}@example.org"))
        states[name] = {one.purpose.id: str(one.state) for one in found}["marketing"]
    assert states == {"ana": "given", "cy": "unknown", "di": "unknown"}


async def test_running_a_file_twice_changes_nothing(deps, file):
    await run(deps, file, ANA + BO)
    before = await stored(deps, "ana@example.org")
    again = await run(deps, file, ANA + BO)
    assert (again.added, again.changed, again.unchanged, again.consents) == (0, 0, 2, 0)
    after = await stored(deps, "ana@example.org")
    assert (set(after.values), set(after.consents), after.standing) == (
        set(before.values),
        set(before.consents),
        before.standing,
    )


async def stored(deps: Deps, email: str):
    async with deps.database.connect() as conn:
        return (await load_many(conn, [await find(deps, email)]))[0]


async def test_another_file_changes_only_what_differs(deps, file):
    await run(deps, file, ANA + BO)
    newer = ANA.replace(",7,", ",9,").replace("2026-03-01", "2026-04-01")
    done = await run(deps, file, newer + BO)
    assert (done.changed, done.unchanged) == (1, 1)
    assert (await held(deps, "ana@example.org"))["loyalty.points"] == 9


async def test_an_older_value_never_replaces_a_newer_one(deps, file, clock):
    await run(deps, file, ANA)
    ana = await find(deps, "ana@example.org")
    await rename(deps, ana, "Ana Lima")
    done = await run(deps, file, ANA)
    assert (done.changed, done.unchanged) == (0, 1)
    assert (await held(deps, "ana@example.org"))["contact.full_name"] == "Ana Lima"


async def test_a_finished_file_without_times_does_not_undo_what_came_after(deps, file, clock):
    mapping = MAPPING.replace(b"  gathered_at: joined\n", b"")
    await run(deps, file, BO, mapping=mapping)
    clock.turn(days=1)
    await rename(deps, await find(deps, "bo@example.org"), "Bo Ng")
    clock.turn(days=1)
    assert (await run(deps, file, BO, mapping=mapping)).unchanged == 1
    assert (await held(deps, "bo@example.org"))["contact.full_name"] == "Bo Ng"


async def test_an_empty_cell_deletes_nothing(deps, file):
    await run(deps, file, ANA)
    await run(deps, file, "ana@example.org,,,,2026-05-01,,,\n")
    assert (await held(deps, "ana@example.org"))["contact.full_name"] == "Ana Conceição d'Ávila"


@pytest.mark.parametrize(
    ("row", "refusal"),
    [
        ("x@example.org,\x07,,,,,,", "2,name,control-character"),
        ("x@example.org,X,12,,,,,", "2,tel,not-a-phone"),
        ("x@example.org,X,,many,,,,", "2,points,not-a-number"),
        ("nobody,X,,,,,,", "2,email,not-an-email"),
        (",X,,,,,,", "2,email,no-identifier"),
        ("x@example.org,X,,,yesterday,,,", "2,joined,not-a-time"),
        ("x@example.org,X,,,2999-01-01,,,", "2,joined,in-the-future"),
        ("x@example.org,X,,,1899-12-31,,,", "2,joined,before-1900"),
        ("x@example.org,X,,,,1,soon,F", "2,signed,not-a-time"),
        ("x@example.org,X,,,,1,2999-01-01,F", "2,signed,in-the-future"),
        ("x@example.org," + "n" * 500 + ",,,,,,", "2,name,too-long"),
        ("x@example.org,X", "2,tel,too-few-cells"),
    ],
)
async def test_a_broken_row_is_refused_and_the_rest_is_imported(deps, file, row, refusal):
    done = await run(deps, file, row + "\n" + BO)
    assert (done.added, done.refused) == (1, 1)
    assert refused(file) == [refusal]
    assert await find(deps, "x@example.org") is None


async def test_an_identifier_of_somebody_else_refuses_the_row(deps, file):
    await run(deps, file, ANA + BO)
    taken = (
        "bo@example.org,Bo,+44 7700 900001,,2026-05-01,,,\nnew@example.org,N,+44 7700 900001,,,,,\n"
    )
    done = await run(deps, file, taken)
    assert (done.added, done.changed, done.refused) == (0, 0, 2)
    assert refused(file) == ["2,tel,identifier-taken", "3,tel,identifier-taken"]
    assert "contact.phone" not in await held(deps, "bo@example.org")


async def test_two_rows_of_one_file_with_one_identifier_are_one_customer(deps, file):
    done = await run(deps, file, ANA + ANA.replace("Conceição", "C.").replace("03-01", "04-01"))
    assert (done.added, done.changed) == (1, 1)
    assert (await held(deps, "ana@example.org"))["contact.full_name"] == "Ana C. d'Ávila"


async def test_a_withdrawn_consent_is_not_given_again_by_an_import(deps, file):
    await run(deps, file, ANA)
    ana = await find(deps, "ana@example.org")
    await consent.withdraw(deps, ana, "marketing")
    done = await run(deps, file, ANA.replace("2026-03-02", "2026-11-30"))
    assert done.consents == 0
    found = await choices.choices(deps, ana)
    assert {one.purpose.id: str(one.state) for one in found}["marketing"] == "withdrawn"


async def test_a_run_that_was_stopped_goes_on_and_tells_all_refusals(deps, file, monkeypatch):
    monkeypatch.setattr(importing, "MAX_ROWS", 2)
    monkeypatch.setattr(importing, "MAX_ROWS_SQLITE", 2)
    rows = "".join(f"p{n}@example.org,P{n},,,,,,\n" for n in range(3)) + ",X,,,,,,\n"
    rows += "".join(f"q{n}@example.org,Q{n},,,,,,\n" for n in range(3)) + ",Y,,,,,,\n"
    stop = asyncio.Event()

    def after_two(now: Progress) -> None:
        if now.rows == 4:
            stop.set()

    first = await run(deps, file, rows, report=after_two, stop=stop)
    assert (first.rows, first.added, first.complete) == (4, 3, False)
    second = await run(deps, file, rows)
    assert (second.rows, second.added, second.unchanged, second.complete) == (8, 3, 0, True)
    assert second.refused == 2
    assert refused(file) == ["5,email,no-identifier", "9,email,no-identifier"]


async def test_a_file_of_another_kind_is_not_overwritten_by_refusals(deps, file):
    other = file.with_name("people.csv.refused.csv")
    other.write_text("my own notes\n")
    with pytest.raises(RefusedError):
        await run(deps, file, BO)
    assert other.read_text() == "my own notes\n"
    assert await find(deps, "bo@example.org") is None


async def test_refusals_of_an_earlier_run_go_when_nothing_is_refused_any_more(deps, file):
    await run(deps, file, ",X,,,,,,\n")
    await run(deps, file, BO)
    assert refused(file) == []


async def test_a_file_over_the_limit_is_refused_before_anything_is_written(deps, file):
    file.write_text(HEADER + ANA, encoding="utf-8")
    size = file.stat().st_size
    assert examine(file, mapping=MAPPING, max_size=size).size == size
    with pytest.raises(BadRequestError):
        examine(file, mapping=MAPPING, max_size=size - 1)


async def test_names_of_all_scripts_come_back_exactly(deps, tmp_path):
    file = tmp_path / "customers.csv"
    file.write_bytes((SAMPLES / "customers.csv").read_bytes())
    mapping = (SAMPLES / "mapping.yaml").read_bytes()
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)[:121]
    file.write_text("".join(lines), encoding="utf-8")
    (rules,) = parse(mapping, RULEBOOK, name="mapping.yaml").files
    source = examine(file, mapping=mapping)
    form = look(file, rules)
    done = await importing.run(deps, rules, source, form=form, rulebook=RULEBOOK)
    assert (done.added, done.refused) == (120, 0)
    for line in lines[1:40]:
        _, name, email, *_ = line.split(",")
        assert (await held(deps, email))["contact.full_name"] == name


async def test_another_code_of_ethics_in_force_stops_the_import(deps, file):
    file.write_text(HEADER + BO, encoding="utf-8")
    (rules,) = parse(MAPPING, RULEBOOK, name="m").files
    source, form = examine(file, mapping=MAPPING), look(file, rules)
    other = replace(RULEBOOK, digest="0" * 64)
    with pytest.raises(ConflictError):
        await importing.run(deps, rules, source, form=form, rulebook=other)
    assert await find(deps, "bo@example.org") is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_log_tells_each_customer_of_the_row_and_of_the_consent(deps, file):
    await run(deps, file, ANA + BO)
    kinds = {}
    for name in ("ana", "bo"):
        load = await deps.loads.ask(await find(deps, f"{name}@example.org"), lane="test")
        customer_id, key = audit_key(deps, load)
        lines = await list_entries(deps, customer_id, key, limit=10)
        kinds[name] = [(one.kind, one.actor) for one in lines]
    assert kinds["ana"] == [(Kind.GIVEN, "operator"), (Kind.WRITTEN, "operator")]
    assert kinds["bo"] == [(Kind.WRITTEN, "operator")]


async def test_an_erased_person_is_not_brought_back_by_any_row(deps, file):
    await run(deps, file, ANA + BO)
    await erase.erase(deps, await find(deps, "ana@example.org"))
    again = await run(deps, file, ANA + BO + "\n")
    assert (again.added, again.unchanged, again.refused) == (0, 1, 1)
    assert refused(file) == ["2,email,erased"]
    # Nor under the phone that was theirs, nor as a part of somebody else's row.
    other = "new@example.org,X,+44 7700 900001,,2026-03-01,,,\n"
    again = await run(deps, file, other + BO.replace(",,,2026", ",+44 7700 900001,,2026"))
    assert (again.added, again.changed, again.refused) == (0, 0, 2)
    assert refused(file) == ["2,tel,erased", "3,tel,erased"]
    assert await find(deps, "ana@example.org") is None
    assert await find(deps, "new@example.org") is None
