"""Files for whom a purpose allows: each decided and recorded, whole or not at all, and importable again."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.api.oauth.party import Party
from tests.services.import_shop import customer_of, refused
from tests.vaults import RULEBOOK, FakeClock, vault
from vault.core.errors import (
    BadRequestError,
    BusyError,
    FrozenError,
    NotAvailableError,
    RefusedError,
    TooManyError,
    WrongValueError,
)
from vault.services import app as apps
from vault.services import (
    audience,
    audience_export,
    audience_people,
    bulk,
    consent,
    identifier,
    importing,
    interaction_list,
    own,
    timeline,
    who_looked,
)
from vault.services.audience_export import Wanted
from vault.services.import_done import Run
from vault.services.import_form import look
from vault.services.import_mapping import parse
from vault.services.import_source import examine
from vault.store.engine import open_database

PURPOSE = "loyalty.rewards"
MAPPING = """
mapping: 1
files:
  customers: {FORM, key: id}
  orders: {FORM, key: number, joins: {customer: customers.id}}
customers:
  identify: {contact.email: email}
  source: told
  gathered_at: since
  fields: {contact.full_name: name, preferences.coffee: coffee}
  consents: [{purpose: loyalty.rewards, when: {rewards: "1"}, at: signed, evidence: form}]
orders:
  interaction: purchase
  at: at
  channel: where
  facts: {total: total, note: note}
"""
FORMS = ["format: csv, formulas: marked", "format: ndjson", "format: xlsx"]
CUSTOMERS = (
    "id,email,name,coffee,since,rewards,signed,form\n"
    "c1,ana@example.org,=Ana d'Água,espresso,2026-03-01T10:00:00Z,1,2026-03-01T10:00:00Z,F1\n"
    "c2,bo@example.org,Bo,,2026-03-02T10:00:00Z,1,2026-03-02T10:00:00Z,F2\n"
    "c3,never@example.org,Never,,2026-03-02T10:00:00Z,,,\n"
)
ORDERS = (
    "number,customer,at,where,total,note\n"
    'o1,c1,2026-04-01T10:00:00Z,web,+12.50,"two\nlines"\n'
    "o2,c1,2026-04-02T10:00:00Z,shop,7,\n"
    "o3,c3,2026-04-02T10:00:00Z,shop,7,\n"
)
READ = ["contact.email", "contact.full_name", "preferences.coffee", "interaction.purchase"]


def mapping(form: str) -> str:
    return MAPPING.replace("FORM", form)


def wanted(form: str = FORMS[0], **changes: str) -> Wanted:
    rules = parse(mapping(form).encode(), RULEBOOK, name="m")
    return Wanted(
        rules, RULEBOOK, **({"app": "loyalty", "purpose": PURPOSE, "case": "T-1"} | changes)
    )


async def take(deps, files: dict[str, Path], form: str):
    """Import files in the order of the mapping."""
    text = mapping(form).encode()
    together, done = Run(), {}
    for rules in parse(text, RULEBOOK, name="m").files:
        path = files[rules.shape.name]
        source = examine(path, mapping=text, name=rules.shape.name)
        done[rules.shape.name] = await importing.run(
            deps, rules, source, form=look(path, rules), rulebook=RULEBOOK, together=together
        )
    return done


async def register(deps, *, limit: int = 1_000, scopes: str = "profile.list interactions.read"):
    party = Party(deps.clock, "loyalty")
    approved = [{"purpose": PURPOSE, "actions": ["read"], "datatypes": READ}]
    own_ = {"approved": approved, "daily_limit": limit}
    await apps.add(deps, party.metadata(scope=scopes, own=own_), replace=True)


@pytest.fixture
async def shop(deps, tmp_path: Path):
    """A vault with three customers, of whom two take part."""
    for name, text in (("customers", CUSTOMERS), ("orders", ORDERS)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    files = {name: tmp_path / f"{name}.csv" for name in ("customers", "orders")}
    done = await take(deps, files, "format: csv")
    assert [one.refused for one in done.values()] == [0, 0], refused(files["orders"])
    return deps


async def known(deps, key: str):
    """Return what a customer sees of their values and contacts, found by the key of a row."""
    who = await customer_of(deps, key)
    assert who
    held = await own.held(deps, who, request="r")
    page = await timeline.timeline(deps, who, timeline.Wanted(), cursor=None, request="r")
    values = {one.field.name: one.value for one in held if one.value is not None}
    told = [node.told for node in page.nodes]
    events = [(one.kind, one.at, one.channel, one.content) for one in told]
    return values, events


@pytest.mark.parametrize("form", FORMS)
async def test_what_was_exported_gives_the_same_in_an_empty_vault(
    shop, tmp_path: Path, sqlite_template: Path, form
):
    await register(shop)
    done = await audience_export.export(shop, wanted(form), tmp_path / "out")
    assert done
    assert (done.looked, done.allowed, done.rows, done.left) == (
        2, 2, {"customers": 2, "orders": 2}, {},
    )  # fmt: skip
    out = tmp_path / "out"
    assert out.stat().st_mode & 0o777 == 0o700
    files = {path.stem: path for path in out.iterdir()}
    assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o600}
    (tmp_path / "second").mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "second.db")
    database = open_database(f"sqlite:///{tmp_path / 'second.db'}", slack=10)
    try:
        async with vault(database, tmp_path / "second", clock=FakeClock()) as second:
            again = await take(second, files, form)
            assert [one.refused for one in again.values()] == [0, 0]
            for email, key in (("ana@example.org", "c1"), ("bo@example.org", "c2")):
                there = await known(second, await id_of(shop, email))
                here = await known(shop, key)
                assert there == here
    finally:
        await database.dispose()


def parts(folder: Path) -> list[str]:
    """Return what an export left in a folder."""
    return [one.name for one in folder.iterdir() if one.name in {"out", ".out.part"}]


async def id_of(deps, email: str) -> str:
    """Return the key that an exported row has: the app's own id of the customer."""
    one = identifier.identity(deps, RULEBOOK, field="contact.email", value=email)
    assert one
    async with deps.database.connect() as conn:
        who = await identifier.find(conn, deps, one.key)
    assert who
    return await apps.pairwise(deps, "loyalty", who)


