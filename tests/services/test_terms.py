"""A customer's own terms: what they may be, that they stand, and that twice is once."""

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import text

from policies.model import Source, Term
from policies.situation import Terms
from tests.richer import publish
from tests.services.decisions import allow, ana, clock, deps, execute, readable, reasons
from vault.core import own_terms
from vault.core.errors import (
    BadRequestError,
    ConflictError,
    NotAvailableError,
    OpenError,
    TermNotOfferedError,
    UnknownFieldError,
    WrongValueError,
)
from vault.core.ids import NOBODY
from vault.core.levels import Level
from vault.core.own_terms import Rule
from vault.services import customer, portal_choice, terms
from vault.services.consent_notice import View
from vault.services.terms import change, choose, load, token, undo

__all__ = ["ana", "clock", "deps"]

ON = {
    "pause": partial(own_terms.switch, term=Term.PAUSE, on=True),
    "never": partial(own_terms.of_purpose, purpose="marketing", rule=Rule.NEVER),
    "never app": partial(own_terms.of_app, app="newsletter", rule=Rule.NEVER),
    "ask": partial(own_terms.of_purpose, purpose="marketing", rule=Rule.ASK),
    "never e-mail": partial(own_terms.of_channel, channel="email", rule=Rule.NEVER),
}
REASONS = {
    "pause": {"paused"},
    "never": {"never-purpose"},
    "never app": {"never-app"},
    "ask": {"ask-each-time"},
    "never e-mail": {"never-channel"},
}
OFF = {
    "pause": partial(own_terms.switch, term=Term.PAUSE, on=False),
    "never": partial(own_terms.of_purpose, purpose="marketing", rule=Rule.OPEN),
    "never app": partial(own_terms.of_app, app="newsletter", rule=Rule.OPEN),
    "ask": partial(own_terms.of_purpose, purpose="marketing", rule=Rule.OPEN),
    "never e-mail": partial(own_terms.of_channel, channel="email", rule=Rule.OPEN),
}


@pytest.fixture
async def later(deps):
    """The vault under a code of ethics that offers every term."""
    await publish(deps)
    return deps


async def entries(deps):
    async with deps.database.connect() as conn:
        outbox = (await conn.execute(text("SELECT count(*) FROM log_outbox"))).scalar_one()
        return outbox + (await conn.execute(text("SELECT count(*) FROM log_leaf"))).scalar_one()


async def epoch(deps):
    async with deps.database.connect() as conn:
        return (await conn.execute(text("SELECT epoch FROM standing"))).scalar_one()


@pytest.mark.parametrize("name", ON)
async def test_a_term_overrides_a_consent_until_it_is_lifted(later, ana, name):
    await allow(later, ana)
    before = await readable(later, ana)
    assert before
    await change(later, ana, ON[name])
    assert await reasons(later, ana) == REASONS[name]
    await change(later, ana, OFF[name])
    assert await readable(later, ana) == before


async def test_the_same_term_again_is_no_change(deps, ana):
    await change(deps, ana, ON["pause"])
    stands, before = await epoch(deps), await entries(deps)
    outcome = await change(deps, ana, ON["pause"])
    assert outcome.before == outcome.after == Terms(paused=True)
    assert (await epoch(deps), await entries(deps)) == (stands, before)


@pytest.mark.parametrize(
    "alter",
    [
        partial(own_terms.of_purpose, purpose="nonsense", rule=Rule.NEVER),
        partial(own_terms.of_purpose, purpose="nonsense", rule=Rule.OPEN),
        partial(own_terms.of_app, app="nonsense", rule=Rule.NEVER),
        partial(own_terms.of_channel, channel="pigeon", rule=Rule.NEVER),
        lambda _, before: own_terms.of_mails(before, "sign-in", wanted=False),
    ],
)
async def test_a_name_that_nobody_knows_is_refused(later, ana, alter):
    with pytest.raises(UnknownFieldError):
        await change(later, ana, alter)
    assert await epoch(later) == 0


@pytest.mark.parametrize(
    "alter",
    [
        partial(own_terms.of_channel, channel="phone", rule=Rule.NEVER),
        partial(own_terms.switch, term=Term.NO_SHARING, on=True),
        partial(own_terms.lapse, days=7),
        partial(own_terms.quiet, span="22:00-08:00 Europe/Dublin"),
        partial(own_terms.switch, term=Term.LAPSE, on=True),
        partial(own_terms.of_app, app="newsletter", rule=Rule.ASK),
        partial(own_terms.of_channel, channel="phone", rule=Rule.ASK),
    ],
)
async def test_a_term_that_the_code_does_not_offer_is_refused(deps, ana, alter):
    with pytest.raises(TermNotOfferedError):
        await change(deps, ana, alter)
    assert await epoch(deps) == 0


async def test_what_the_law_demands_cannot_be_ruled_out(later, ana):
    for rule in (Rule.NEVER, Rule.ASK):
        with pytest.raises(TermNotOfferedError):
            await change(later, ana, partial(own_terms.of_purpose, purpose="tax", rule=rule))


@pytest.mark.parametrize("days", [-1, 366])
async def test_a_consent_lapses_within_a_year(later, ana, days):
    with pytest.raises(WrongValueError):
        await change(later, ana, partial(own_terms.lapse, days=days))
    await change(later, ana, partial(own_terms.lapse, days=365))
    assert (await load(later, ana)).terms.lapse_days == 365


