"""An edited row of a value shows nothing, to anybody, and no mark makes it good again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from policies.model import Source
from policies.reasons import Reason
from tests.services.test_disclosure import ANA, asking
from tests.vaults import FakeClock, vault
from vault.core.ids import CustomerId
from vault.services import customer, own, provenance, unit, values
from vault.services.disclosure import disclose
from vault.services.load import load_locked
from vault.store import commit
from vault.store import value as store

NAME = "contact.postal_address"


@pytest.fixture
async def deps(database, tmp_path):
    async with vault(database, tmp_path, clock=FakeClock()) as opened:
        yield opened


@pytest.fixture
async def ana(deps):
    """A customer whose address came from a third party, of which she was told."""
    who = await customer.add(deps, ANA, source=Source.TOLD)
    await customer_change(deps, who, {NAME: "2 Quay"}, Source.THIRD_PARTY)
    await mark(deps, who, lambda row: replace(row, told_at=deps.clock.now()))
    return who


async def customer_change(deps, who, fields, source):
    async def work(it):
        load = await load_locked(it.conn, deps.codes, who, at=it.now)
        await values.save(it, load, fields, keys={}, source=source, at=None)

    await unit.run(deps, work)


async def mark(deps, who, alter):
    async def work(it):
        load = await load_locked(it.conn, deps.codes, who, at=it.now)
        return await values.mark(it, load, (NAME,), alter)

    return (await unit.run(deps, work))[0]


async def edit(deps, assignment):
    async def work(conn):
        await conn.execute(
            text(f"UPDATE value SET {assignment} WHERE field = :name"), {"name": NAME}
        )

    await commit.request(deps.database, work)


async def seen_by_app(deps, who):
    (answer,) = await disclose(deps, [asking(who, (NAME, "contact.full_name"))])
    assert "contact.full_name" in {one.name for one in answer.opened}
    return {one.name: one.value for one in answer.opened}.get(NAME), {
        one.name: one.reason for one in answer.withheld
    }


async def test_a_told_value_of_a_third_party_opens(deps, ana):
    assert await seen_by_app(deps, ana) == ("2 Quay", {})


@pytest.mark.parametrize(
    "assignment",
    [
        "source = 'told'",
        "told_at = NULL, source = 'told'",
        "told_at = written_at, disputed_at = written_at",
        "disputed_at = written_at",
        "verified_at = written_at",
        "gathered_at = '2020-01-01 00:00:00+00'",
        "row_version = row_version + 1",
        "mac = NULL",
        "mac = fingerprint",
    ],
)
async def test_an_edited_row_is_opened_for_nobody(deps, ana, assignment):
    await edit(
        deps, assignment.replace("+00", "") if deps.database.dialect == "sqlite" else assignment
    )
    assert await seen_by_app(deps, ana) == (None, {NAME: Reason.DAMAGED})
    held = {one.field.name: one for one in await own.held(deps, ana, request="r")}
    assert (held[NAME].value, held[NAME].damaged) == (None, True)
    assert held["contact.full_name"].value == ANA["contact.full_name"]


async def test_an_untold_value_is_not_told_by_an_edit(deps, ana):
    await customer_change(deps, ana, {NAME: "3 Quay"}, Source.THIRD_PARTY)
    assert await seen_by_app(deps, ana) == (None, {NAME: Reason.NOT_TOLD})
    await edit(deps, "told_at = written_at")
    assert await seen_by_app(deps, ana) == (None, {NAME: Reason.DAMAGED})


async def test_no_mark_makes_a_broken_row_good(deps, ana):
    await edit(deps, "source = 'told'")
    assert await mark(deps, ana, lambda row: replace(row, verified_at=deps.clock.now())) == ()
    assert await seen_by_app(deps, ana) == (None, {NAME: Reason.DAMAGED})


async def test_a_new_value_replaces_a_broken_one(deps, ana):
    await edit(deps, "source = 'told'")
    await customer_change(deps, ana, {NAME: "4 Quay"}, Source.TOLD)
    assert await seen_by_app(deps, ana) == ("4 Quay", {})


async def test_a_mark_that_stands_already_is_none(deps, ana):
    at = deps.clock.now()
    assert await mark(deps, ana, lambda row: replace(row, disputed_at=at)) == (NAME,)
    assert await mark(deps, ana, lambda row: replace(row, disputed_at=at)) == ()


async def test_apps_are_told_of_a_dispute_and_of_a_confirmation(deps, ana):
    at = deps.clock.now() + timedelta(days=1)
    await mark(deps, ana, lambda row: replace(row, disputed_at=at, verified_at=at))
    (answer,) = await disclose(deps, [asking(ana, (NAME,))])
    assert [(one.disputed, one.verified) for one in answer.opened] == [(at, at)]


async def test_the_same_value_written_again_stays_disputed_and_another_does_not(deps, ana):
    await mark(deps, ana, lambda row: replace(row, disputed_at=deps.clock.now()))
    for text_, disputed in (("2 Quay", True), ("5 Quay", False)):
        await customer_change(deps, ana, {NAME: text_}, Source.TOLD)
        (answer,) = await disclose(deps, [asking(ana, (NAME,))])
        assert bool(answer.opened[0].disputed) is disputed


async def test_values_without_a_mac_open_once_they_are_sealed(deps, ana):
    await edit(deps, "mac = NULL")
    assert await provenance.seal_all(deps) == 1
    assert await provenance.seal_all(deps) == 0
    assert await seen_by_app(deps, ana) == ("2 Quay", {})


async def test_sealing_leaves_a_broken_row_broken(deps, ana):
    await edit(deps, "source = 'told'")
    assert await provenance.seal_all(deps) == 0
    assert await seen_by_app(deps, ana) == (None, {NAME: Reason.DAMAGED})


async def test_a_value_moved_to_another_customer_with_its_mac_is_broken(deps, ana):
    other = await customer.add(deps, {NAME: "9 Quay"}, source=Source.TOLD)
    async with deps.database.connect() as conn:
        (row,) = await store.load(conn, CustomerId(ana), fields={NAME})
    moved = replace(row, customer=other)
    assert provenance.damaged(deps, other, [moved], names=[NAME]) == {NAME}
    assert provenance.damaged(deps, ana, [row], names=[NAME]) == frozenset()
