"""What the vault itself may do to ask a survey: what the survey needs, and by every rule of an app."""

from dataclasses import replace
from itertools import product

import pytest

from policies.decide import Allow, ConsentFact, Deny, Question, Terms, decide
from policies.model import Action, ActorKind, ConsentState, Source
from policies.reasons import Reason
from tests.policies.simple import clause_for
from tests.policies.test_decide import CALM, NOW
from tests.surveyed import BOOK
from vault.verifier.replay_code import Code

NAMES = frozenset(BOOK.sources)
GIVEN = ConsentFact("feedback", ConsentState.GIVEN, NAMES, NOW + 1, intact=True)
WILLING = replace(CALM, consents={"feedback": GIVEN})
READS = Question(ActorKind.VAULT, ("contact.email",), purpose="feedback")
KEEPS = Question(
    ActorKind.VAULT,
    ("interaction.survey_answer",),
    action=Action.APPEND,
    purpose="feedback",
    source=Source.TOLD,
    present=True,
)


def verdict(question, situation=WILLING):
    (only,) = decide(BOOK, question, situation).values()
    return only


def test_it_may_use_what_it_needs_to_ask_and_nothing_else():
    assert BOOK.asked("feedback", Action.READ) == {"contact.email", "interaction.purchase"}
    assert BOOK.asked("feedback", Action.APPEND) == {
        "interaction.survey_answer",
        "interaction.survey_letter",
    }
    assert BOOK.asked("feedback", Action.WRITE) == BOOK.asked("rewards", Action.READ) == set()
    for question in (READS, KEEPS):
        assert verdict(question) == Allow("feedback")
        assert verdict(replace(question, purpose="fraud")) in {
            Deny(Reason.NOT_RECIPIENT),
            Deny(Reason.NO_CLAUSE),
        }
    assert verdict(replace(READS, names=("interaction.survey_answer",))) == Deny(
        Reason.NOT_RECIPIENT
    )


@pytest.mark.parametrize(
    ("situation", "reason"),
    [
        (CALM, Reason.NOT_ASKED),
        (replace(WILLING, restricted=True), Reason.RESTRICTED),
        (replace(WILLING, quiet=True), Reason.QUIET_HOURS),
        (replace(WILLING, terms=Terms(paused=True)), Reason.PAUSED),
        (replace(WILLING, terms=Terms(never_channels=frozenset({"email"}))), Reason.NEVER_CHANNEL),
        (
            replace(WILLING, terms=Terms(never_purposes=frozenset({"feedback"}))),
            Reason.NEVER_PURPOSE,
        ),
        (
            replace(WILLING, terms=Terms(ask_each_time=frozenset({"feedback"}))),
            Reason.ASK_EACH_TIME,
        ),
        (replace(WILLING, damaged=frozenset({"contact.email"})), Reason.DAMAGED),
        (replace(WILLING, known=False), Reason.UNKNOWN_CUSTOMER),
    ],
)
def test_every_rule_holds_for_it(situation, reason):
    assert verdict(READS, situation) == Deny(reason)


def test_an_answer_may_come_while_the_customer_is_there():
    each_time = replace(WILLING, terms=Terms(ask_each_time=frozenset({"feedback"})))
    assert verdict(KEEPS, each_time) == Allow("feedback")
    assert verdict(replace(KEEPS, present=False), each_time) == Deny(Reason.ASK_EACH_TIME)
    withdrawn = replace(GIVEN, state=ConsentState.WITHDRAWN)
    gone = replace(WILLING, consents={"feedback": withdrawn})
    assert verdict(KEEPS, gone) == Deny(Reason.WITHDRAWN)
    assert verdict(replace(KEEPS, source=Source.OBSERVED)) == Deny(Reason.WRONG_SOURCE)


def test_the_judges_agree_about_the_vault():
    code = Code(BOOK.document, BOOK.digest)
    for purpose, action in product((*BOOK.purposes, "unknown"), Action):
        assert code.asked(purpose, action.value) == BOOK.asked(purpose, action)
        for name, source in product(sorted(NAMES), Source):
            question = replace(READS, names=(name,), action=action, purpose=purpose, source=source)
            found = verdict(question)
            expected = clause_for(BOOK.code, question, WILLING, name)
            assert (found.clause if isinstance(found, Allow) else None) == expected
