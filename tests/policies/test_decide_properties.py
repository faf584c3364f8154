"""What holds for every code, question and situation."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.decide import Allow, Deny, Terms, decide
from policies.model import Action, ActorKind, ConsentState, StaffRole
from policies.reasons import coarse
from tests.policies.generated import (
    ALL,
    APPS,
    NAMES,
    NOW,
    PURPOSES,
    questions,
    rulebooks,
    situations,
)
from tests.policies.simple import clause_for

many = settings(max_examples=600)


def shown(rulebook, question, situation):
    verdicts = decide(rulebook, question, situation)
    return {name for name, verdict in verdicts.items() if isinstance(verdict, Allow)}


@many
@given(rulebooks, st.lists(questions, min_size=1, max_size=4), situations)
def test_an_independent_judge_agrees(rulebook, asked, situation):
    for question in asked:
        for name, verdict in decide(rulebook, question, situation).items():
            expected = clause_for(rulebook.code, question, situation, name)
            found = verdict.clause if isinstance(verdict, Allow) else None
            assert found == expected, (name, question, situation, verdict)


@given(rulebooks, questions, situations)
def test_every_name_gets_one_verdict_in_the_order_asked(rulebook, question, situation):
    verdicts = decide(rulebook, question, situation)
    assert list(verdicts) == list(dict.fromkeys(question.names))
    assert all(isinstance(verdict, Allow | Deny) for verdict in verdicts.values())


@given(rulebooks, questions, situations)
def test_the_same_question_gets_the_same_answer(rulebook, question, situation):
    assert decide(rulebook, question, situation) == decide(rulebook, question, situation)


@given(rulebooks, questions, situations)
def test_nobody_is_shown_anything_of_a_customer_who_is_not_known(rulebook, question, situation):
    assert not shown(rulebook, question, replace(situation, known=False))
    assert not shown(rulebook, question, replace(situation, intact=False))


@given(rulebooks, questions, situations)
def test_an_app_gets_nothing_without_registration_or_token(rulebook, question, situation):
    question = replace(question, kind=ActorKind.APP)
    assert not shown(rulebook, replace(question, ceiling=None), situation)
    assert not shown(rulebook, replace(question, ceiling=frozenset()), situation)
    assert not shown(rulebook, replace(question, registration=frozenset()), situation)
    assert not shown(rulebook, replace(question, app=None), situation)


@given(rulebooks, questions, situations, situations)
def test_what_a_token_lacks_says_nothing_of_the_customer(rulebook, question, one, other):
    question = replace(question, kind=ActorKind.APP)

    def outside(situation):
        verdicts = decide(rulebook, question, situation)
        return {
            name: coarse(verdict.reason)
            for name, verdict in verdicts.items()
            if isinstance(verdict, Deny)
            and coarse(verdict.reason) in {"outside-token", "unknown-field"}
        }

    assert outside(one) == outside(other)


def terms_added(terms: Terms):
    """Give terms that forbid all that these forbid, and perhaps more."""
    return st.builds(
        Terms,
        paused=st.just(value=True) if terms.paused else st.booleans(),
        never_purposes=st.frozensets(st.sampled_from(PURPOSES)).map(
            lambda more: terms.never_purposes | more
        ),
        never_apps=st.frozensets(st.sampled_from(APPS)).map(lambda more: terms.never_apps | more),
        no_profiling=st.just(value=True) if terms.no_profiling else st.booleans(),
        ask_each_time=st.frozensets(st.sampled_from(PURPOSES)).map(
            lambda more: terms.ask_each_time | more
        ),
    )


@given(rulebooks, questions, situations, st.data())
def test_adding_a_term_never_shows_more(rulebook, question, situation, data):
    stricter = replace(situation, terms=data.draw(terms_added(situation.terms)))
    assert shown(rulebook, question, stricter) <= shown(rulebook, question, situation)


@given(rulebooks, questions, situations, st.sampled_from(PURPOSES))
def test_objecting_never_shows_more(rulebook, question, situation, purpose):
    objecting = replace(situation, objections=situation.objections | {purpose})
    assert shown(rulebook, question, objecting) <= shown(rulebook, question, situation)


@given(rulebooks, questions, situations)
def test_restricting_never_shows_more(rulebook, question, situation):
    restricted = replace(situation, restricted=True)
    assert shown(rulebook, question, restricted) <= shown(rulebook, question, situation)


@given(rulebooks, questions, situations, st.frozensets(st.sampled_from(NAMES)))
def test_an_untold_value_never_shows_more(rulebook, question, situation, names):
    untold = replace(situation, untold=situation.untold | names)
    assert shown(rulebook, question, untold) <= shown(rulebook, question, situation)


@given(rulebooks, questions, situations, st.integers(min_value=NOW))
def test_time_alone_never_shows_more(rulebook, question, situation, now):
    later = replace(situation, now=now)
    assert shown(rulebook, question, later) <= shown(rulebook, question, situation)


@given(
    rulebooks,
    questions,
    situations,
    st.sampled_from([one for one in ConsentState if one not in {"given", "renewed"}]),
    st.sampled_from(PURPOSES),
)
def test_ending_a_consent_never_shows_more(rulebook, question, situation, state, purpose):
    facts = dict(situation.consents)
    if purpose in facts:
        facts[purpose] = replace(facts[purpose], state=state)
    ended = replace(situation, consents=facts)
    assert shown(rulebook, question, ended) <= shown(rulebook, question, situation)
    facts.pop(purpose, None)
    never = replace(situation, consents=facts)
    assert shown(rulebook, question, never) <= shown(rulebook, question, situation)


@given(rulebooks, questions, situations, st.frozensets(st.sampled_from(sorted(ALL))))
def test_a_narrower_token_never_shows_more(rulebook, question, situation, ceiling):
    wide = replace(question, kind=ActorKind.APP, ceiling=ALL)
    narrow = replace(wide, ceiling=ceiling)
    assert shown(rulebook, narrow, situation) <= shown(rulebook, wide, situation)


@given(rulebooks, questions, situations)
def test_the_customer_sees_all_that_the_code_names_whatever_the_terms(
    rulebook, question, situation
):
    own = replace(question, kind=ActorKind.CUSTOMER, purpose=None, action=Action.READ)
    situation = replace(situation, known=True, intact=True)
    assert shown(rulebook, own, situation) == set(own.names) & set(rulebook.sources)


@pytest.mark.parametrize("role", [None, *StaffRole])
@given(rulebook=rulebooks, question=questions, situation=situations)
def test_staff_get_nothing_from_a_clause_that_does_not_name_their_role(
    rulebook, question, situation, role
):
    asked = replace(question, kind=ActorKind.STAFF, role=role)
    clause = rulebook.purposes.get(asked.purpose or "")
    if clause is None or role not in clause.staff:
        assert not shown(rulebook, asked, situation)
