"""What is prepared for a question never changes what a customer's facts come to."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given

from policies.decide import Allow, Deny, decide
from policies.model import Action, ActorKind, Source, StaffRole
from policies.plan import plan
from policies.reasons import Reason
from tests.policies.generated import ALL, APPS, NAMES, PURPOSES, Asker, case, rulebook_of, seeds
from tests.policies.unplanned import unplanned

CASES = 5_000  # questions, each with the facts of its customer
CUSTOMERS = 8  # of one question, which share its plan
KINDS = (ActorKind.APP, ActorKind.STAFF)


def test_every_name_gets_the_verdict_and_the_reason_that_it_gets_without_a_plan():
    reasons: Counter[str] = Counter()
    for seed in range(CASES):
        book, question, situation = case(seed)
        question = replace(question, kind=KINDS[seed % 2] if seed % 3 else question.kind)
        works_out = question.kind is ActorKind.VAULT and question.purpose is not None
        if question.kind not in KINDS and not works_out:
            continue
        found = decide(book, question, situation)
        assert found == unplanned(book, question, situation), seed
        assert list(found) == list(dict.fromkeys(question.names))
        reasons.update(one.reason for one in found.values() if isinstance(one, Deny))
    assert min(reasons.values()) >= 5, reasons
    assert len(reasons) >= 25, reasons


@given(seeds)
def test_customers_who_share_a_plan_share_no_verdict(seed):
    book, question, _ = case(seed)
    question = replace(question, kind=KINDS[seed % 2])
    for number in range(CUSTOMERS):
        situation = Asker(seed + number, book).situation()
        assert decide(book, question, situation) == unplanned(book, question, situation)


@given(seeds)
def test_what_is_decided_is_its_askers_alone(seed):
    book, question, situation = case(seed)
    question = replace(question, kind=ActorKind.APP)
    first = decide(book, question, situation)
    kept = dict(first)
    for name in first:
        first[name] = Allow("everything")
    assert decide(book, question, situation) == kept


CHANGES = [
    {"names": (NAMES[0],)},
    {"action": Action.WRITE},
    {"action": Action.APPEND},
    {"app": APPS[1]},
    {"app": None},
    {"purpose": PURPOSES[1]},
    {"purpose": None},
    {"registration": frozenset()},
    {"ceiling": frozenset()},
    {"ceiling": None},
    {"source": Source.INFERRED},
    {"role": StaffRole.SUPPORT},
    {"kind": ActorKind.STAFF},
    {"present": True},
]


@pytest.mark.parametrize("change", CHANGES, ids=repr)
def test_a_question_never_gets_the_plan_of_one_that_asks_otherwise(change):
    differs = 0
    for seed in range(200):
        book, question, situation = case(seed)
        kind = ActorKind.STAFF if "role" in change else ActorKind.APP
        question = replace(question, kind=kind, registration=ALL, ceiling=ALL, purpose=PURPOSES[0])
        other = replace(question, **change)
        found = decide(book, question, situation), decide(book, other, situation)
        expected = tuple(unplanned(book, one, situation) for one in (question, other))
        assert found == expected, seed
        differs += found[0] != found[1]
    assert differs, "the change is never seen"


def test_a_rulebook_with_other_tables_and_the_same_digest_gets_a_plan_of_its_own():
    book = rulebook_of(1)
    bare = replace(book, clauses={})
    assert bare.digest == book.digest
    assert hash(bare) == hash(book)
    _, question, situation = case(1)
    for purpose in book.purposes:
        asked = replace(
            question,
            kind=ActorKind.APP,
            names=NAMES,
            purpose=purpose,
            registration=ALL,
            ceiling=ALL,
        )
        decide(book, asked, situation)
        found = decide(bare, asked, situation).values()
        assert {one.reason for one in found if isinstance(one, Deny)} <= {
            Reason.NO_CLAUSE,
            Reason.UNKNOWN_FIELD,
        }
        assert not any(isinstance(one, Allow) for one in found)
        assert not plan(bare, asked).open
