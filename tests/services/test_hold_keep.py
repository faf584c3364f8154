"""A customer corrects or deletes what a hold names: it is as they want, and a sealed copy is kept."""

import pytest

from tests.services import erasing
from tests.services.publishing import one_clock
from tests.services.test_holds import kept, make
from tests.services.test_retention import NOTE, add, deps, fields
from vault.core import hold as rules
from vault.core.errors import BusyError
from vault.core.ids import LogId
from vault.core.recorded import EntryId, Recorded
from vault.crypto.field import SealedValue, open_each
from vault.crypto.keys import Kind, WrappedKey
from vault.services import erasure, field, hold_keep, hold_list, holds, jobs, retention
from vault.store import retained

__all__ = ["deps", "one_clock"]


@pytest.fixture
async def ana(deps):
    return await add(deps, "ana@example.org", **{NOTE: "The blue door"})


async def correct(deps, who, value, version):
    return await field.correct(deps, who, NOTE, value, version=version, request="r")


async def opened(deps, who):
    """Open what is kept, as only a court could have it done; returns the values."""
    async with deps.database.connect() as conn:
        rows = await retained.load(conn, who)
        key = await retained.load_key(conn, who)
    assert key
    wrapped = WrappedKey(who, Kind.RETAINED, 1, key.key_id, key.kek_id, key.wrapped)
    recorded = Recorded(EntryId(LogId(0), b"w" * 16, 1, 0), who, frozenset({NOTE}), "")
    sealed = [
        SealedValue(row.name, row.value_id, row.schema, row.row_version, row.sealed) for row in rows
    ]
    return sorted(open_each(recorded, deps.keys.keks, wrapped, sealed))


async def test_what_is_deleted_is_kept_sealed_for_each_hold(deps, ana):
    one = await make(deps, ana, NOTE)
    two = await make(deps, ana, ground="law", days=9)
    await make(deps, ana, "preferences.coffee")
    assert await field.delete(deps, ana, NOTE, version=1, request="r")
    assert NOTE not in await fields(deps, ana)
    both = sorted((NOTE, rules.purpose(made)) for made in (one, two))
    assert await kept(deps, ana) == both
    assert await opened(deps, ana) == ["The blue door"] * 2
    assert await holds.lift(deps, ana, two)
    assert await kept(deps, ana) == [(NOTE, rules.purpose(one))]
    assert await holds.lift(deps, ana, one)
    assert await kept(deps, ana) == []
    async with deps.database.connect() as conn:
        assert await retained.load_key(conn, ana) is None


async def test_each_value_that_stood_under_the_hold_is_kept(deps, ana):
    made = await make(deps, ana, NOTE)
    assert await correct(deps, ana, "The red door", 1)
    assert not await correct(deps, ana, "The red door", 2)
    assert await correct(deps, ana, "The green door", 2)
    assert await opened(deps, ana) == ["The blue door", "The red door"]
    (shown,) = [one for one in (await erasure.preview(deps, ana)).kept if one.purpose == "hold"]
    assert shown.names == (NOTE,)
    await erasing.gone(deps, ana)
    assert await kept(deps, ana) == [(NOTE, rules.purpose(made))] * 3
    assert len(await opened(deps, ana)) == 3


async def test_an_erasure_after_a_deletion_keeps_the_copy_and_says_so(deps, ana, clock):
    made = await make(deps, ana, NOTE)
    await field.delete(deps, ana, NOTE, version=1, request="r")
    (shown,) = [one for one in (await erasure.preview(deps, ana)).kept if one.purpose == "hold"]
    assert shown.names == (NOTE,)
    await erasing.gone(deps, ana)
    assert await kept(deps, ana) == [(NOTE, rules.purpose(made))]
    assert [one.erased for one in await hold_list.list_(deps)] == [True]
    clock.turn(days=601)
    assert await jobs.sweep(deps)
    assert await kept(deps, ana) == []


async def test_the_copy_goes_with_the_day_of_the_hold(deps, ana, clock):
    await make(deps, ana, NOTE, days=9)
    await field.delete(deps, ana, NOTE, version=1, request="r")
    clock.turn(days=9, seconds=1)
    assert await jobs.sweep(deps)
    assert await kept(deps, ana) == []
    assert await retention.left(deps) == ()


async def test_what_no_hold_names_is_not_kept(deps, ana):
    await make(deps, ana, "preferences.coffee")
    await field.delete(deps, ana, NOTE, version=1, request="r")
    assert await kept(deps, ana) == []


async def test_a_hold_that_is_set_meanwhile_is_not_passed_over(deps, ana, monkeypatch):
    decided = hold_keep.decided

    async def meanwhile(*given):
        before = await decided(*given)
        await make(deps, ana, NOTE)
        return before

    monkeypatch.setattr("vault.services.hold_keep.decided", meanwhile)
    with pytest.raises(BusyError):
        await field.delete(deps, ana, NOTE, version=1, request="r")
    assert NOTE in await fields(deps, ana)
    monkeypatch.setattr("vault.services.hold_keep.decided", decided)
    assert await field.delete(deps, ana, NOTE, version=1, request="r")
    assert len(await kept(deps, ana)) == 1
