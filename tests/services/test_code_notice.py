"""Who cannot be asked is told: of a clause on another basis that asks more, of a promise given up."""

import pytest
from sqlalchemy import text as sql

from policies.model import Source
from tests.services import erasing, mailbox, packages
from tests.services.decisions import ANA, allow, ana, clock, deps
from tests.services.publishing import one_clock, publish, work
from tests.services.test_dropped import BIRTH, swaps
from tests.vaults import SAMPLE
from vault.crypto.random import uuid7
from vault.services import code_notice, code_sweep, customer, jobs, spent
from vault.store import job

__all__ = ["ana", "clock", "deps", "one_clock"]

# The delivery, by contract, does without an address of e-mail, and is done by one app more.
TO_LOYALTY = (
    ("recipients: [delivery]\n", "recipients: [delivery, loyalty]\n"),
    (
        "      contact.email: [read]\n      contact.phone: [read]\n      preferences.delivery",
        "      contact.phone: [read]\n      preferences.delivery",
    ),
)
# The answers to questions, by our own interest, likewise.
TO_NEWSLETTER = (
    ("recipients: [delivery, loyalty]\n", "recipients: [delivery, loyalty, newsletter]\n"),
    ("      contact.email: [read, write]\n", ""),
)
TO_PHONES = (
    "    recipients: [newsletter]",
    "      contact.phone: [read]\n    recipients: [newsletter]",
)
PROMISE = (
    "\nterms: [",
    "\nnever:\n  selling: {text: We never sell it., types: [SellDataToThirdParties]}\n\nterms: [",
)
EVE = "eve@example.org"
LATER = {"effective": "2026-12-24"}


@pytest.fixture
async def eve(deps):
    """Return a customer of whom nothing is stored but an address."""
    return await customer.add(deps, {"contact.email": EVE}, source=Source.TOLD)


async def told(deps):
    """Return to whom letters about the code went, and how each begins."""
    await work(deps)
    found = [one for one in mailbox.mails(deps) if "code of ethics" in one["Subject"]]
    return sorted((one["To"], one["Subject"]) for one in found)


def now(to=ANA["contact.email"]):
    return (to, "Our code of ethics has a new version")


def before(to=ANA["contact.email"]):
    return (to, "Our code of ethics changes on 24 December 2026")


async def again(deps, kind, digest):
    """Do the first page of a job once more, as after a cut."""
    ref, at = f"{digest}/", deps.clock.now()
    row = job.new(deps.deployment, uuid7(1), kind=kind, ref=ref, run_at=at)
    await jobs.HANDLERS[kind](deps, row)


async def test_whoever_has_what_a_wider_clause_uses_is_told_and_nobody_else(deps, ana, eve):
    await publish(deps, *TO_LOYALTY, base=SAMPLE)
    assert await told(deps) == [now()]


async def test_an_event_that_a_wider_clause_uses_is_enough(deps, ana):
    caller = await customer.add(deps, {"contact.email": EVE}, source=Source.TOLD)
    await packages.call(deps, caller, {})
    done = await publish(deps, *TO_NEWSLETTER, base=SAMPLE)
    assert done.plan
    assert done.plan.told == 2
    assert await told(deps) == [now(), now(EVE)]


async def test_a_wider_consent_asks_and_tells_nobody_who_gave_none(deps, eve):
    await publish(deps, TO_PHONES, base=SAMPLE)
    assert await told(deps) == []


async def test_a_promise_that_is_given_up_concerns_everybody(deps, ana, eve):
    await customer.add(deps, {"contact.full_name": "Bo"}, source=Source.TOLD)
    kept = await publish(deps, PROMISE, base=SAMPLE)
    assert kept.plan
    assert kept.plan.told == 0
    assert await told(deps) == []
    deps.clock.turn(days=1)
    done = await publish(deps, base=SAMPLE, version="2026-12-2", effective="2026-12-02")
    assert done.plan
    assert done.plan.told == 2
    assert await told(deps) == [now(), now(EVE)]


