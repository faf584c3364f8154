"""Who was served is asked once, where all that counts allows it; an answer is kept, and followed up."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import text

from policies.model import Source
from tests import surveyed
from tests.services import mailbox, opened
from tests.services.decisions import allow, clock, deps, execute
from tests.services.logbook import until
from tests.services.publishing import one_clock
from vault.core import own_terms
from vault.core.errors import NotAvailableError
from vault.core.own_terms import Rule
from vault.services import (
    consent,
    customer,
    erase,
    jobs,
    own,
    survey,
    survey_invite,
    survey_job,
    terms,
    timeline,
)
from vault.services.unsubscribe import stop
from vault.store import sweeps_survey

__all__ = ["clock", "deps", "one_clock"]

LOW = {"recommend": ["3"], "words": ["The <b>beans</b> were old"]}


@pytest.fixture
async def ana(deps):
    await surveyed.publish(deps)
    return await surveyed.served(deps)


async def test_who_was_served_gets_one_letter_that_says_nothing_of_it(deps, ana):
    (letter,) = await surveyed.ask(deps)
    assert letter["to"] == surveyed.EMAIL
    said = mailbox.text(letter)
    for hidden in ("ana", "feedback", "Feedback", "Beans", "purchase", "visit"):
        assert hidden not in said.replace(surveyed.LINK.findall(said)[0][0], "")
    address = letter["list-unsubscribe"].strip("<>")
    assert letter["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert address in said
    assert len(await surveyed.ask(deps)) == 1  # who was asked is not asked again
    await stop(deps, address.rpartition("/")[2])
    assert (await terms.load(deps, ana)).terms.no_mails == {"surveys"}


async def test_the_letter_is_a_contact_and_a_look_that_the_customer_sees(deps, ana):
    await surveyed.ask(deps)
    (contact,) = await surveyed.events(deps, ana, "survey_letter")
    (bought,) = await surveyed.events(deps, ana, "purchase")
    assert (contact.parent, contact.purpose) == (bought.interaction_id, "feedback")
    wanted = [
        (2, "vault", [["interaction.survey_letter", "feedback"]]),
        (1, "vault", [["contact.email", "feedback"]]),
    ]

    async def both():  # of two writers, in whatever order the log took them in
        payloads = await opened.payloads(deps, ana)
        said = [(one["kind"], one["actor"], one["allowed"]) for one in payloads]
        return all(one in said for one in wanted)

    await until(both)


async def test_however_many_look_at_once_there_is_one_letter(deps, ana):
    sent = await asyncio.gather(*(survey_invite.invite(deps, ana, "visit") for _ in range(5)))
    assert sum(sent) == 1
    await surveyed.ask(deps)
    assert len(surveyed.letters(deps)) == 1


async def test_who_was_asked_is_not_asked_again_for_long_nor_about_the_same(deps, ana, clock):
    await surveyed.ask(deps)
    clock.turn(days=3)
    await surveyed.buys(deps, ana)
    assert not await survey_invite.invite(deps, ana, "visit")
    clock.turn(days=88)
    assert not await survey_invite.invite(deps, ana, "visit")  # what was bought is too long ago
    await surveyed.buys(deps, ana)
    assert await survey_invite.invite(deps, ana, "visit")


@pytest.mark.parametrize(("days", "asked"), [(0.9, False), (1, True), (29, True), (30, False)])
async def test_a_contact_is_old_enough_and_not_too_old(deps, days, asked):
    await surveyed.publish(deps)
    who = await customer.add(deps, {"contact.email": surveyed.EMAIL}, source=Source.TOLD)
    await allow(deps, who, "feedback")
    await surveyed.buys(deps, who, days=days)
    assert bool(await surveyed.ask(deps)) is asked


def off(_, stated):
    return own_terms.of_mails(stated, "surveys", wanted=False)


DENIED = {
    "turned off": off,
    "ruled out": partial(own_terms.of_purpose, purpose="feedback", rule=Rule.NEVER),
    "not by e-mail": partial(own_terms.of_channel, channel="email", rule=Rule.NEVER),
    "paused": lambda _, stated: replace(stated, paused=True),
    "to be erased": lambda _, stated: replace(stated, erase_at=1),
    "no use of the address": lambda _, stated: replace(
        stated, restricted_fields=frozenset({"contact.email"})
    ),
    "quiet hours": lambda _, stated: replace(stated, quiet="00:00-23:59 UTC"),
}


@pytest.mark.parametrize("alter", DENIED.values(), ids=DENIED)
async def test_whom_their_own_rules_shield_is_not_asked(deps, ana, alter):
    await terms.change(deps, ana, alter)
    assert await surveyed.ask(deps) == []
    assert await surveyed.events(deps, ana, "survey_letter") == []


async def test_whoever_said_no_or_nothing_is_not_asked(deps, ana):
    await consent.withdraw(deps, ana, "feedback")
    other = await customer.add(deps, {"contact.email": "b@example.org"}, source=Source.TOLD)
    await surveyed.buys(deps, other)
    assert await surveyed.ask(deps) == []


async def test_after_quiet_hours_it_is_asked(deps, ana, clock):
    quiet = "11:00-12:30 UTC"
    await terms.change(deps, ana, lambda _, stated: replace(stated, quiet=quiet))
    assert await surveyed.ask(deps) == []
    clock.turn(hours=1, seconds=1)
    assert await survey_invite.invite(deps, ana, "visit")


async def test_the_customers_own_limit_counts_what_reached_them(deps, ana, clock):
    await terms.change(deps, ana, lambda _, stated: replace(stated, at_most=1))
    assert await survey_invite.invite(deps, ana, "visit")
    await execute(deps, "DELETE FROM survey_turn")
    assert not await survey_invite.invite(deps, ana, "visit")
    clock.turn(days=31)
    await surveyed.buys(deps, ana)
    assert await survey_invite.invite(deps, ana, "visit")


async def test_a_letter_that_waits_goes_to_nobody_who_withdrew_meanwhile(deps, ana):
    assert await survey_invite.invite(deps, ana, "visit")
    await consent.withdraw(deps, ana, "feedback")
    await jobs.round_once(deps)
    assert surveyed.letters(deps) == []


async def test_a_look_goes_on_where_it_was_cut(deps, ana, monkeypatch):
    monkeypatch.setattr(survey_job, "PART", 1)
    for place in range(3):
        await surveyed.served(deps, f"c{place}@example.org")
    assert len(await surveyed.ask(deps)) == 4


async def test_a_broken_key_stops_the_look_at_nobody_else(deps, ana, monkeypatch):
    monkeypatch.setattr(survey_job, "PART", 1)
    bo = await surveyed.served(deps, "bo@example.org")
    broken = (
        "UPDATE customer_key SET wrapped = (SELECT it.wrapped FROM customer_key AS it "
        "WHERE it.customer_id = :other AND it.kind = 1) WHERE customer_id = :who AND kind = 1"
    )
    await execute(deps, broken, who=ana, other=bo)
    assert [one["to"] for one in await surveyed.ask(deps)] == ["bo@example.org"]


async def test_one_process_an_hour_begins(deps, ana):
    begun = await asyncio.gather(*(survey_job.hourly(deps) for _ in range(3)))
    assert sorted(begun) == [False, False, True]
    while await jobs.round_once(deps):
        pass
    assert len(surveyed.letters(deps)) == 1


async def test_before_there_is_a_survey_nobody_is_asked(deps):
    assert await surveyed.ask(deps) == []


async def test_an_answer_is_a_contact_of_the_customers_own_under_what_it_is_about(deps, ana):
    (letter,) = await surveyed.ask(deps)
    secret = surveyed.secret(letter)
    before = await survey.look(deps, secret)
    assert before
    assert not before.answered
    assert not (await survey.answer(deps, secret, LOW, request="r-1")).wrong
    (row,) = await surveyed.events(deps, ana, "survey_answer")
    (bought,) = await surveyed.events(deps, ana, "purchase")
    assert (row.parent, row.source) == (bought.interaction_id, "told")
    assert b"beans" not in row.sealed
    wanted = timeline.Wanted(kind="survey_answer")
    (node,) = (await timeline.timeline(deps, ana, wanted, cursor=None, request="r")).nodes
    told = node.told
    assert told.content == {
        "survey": "visit",
        "code": surveyed.BOOK.version,
        "answers": {"recommend": 3, "words": "The <b>beans</b> were old"},
    }
    last = [one for one in await opened.payloads(deps, ana) if one["kind"] == 2][-1]
    assert (last["actor"], last["allowed"]) == (
        "customer",
        [["interaction.survey_answer", "field/interaction.survey_answer"]],
    )
    after = await survey.look(deps, secret)
    assert after
    assert after.answered


async def test_an_answer_counts_once_however_often_it_is_sent(deps, ana):
    (letter,) = await surveyed.ask(deps)
    secret = surveyed.secret(letter)
    both = {"recommend": ["9"], "missed": ["milk", "seat"], "words": ["x"]}
    await asyncio.gather(*(survey.answer(deps, secret, both) for _ in range(4)))
    await survey.answer(deps, secret, {"recommend": ["0"]})
    assert await surveyed.counts(deps) == {
        ("recommend", ""): 1,
        ("recommend", "9"): 1,
        ("missed", ""): 1,
        ("missed", "milk"): 1,
        ("missed", "seat"): 1,
        ("words", ""): 1,
    }
    assert len(await surveyed.events(deps, ana, "survey_answer")) == 1


async def opened_for(deps, who):
    async with deps.database.connect() as conn:
        rows = await conn.execute(text("SELECT customer_id FROM follow_up"))
        return len(rows.all())


@pytest.mark.parametrize(
    ("answers", "follows"),
    [({"recommend": ["6"]}, 1), ({"recommend": ["7"], "happy": ["2"]}, 1), ({"happy": ["3"]}, 0)],
)
async def test_a_low_score_lets_something_follow_and_no_other_does(deps, ana, answers, follows):
    (letter,) = await surveyed.ask(deps)
    await survey.answer(deps, surveyed.secret(letter), answers)
    assert await opened_for(deps, ana) == follows


async def nothing(deps, secret):
    assert await survey.look(deps, secret) is None
    with pytest.raises(NotAvailableError):
        await survey.answer(deps, secret, LOW)


async def test_a_link_leads_to_nothing_once_the_purpose_may_keep_nothing(deps, ana):
    (letter,) = await surveyed.ask(deps)
    await consent.withdraw(deps, ana, "feedback")
    for _ in range(2):
        await nothing(deps, surveyed.secret(letter))
    denied = [one for one in await opened.payloads(deps, ana) if one["kind"] == 3]
    assert [one["withheld"] for one in denied] == [[["interaction.survey_answer", "withdrawn"]]]
    assert await surveyed.counts(deps) == {}


async def test_a_link_ends_with_its_day(deps, ana, clock):
    (letter,) = await surveyed.ask(deps)
    clock.turn(days=30)
    await nothing(deps, surveyed.secret(letter))
    await jobs.sweep(deps)
    async with deps.database.connect() as conn:
        assert (await conn.execute(text("SELECT count(*) FROM survey_link"))).scalar_one() == 0


async def test_an_edited_link_asks_nobody_else(deps, ana):
    (letter,) = await surveyed.ask(deps)
    other = await surveyed.served(deps, "b@example.org")
    await execute(deps, "UPDATE survey_link SET customer_id = :who", who=other)
    await nothing(deps, surveyed.secret(letter))


async def test_an_erasure_takes_links_and_turns_and_leaves_the_counts(deps, ana):
    (letter,) = await surveyed.ask(deps)
    await survey.answer(deps, surveyed.secret(letter), {"recommend": ["9"]})
    await erase.erase(deps, ana)
    await nothing(deps, surveyed.secret(letter))
    async with deps.database.connect() as conn:
        for table in ("survey_link", "survey_turn"):
            assert (await conn.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0
    assert (await surveyed.counts(deps))["recommend", "9"] == 1


async def test_what_was_answered_under_one_person_stays_with_them(deps, ana):
    other = await surveyed.served(deps, "b@example.org")
    for letter in await surveyed.ask(deps):
        if letter["to"] == "b@example.org":
            await survey.answer(deps, surveyed.secret(letter), LOW)
    assert await surveyed.events(deps, ana, "survey_answer") == []
    assert len(await surveyed.events(deps, other, "survey_answer")) == 1
    assert (await own.look(deps, ana, request="r")).opened


async def test_whom_to_look_at_is_found_by_pages(deps, ana):
    other = await surveyed.served(deps, "b@example.org")
    since, until = survey_invite.window(surveyed.VISIT, deps.clock.now())

    async def due(after=None):
        async with deps.database.connect() as conn:
            return await sweeps_survey.customers_due(
                conn,
                "visit",
                ["purchase"],
                since=since,
                until=until,
                now=deps.clock.now(),
                after=after,
                limit=1,
            )

    first, second = sorted([ana, other])
    assert await due() == [first]
    assert await due(first) == [second]
    await survey_invite.invite(deps, first, "visit")
    assert await due() == [second]