async def test_a_term_of_the_past_can_still_be_lifted(deps, ana):
    """The code in force offers neither channels nor lapsing, but both are set."""

    def earlier(_rulebook, before):
        return Terms(
            never_channels=frozenset({"phone"}),
            lapse_days=3,
            quiet="22:00-08:00 UTC",
            no_sharing=True,
            never_apps=frozenset({"gone"}),
            never_purposes=frozenset({"gone.too"}),
        )

    await change(deps, ana, earlier)
    for alter in (
        partial(own_terms.of_channel, channel="phone", rule=Rule.OPEN),
        partial(own_terms.lapse, days=0),
        partial(own_terms.quiet, span=""),
        partial(own_terms.switch, term=Term.NO_SHARING, on=False),
        partial(own_terms.of_app, app="gone", rule=Rule.OPEN),
        partial(own_terms.of_purpose, purpose="gone.too", rule=Rule.OPEN),
    ):
        await change(deps, ana, alter)
    assert (await load(deps, ana)).terms == Terms()


async def test_optional_letters_are_turned_off_and_on(deps, ana):
    def off(_, before):
        return own_terms.of_mails(before, "reminders", wanted=False)

    await change(deps, ana, off)
    assert (await load(deps, ana)).terms.no_mails == {"reminders"}
    await change(deps, ana, lambda _, now: own_terms.of_mails(now, "reminders", wanted=True))
    assert (await load(deps, ana)).terms == Terms()


# --- levels -------------------------------------------------------------------------------------


async def test_no_level_is_chosen_for_anybody(later, ana):
    assert (await load(later, ana)).level is None


async def test_a_level_shuts_what_it_does_not_open_and_gives_no_consent(later, ana):
    await choose(later, ana, Level.NEEDED)
    standing = await load(later, ana)
    assert standing.level is Level.NEEDED
    assert standing.terms == Terms(
        never_purposes=frozenset({"menu", "loyalty.rewards", "marketing"}),
        no_profiling=True,
        no_sharing=True,
    )
    await choose(later, ana, Level.KNOWN)
    assert (await load(later, ana)).terms == Terms(no_sharing=True)
    assert await reasons(later, ana) == {"not-asked"}


async def test_a_level_keeps_what_it_does_not_set(later, ana):
    await change(later, ana, ON["pause"])
    await change(later, ana, ON["never app"])
    await change(later, ana, partial(own_terms.of_purpose, purpose="support", rule=Rule.NEVER))
    await choose(later, ana, Level.KNOWN)
    after = (await load(later, ana)).terms
    assert after.paused
    assert after.never_apps == {"newsletter"}
    assert after.never_purposes == {"support"}


async def test_a_rule_set_by_hand_ends_a_level(later, ana):
    await choose(later, ana, Level.NEEDED)
    await change(later, ana, OFF["never"])
    assert (await load(later, ana)).level is None


async def test_undoing_puts_back_all_that_a_level_changed_and_nothing_else(later, ana):
    await choose(later, ana, Level.NEEDED)
    await change(later, ana, OFF["never"])
    before = (await load(later, ana)).terms
    undoing = token(later, ana, await choose(later, ana, Level.KNOWN), level=Level.KNOWN)
    await change(later, ana, ON["pause"])
    await undo(later, ana, undoing)
    after = (await load(later, ana)).terms
    assert after == replace(before, paused=True)
    assert (await undo(later, ana, undoing)).before == after


async def test_undoing_what_was_changed_again_is_refused(later, ana):
    undoing = token(later, ana, await change(later, ana, partial(own_terms.lapse, days=3)))
    await change(later, ana, partial(own_terms.lapse, days=4))
    with pytest.raises(ConflictError):
        await undo(later, ana, undoing)


async def test_only_the_customer_undoes(later, ana):
    undoing = token(later, ana, await change(later, ana, ON["pause"]))
    other = await customer.add(later, {"contact.email": "b@example.org"}, source=Source.TOLD)
    for wrong in ("", "x", undoing[:-1]):
        with pytest.raises(BadRequestError):
            await undo(later, ana, wrong)
    with pytest.raises(BadRequestError):
        await undo(later, other, undoing)


# --- who and what else --------------------------------------------------------------------------


async def test_nobody_has_no_terms(deps):
    with pytest.raises(NotAvailableError):
        await load(deps, NOBODY)
    with pytest.raises(NotAvailableError):
        await change(deps, NOBODY, ON["pause"])


async def test_an_edited_term_denies_everything_and_cannot_be_changed(deps, ana):
    await allow(deps, ana)
    await change(deps, ana, ON["pause"])
    await execute(deps, "UPDATE standing SET terms = '{}'")
    assert await readable(deps, ana) == set()
    with pytest.raises(OpenError):
        await load(deps, ana)
    with pytest.raises(OpenError):
        await change(deps, ana, OFF["pause"])


async def test_the_view_is_remembered_and_touches_no_level(deps, ana):
    assert await portal_choice.view(deps, ana) is View.SIMPLE
    await choose(deps, ana, Level.KNOWN)
    await portal_choice.save_view(deps, ana, View.GRID)
    await portal_choice.save_view(deps, ana, View.GRID)
    assert await portal_choice.view(deps, ana) is View.GRID
    assert await portal_choice.level(deps, ana) is Level.KNOWN
    assert (await terms.load(deps, ana)).level is Level.KNOWN
