"""What a customer decides takes effect at the next look, and editing the database grants nothing."""

import asyncio

import pytest
from sqlalchemy import text

from policies.model import ConsentState, Source
from tests.services.decisions import (
    ANA,
    OTHER_SESSION,
    SESSION,
    allow,
    ana,
    clock,
    deps,
    execute,
    readable,
    reasons,
    served,
)
from vault.core import notice
from vault.core.errors import (
    ConflictError,
    NotAvailableError,
    OpenError,
    UnknownFieldError,
    WrongValueError,
)
from vault.core.ids import NOBODY
from vault.services import consent, customer, published
from vault.services.choices import choices
from vault.services.consent_notice import View, ask

__all__ = ["ana", "clock", "deps"]

EMAIL = ("contact.email",)
S = ConsentState


async def epoch_of(deps, who):
    return (await served(deps, who)).epoch


async def count(deps, table):
    async with deps.database.connect() as conn:
        return (await conn.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()


# --- deciding -----------------------------------------------------------------------------------


async def test_nothing_is_allowed_before_the_customer_allows_it(deps, ana):
    assert await readable(deps, ana) == set()
    assert await reasons(deps, ana) == {"not-asked"}


async def test_what_is_given_is_read_at_the_next_look(deps, ana):
    outcome = await allow(deps, ana)
    assert (outcome.state, outcome.epoch, outcome.changed) == (S.GIVEN, 1, True)
    assert await readable(deps, ana) == set(ANA)


async def test_only_the_ticked_details_are_read(deps, ana):
    outcome = await allow(deps, ana, fields=EMAIL)
    assert outcome.fields == set(EMAIL)
    assert await readable(deps, ana) == set(EMAIL)
    assert await reasons(deps, ana) == {"not-ticked"}


async def test_what_is_withdrawn_is_not_read_at_the_next_look(deps, ana):
    await allow(deps, ana)
    outcome = await consent.withdraw(deps, ana, "marketing")
    assert (outcome.state, outcome.epoch) == (S.WITHDRAWN, 2)
    assert await readable(deps, ana) == set()
    assert await reasons(deps, ana) == {"withdrawn"}


async def test_withdrawing_twice_is_once(deps, ana):
    await allow(deps, ana)
    first = await consent.withdraw(deps, ana, "marketing")
    events = await count(deps, "consent")
    again = await consent.withdraw(deps, ana, "marketing")
    assert again.changed is False
    assert (again.state, again.epoch) == (first.state, first.epoch)
    assert (again.consent_id, again.receipt_id) == (first.consent_id, first.receipt_id)
    assert await count(deps, "consent") == events


async def test_withdrawing_what_was_never_given_changes_nothing(deps, ana):
    outcome = await consent.withdraw(deps, ana, "marketing")
    assert (outcome.state, outcome.changed, outcome.epoch) == (S.UNKNOWN, False, 0)
    assert outcome.receipt_id is None
    assert await count(deps, "consent") == 0


async def test_withdrawing_one_detail_leaves_the_others_as_they_were(deps, ana, clock):
    given = await allow(deps, ana)
    clock.turn(days=3)
    outcome = await consent.withdraw(deps, ana, "marketing", fields=EMAIL)
    assert outcome.state is S.GIVEN
    assert outcome.fields == given.fields - set(EMAIL)
    assert outcome.until_ms == given.until_ms
    assert await readable(deps, ana) == {"contact.full_name"}


async def test_a_no_is_kept_and_can_be_changed_by_the_customer(deps, ana):
    asked = await served(deps, ana)
    outcome = await consent.refuse(deps, ana, "marketing", notice=asked.token, session=SESSION)
    assert outcome.state is S.REFUSED
    assert await reasons(deps, ana) == {"refused"}
    again = await consent.refuse(deps, ana, "marketing", session=SESSION)
    assert (again.changed, again.receipt_id) == (False, outcome.receipt_id)
    assert (await allow(deps, ana)).state is S.GIVEN
    assert await readable(deps, ana) == set(ANA)


@pytest.mark.parametrize("token", [None, "", "made-up", "A" * 75])
async def test_a_no_needs_no_notice(deps, ana, token):
    outcome = await consent.refuse(deps, ana, "marketing", notice=token, session=SESSION)
    assert outcome.state is S.REFUSED


async def test_a_no_to_what_was_given_takes_it_back(deps, ana):
    await allow(deps, ana)
    outcome = await consent.refuse(deps, ana, "marketing", session=SESSION)
    assert outcome.state is S.WITHDRAWN
    assert await readable(deps, ana) == set()


async def test_a_consent_is_renewed_before_its_end_and_given_anew_after_it(deps, ana, clock):
    first = await allow(deps, ana)
    clock.turn(days=300)
    renewed = await allow(deps, ana)
    assert renewed.state is S.RENEWED
    assert renewed.until_ms > first.until_ms
    clock.turn(days=366)
    assert (await served(deps, ana)).state is S.EXPIRED
    assert (await allow(deps, ana)).state is S.GIVEN


async def test_decisions_on_other_purposes_stay_as_they_were(deps, ana):
    await allow(deps, ana, "loyalty.rewards")
    await allow(deps, ana)
    await consent.withdraw(deps, ana, "loyalty.rewards")
    assert await readable(deps, ana) == set(ANA)
    states = {one.purpose.id: one.state for one in await choices(deps, ana)}
    assert states == {
        "delivery": None,
        "loyalty.rewards": S.WITHDRAWN,
        "marketing": S.GIVEN,
        "support": None,
    }


# --- what a form must prove ---------------------------------------------------------------------


async def test_a_notice_cannot_be_answered_after_something_changed(deps, ana):
    stale = await served(deps, ana)
    await allow(deps, ana, "loyalty.rewards")
    with pytest.raises(ConflictError):
        await allow(deps, ana, asked=stale)
    assert (await allow(deps, ana)).state is S.GIVEN


async def test_another_sign_in_cannot_answer_a_notice(deps, ana):
    with pytest.raises(ConflictError):
        await allow(deps, ana, session=OTHER_SESSION)


async def test_an_old_notice_cannot_be_answered(deps, ana, clock):
    asked = await served(deps, ana)
    clock.turn(hours=12)
    with pytest.raises(ConflictError):
        await allow(deps, ana, asked=asked)


async def test_a_notice_of_another_purpose_or_view_is_no_notice(deps, ana):
    other = await served(deps, ana, "loyalty.rewards")
    with pytest.raises(ConflictError):
        await allow(deps, ana, asked=other)
    grid = await served(deps, ana, view=View.GRID)
    with pytest.raises(ConflictError):
        await consent.give(
            deps,
            ana,
            "marketing",
            notice=grid.token,
            epoch=grid.epoch,
            view=View.SIMPLE,
            session=SESSION,
        )


async def test_the_grid_without_a_detail_is_no_decision(deps, ana):
    grid = await served(deps, ana, view=View.GRID)
    with pytest.raises(WrongValueError):
        await consent.give(
            deps, ana, "marketing", notice="", epoch=grid.epoch, view=View.GRID, session=SESSION
        )


async def test_a_detail_that_the_purpose_does_not_use_cannot_be_given(deps, ana):
    with pytest.raises(UnknownFieldError):
        await allow(deps, ana, fields=("contact.email", "loyalty.card"))


@pytest.mark.parametrize("purpose", ["delivery", "nothing"])
async def test_only_a_purpose_that_rests_on_consent_can_be_decided(deps, ana, purpose):
    with pytest.raises(NotAvailableError):
        await served(deps, ana, purpose)
    asked = await served(deps, ana)
    with pytest.raises(NotAvailableError):
        await allow(deps, ana, purpose, asked=asked)
    with pytest.raises(NotAvailableError):
        await consent.refuse(deps, ana, purpose, session=SESSION)
    with pytest.raises(NotAvailableError):
        await consent.withdraw(deps, ana, purpose)


async def test_nobody_decides_for_a_customer_who_is_not_there(deps):
    with pytest.raises(NotAvailableError):
        await served(deps, NOBODY)
    with pytest.raises(NotAvailableError):
        await choices(deps, NOBODY)
    with pytest.raises(NotAvailableError):
        await consent.withdraw(deps, NOBODY, "marketing")


async def test_a_language_that_is_not_whole_is_not_offered(deps, ana):
    with pytest.raises(NotAvailableError):
        await ask(deps, ana, "marketing", session=SESSION, locale="xx")


async def test_the_notice_is_kept_once_and_looking_writes_nothing_else(deps, ana):
    asked = await served(deps, ana)
    await served(deps, ana)
    assert await published.notice_bytes(deps, asked.sha256) == asked.notice
    assert notice.digest(asked.notice) == asked.sha256
    assert await count(deps, "notice") == 1
    assert await count(deps, "consent") == 0
    assert await epoch_of(deps, ana) == 0


# --- concurrency --------------------------------------------------------------------------------


async def test_of_two_answers_to_one_page_one_counts(deps, ana):
    asked = await served(deps, ana)
    results = await asyncio.gather(
        *(allow(deps, ana, asked=asked) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in results) == [
        "ConflictError",
        "ConflictError",
        "ConflictError",
        "Outcome",
    ]
    assert await epoch_of(deps, ana) == 1


@pytest.mark.parametrize("turn", range(4))
async def test_a_withdrawal_wins_over_a_renewal_at_the_same_time(deps, ana, turn):
    await allow(deps, ana)
    asked = await served(deps, ana)
    both = [consent.withdraw(deps, ana, "marketing"), allow(deps, ana, asked=asked)]
    results = await asyncio.gather(*(both if turn % 2 else both[::-1]), return_exceptions=True)
    assert all(isinstance(one, ConflictError | consent.Outcome) for one in results)
    assert await readable(deps, ana) == set()
    states = {one.purpose.id: one.state for one in await choices(deps, ana)}
    assert states["marketing"] is S.WITHDRAWN


async def test_decisions_at_the_same_time_all_stand_and_epochs_have_no_gap(deps, ana):
    await allow(deps, ana)
    await allow(deps, ana, "loyalty.rewards")
    outcomes = await asyncio.gather(
        consent.withdraw(deps, ana, "marketing"), consent.withdraw(deps, ana, "loyalty.rewards")
    )
    assert {one.epoch for one in outcomes} == {3, 4}
    assert await epoch_of(deps, ana) == 4


# --- an edited database -------------------------------------------------------------------------

YEARS = 4_000_000_000_000  # unix ms, in the year 2096


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE consent SET state = 'given' WHERE purpose = 'marketing' AND current",
        "UPDATE consent SET state = 'renewed' WHERE purpose = 'marketing' AND current",
        f"UPDATE consent SET state = 'given', until_ms = {YEARS} WHERE current",
        "UPDATE consent SET state = 'invented', until_ms = 0 WHERE current",
    ],
)
async def test_an_edited_refusal_grants_nothing(deps, ana, edit):
    await consent.refuse(deps, ana, "marketing", session=SESSION)
    await execute(deps, edit)
    assert await readable(deps, ana) == set()
    assert await reasons(deps, ana) == {"consent-broken"}


