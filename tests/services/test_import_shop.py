"""A shop's customers, orders and reviews: three files in the shape of public data sets."""

from pathlib import Path

import pytest

from tests.services.import_shop import DATA, customer_of, refused, run, shop
from tests.vaults import RULEBOOK
from vault.services import erase, restriction, timeline
from vault.services.deps import Deps
from vault.store import import_ref, interaction
from vault.store.disclosure import load_many

A, B, D = (f"c{n:031d}" for n in (1, 2, 4))


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    folder = tmp_path / "shop"
    folder.mkdir()
    return shop(folder)


async def events(deps: Deps, key: str):
    """Return what the customer sees of their contacts."""
    who = await customer_of(deps, key)
    assert who
    return await timeline.timeline(deps, who, timeline.Wanted(), cursor=None, request="r")


async def stored(deps: Deps, key: str):
    who = await customer_of(deps, key)
    assert who
    async with deps.database.connect() as conn:
        return await interaction.load_page(conn, who)


async def test_files_are_imported_in_the_order_of_their_joins(deps, files):
    done = await run(deps, files)
    assert list(done) == ["customers", "orders", "reviews"]
    people, orders, reviews = done.values()
    # One person with two ids of the shop is one customer, and nobody is made without an identifier.
    assert (people.added, people.unchanged, people.refused) == (4, 1, 0)
    assert (orders.events_added, orders.refused) == (4, 3)
    assert (reviews.events_added, reviews.refused) == (3, 1)
    assert refused(files["orders"]) == [
        "5,customer_id,unknown-reference",
        "6,order_purchase_timestamp,not-a-time",
        "8,order_id,key-twice",
    ]
    assert refused(files["reviews"]) == ["6,order_id,unknown-reference"]


async def test_an_order_is_its_customers_and_a_review_stands_under_its_order(deps, files):
    await run(deps, files)
    rows = await stored(deps, A)
    assert await customer_of(deps, A) == await customer_of(deps, f"c{3:031d}")
    kinds = [(row.kind, row.source, row.at.isoformat()) for row in rows]
    assert kinds == [
        ("survey_answer", "told", "2026-02-01T03:00:00+00:00"),
        ("purchase", "observed", "2026-01-24T23:41:37+00:00"),
        ("survey_answer", "told", "2025-10-12T03:00:00+00:00"),
        ("purchase", "observed", "2025-10-02T13:56:33+00:00"),
    ]
    assert rows[0].parent == rows[1].interaction_id
    assert rows[2].parent == rows[3].interaction_id


async def test_a_second_run_changes_nothing(deps, files):
    await run(deps, files)
    before = await stored(deps, A)
    done = await run(deps, files)
    for one in done.values():
        assert (one.added, one.changed, one.events_added, one.events_changed) == (0, 0, 0, 0)
    assert [one.refused for one in done.values()] == [0, 3, 1]
    assert await stored(deps, A) == before


async def test_a_changed_row_replaces_its_event_by_the_next_version(deps, files):
    await run(deps, files)
    before = await stored(deps, B)
    text = files["orders"].read_text(encoding="utf-8")
    files["orders"].write_text(text.replace('"shipped"', '"delivered"'), encoding="utf-8")
    done = (await run(deps, {"orders": files["orders"]}))["orders"]
    assert (done.events_added, done.events_changed, done.unchanged) == (0, 1, 3)
    after = await stored(deps, B)
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert [(old.row_version, new.row_version) for old, new in changed] == [(1, 2)]
    assert changed[0][0].interaction_id == changed[0][1].interaction_id


async def test_a_file_that_is_not_given_is_known_from_before(deps, files):
    await run(deps, {"customers": files["customers"]})
    done = await run(deps, {"orders": files["orders"]})
    assert done["orders"].events_added == 4


async def test_nothing_of_an_erased_customer_comes_back(deps, files):
    await run(deps, files)
    who = await customer_of(deps, A)
    assert who
    await erase.erase(deps, who)
    async with deps.database.connect() as conn:
        assert await import_ref.of_customer(conn, who) == []
    done = await run(deps, files)
    assert done["customers"].refused == 2
    assert refused(files["customers"]) == [
        "2,customer_unique_id,erased",
        "4,customer_unique_id,erased",
    ]
    assert refused(files["orders"])[:2] == ["2,customer_id,erased", "3,customer_id,erased"]
    assert refused(files["reviews"])[:2] == ["2,order_id,erased", "4,order_id,erased"]
    async with deps.database.connect() as conn:
        assert await load_many(conn, [who]) == [None]


