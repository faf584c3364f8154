"""One letter before something that was allowed ends: once, wanted, and never about imports."""

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import text

from policies.model import Source
from tests.services import mailbox
from tests.services.decisions import allow, ana, clock, deps, execute
from tests.services.test_consent_import import imported, take_over
from vault.core import own_terms
from vault.core.own_terms import Rule
from vault.services import consent, customer, jobs, reminder, terms
from vault.services.unsubscribe import stop

__all__ = ["ana", "clock", "deps"]


async def letters(deps):
    await jobs.round_once(deps)
    return [one for one in mailbox.mails(deps) if "ends soon" in one["subject"]]


async def near_the_end(deps, who, clock):
    await allow(deps, who)
    clock.turn(days=336)


async def test_a_letter_goes_out_thirty_days_before_the_end_and_not_before(deps, ana, clock):
    await allow(deps, ana)
    clock.turn(days=334)
    assert await reminder.remind(deps) == 0
    clock.turn(days=1, seconds=1)
    assert await reminder.remind(deps) == 1
    (letter,) = await letters(deps)
    assert letter["to"] == "ana@example.org"
    said = mailbox.text(letter)
    assert f"{deps.issuer}/privacy" in said
    for secret in ("Ana", "marketing", "Letters", "news"):
        assert secret not in said


async def test_it_is_written_once_for_each_end(deps, ana, clock):
    await near_the_end(deps, ana, clock)
    assert await reminder.remind(deps) == 1
    assert await reminder.remind(deps) == 0
    await consent.withdraw(deps, ana, "marketing", fields=["contact.email"])
    assert await reminder.remind(deps) == 0
    await allow(deps, ana)
    assert await reminder.remind(deps) == 0
    clock.turn(days=336)
    assert await reminder.remind(deps) == 1


async def test_two_ends_make_one_letter(deps, ana, clock):
    await allow(deps, ana, "loyalty.rewards")
    await near_the_end(deps, ana, clock)
    assert await reminder.remind(deps) == 1


async def test_the_letter_carries_the_link_that_stops_it(deps, ana, clock):
    await near_the_end(deps, ana, clock)
    await reminder.remind(deps)
    (letter,) = await letters(deps)
    address = letter["list-unsubscribe"].strip("<>")
    assert letter["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert address in mailbox.text(letter)
    await stop(deps, address.rpartition("/")[2])
    assert (await terms.load(deps, ana)).terms.no_mails == {"reminders"}


def off(_, stated):
    return own_terms.of_mails(stated, "reminders", wanted=False)


@pytest.mark.parametrize(
    "alter",
    [
        off,
        partial(own_terms.of_purpose, purpose="marketing", rule=Rule.NEVER),
        lambda _, stated: replace(stated, lapse_days=30),  # it has ended already
        lambda _, stated: replace(stated, erase_at=1),
    ],
    ids=["turned off", "ruled out", "lapsed", "to be erased"],
)
async def test_who_does_not_want_it_gets_none(deps, ana, clock, alter):
    await near_the_end(deps, ana, clock)
    await terms.change(deps, ana, alter)
    assert await reminder.remind(deps) == 0
    assert await letters(deps) == []


async def test_a_letter_that_waits_is_not_sent_to_who_turned_it_off(deps, ana, clock):
    await near_the_end(deps, ana, clock)
    assert await reminder.remind(deps) == 1
    await terms.change(deps, ana, off)
    assert await letters(deps) == []


async def test_what_came_by_an_import_is_not_announced(deps, ana, clock):
    await take_over(deps, ana, imported(clock, days=336))
    assert await reminder.remind(deps) == 0
    async with deps.database.connect() as conn:
        seen = (await conn.execute(text("SELECT count(*) FROM reminded"))).scalar_one()
    assert seen == 1


async def test_what_was_stopped_is_not_announced(deps, ana, clock):
    await near_the_end(deps, ana, clock)
    await consent.withdraw(deps, ana, "marketing")
    assert await reminder.remind(deps) == 0


async def test_a_broken_record_stops_nobody_elses_letter(deps, ana, clock):
    other = await customer.add(deps, {"contact.email": "b@example.org"}, source=Source.TOLD)
    await allow(deps, ana)
    await near_the_end(deps, other, clock)
    await execute(deps, "UPDATE standing SET epoch = 9 WHERE customer_id = :who", who=ana)
    assert await reminder.remind(deps) == 1


async def test_one_process_looks_once_an_hour(deps, ana, clock):
    await near_the_end(deps, ana, clock)
    assert await reminder.sweep(deps)
    assert not await reminder.sweep(deps)


async def test_all_pages_are_gone_through(deps, ana, clock, monkeypatch):
    monkeypatch.setattr(reminder, "PAGE", 1)
    for name in ("b", "c"):
        one = await customer.add(deps, {"contact.email": f"{name}@example.org"}, source=Source.TOLD)
        await allow(deps, one)
    await near_the_end(deps, ana, clock)
    assert await reminder.remind(deps) == 3
