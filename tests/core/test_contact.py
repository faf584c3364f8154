"""May we contact: what has no basis is refused first, a term only takes away, the limit holds."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.decide import Allow, ConsentFact, Deny, Permission, Question, Situation, decide
from policies.model import Action, ActorKind, Channel, ConsentState
from policies.reasons import Reason
from policies.situation import Terms
from tests.policies.generated import case, seeds
from tests.reaching import RULEBOOK
from vault.core import contact
from vault.core.contact import WINDOW, counted, free_from, kinds, ways, weigh
from vault.core.terms import DAY

NOW = 1_000 * DAY + 12 * 3_600_000
NAMES = ("contact.email", "contact.phone")
moments = st.lists(st.integers(NOW - 40 * DAY, NOW), max_size=12)
limits = st.integers(0, 6)


def question(*names, purpose="marketing", app="newsletter"):
    held = frozenset(Permission(purpose, Action.READ, name) for name in names)
    return Question(
        kind=ActorKind.APP,
        names=names,
        app=app,
        purpose=purpose,
        registration=held,
        ceiling=held,
    )


def situation(*, given=True, quiet=False, **terms):
    fact = ConsentFact("marketing", ConsentState.GIVEN, frozenset(NAMES), NOW + DAY, intact=True)
    return Situation(
        known=True,
        intact=True,
        restricted=False,
        objections=frozenset(),
        terms=Terms(**terms),
        consents={"marketing": fact} if given else {},
        untold=frozenset(),
        now=NOW,
        quiet=quiet,
    )


def said(holds, *, reached=(), quiet_until=None, asked=None):
    found = weigh(
        RULEBOOK,
        asked or question("contact.email"),
        holds,
        reached=reached,
        quiet_until=quiet_until,
    )
    return found.reason, found.not_before


def test_who_consents_may_be_reached():
    assert said(situation()) == (None, None)


@pytest.mark.parametrize(
    "holds",
    [
        situation(given=False),
        situation(never_channels=frozenset({"email"})),
        situation(never_purposes=frozenset({"marketing"})),
        situation(paused=True),
        situation(child_until=NOW + 1),
        replace(situation(), restricted=True),
        replace(situation(), known=False),
        replace(situation(), intact=False),
    ],
)
def test_without_a_basis_nobody_learns_of_quiet_hours_or_limits(holds):
    holds = replace(holds, quiet=True, terms=replace(holds.terms, at_most=1))
    found = weigh(RULEBOOK, question("contact.email"), holds, reached=[NOW], quiet_until=NOW + 5)
    assert (found.allowed, found.reason, found.not_before) == (False, "no-basis", None)
    exact = {one.reason for one in found.verdicts.values() if isinstance(one, Deny)}
    assert not exact & {Reason.QUIET_HOURS, Reason.AT_MOST}


def test_a_field_that_was_not_ticked_is_no_basis_in_quiet_hours_either():
    holds = situation(quiet=True)
    holds.consents["marketing"].fields = frozenset({"contact.phone"})
    assert said(holds, quiet_until=NOW + 5) == ("no-basis", None)


def test_quiet_hours_say_when_they_end_and_close_no_letter_box():
    assert said(situation(quiet=True), quiet_until=NOW + 5) == ("quiet-hours", NOW + 5)
    assert said(situation(quiet=True)) == ("quiet-hours", None)
    by_post = question("contact.postal_address", purpose="delivery", app="delivery")
    assert said(situation(quiet=True), asked=by_post) == (None, None)


def test_the_limit_says_the_day_and_not_who_else_reached_them():
    last = NOW - 10 * DAY
    for moment in (last, last + 3_600_000):
        reason, free = said(situation(at_most=1), reached=[moment])
        assert (reason, free) == ("at-most", (last // DAY + 31) * DAY)


def test_of_two_that_hold_it_back_the_longer_one_is_told():
    both = situation(quiet=True, at_most=1)
    tomorrow = (NOW // DAY + 1) * DAY
    old = [NOW - WINDOW + 1]
    assert said(both, reached=old, quiet_until=tomorrow - 1) == ("at-most", tomorrow)
    assert said(both, reached=old, quiet_until=tomorrow + 1) == ("quiet-hours", tomorrow + 1)


def test_what_a_law_makes_a_business_say_is_not_held_back():
    asked = question("contact.email", purpose="tax", app="ledger")
    holds = situation(quiet=True, at_most=1, never_channels=frozenset({"email"}))
    assert said(holds, reached=[NOW], asked=asked) == (None, None)


def test_ways_and_kinds_are_those_of_the_code():
    assert ways(RULEBOOK, ("contact.full_name", *NAMES), Channel.PHONE) == ("contact.phone",)
    assert kinds(RULEBOOK) == {"newsletter_mail", "sales_call"}


@given(seeds, moments, limits, st.booleans(), st.integers(NOW, NOW + DAY))
def test_what_is_allowed_is_what_decide_allows_and_less(seed, reached, limit, quiet, until):
    book, asked, holds = case(seed)
    holds = replace(holds, quiet=quiet, terms=replace(holds.terms, at_most=limit))
    found = weigh(book, asked, holds, reached=reached, quiet_until=until)
    shown = decide(book, asked, replace(holds, quiet=False))
    assert found.verdicts.keys() == shown.keys()
    for name, verdict in found.verdicts.items():
        assert not isinstance(verdict, Allow) or isinstance(shown[name], Allow)


@given(seeds, moments, limits, st.sampled_from(["limit", "channel", "quiet", "pause", "contact"]))
def test_a_term_and_a_contact_more_never_allow_more(seed, reached, limit, more):
    book, asked, holds = case(seed)
    holds = replace(holds, terms=replace(holds.terms, at_most=limit))
    after, later = holds, list(reached)
    if more == "limit":
        after = replace(holds, terms=replace(holds.terms, at_most=max(1, limit - 1)))
        if not limit:
            after = replace(holds, terms=replace(holds.terms, at_most=3))
    elif more == "channel":
        after = replace(holds, terms=replace(holds.terms, never_channels=frozenset(Channel)))
    elif more == "quiet":
        after = replace(holds, quiet=True)
    elif more == "pause":
        after = replace(holds, terms=replace(holds.terms, paused=True))
    else:
        later.append(holds.now)
    before = weigh(book, asked, holds, reached=reached, quiet_until=None)
    found = weigh(book, asked, after, reached=later, quiet_until=None)
    assert before.allowed or not found.allowed


@given(st.integers(1, 6), st.lists(st.integers(0, 5 * DAY), max_size=60))
def test_the_limit_is_never_passed_and_what_it_says_is_kept(limit, gaps):
    """A business that asks before each contact, again and again, for months."""
    reached: list[int] = []
    now = NOW
    for gap in gaps:
        now += gap
        holds = replace(situation(at_most=limit), now=now)
        holds.consents["marketing"].until = now + 1
        found = weigh(RULEBOOK, question("contact.email"), holds, reached=reached, quiet_until=None)
        if found.allowed:
            reached.append(now)
        else:
            assert found.not_before is not None
            assert found.not_before > now
            free = free_from(reached, limit=limit, now=found.not_before)
            assert free is None  # at that moment it is free
        assert len(counted(reached, now=now)) <= limit
    for at in reached:
        within = [one for one in reached if at - WINDOW < one <= at]
        assert len(within) <= limit


def test_at_the_very_end_of_the_window_a_contact_counts_no_more():
    assert free_from([NOW - WINDOW + 1], limit=1, now=NOW) is not None
    assert free_from([NOW - WINDOW], limit=1, now=NOW) is None
    assert contact.WINDOW == 30 * DAY