async def test_they_are_told_before_the_day_and_not_again_on_it(deps, ana, eve):
    done = await publish(deps, *TO_LOYALTY, base=SAMPLE, **LATER)
    assert done.plan
    assert (done.plan.told, done.plan.at_once) == (1, False)
    assert await told(deps) == [before()]
    said = mailbox.text(mailbox.mails(deps)[-1])
    assert f"{deps.issuer}/code/2026-12/changes" in said
    for word in ("Bringing", "delivery", "contact."):
        assert word not in said
    deps.clock.turn(days=25)
    assert await told(deps) == [before()]


async def test_whoever_came_in_between_is_told_on_the_day(deps, ana):
    await publish(deps, *TO_LOYALTY, base=SAMPLE, **LATER)
    await work(deps)
    values = {"contact.full_name": "Eve", "contact.email": EVE}
    await customer.add(deps, values, source=Source.TOLD)
    deps.clock.turn(days=25)
    assert await told(deps) == [before(), now(EVE)]


async def test_what_it_made_of_a_consent_is_told_on_the_day_besides(deps, ana):
    await allow(deps, ana)
    await publish(deps, *TO_LOYALTY, TO_PHONES, base=SAMPLE, **LATER)
    assert await told(deps) == [before()]
    deps.clock.turn(days=25)
    assert await told(deps) == [before(), now()]


async def test_both_reasons_on_one_day_make_one_letter(deps, ana):
    await allow(deps, ana)
    done = await publish(deps, *TO_LOYALTY, TO_PHONES, base=SAMPLE)
    assert done.plan
    assert (done.plan.customers, done.plan.told, done.plan.at_once) == (1, 1, True)
    assert await told(deps) == [now()]
    await again(deps, code_sweep.KIND, done.rulebook.digest)
    assert await told(deps) == [now()]


@pytest.mark.parametrize(("head", "kind"), [({}, code_sweep.KIND), (LATER, code_notice.KIND)])
async def test_a_page_that_is_done_twice_writes_once(deps, ana, head, kind):
    done = await publish(deps, *TO_LOYALTY, base=SAMPLE, **head)
    first = await told(deps)
    await again(deps, kind, done.rulebook.digest)
    await spent.forget(deps)
    await again(deps, kind, done.rulebook.digest)
    assert await told(deps) == first == [before() if head else now()]


async def test_a_page_that_is_done_twice_tells_once_of_what_is_deleted(deps):
    given = {BIRTH: "1980-02-29", "contact.email": EVE}
    await customer.add(deps, given, source=Source.TOLD)
    done = await publish(deps, *swaps(), base=SAMPLE)
    assert await told(deps) == [now(EVE)]
    await again(deps, code_sweep.KIND, done.rulebook.digest)
    assert await told(deps) == [now(EVE)]


@pytest.mark.parametrize("kind", [code_sweep.KIND, code_notice.KIND])
async def test_no_letter_is_even_written_where_there_is_no_address(deps, kind):
    await customer.add(deps, {"contact.full_name": "Bo"}, source=Source.TOLD)
    done = await publish(deps, *TO_LOYALTY, base=SAMPLE)
    assert done.plan
    assert done.plan.told == 0
    await again(deps, kind, done.rulebook.digest)
    async with deps.database.connect() as conn:
        assert (await conn.execute(sql("SELECT count(*) FROM mail"))).scalar_one() == 0


async def test_whoever_was_erased_meanwhile_gets_none(deps, ana):
    await publish(deps, *TO_LOYALTY, base=SAMPLE)
    await erasing.gone(deps, ana)
    assert await told(deps) == []


async def test_a_round_that_was_cut_goes_on(deps, ana, monkeypatch):
    monkeypatch.setattr("vault.services.code_notice.PAGE", 1)
    values = {"contact.full_name": "Eve", "contact.email": EVE}
    await customer.add(deps, values, source=Source.TOLD)
    await publish(deps, *TO_LOYALTY, base=SAMPLE, **LATER)
    assert await told(deps) == [before(), before(EVE)]


async def test_the_first_code_concerns_nobody(deps, ana):
    async with deps.database.connect() as conn:
        first = await deps.codes.in_force(conn, deps.clock.now())
    await again(deps, code_notice.KIND, first.digest)
    await again(deps, code_sweep.KIND, first.digest)
    assert await told(deps) == []
