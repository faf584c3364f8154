"""Consents given elsewhere: on evidence alone, counted from its day, never over a decision here."""

from datetime import datetime

import pytest

from policies.model import ConsentState, Source
from tests.services import mailbox
from tests.services.decisions import ANA, SESSION, allow, ana, clock, deps, readable
from vault.core import canonical
from vault.core.consent_record import Evidence
from vault.core.errors import NotAvailableError, UnknownFieldError, WrongValueError
from vault.core.ids import NOBODY
from vault.services import consent, customer, jobs, receipts, unit
from vault.services.choices import choices
from vault.services.consent_import import Imported, give_by_import
from vault.services.load import load_locked
from vault.services.profile import Change
from vault.services.situation import unix_ms
from vault.services.unit import Unit

__all__ = ["ana", "clock", "deps"]

S = ConsentState


def imported(clock, *, purpose="marketing", names=(), days=30, form="paper form 17"):
    """What a customer signed some days ago."""
    time = unix_ms(clock.now()) - days * 86_400_000
    evidence = Evidence(form, "Yes, write to me about news.", time, "f" * 64)
    return Imported(purpose, frozenset(names), evidence)


async def take_over(deps, who, *several):
    async def work(it: Unit):
        load = await load_locked(it.conn, deps.codes, who, at=it.now)
        return await give_by_import(it, load, several, request="r-import")

    saved, _ = await unit.run(deps, work)
    return saved


async def state(deps, who, purpose="marketing"):
    return {one.purpose.id: one for one in await choices(deps, who)}[purpose]


async def test_evidence_is_a_consent_that_ends_a_year_after_its_day(deps, ana, clock):
    one = imported(clock)
    (saved,) = await take_over(deps, ana, one)
    assert await readable(deps, ana) == set(ANA)
    assert saved.consent.shown == one.evidence.digest()
    choice = await state(deps, ana)
    assert (choice.state, choice.since_ms) == (S.GIVEN, one.evidence.time_ms)
    assert choice.until_ms == unix_ms(datetime.fromisoformat("2027-11-01T12:00:00.250+00:00"))


async def test_evidence_is_no_published_notice_and_what_the_portal_showed_is(deps, ana, clock):
    await take_over(deps, ana, imported(clock))
    await allow(deps, ana, "loyalty.rewards")
    lines = {one.purpose: one for one in await receipts.list_(deps, ana)}
    assert lines["marketing"].notice
    assert not lines["marketing"].published
    assert lines["loyalty.rewards"].published


async def test_nobody_gets_a_letter_of_what_was_taken_over(deps, ana, clock):
    await jobs.round_once(deps)
    before = len(mailbox.mails(deps))
    await take_over(deps, ana, imported(clock), imported(clock, purpose="loyalty.rewards"))
    await jobs.round_once(deps)
    assert len(mailbox.mails(deps)) == before
    await allow(deps, ana)  # while a decision here brings one
    await mailbox.sent(deps, holding=f"{deps.issuer}/receipts\n")


async def test_evidence_names_the_details_that_it_covers(deps, ana, clock):
    await take_over(deps, ana, imported(clock, names=["contact.email"]))
    assert await readable(deps, ana) == {"contact.email"}


async def test_several_purposes_raise_the_epoch_one_by_one(deps, ana, clock):
    saved = await take_over(deps, ana, imported(clock), imported(clock, purpose="loyalty.rewards"))
    assert [one.epoch for one in saved] == [1, 2]
    assert await readable(deps, ana) == set(ANA)
    assert (await state(deps, ana, "loyalty.rewards")).state is S.GIVEN


async def test_the_same_evidence_twice_changes_nothing(deps, ana, clock):
    one = imported(clock)
    assert len(await take_over(deps, ana, one)) == 1
    assert await take_over(deps, ana, one) == ()
    clock.turn(days=400)
    assert await take_over(deps, ana, one) == ()


async def test_what_the_customer_decided_here_stands(deps, ana, clock):
    await consent.refuse(deps, ana, "marketing", session=SESSION)
    await allow(deps, ana, "loyalty.rewards")
    await consent.withdraw(deps, ana, "loyalty.rewards")
    clock.turn(days=60)
    several = imported(clock, days=1), imported(clock, purpose="loyalty.rewards", days=1)
    assert await take_over(deps, ana, *several) == ()
    assert await readable(deps, ana) == set()


async def test_evidence_that_has_ended_is_no_consent(deps, ana, clock):
    assert await take_over(deps, ana, imported(clock, days=366)) == ()
    assert (await state(deps, ana)).state is S.UNKNOWN


async def test_evidence_of_tomorrow_is_refused(deps, ana, clock):
    with pytest.raises(WrongValueError):
        await take_over(deps, ana, imported(clock, days=-1))
    with pytest.raises(WrongValueError):
        await take_over(deps, ana, imported(clock, days=-10_000_000))


async def test_evidence_for_what_no_consent_covers_is_refused(deps, ana, clock):
    with pytest.raises(NotAvailableError):
        await take_over(deps, ana, imported(clock, purpose="delivery"))
    with pytest.raises(UnknownFieldError):
        await take_over(deps, ana, imported(clock, names=["loyalty.card"]))
    with pytest.raises(NotAvailableError):
        await take_over(deps, NOBODY, imported(clock))


async def test_a_customer_who_was_just_made_needs_no_second_load(deps, clock):
    async def work(it: Unit):
        ask = customer.operator(("contact.email",))
        change = Change({"contact.email": "bo@example.org"}, Source.TOLD)
        load = await customer.create(it, ask, change)
        await give_by_import(it, load, [imported(clock)])
        return load.customer

    who, _ = await unit.run(deps, work)
    assert await readable(deps, who) == {"contact.email"}


async def test_the_record_holds_the_evidence_and_a_withdrawal_its_digest(deps, ana, clock):
    one = imported(clock)
    await take_over(deps, ana, one)
    outcome = await consent.withdraw(deps, ana, "marketing")
    assert outcome.receipt_id
    body = await receipts.open_(deps, ana, outcome.receipt_id)
    (notice,) = canonical.loads(body)["record"]["privacy_notice"]
    assert (notice["template"], notice["sha256"]) == ("evidence", one.evidence.digest())
    assert await readable(deps, ana) == set()
