"""What a page says is held back by own terms is what the one path denies."""

from dataclasses import replace

import pytest
from hypothesis import given

from policies.decide import Allow, decide
from policies.model import Action, ActorKind
from policies.own_rule import HeldBack, held_back
from policies.reasons import Reason
from policies.situation import Situation, Terms
from tests.policies.generated import case, seeds
from tests.richer import RULEBOOK as BOOK

NOBODY = Situation(
    known=False,
    intact=False,
    restricted=True,
    objections=frozenset({"support"}),
    terms=Terms(),
    consents={},
    untold=frozenset({"contact.email"}),
    now=0,
)


@given(seeds)
def test_what_is_held_back_is_never_read_without_the_customer(seed):
    book, question, situation = case(seed)
    if question.kind not in {ActorKind.APP, ActorKind.STAFF} or question.action is not Action.READ:
        return
    found = held_back(book, question.purpose or "", situation)
    verdicts = decide(book, replace(question, present=False), situation)
    for name, verdict in verdicts.items():
        if name in found.names or question.app in found.apps:
            assert not isinstance(verdict, Allow)


@given(seeds)
def test_without_own_terms_nothing_is_held_back(seed):
    book, _, situation = case(seed)
    bare = replace(situation, terms=Terms(), quiet=False)
    for purpose in book.purposes:
        assert held_back(book, purpose, bare) == HeldBack()


@pytest.mark.parametrize(
    ("terms", "purpose", "reason"),
    [
        (Terms(paused=True), "marketing", Reason.PAUSED),
        (Terms(paused=True), "delivery", None),
        (Terms(never_purposes=frozenset({"marketing"})), "marketing", Reason.NEVER_PURPOSE),
        (Terms(never_purposes=frozenset({"tax"})), "tax", None),
        (Terms(ask_each_time=frozenset({"support"})), "support", Reason.ASK_EACH_TIME),
        (Terms(never_apps=frozenset({"newsletter"})), "marketing", Reason.NEVER_APP),
        (Terms(never_apps=frozenset({"carrier"})), "delivery", None),
        (Terms(restricted_fields=frozenset({"contact.email"}), child_until=9), "marketing", None),
        (Terms(paused=True), "unknown", None),
    ],
    ids=str,
)
def test_a_term_holds_back_a_whole_purpose_or_not(terms, purpose, reason):
    found = held_back(BOOK, purpose, replace(NOBODY, terms=terms))
    assert found.reason is reason
    assert found.whole is (reason is not None)


def test_a_term_may_hold_back_a_detail_or_an_app():
    terms = Terms(never_channels=frozenset({"phone"}), no_sharing=True)
    found = held_back(BOOK, "delivery", replace(NOBODY, terms=terms))
    assert found == HeldBack(None, frozenset({"contact.phone"}), frozenset({"carrier"}))


def test_quiet_hours_hold_back_what_would_ring():
    found = held_back(BOOK, "marketing", replace(NOBODY, quiet=True))
    assert found.names == {"contact.email", "contact.phone"}


def test_what_nobody_reads_is_not_held_back():
    clauses = {
        key: replace(clause, apps=frozenset(), staff=frozenset())
        for key, clause in BOOK.clauses.items()
    }
    book = replace(BOOK, clauses=clauses)
    assert held_back(book, "marketing", replace(NOBODY, terms=Terms(paused=True))) == HeldBack()