async def test_each_look_is_recorded_for_its_customer_with_the_case(shop, tmp_path: Path):
    await register(shop)
    assert await audience_export.export(shop, wanted(), tmp_path / "out")
    for key, looks in (("c1", 2), ("c3", 0)):
        who = await customer_of(shop, key)
        assert who
        async with asyncio.timeout(10):
            while True:
                lines = await who_looked.latest(shop, who, limit=50)
                if len([one for one in lines if one.app == "loyalty"]) >= looks:
                    break
                await asyncio.sleep(0.05)
        found = [one for one in lines if one.app == "loyalty"]
        assert {(one.purpose, one.case) for one in found} <= {(PURPOSE, "T-1")}
        assert bool(found) is bool(looks)


async def test_who_withdrew_is_left_out_of_the_next_export(shop, tmp_path: Path):
    await register(shop)
    who = await customer_of(shop, "c2")
    assert who
    await consent.withdraw(shop, who, PURPOSE)
    done = await audience_export.export(shop, wanted(), tmp_path / "out")
    assert done
    assert (done.allowed, done.rows["customers"]) == (1, 1)
    assert "bo@example.org" not in (tmp_path / "out" / "customers.csv").read_text()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_an_app_may_not_have_nobody_exports_for_it(shop, tmp_path: Path):
    out = tmp_path / "out"
    with pytest.raises(NotAvailableError):
        await audience_export.export(shop, wanted(), out)
    await register(shop, scopes="profile.read interactions.read")
    with pytest.raises(RefusedError, match=r"profile\.list"):
        await audience_export.export(shop, wanted(), out)
    await register(shop)
    with pytest.raises(RefusedError, match="for marketing"):
        await audience_export.export(shop, wanted(purpose="marketing"), out)
    with pytest.raises(BadRequestError, match="no such purpose"):
        await audience_export.export(shop, wanted(purpose="nothing"), out)
    with pytest.raises(BadRequestError, match="formulas: marked"):
        await audience_export.export(shop, wanted("format: csv"), out)
    with pytest.raises(WrongValueError):
        await audience_export.export(shop, wanted(case="?"), out)
    await apps.freeze(shop, "loyalty")
    with pytest.raises(FrozenError):
        await audience_export.export(shop, wanted(), out)
    await apps.thaw(shop, "loyalty")
    await register(shop, limit=1)
    with pytest.raises(TooManyError):
        await audience_export.export(shop, wanted(), out)
    await register(shop)
    stop = asyncio.Event()
    stop.set()
    assert await audience_export.export(shop, wanted(), out, stop=stop) is None
    assert parts(tmp_path) == []
    out.mkdir()
    with pytest.raises(RefusedError, match="there already"):
        await audience_export.export(shop, wanted(), out)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_app_that_is_frozen_meanwhile_gets_no_files(shop, tmp_path: Path, monkeypatch):
    await register(shop)
    monkeypatch.setattr(audience_people, "PAGE", 1)
    page = audience.page

    async def then_freeze(*given, **more):
        found = await page(*given, **more)
        await apps.freeze(shop, "loyalty")
        return found

    monkeypatch.setattr(audience, "page", then_freeze)
    with pytest.raises(FrozenError):
        await audience_export.export(shop, wanted(), tmp_path / "out")
    assert parts(tmp_path) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("module", "name"), [(bulk, "_judge"), (interaction_list, "list_"), (audience, "page")]
)
async def test_a_vault_that_is_busy_for_a_moment_fails_no_export(
    shop, tmp_path: Path, monkeypatch, module, name
):
    await register(shop)
    monkeypatch.setattr(audience_people, "PAUSE", 0)
    real, tries = getattr(module, name), 0

    async def busy(*given, **more):
        nonlocal tries
        tries += 1
        if tries < audience_people.TRIES:
            raise BusyError
        return await real(*given, **more)

    monkeypatch.setattr(module, name, busy)
    done = await audience_export.export(shop, wanted(), tmp_path / "out")
    assert done
    assert (done.allowed, done.rows) == (2, {"customers": 2, "orders": 2})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_vault_that_stays_busy_ends_it_and_leaves_nothing(
    shop, tmp_path: Path, monkeypatch
):
    await register(shop)
    monkeypatch.setattr(audience_people, "PAUSE", 0)

    async def busy(*_given, **_more):
        raise BusyError

    monkeypatch.setattr(bulk, "_judge", busy)
    with pytest.raises(BusyError):
        await audience_export.export(shop, wanted(), tmp_path / "out")
    assert parts(tmp_path) == []


async def test_what_a_run_that_was_cut_left_is_thrown_away(shop, tmp_path: Path):
    await register(shop)
    (tmp_path / ".out.part").mkdir()
    (tmp_path / ".out.part" / "customers.csv").write_text("old")
    done = await audience_export.export(shop, wanted(), tmp_path / "out")
    assert done
    assert "old" not in (tmp_path / "out" / "customers.csv").read_text()