@pytest.mark.parametrize(
    "edit",
    [
        'UPDATE consent SET fields = \'["contact.email","contact.full_name"]\'',
        "UPDATE consent SET fields = 'all of them'",
        f"UPDATE consent SET until_ms = {YEARS}",
        "UPDATE consent SET from_ms = from_ms - 1",
        "UPDATE consent SET purpose = 'loyalty.rewards'",
        "UPDATE consent SET app = 'newsletter'",
        "UPDATE consent SET epoch = epoch + 1",
        f"UPDATE consent SET shown = '{'0' * 64}'",
        "UPDATE consent SET shown = 'nothing'",
        f"UPDATE consent SET code_digest = '{'0' * 64}'",
    ],
)
async def test_an_edited_consent_grants_nothing_at_all(deps, ana, edit):
    await allow(deps, ana, fields=EMAIL)
    assert await readable(deps, ana) == set(EMAIL)
    await execute(deps, edit)
    assert await readable(deps, ana) == set()


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE standing SET epoch = epoch + 1",
        "UPDATE standing SET flags = 2",
        "UPDATE standing SET objections = '[ ]'",
        "UPDATE standing SET objections = '[\"support\"]'",
        "UPDATE standing SET terms = 'none'",
        "UPDATE standing SET terms = '{\"paused\"\\:true}'",
    ],
)
async def test_an_edited_standing_row_denies_everything_and_lets_nothing_change(deps, ana, edit):
    await allow(deps, ana)
    asked = await served(deps, ana)
    await execute(deps, edit)
    assert await reasons(deps, ana) == {"standing-broken"}
    with pytest.raises(OpenError):
        await allow(deps, ana, asked=asked)
    with pytest.raises(OpenError):
        await served(deps, ana)
    states = {one.purpose.id: one.state for one in await choices(deps, ana)}
    assert states["marketing"] is S.INVALIDATED


