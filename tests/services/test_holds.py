"""A legal hold keeps what it names through sweep, erasure and restore, and opens nothing."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from policies.decide import ActorKind
from tests.services import decisions, erasing
from tests.services.publishing import one_clock
from tests.services.test_retention import NOTE, add, deps, fields
from vault.core import erasure as rules_of_erasure
from vault.core import hold as rules
from vault.core.entry import Kind
from vault.core.errors import (
    BusyError,
    ConflictError,
    FormatError,
    NotAvailableError,
    OpenError,
    UnknownFieldError,
    WrongValueError,
)
from vault.core.hold import EVERYTHING, Ground
from vault.core.ids import NOBODY
from vault.core.look import Line
from vault.core.retention import Stays, Why
from vault.services import erase, erasure, hold_list, holds, jobs, retention, who_looked
from vault.services.ask import Ask
from vault.services.disclosure import disclose
from vault.services.hold_list import State
from vault.store import retained

__all__ = ["deps", "one_clock"]

WHY = "The customer says that the parcel never came."


@pytest.fixture
async def ana(deps):
    return await add(deps, "ana@example.org", **{NOTE: "The blue door"})


async def make(deps, who, *names, ground="legal-claims", days=600, reason=WHY, **given):
    until = deps.clock.now() + timedelta(days=days)
    return await holds.make(
        deps, who, ground=ground, until=until, reason=reason, names=names, **given
    )


async def states(deps, who=None):
    return [one.state for one in await hold_list.list_(deps, who)]


async def kept(deps, who):
    async with deps.database.connect() as conn:
        return sorted((row.name, row.purpose) for row in await retained.load(conn, who))


async def test_a_sweep_leaves_what_is_held_until_the_hold_ends(deps, ana, clock):
    await make(deps, ana, NOTE)
    clock.turn(days=599)
    tally = await retention.survey(deps)
    assert tally.stays == Counter({(NOTE, Stays.HELD): 1})
    assert (await retention.sweep(deps)).gone == Counter()
    assert await retention.left(deps) == ()
    clock.turn(days=1, seconds=1)
    assert (await retention.sweep(deps)).gone == Counter({(NOTE, Why.OVER): 1})


async def test_a_hold_that_is_lifted_keeps_nothing(deps, ana, clock):
    made = await make(deps, ana)
    clock.turn(days=400)
    assert not (await retention.sweep(deps)).gone
    assert await holds.lift(deps, ana, made)
    assert not await holds.lift(deps, ana, made)
    assert (await retention.sweep(deps)).gone == Counter({(NOTE, Why.OVER): 1})


async def test_the_customer_sees_that_it_was_set_and_lifted(deps, ana):
    made = await make(deps, ana, NOTE, actor="staff:heron")
    await holds.lift(deps, ana, made, actor="staff:wren")
    found: list[Line] = []
    async with asyncio.timeout(10):
        while len(found) < 2:
            latest = await who_looked.latest(deps, ana, limit=20)
            found = [one for one in latest if one.kind in {Kind.HELD, Kind.RELEASED}]
    end = (deps.clock.now() + timedelta(days=600)).date().isoformat()
    said = {one.kind: (one.actor, one.allowed) for one in found}
    about = (("hold", f"legal-claims/{end}"), (NOTE, "hold"))
    assert said == {
        Kind.HELD: ("staff:heron", about),
        Kind.RELEASED: ("staff:wren", about),
    }
    assert WHY not in repr(found)


async def test_a_hold_opens_nothing_to_anybody(deps, ana):
    await make(deps, ana)
    for kind in (ActorKind.OPERATOR, ActorKind.STAFF, ActorKind.APP):
        (answer,) = await disclose(deps, [Ask(customer=ana, kind=kind, actor="x", names=(NOTE,))])
        assert answer.opened == ()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"ground": "spite"}, WrongValueError),
        ({"days": 0}, WrongValueError),
        ({"days": 732}, WrongValueError),
        ({"reason": " "}, WrongValueError),
        ({"reason": "x" * 4_001}, WrongValueError),
    ],
    ids=repr,
)
async def test_what_is_no_hold_is_refused(deps, ana, given, error):
    with pytest.raises(error):
        await make(deps, ana, **given)
    assert await hold_list.list_(deps) == ()


async def test_a_hold_names_what_there_is(deps, ana):
    with pytest.raises(UnknownFieldError):
        await make(deps, ana, "no.such")
    with pytest.raises(NotAvailableError):
        await make(deps, NOBODY)
    await make(deps, ana, "interaction.call")


async def test_no_customer_has_more_holds_than_somebody_can_look_after(deps, ana, monkeypatch):
    monkeypatch.setattr(rules, "MOST", 2)
    await make(deps, ana)
    await make(deps, ana)
    with pytest.raises(ConflictError):
        await make(deps, ana)


async def test_reading_the_reason_is_a_recorded_look(deps, ana):
    made = await make(deps, ana)
    assert await holds.reason(deps, ana, made, actor="staff:heron") == WHY
    found: list[Line] = []
    async with asyncio.timeout(10):
        while not found:
            latest = await who_looked.latest(deps, ana, limit=20)
            found = [one for one in latest if one.kind is Kind.STAFF_LOOK]
    assert (found[0].actor, found[0].case) == ("staff:heron", str(made))
    with pytest.raises(NotAvailableError):
        await holds.reason(deps, ana, NOBODY)


# --- an edited database ------------------------------------------------------------------------


async def test_a_row_that_is_put_in_keeps_nothing(deps, ana, clock):
    other = await add(deps, "ben@example.org")
    made = await make(deps, other)
    await decisions.execute(
        deps, "UPDATE legal_hold SET customer_id = :ana WHERE hold_id = :made", ana=ana, made=made
    )
    clock.turn(days=400)
    assert (await retention.sweep(deps)).gone == Counter({(NOTE, Why.OVER): 1})
    assert await states(deps, ana) == [State.BROKEN]
    with pytest.raises(OpenError):
        await holds.reason(deps, ana, made)


@pytest.mark.parametrize(
    "edit",
    [
        "DELETE FROM legal_hold",
        "UPDATE legal_hold SET until = made_at",
        "UPDATE legal_hold SET names = '[\"contact.phone\"]'",
        "UPDATE legal_hold SET ground = 'law'",
        "UPDATE legal_hold SET made_by = 'staff:wren'",
    ],
)
async def test_editing_rows_lifts_no_hold_and_is_seen(deps, ana, clock, edit):
    await make(deps, ana, NOTE)
    await decisions.execute(deps, edit)
    clock.turn(days=400)
    assert (await retention.sweep(deps)).stays == Counter({(NOTE, Stays.HELD): 1})
    assert await states(deps, ana) == [State.BROKEN]


# --- an erasure --------------------------------------------------------------------------------


async def test_an_erasure_seals_what_is_held_and_says_so(deps, ana, clock):
    made = await make(deps, ana, NOTE)
    (shown,) = [one for one in (await erasure.preview(deps, ana)).kept if one.purpose == "hold"]
    assert shown.names == (NOTE,)
    assert shown.law == rules.LAWS[Ground.CLAIMS]
    await erasing.gone(deps, ana)
    assert set(await erasing.left(deps.database, ana)) <= {"customer_entry"}  # see `erase.follow`
    assert await kept(deps, ana) == [(NOTE, f"hold/{made.hex}")]
    (listed,) = await hold_list.list_(deps)
    assert (listed.state, listed.erased) == (State.STANDS, True)
    assert await holds.reason(deps, ana, made) == WHY
    clock.turn(days=601)
    assert await jobs.sweep(deps)
    assert await kept(deps, ana) == []
    assert await hold_list.list_(deps) == ()


async def test_lifting_it_after_an_erasure_leaves_what_a_law_keeps(deps, ana, clock):
    await erasing.buy(deps, ana)
    made = await make(deps, ana, days=700)
    await erasing.gone(deps, ana)
    before = await kept(deps, ana)
    assert {purpose for _, purpose in before} == {"tax", f"hold/{made.hex}"}
    assert NOTE in {name for name, _ in before}
    assert await holds.lift(deps, ana, made)
    assert {purpose for _, purpose in await kept(deps, ana)} == {"tax"}
    assert not await holds.lift(deps, ana, made)


async def test_what_a_hold_keeps_longer_than_a_law_stands_twice(deps, ana, monkeypatch):
    kept_by_laws = rules_of_erasure.kept

    def shorter(rulebook, *, at):
        laws = kept_by_laws(rulebook, at=at)
        return tuple(replace(one, until=at + timedelta(days=9)) for one in laws)

    monkeypatch.setattr(rules_of_erasure, "kept", shorter)
    await erasing.buy(deps, ana)
    made = await make(deps, ana, "interaction.purchase")
    await erasing.gone(deps, ana)
    both = [("interaction.purchase", purpose) for purpose in (f"hold/{made.hex}", "tax")]
    assert await kept(deps, ana) == both
    await holds.lift(deps, ana, made)
    assert await kept(deps, ana) == both[1:]


async def test_a_hold_that_keeps_nothing_leaves_no_row_of_an_erased_customer(deps, ana):
    await make(deps, ana, "interaction.call")
    await erasing.gone(deps, ana)
    assert await kept(deps, ana) == []
    assert await hold_list.list_(deps) == ()


async def test_an_edited_hold_of_an_erased_customer_is_not_lifted(deps, ana):
    made = await make(deps, ana, NOTE)
    await erasing.gone(deps, ana)
    await decisions.execute(deps, "UPDATE legal_hold SET made_by = 'staff:wren'")
    with pytest.raises(OpenError):
        await holds.lift(deps, ana, made)
    assert await kept(deps, ana)


async def test_a_hold_set_while_the_erasure_begins_is_not_lost(deps, ana, monkeypatch):
    from vault.services.disclosure import judge

    async def meanwhile(*given):
        judged = await judge(*given)
        await make(deps, ana, NOTE)
        return judged

    monkeypatch.setattr("vault.services.erase.judge", meanwhile)
    with pytest.raises(BusyError):
        await erase.erase(deps, ana)
    assert NOTE in await fields(deps, ana)
    monkeypatch.setattr("vault.services.erase.judge", judge)
    await erasing.gone(deps, ana)
    assert len(await kept(deps, ana)) == 1


# --- how a hold is written ---------------------------------------------------------------------


def test_holds_are_read_as_they_were_written(clock):
    one = rules.Hold(NOBODY, Ground.LAW, clock.now().replace(microsecond=0), frozenset())
    two = rules.Hold(NOBODY, Ground.CLAIMS, one.until + timedelta(days=1), frozenset({NOTE, "a.b"}))
    assert rules.load(rules.dump([two, one])) == (one, two)
    assert rules.held([two]) == {NOTE, "a.b"}
    assert rules.held([two, one]) == {NOTE, "a.b", EVERYTHING}
    assert rules.in_force(rules.dump([two, one]), one.until) == (two,)
    for line in ("", "x", f"{NOBODY.hex} 1 spite *", f"{NOBODY.hex} 1 law ", f"{NOBODY} 1 law *"):
        with pytest.raises(FormatError):
            rules.load([line])
