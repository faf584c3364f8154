"""Terms set by hand: what changed can be told, undone, and never allows."""

import json
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.decide import Allow, decide
from policies.model import Channel, Term
from policies.situation import Terms
from tests.policies.generated import APPS, PURPOSES, case, seeds
from tests.reaching import RULEBOOK as REACHING
from tests.richer import RULEBOOK as BOOK
from vault.core import levels, own_terms
from vault.core.errors import ConflictError, TermNotOfferedError, VaultError, WrongValueError
from vault.core.levels import Level
from vault.core.own_terms import Rule, changes, difference, of_difference, revert
from vault.core.terms import dump_terms, load_terms


def some(names):
    return st.frozensets(st.sampled_from(sorted(names)))


any_terms = st.builds(
    Terms,
    paused=st.booleans(),
    never_purposes=some([*PURPOSES, "gone"]),
    never_apps=some([*APPS, "gone"]),
    no_profiling=st.booleans(),
    ask_each_time=some(PURPOSES),
    never_channels=some(Channel),
    quiet=st.sampled_from(["", "22:00-08:00 Europe/Dublin"]),
    lapse_days=st.integers(0, 365),
    no_sharing=st.booleans(),
    no_mails=some(own_terms.MailKind),
    gpc_ms=st.integers(0, 2**41),
    at_most=st.integers(0, 30),
)


@given(any_terms, any_terms)
def test_a_difference_leads_there_and_back(before, after):
    found = json.loads(json.dumps(difference(before, after)))
    assert revert(after, found) == before
    assert revert(before, found) == before
    assert (found == {}) is (before == after)
    assert of_difference(found) == changes(before, after)


@given(any_terms, any_terms, any_terms)
def test_undoing_touches_only_what_the_change_did(before, after, current):
    try:
        undone = revert(current, difference(before, after))
    except ConflictError:
        return
    touched = {one.member for one in changes(before, after)}
    assert {one.member for one in changes(current, undone)} <= touched


@given(any_terms)
def test_terms_are_stored_and_read_back(terms):
    assert load_terms(dump_terms(terms)) == terms


@given(seeds, st.sampled_from(["purpose", "ask", "app", "channel", "switch"]), st.data())
def test_a_rule_that_is_set_never_shows_more(seed, kind, data):
    book, question, situation = case(seed)
    book = replace(book, code=replace(book.code, terms=tuple(Term)))
    alter = {
        "purpose": lambda: partial(
            own_terms.of_purpose,
            purpose=data.draw(st.sampled_from(sorted(book.purposes))),
            rule=Rule.NEVER,
        ),
        "ask": lambda: partial(
            own_terms.of_purpose,
            purpose=data.draw(st.sampled_from(sorted(book.purposes))),
            rule=Rule.ASK,
        ),
        "app": lambda: partial(
            own_terms.of_app, app=data.draw(st.sampled_from(sorted(APPS))), rule=Rule.NEVER
        ),
        "channel": lambda: partial(
            own_terms.of_channel,
            channel=data.draw(st.sampled_from(sorted(Channel))),
            rule=Rule.NEVER,
        ),
        "switch": lambda: partial(
            own_terms.switch,
            term=data.draw(st.sampled_from([Term.PAUSE, Term.NO_PROFILING, Term.NO_SHARING])),
            on=True,
        ),
    }[kind]()
    # `ask` takes the place of `never`, which forbids more; from no rule it only forbids.
    terms = replace(situation.terms, never_purposes=frozenset())
    try:
        after = alter(book, terms)
    except VaultError:
        return
    shown = decide(book, question, replace(situation, terms=terms))
    for name, verdict in decide(book, question, replace(situation, terms=after)).items():
        assert not isinstance(verdict, Allow) or isinstance(shown[name], Allow)


def test_what_was_changed_is_told_with_its_name_and_how():
    after = Terms(quiet="22:00-08:00 UTC", never_channels=frozenset({"phone"}))
    told = own_terms.told(changes(Terms(lapse_days=3), after), method="mail link")
    assert told == (
        ("term/never_channels/phone", "set, mail link"),
        ("term/quiet", "set, mail link"),
        ("term/lapse_days", "lifted, mail link"),
    )


def test_an_app_that_does_only_what_the_law_demands_is_not_ruled_out():
    tax = BOOK.purposes["tax"]
    book = replace(BOOK, code=replace(BOOK.code, purposes=(tax,)))
    assert own_terms.is_duty(book, "ledger")
    with pytest.raises(TermNotOfferedError):
        own_terms.of_app(book, Terms(), "ledger", rule=Rule.NEVER)
    assert not own_terms.is_duty(BOOK, "ledger")
    assert own_terms.of_app(BOOK, Terms(), "ledger", rule=Rule.NEVER).never_apps == {"ledger"}


def test_how_often_is_limited_where_the_code_offers_it_and_always_lifted():
    with pytest.raises(TermNotOfferedError):
        own_terms.at_most(BOOK, Terms(), 4)
    set_ = own_terms.at_most(REACHING, Terms(), 4)
    assert set_ == Terms(at_most=4)
    assert own_terms.at_most(BOOK, set_, 0) == Terms()
    assert own_terms.told(changes(Terms(), set_)) == (("term/at_most", "set"),)
    for times in (-1, own_terms.MOST_TIMES + 1):
        with pytest.raises(WrongValueError):
            own_terms.at_most(REACHING, Terms(), times)


def test_terms_of_before_there_was_a_limit_are_read_and_written_as_they_were():
    before = '{"lapse_days":3,"paused":true}'
    assert load_terms(before) == Terms(lapse_days=3, paused=True)
    assert dump_terms(load_terms(before)) == before


def test_no_level_touches_the_limit():
    for level in Level:
        assert levels.apply(REACHING, Terms(at_most=4), level=level).at_most == 4


def test_a_purpose_has_one_rule_at_a_time():
    never = own_terms.of_purpose(BOOK, Terms(), "marketing", rule=Rule.NEVER)
    ask = own_terms.of_purpose(BOOK, never, "marketing", rule=Rule.ASK)
    assert ask == Terms(ask_each_time=frozenset({"marketing"}))
    assert own_terms.of_purpose(BOOK, ask, "marketing", rule=Rule.OPEN) == Terms()
