"""A change of what only subtracts stands with its epoch and its entry, or is none."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from policies.situation import Terms
from tests.services.decisions import allow, ana, clock, deps, execute, readable
from vault.core.entry import Kind
from vault.core.errors import NotAvailableError, OpenError
from vault.core.ids import NOBODY
from vault.services.draft import Draft
from vault.services.standing_change import set_terms
from vault.store import commit

__all__ = ["ana", "clock", "deps"]


def pause(stated):
    return replace(stated, paused=True)


async def one(deps, words):
    async with deps.database.connect() as conn:
        return (await conn.execute(text(f"SELECT {words}"))).scalar_one()


async def epochs(deps):
    """The standing row's epoch, and that of the one consent."""
    return await one(deps, "epoch FROM standing"), await one(deps, "epoch FROM consent")


async def entries(deps):
    outbox = await one(deps, "count(*) FROM log_outbox")
    return outbox + await one(deps, "count(*) FROM log_leaf")


async def test_a_change_raises_the_epoch_and_every_consent_follows(deps, ana):
    await allow(deps, ana)
    before = await entries(deps)
    assert await set_terms(deps, ana, pause)
    assert await epochs(deps) == (2, 2)
    assert await entries(deps) == before + 1
    assert await readable(deps, ana) == set()
    assert await set_terms(deps, ana, lambda _: Terms())
    assert await epochs(deps) == (3, 3)
    assert await readable(deps, ana)


async def test_a_change_that_changes_nothing_is_none(deps, ana):
    await allow(deps, ana)
    await set_terms(deps, ana, pause)
    before = await entries(deps)
    assert not await set_terms(deps, ana, pause)
    assert not await set_terms(deps, ana, lambda stated: stated)
    assert await epochs(deps) == (2, 2)
    assert await entries(deps) == before


async def test_an_old_row_put_back_does_not_lift_a_term(deps, ana):
    await allow(deps, ana)
    async with deps.database.connect() as conn:
        row = (await conn.execute(text("SELECT epoch, terms, mac FROM standing"))).one()
    await set_terms(deps, ana, pause)
    back = text("UPDATE standing SET epoch = :epoch, terms = :terms, mac = :mac")
    await commit.request(deps.database, lambda conn: conn.execute(back, row._asdict()))
    assert await readable(deps, ana) == set()  # the consents' epoch is another


async def test_a_broken_consent_is_not_made_good_by_a_change(deps, ana):
    await allow(deps, ana)
    await execute(deps, "UPDATE consent SET until_ms = until_ms + 1")
    await set_terms(deps, ana, pause)
    await set_terms(deps, ana, lambda _: Terms())
    assert await readable(deps, ana) == set()


async def test_two_changes_at_once_both_stand(deps, ana):
    def no_profiling(stated):
        return replace(stated, no_profiling=True)

    done = await asyncio.gather(set_terms(deps, ana, pause), set_terms(deps, ana, no_profiling))
    assert all(done)
    assert await one(deps, "terms FROM standing") == '{"no_profiling":true,"paused":true}'
    assert await one(deps, "epoch FROM standing") == 2


async def test_a_restriction_of_fields_is_told_by_their_names(deps, ana, monkeypatch):
    drafts = []

    def kept(**said):
        drafts.append(said)
        return Draft(**said)

    monkeypatch.setattr("vault.services.standing_change.Draft", kept)

    def restrict(stated):
        return replace(stated, restricted_fields=frozenset({"contact.email"}))

    await set_terms(deps, ana, restrict, kind=Kind.RESTRICTED, names=("contact.email",))
    assert drafts[0]["allowed"] == (("contact.email", "restricted"),)
    assert (drafts[0]["kind"], drafts[0]["actor"]) == (Kind.RESTRICTED, "customer")


async def test_nobody_and_broken_rows_are_not_changed(deps, ana):
    with pytest.raises(NotAvailableError):
        await set_terms(deps, NOBODY, pause)
    await execute(deps, "UPDATE standing SET flags = 1")
    with pytest.raises(OpenError):
        await set_terms(deps, ana, pause)
