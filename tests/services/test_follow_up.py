"""What opens a follow-up and what does not, and that it goes with its contact and its customer."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from policies.compile import compile_
from policies.decide import ActorKind, Permission
from policies.model import Action, Source, StaffRole
from tests import followed
from tests.services import colleague, import_shop
from tests.services.publishing import one_clock
from tests.vaults import LATER, START, publish
from vault.core import follow_up as rules
from vault.core.errors import (
    ConflictError,
    NotAvailableError,
    OpenError,
    OutsideTokenError,
    TooManyError,
)
from vault.core.follow_up import Outcome, State
from vault.services import (
    customer,
    erase,
    follow_up,
    follow_up_app,
    follow_up_owed,
    follow_up_own,
    follow_up_staff,
    interaction,
    own_event,
    restriction,
    retention,
)
from vault.services.ask import Ask
from vault.services.follow_up import By
from vault.services.follow_up_own import Said
from vault.services.interaction import Event
from vault.store import commit
from vault.store.follow_up import follow_up as table
from vault.store.follow_up_queue import follow_up_queue

__all__ = ["one_clock"]

ANA = {"contact.email": "ana@example.org"}
HOUR = timedelta(hours=1)


@pytest.fixture
async def ana(deps, tmp_path):
    await followed.put_in_force(deps, tmp_path)
    return await customer.add(deps, ANA, source=Source.TOLD)


def ask_of(who, kinds, action):
    names = tuple(interaction.name(kind) for kind in kinds)
    covered = frozenset(Permission("support", action, name) for name in names)
    return Ask(
        customer=who,
        kind=ActorKind.APP,
        actor="app:delivery",
        app="delivery",
        purpose="support",
        names=names,
        action=action,
        registration=covered,
        ceiling=covered,
    )


async def note(deps, who, kind="complaint", *, at=START - HOUR, parent=None):
    ask = ask_of(who, [kind], Action.APPEND)
    return (await interaction.append(deps, ask, Event(kind, at, "shop", {"text": "x"}, parent)))[0]


async def all_of(deps, who):
    async with deps.database.connect() as conn:
        rows = await conn.execute(select(table).where(table.c.customer_id == who))
        return [(row.event, row.kind, row.owner, row.state, row.due_at) for row in rows]


async def counted(deps):
    """Return how many rows both tables have."""
    async with deps.database.connect() as conn:
        return [
            (await conn.execute(select(func.count()).select_from(one))).scalar_one()
            for one in (table, follow_up_queue)
        ]


async def offered(deps, who, event):
    """Offer that what follows an event is settled, as staff do, and return its id."""
    async with deps.database.connect() as conn:
        statement = select(table.c.follow_up_id).where(table.c.event == event)
        follow_up_id = (await conn.execute(statement)).scalar_one()

    def rule(one, now):
        return rules.offer(one, Outcome.SOLVED, now=now)

    by = By("staff:s-12345678", "follow-up")
    await follow_up.change(deps, who, follow_up_id, rule, by=by)
    return follow_up_id


async def test_a_contact_of_a_kind_that_is_followed_opens_one(deps, ana):
    event = await note(deps, ana)
    await note(deps, ana, "call")
    due = START - HOUR + timedelta(days=followed.WITHIN)
    assert await all_of(deps, ana) == [(event, "complaint", "support", "open", due)]
    assert await counted(deps) == [1, 1]


async def test_an_app_that_tells_late_makes_one_that_is_overdue(deps, ana):
    await note(deps, ana, at=START - timedelta(days=20))
    assert await follow_up_owed.counts(deps) == (1, 0)


async def test_what_is_under_one_that_is_not_settled_belongs_to_it(deps, ana):
    event = await note(deps, ana)
    await note(deps, ana, parent=event)
    assert await counted(deps) == [1, 1]
    follow_up_id = await offered(deps, ana, event)
    await note(deps, ana, parent=event)
    assert await counted(deps) == [1, 1]
    await follow_up_own.agree(deps, ana, follow_up_id, version=1, said=Said(uuid4()), request="r")
    await note(deps, ana, parent=event)
    assert await counted(deps) == [2, 2]


async def test_what_is_deeper_under_one_that_is_not_settled_belongs_to_it(deps, ana):
    answer = await note(deps, ana, "call", parent=await note(deps, ana))
    await note(deps, ana, parent=answer)
    assert await counted(deps) == [1, 1]


async def edited(deps, **values):
    await commit.request(deps.database, lambda conn: conn.execute(update(table).values(**values)))


async def test_one_that_somebody_opened_again_in_the_database_takes_nothing_in(deps, ana):
    event = await note(deps, ana)
    follow_up_id = await offered(deps, ana, event)
    await follow_up_own.agree(deps, ana, follow_up_id, version=1, said=Said(uuid4()), request="r")
    await edited(deps, state="open")
    await note(deps, ana, parent=event)
    assert await counted(deps) == [2, 2]


async def test_a_number_that_was_moved_leads_staff_to_nobody(deps, ana):
    sam = (await colleague.join(deps, "sam", StaffRole.SUPPORT)).member
    await note(deps, ana)
    (owed,) = await follow_up_owed.owed(deps)
    number = owed.case.number
    assert (await follow_up_staff.look(deps, sam, number, "support", request="r")).thread
    assert await follow_up_owed.whose(deps, number) == ana
    other = "F0000000000"
    await edited(deps, number=other)
    queued = update(follow_up_queue).values(number=other)
    await commit.request(deps.database, lambda conn: conn.execute(queued))
    with pytest.raises(OpenError):
        await follow_up_staff.look(deps, sam, other, "support", request="r")
    assert await follow_up_owed.whose(deps, other) is None


async def test_a_contact_that_is_refused_opens_nothing(deps, ana):
    ask = ask_of(ana, ["complaint"], Action.APPEND)
    ask.ceiling = frozenset()
    with pytest.raises(OutsideTokenError):
        await interaction.append(deps, ask, Event("complaint", START, "shop", {}))
    assert await counted(deps) == [0, 0]


async def test_apps_are_told_of_the_kinds_that_they_may_read(deps, ana):
    event = await note(deps, ana)
    found = await follow_up_app.unsettled(deps, ask_of(ana, ["complaint", "call"], Action.READ))
    [case] = found.cases
    assert case.follow_up
    assert (case.event, case.follow_up.state) == (event, State.OPEN)
    assert found.receipt
    found = await follow_up_app.unsettled(deps, ask_of(ana, ["call"], Action.READ))
    assert found.cases == ()
    await restriction.restrict(deps, ana, request="r")
    with pytest.raises(NotAvailableError):
        await follow_up_app.unsettled(deps, ask_of(ana, ["complaint"], Action.READ))


async def test_two_answers_at_once_are_one(deps, ana):
    event = await note(deps, ana)
    follow_up_id = await offered(deps, ana, event)

    async def answer(act):
        try:
            await act(deps, ana, follow_up_id, version=1, said=Said(uuid4()), request="r")
        except ConflictError:
            return False
        return True

    answers = await asyncio.gather(
        *(answer(act) for act in (follow_up_own.agree, follow_up_own.disagree))
    )
    assert sorted(answers) == [False, True]
    [(_, _, _, state, _)] = await all_of(deps, ana)
    assert state == ("settled" if answers[0] else "open")


async def test_it_goes_with_its_contact(deps, ana, clock):
    await note(deps, ana)
    young = await note(deps, ana, at=START)
    clock.turn(days=3 * 365 + 1, minutes=-30)
    await retention.sweep(deps)
    assert [event for event, *_ in await all_of(deps, ana)] == [young]
    assert await counted(deps) == [1, 1]


async def test_it_goes_with_its_customer(deps, ana):
    await note(deps, ana)
    assert await erase.erase(deps, ana) is not None
    assert await counted(deps) == [0, 0]


async def test_an_import_opens_what_can_still_be_kept(deps, tmp_path):
    """Of four reviews three have an order; one of them was due before it was imported."""
    swaps = (("{within: P5D", "{within: P12M"), ("effective: 2026-12-01", "effective: 2026-11-02"))
    text = followed.followed(LATER.read_text(encoding="utf-8"))
    book = followed.swapped(text, *swaps)
    file = tmp_path / "followed.yaml"
    file.write_text(book, encoding="utf-8")
    await publish(deps, file)
    mapping = (import_shop.DATA / "mapping.yaml").read_text(encoding="utf-8")
    complaints = mapping.replace("interaction: survey_answer", "interaction: complaint")
    (tmp_path / "shop").mkdir()
    files = import_shop.shop(tmp_path / "shop")
    for _ in range(2):  # again is nothing new
        await import_shop.run(
            deps,
            files,
            mapping=complaints.encode(),
            rulebook=compile_(book.encode(), name=file.name),
        )
        owed = await follow_up_owed.owed(deps)
        assert [one.case.begun.date().isoformat() for one in owed] == ["2026-02-01", "2026-02-20"]
        assert await follow_up_owed.counts(deps) == (0, 2)


async def test_words_with_an_answer_count_among_what_a_customer_may_write_in_a_day(deps, ana):
    follow_up_id = await offered(deps, ana, await note(deps, ana))

    async def say(version, words):
        await follow_up_own.disagree(
            deps, ana, follow_up_id, version=version, said=words, request="r"
        )

    for number in range(own_event.A_DAY):
        words = Said(uuid4(), "Still cold.")
        for _ in range(2):  # a form that is sent twice counts once
            await say(number + 1, words)
    with pytest.raises(TooManyError):
        await say(own_event.A_DAY + 1, Said(uuid4(), "Still cold."))
    with pytest.raises(TooManyError):
        await own_event.append(deps, ana, "complaint", event_id=uuid4(), text="Cold.", request="r")
    await follow_up_own.agree(
        deps, ana, follow_up_id, version=own_event.A_DAY + 1, said=Said(uuid4()), request="r"
    )