async def test_a_key_that_was_erased_is_refused_under_another_identifier(deps, files):
    await run(deps, files)
    who = await customer_of(deps, A)
    assert who
    await erase.erase(deps, who)
    text = files["customers"].read_text(encoding="utf-8")
    files["customers"].write_text(text.replace("u0000", "v0000"), encoding="utf-8")
    done = (await run(deps, {"customers": files["customers"]}))["customers"]
    assert refused(files["customers"])[:2] == ["2,customer_id,erased", "4,customer_id,erased"]
    # The others' keys say who they are, so that they are changed and not added.
    assert (done.added, done.changed) == (0, 2)


async def test_a_dry_run_says_the_same_and_writes_nothing(deps, files):
    dry = await run(deps, files, dry=True)
    assert await customer_of(deps, B) is None
    assert refused(files["orders"]) == []
    wet = await run(deps, files)
    for name, one in dry.items():
        assert (one.events_added, one.refused, one.reasons) == (
            wet[name].events_added,
            wet[name].refused,
            wet[name].reasons,
        )
    assert dry["customers"].values["contact.postal_address"] == 5
    assert (
        dry["orders"].preview[0] == "line 2: interaction.purchase (at, channel, status, approved)"
    )
    again = await run(deps, files, dry=True)
    assert [one.events_added for one in again.values()] == [0, 0, 0]


async def test_a_formula_is_kept_as_text(deps, files):
    await run(deps, files)
    found = await events(deps, D)
    assert "=cmd|'/c calc'!A0" in repr(found)


async def test_the_same_rows_as_objects_on_lines_are_the_same_events(deps, files, tmp_path):
    await run(deps, files)
    lines = (
        '{"order_id": "o9", "buyer": {"id": "BUYER"}, "at": "2026-03-05T10:00:00Z", "total": 12.50}\n'
        '{"order_id": "o10", "buyer": {"id": ["x", {}]}, "at": "2026-03-05T10:00:00Z"}\n'
        "[1, 2]\n"
        '{"order_id": "o11", "order_id": "o12"}\n'
        "\n"
        '{"order_id": "o13", "buyer": {"id": "BUYER"}, "at": "0000-01-01T00:00:00Z"}\n'
    ).replace("BUYER", B)
    file = tmp_path / "orders.ndjson"
    file.write_text(lines)
    mapping = b"""
mapping: 1
files:
  customers: {key: customer_id}
  orders: {format: ndjson, key: order_id, joins: {buyer.id: customers.customer_id}}
customers: {fields: {contact.postal_address: x}, source: told}
orders: {interaction: purchase, at: at, channel: {always: web}, facts: {total: total}}
"""
    done = (await run(deps, {"orders": file}, mapping=mapping))["orders"]
    assert (done.events_added, done.refused) == (1, 4)
    assert refused(file) == [
        "2,buyer.id,not-a-text",
        "3,,not-an-object",
        "4,,not-json",
        "6,at,not-a-time",
    ]
    assert "12.50" in repr(await events(deps, B))


async def test_fields_of_a_joined_file_go_to_the_customer_of_the_row(deps, files, tmp_path):
    await run(deps, files)
    file = tmp_path / "points.csv"
    file.write_text(f"customer;points\n{B};120\n{B};130\nc-none;5\n")
    mapping = b"""
mapping: 1
files:
  customers: {key: customer_id}
  points: {joins: {customer: customers.customer_id}}
customers: {fields: {contact.postal_address: x}, source: told}
points: {source: observed, fields: {loyalty.points: points}}
"""
    done = (await run(deps, {"points": file}, mapping=mapping))["points"]
    assert (done.added, done.changed, done.refused) == (0, 2, 1)
    assert refused(file) == ["4,customer,unknown-reference"]
    who = await customer_of(deps, B)
    assert who
    async with deps.database.connect() as conn:
        (loaded,) = await load_many(conn, [who])
    assert loaded
    assert {row.field: row.row_version for row in loaded.values}["loyalty.points"] == 2


def test_the_sample_mapping_names_columns_that_are_there():
    from vault.services.import_mapping import parse

    for file in parse((DATA / "mapping.yaml").read_bytes(), RULEBOOK, name="m").files:
        name = {"reviews": "order_reviews"}.get(file.shape.name, file.shape.name)
        header = (DATA / f"{name}.csv").read_text(encoding="utf-8").split("\n", 1)[0]
        assert file.columns <= set(header.replace('"', "").split(","))


async def test_what_stands_is_not_changed_while_it_is_restricted(deps, files):
    await run(deps, files)
    who = await customer_of(deps, B)
    assert who
    await restriction.restrict(deps, who, request=None)
    text = files["orders"].read_text(encoding="utf-8")
    files["orders"].write_text(text.replace('"shipped"', '"delivered"'), encoding="utf-8")
    done = (await run(deps, {"orders": files["orders"]}))["orders"]
    assert (done.events_changed, done.refused) == (0, 4)
    assert "4,,restricted" in refused(files["orders"])