async def test_a_consent_moved_to_another_customer_grants_nothing(deps, ana):
    other = await customer.add(deps, {"contact.full_name": "Bo"}, source=Source.TOLD)
    await allow(deps, ana)
    await allow(deps, other)
    await consent.withdraw(deps, other, "marketing")
    await execute(
        deps,
        "DELETE FROM receipt",
        "DELETE FROM consent WHERE customer_id = :other",
        "UPDATE consent SET customer_id = :other, epoch = 2 WHERE customer_id = :ana",
        other=other,
        ana=ana,
    )
    assert await readable(deps, other) == set()
    assert await readable(deps, ana) == set()


async def test_an_old_row_put_back_grants_nothing(deps, ana):
    await allow(deps, ana)
    await consent.withdraw(deps, ana, "marketing")
    await execute(
        deps,
        "DELETE FROM receipt",
        "DELETE FROM consent WHERE state = 'withdrawn'",
        "UPDATE consent SET current = true WHERE state = 'given'",
    )
    assert await readable(deps, ana) == set()
    assert await reasons(deps, ana) == {"consent-broken"}
    await execute(deps, "UPDATE consent SET epoch = 2")
    assert await readable(deps, ana) == set()


@pytest.mark.parametrize("table", ["consent", "standing", "customer_key"])
async def test_deleting_rows_never_grants(deps, ana, table):
    await allow(deps, ana)
    below = {
        "consent": ["receipt", "consent"],
        "customer_key": ["customer_key"],
        "standing": ["receipt", "consent", "value", "lookup", "customer_key", "standing"],
    }
    known = [f"DELETE FROM {one}" for one in below[table]]
    await execute(deps, *known)
    assert await readable(deps, ana) == set()


async def test_deleting_a_refusal_does_not_bring_back_what_was_before(deps, ana):
    await allow(deps, ana)
    await consent.withdraw(deps, ana, "marketing")
    await execute(deps, "DELETE FROM receipt", "DELETE FROM consent WHERE current")
    assert await readable(deps, ana) == set()


async def test_a_broken_row_is_not_healed_by_another_decision(deps, ana):
    await consent.refuse(deps, ana, "marketing", session=SESSION)
    await execute(deps, "UPDATE consent SET state = 'given'")
    await allow(deps, ana, "loyalty.rewards")
    assert await reasons(deps, ana) == {"consent-broken"}
    state = (await served(deps, ana)).state
    assert state is S.INVALIDATED


async def test_the_customer_can_decide_again_where_a_row_is_broken(deps, ana):
    await allow(deps, ana)
    await execute(deps, f"UPDATE consent SET until_ms = {YEARS}")
    assert (await consent.withdraw(deps, ana, "marketing")).changed is False
    assert (await allow(deps, ana)).state is S.GIVEN
    assert await readable(deps, ana) == set(ANA)
