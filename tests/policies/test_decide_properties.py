"""What holds for every code, question and situation."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.decide import Allow, Deny, Terms, decide
from policies.model import (
    Action,
    ActorKind,
    Basis,
    Channel,
    ConsentState,
    Source,
    StaffRole,
)
from policies.reasons import Reason, coarse
from tests.policies.generated import (
    ALL,
    APPS,
    FIELDS,
    NAMES,
    NOW,
    PURPOSES,
    case,
    seeds,
)
from tests.policies.simple import clause_for

QUESTIONS = 10_000  # each about one to six names
DECIDED = set(Reason) - {
    Reason.WRONG_VALUE,
    Reason.IDENTIFIER_TAKEN,
    Reason.WHOLE_REFUSED,
    Reason.ERASED,
    Reason.AT_MOST,
}  # these come after the decision


def shown(rulebook, question, situation):
    verdicts = decide(rulebook, question, situation)
    return {name for name, verdict in verdicts.items() if isinstance(verdict, Allow)}


def test_an_independent_judge_agrees():
    outcomes: Counter[str] = Counter()
    for seed in range(QUESTIONS):
        book, question, situation = case(seed)
        for name, verdict in decide(book, question, situation).items():
            expected = clause_for(book.code, question, situation, name)
            found = verdict.clause if isinstance(verdict, Allow) else None
            assert found == expected, (seed, name, verdict)
            outcomes[verdict.reason if isinstance(verdict, Deny) else "allowed"] += 1
    # It agrees about something: much is allowed, and each reason to deny is met many times.
    assert outcomes.pop("allowed") > sum(outcomes.values()) / 5
    assert set(outcomes) == DECIDED
    assert min(outcomes.values()) >= 20, outcomes


@given(seeds)
def test_every_name_gets_one_verdict_in_the_order_asked(seed):
    rulebook, question, situation = case(seed)
    verdicts = decide(rulebook, question, situation)
    assert list(verdicts) == list(dict.fromkeys(question.names))
    assert all(isinstance(verdict, Allow | Deny) for verdict in verdicts.values())


@given(seeds)
def test_the_same_question_gets_the_same_answer(seed):
    rulebook, question, situation = case(seed)
    assert decide(rulebook, question, situation) == decide(rulebook, question, situation)


@given(seeds)
def test_nobody_is_shown_anything_of_a_customer_who_is_not_known(seed):
    rulebook, question, situation = case(seed)
    assert not shown(rulebook, question, replace(situation, known=False))
    assert not shown(rulebook, question, replace(situation, intact=False))


@given(seeds)
def test_an_app_gets_nothing_without_registration_or_token(seed):
    rulebook, question, situation = case(seed)
    question = replace(question, kind=ActorKind.APP)
    assert not shown(rulebook, replace(question, ceiling=None), situation)
    assert not shown(rulebook, replace(question, ceiling=frozenset()), situation)
    assert not shown(rulebook, replace(question, registration=frozenset()), situation)
    assert not shown(rulebook, replace(question, app=None), situation)


@given(seeds, seeds)
def test_what_a_token_lacks_says_nothing_of_the_customer(seed, other_seed):
    rulebook, question, one = case(seed)
    other = case(other_seed)[2]
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
        never_channels=st.frozensets(st.sampled_from(Channel)).map(
            lambda more: terms.never_channels | more
        ),
        no_sharing=st.just(value=True) if terms.no_sharing else st.booleans(),
        restricted_fields=st.frozensets(st.sampled_from(FIELDS)).map(
            lambda more: terms.restricted_fields | more
        ),
        contested=st.frozensets(st.sampled_from(FIELDS)).map(lambda more: terms.contested | more),
        child_until=st.integers(terms.child_until, NOW + 10),
    )


@given(seeds)
def test_quiet_hours_never_show_more(seed):
    rulebook, question, situation = case(seed)
    assert shown(rulebook, question, replace(situation, quiet=True)) <= shown(
        rulebook, question, situation
    )


@given(seeds, st.data())
def test_adding_a_term_never_shows_more(seed, data):
    rulebook, question, situation = case(seed)
    stricter = replace(situation, terms=data.draw(terms_added(situation.terms)))
    assert shown(rulebook, question, stricter) <= shown(rulebook, question, situation)


@given(seeds, st.sampled_from(PURPOSES))
def test_objecting_never_shows_more(seed, purpose):
    rulebook, question, situation = case(seed)
    objecting = replace(situation, objections=situation.objections | {purpose})
    assert shown(rulebook, question, objecting) <= shown(rulebook, question, situation)


@given(seeds)
def test_restricting_never_shows_more(seed):
    rulebook, question, situation = case(seed)
    restricted = replace(situation, restricted=True)
    assert shown(rulebook, question, restricted) <= shown(rulebook, question, situation)


@given(seeds, st.frozensets(st.sampled_from(NAMES)))
def test_an_untold_value_never_shows_more(seed, names):
    rulebook, question, situation = case(seed)
    untold = replace(situation, untold=situation.untold | names)
    assert shown(rulebook, question, untold) <= shown(rulebook, question, situation)


@given(seeds, st.frozensets(st.sampled_from(NAMES)))
def test_a_damaged_value_is_shown_to_nobody(seed, names):
    rulebook, question, situation = case(seed)
    question = replace(question, action=Action.READ)
    damaged = shown(rulebook, question, replace(situation, damaged=situation.damaged | names))
    assert damaged <= shown(rulebook, question, situation) - names


@given(seeds, st.integers(min_value=NOW))
def test_time_alone_never_shows_more(seed, now):
    rulebook, question, situation = case(seed)
    # Growing up is the one thing that time allows.
    situation = replace(situation, terms=replace(situation.terms, child_until=0))
    later = replace(situation, now=now)
    assert shown(rulebook, question, later) <= shown(rulebook, question, situation)


@given(
    seeds,
    st.sampled_from([one for one in ConsentState if one not in {"given", "renewed"}]),
    st.sampled_from(PURPOSES),
)
def test_ending_a_consent_never_shows_more(seed, state, purpose):
    rulebook, question, situation = case(seed)
    facts = dict(situation.consents)
    if purpose in facts:
        facts[purpose] = replace(facts[purpose], state=state)
    ended = replace(situation, consents=facts)
    assert shown(rulebook, question, ended) <= shown(rulebook, question, situation)
    facts.pop(purpose, None)
    never = replace(situation, consents=facts)
    assert shown(rulebook, question, never) <= shown(rulebook, question, situation)


@given(seeds, st.frozensets(st.sampled_from(sorted(ALL))))
def test_a_narrower_token_never_shows_more(seed, ceiling):
    rulebook, question, situation = case(seed)
    wide = replace(question, kind=ActorKind.APP, ceiling=ALL)
    narrow = replace(wide, ceiling=ceiling)
    assert shown(rulebook, narrow, situation) <= shown(rulebook, wide, situation)


@given(seeds)
def test_the_customer_sees_all_that_the_code_names_whatever_the_terms(seed):
    rulebook, question, situation = case(seed)
    own = replace(question, kind=ActorKind.CUSTOMER, purpose=None, action=Action.READ)
    situation = replace(situation, known=True, intact=True, damaged=frozenset())
    assert shown(rulebook, own, situation) == set(own.names) & set(rulebook.sources)


@pytest.mark.parametrize("role", [None, *StaffRole])
@given(seed=seeds)
def test_staff_get_nothing_from_a_clause_that_does_not_name_their_role(seed, role):
    rulebook, question, situation = case(seed)
    asked = replace(question, kind=ActorKind.STAFF, role=role)
    clause = rulebook.purposes.get(asked.purpose or "")
    if clause is None or role not in clause.staff:
        assert not shown(rulebook, asked, situation)


def working_out(question):
    """The same question, as the vault asks it that works something out."""
    return replace(question, kind=ActorKind.VAULT, purpose=question.purpose or PURPOSES[0])


@given(seeds, st.sampled_from([Action.READ, Action.WRITE, Action.APPEND]))
def test_the_vault_works_out_only_what_a_derivation_of_the_purpose_says(seed, action):
    rulebook, question, situation = case(seed)
    asked = replace(working_out(question), action=action)
    several = [
        one for one in rulebook.code.derivations if one.method and asked.purpose in one.purposes
    ]
    inputs = {name for one in several for name in one.inputs}
    named = {Action.READ: inputs, Action.WRITE: {one.field for one in several}}
    found = shown(rulebook, asked, situation)
    # Beside it only what a survey of the purpose needs: `test_asked.py`.
    assert found <= named.get(action, set()) | rulebook.asked(asked.purpose or "", action)
    assert found <= set(rulebook.fields_of(asked.purpose or "", action))
    if action is Action.WRITE and asked.source is not Source.INFERRED:
        assert not found


@given(seeds)
def test_the_vault_works_nothing_out_against_a_no_whatever_the_basis(seed):
    rulebook, question, situation = case(seed)
    asked = replace(working_out(question), action=Action.WRITE)
    objecting = replace(situation, objections=frozenset({asked.purpose or ""}))
    assert not shown(rulebook, asked, objecting)
    no_profiling = replace(situation, terms=replace(situation.terms, no_profiling=True))
    assert not shown(rulebook, asked, no_profiling)
    never = replace(situation.terms, never_purposes=frozenset({asked.purpose or ""}))
    clause = rulebook.purposes.get(asked.purpose or "")
    if clause and clause.basis is not Basis.LEGAL_OBLIGATION:
        assert not shown(rulebook, asked, replace(situation, terms=never))


@given(seeds, st.sampled_from(ActorKind), st.sampled_from([Action.WRITE, Action.APPEND]))
def test_nobody_infers_what_the_customer_contests(seed, kind, action):
    rulebook, question, situation = case(seed)
    inferring = replace(question, kind=kind, action=action, source=Source.INFERRED)
    contested = replace(situation, terms=replace(situation.terms, contested=frozenset(NAMES)))
    assert not shown(rulebook, inferring, contested)
