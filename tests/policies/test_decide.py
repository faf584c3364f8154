"""Each reason for a denial, and each kind of clause, once by hand."""

from dataclasses import replace
from timeit import repeat

import pytest

from policies.compile import compile_
from policies.decide import Allow, ConsentFact, Deny, Question, Situation, Terms, decide
from policies.model import Action, ActorKind, ConsentState, Permission, Source, StaffRole
from policies.reasons import Reason
from tests.policies.documents import good, sample, swapped

NOW = 1_000
BOOK = good()
EVERYTHING = frozenset(
    Permission(purpose.id, action, use.name)
    for purpose in BOOK.code.purposes
    for use in purpose.uses
    for action in Action
)
GIVEN = ConsentFact(
    purpose="rewards",
    state=ConsentState.GIVEN,
    fields=frozenset({"contact.birth_date", "preferences.coffee", "interaction.purchase"}),
    until=NOW + 1,
    intact=True,
)
CALM = Situation(
    known=True,
    intact=True,
    restricted=False,
    objections=frozenset(),
    terms=Terms(),
    consents={"rewards": GIVEN},
    untold=frozenset(),
    now=NOW,
)
LOYALTY = Question(
    kind=ActorKind.APP,
    app="loyalty",
    purpose="rewards",
    names=("preferences.coffee",),
    registration=EVERYTHING,
    ceiling=EVERYTHING,
)
DELIVERY = replace(LOYALTY, app="delivery", purpose="delivery", names=("contact.email",))
SUPPORT = Question(
    kind=ActorKind.STAFF, role=StaffRole.SUPPORT, purpose="fraud", names=("contact.email",)
)
OWN = Question(kind=ActorKind.CUSTOMER, names=("contact.email",))
TOLD = replace(OWN, action=Action.WRITE, source=Source.TOLD)
COMMAND = replace(TOLD, kind=ActorKind.OPERATOR)
LETTER = replace(OWN, kind=ActorKind.VAULT)


def verdict(question, situation=CALM, book=BOOK):
    (only,) = decide(book, question, situation).values()
    return only


def consent(**changes):
    return replace(CALM, consents={"rewards": replace(GIVEN, **changes)})


def terms(**changes):
    return replace(CALM, terms=Terms(**changes))


@pytest.mark.parametrize(
    ("question", "clause"),
    [
        (LOYALTY, "rewards"),
        (DELIVERY, "delivery"),
        (SUPPORT, "fraud"),
        (OWN, "own"),
        (TOLD, "field/contact.email"),
        (COMMAND, "field/contact.email"),
        (LETTER, "notice"),
        (replace(LOYALTY, action=Action.WRITE, source=Source.TOLD), "rewards"),
        (
            replace(
                LOYALTY,
                action=Action.APPEND,
                source=Source.OBSERVED,
                names=("interaction.purchase",),
            ),
            "rewards",
        ),
        (
            replace(
                COMMAND,
                action=Action.APPEND,
                source=Source.OBSERVED,
                names=("interaction.purchase",),
            ),
            "field/interaction.purchase",
        ),
    ],
)
def test_what_the_code_names_is_allowed_under_its_clause(question, clause):
    assert verdict(question) == Allow(clause)


COFFEE = replace(LETTER, names=("preferences.coffee",))


@pytest.mark.parametrize("held", ["the name", "*"])
@pytest.mark.parametrize("name", ["preferences.coffee", "no.longer_named"])
def test_the_vault_opens_what_a_legal_hold_keeps_and_nobody_else_does(held, name):
    question = replace(COFFEE, names=(name,))
    situation = replace(CALM, held=frozenset({held if held == "*" else name}))
    assert verdict(question, situation) == Allow("hold")
    assert isinstance(verdict(question, replace(CALM, held=frozenset({"another.one"}))), Deny)
    assert isinstance(verdict(question, replace(situation, intact=False)), Deny)
    for kind in (ActorKind.OPERATOR, ActorKind.STAFF):
        assert isinstance(verdict(replace(question, kind=kind), situation), Deny)


WRITING = replace(LOYALTY, action=Action.WRITE, source=Source.TOLD)


@pytest.mark.parametrize(
    ("question", "situation", "reason"),
    [
        (replace(LOYALTY, names=("no.field",)), CALM, Reason.UNKNOWN_FIELD),
        (replace(OWN, names=("no.field",)), CALM, Reason.UNKNOWN_FIELD),
        (replace(LOYALTY, ceiling=None), CALM, Reason.OUTSIDE_TOKEN),
        (replace(LOYALTY, ceiling=frozenset()), CALM, Reason.OUTSIDE_TOKEN),
        (replace(LOYALTY, purpose=None), CALM, Reason.OUTSIDE_TOKEN),
        (replace(SUPPORT, ceiling=frozenset()), CALM, Reason.OUTSIDE_TOKEN),
        (replace(LOYALTY, registration=frozenset()), CALM, Reason.NOT_REGISTERED),
        (replace(SUPPORT, purpose=None), CALM, Reason.NO_CLAUSE),
        (replace(SUPPORT, names=("preferences.note",)), CALM, Reason.NO_CLAUSE),
        (replace(DELIVERY, action=Action.WRITE, source=Source.TOLD), CALM, Reason.NO_CLAUSE),
        (replace(OWN, purpose="delivery"), CALM, Reason.NO_CLAUSE),
        (replace(OWN, action=Action.APPEND, source=Source.TOLD), CALM, Reason.NO_CLAUSE),
        (replace(TOLD, names=("interaction.purchase",)), CALM, Reason.NO_CLAUSE),
        (replace(OWN, kind=ActorKind.OPERATOR), CALM, Reason.NO_CLAUSE),
        (replace(LOYALTY, app="delivery"), CALM, Reason.NOT_RECIPIENT),
        (replace(SUPPORT, role=StaffRole.ADMIN), CALM, Reason.NOT_RECIPIENT),
        (replace(SUPPORT, role=None), CALM, Reason.NOT_RECIPIENT),
        (LOYALTY, replace(CALM, known=False), Reason.UNKNOWN_CUSTOMER),
        (OWN, replace(CALM, known=False), Reason.UNKNOWN_CUSTOMER),
        (LOYALTY, replace(CALM, intact=False), Reason.STANDING_BROKEN),
        (OWN, replace(CALM, intact=False), Reason.STANDING_BROKEN),
        (DELIVERY, replace(CALM, restricted=True), Reason.RESTRICTED),
        (WRITING, replace(CALM, restricted=True), Reason.RESTRICTED),
        (SUPPORT, replace(CALM, restricted=True), Reason.RESTRICTED),
        (COMMAND, replace(CALM, restricted=True), Reason.RESTRICTED),
        (DELIVERY, terms(never_purposes=frozenset({"delivery"})), Reason.NEVER_PURPOSE),
        (DELIVERY, terms(never_apps=frozenset({"delivery"})), Reason.NEVER_APP),
        (DELIVERY, terms(ask_each_time=frozenset({"delivery"})), Reason.ASK_EACH_TIME),
        (DELIVERY, terms(never_channels=frozenset({"email"})), Reason.NEVER_CHANNEL),
        (SUPPORT, terms(never_channels=frozenset({"email"})), Reason.NEVER_CHANNEL),
        (DELIVERY, replace(CALM, quiet=True), Reason.QUIET_HOURS),
        (DELIVERY, terms(restricted_fields=frozenset({"contact.email"})), Reason.RESTRICTED),
        (WRITING, terms(restricted_fields=frozenset({"preferences.coffee"})), Reason.RESTRICTED),
        (COMMAND, terms(restricted_fields=frozenset({"contact.email"})), Reason.RESTRICTED),
        (LOYALTY, terms(child_until=NOW + 1), Reason.CHILD),
        (LETTER, replace(CALM, known=False), Reason.UNKNOWN_CUSTOMER),
        (replace(LETTER, names=("preferences.coffee",)), CALM, Reason.NO_CLAUSE),
        (replace(LETTER, action=Action.WRITE, source=Source.TOLD), CALM, Reason.NO_CLAUSE),
        (replace(LETTER, purpose="delivery"), CALM, Reason.NOT_RECIPIENT),
        (SUPPORT, replace(CALM, objections=frozenset({"fraud"})), Reason.OBJECTED),
        (LOYALTY, terms(paused=True), Reason.PAUSED),
        (LOYALTY, replace(CALM, consents={}), Reason.NOT_ASKED),
        (LOYALTY, consent(state=ConsentState.UNKNOWN), Reason.NOT_ASKED),
        (LOYALTY, consent(state=ConsentState.REQUESTED), Reason.NOT_ASKED),
        (LOYALTY, consent(state=ConsentState.DEFERRED), Reason.NOT_ASKED),
        (LOYALTY, consent(state=ConsentState.REFUSED), Reason.REFUSED),
        (LOYALTY, consent(state=ConsentState.WITHDRAWN), Reason.WITHDRAWN),
        (LOYALTY, consent(state=ConsentState.EXPIRED), Reason.EXPIRED),
        (LOYALTY, consent(state=ConsentState.REVOKED), Reason.REVOKED),
        (LOYALTY, consent(state=ConsentState.INVALIDATED), Reason.INVALIDATED),
        (LOYALTY, consent(until=NOW), Reason.EXPIRED),
        (LOYALTY, consent(intact=False), Reason.CONSENT_BROKEN),
        (LOYALTY, consent(purpose="delivery"), Reason.CONSENT_BROKEN),
        (LOYALTY, consent(fields=frozenset({"contact.birth_date"})), Reason.NOT_TICKED),
        (DELIVERY, replace(CALM, untold=frozenset({"contact.email"})), Reason.NOT_TOLD),
        (replace(WRITING, source=None), CALM, Reason.WRONG_SOURCE),
        (replace(WRITING, source=Source.OBSERVED), CALM, Reason.WRONG_SOURCE),
        (replace(COMMAND, source=Source.OBSERVED), CALM, Reason.WRONG_SOURCE),
        (replace(TOLD, source=Source.OBSERVED), CALM, Reason.WRONG_SOURCE),
        (replace(COMMAND, source=Source.INFERRED), terms(no_profiling=True), Reason.NO_PROFILING),
        (replace(WRITING, source=Source.INFERRED), terms(no_profiling=True), Reason.NO_PROFILING),
    ],
)
def test_each_denial_has_its_reason(question, situation, reason):
    assert verdict(question, situation) == Deny(reason)


@pytest.mark.parametrize(
    ("question", "situation"),
    [
        (OWN, replace(CALM, restricted=True)),
        (OWN, terms(paused=True, never_purposes=frozenset({"delivery"}))),
        (TOLD, replace(CALM, restricted=True)),
        (DELIVERY, terms(paused=True)),
        (DELIVERY, replace(CALM, objections=frozenset({"delivery"}))),
        (replace(DELIVERY, present=True), terms(ask_each_time=frozenset({"delivery"}))),
        (LOYALTY, consent(state=ConsentState.RENEWED)),
        (LOYALTY, replace(CALM, untold=frozenset({"contact.email"}))),
        (WRITING, terms(paused=True)),
        (WRITING, replace(CALM, untold=frozenset({"preferences.coffee"}))),
        (LOYALTY, terms(no_profiling=True)),
        (OWN, terms(restricted_fields=frozenset({"contact.email"}))),
        (TOLD, terms(restricted_fields=frozenset({"contact.email"}))),
        (LETTER, replace(CALM, restricted=True, quiet=True)),
        (DELIVERY, terms(never_channels=frozenset({"phone", "post"}))),
        (DELIVERY, terms(no_sharing=True, child_until=NOW + 1)),
        (replace(DELIVERY, present=True), replace(CALM, quiet=True)),
        (LOYALTY, terms(child_until=NOW)),
        (LOYALTY, replace(CALM, quiet=True)),
    ],
)
def test_what_does_not_reach_the_question_does_not_deny_it(question, situation):
    assert isinstance(verdict(question, situation), Allow)


def test_a_restricted_customer_s_new_events_are_kept():
    question = replace(
        LOYALTY, action=Action.APPEND, source=Source.OBSERVED, names=("interaction.purchase",)
    )
    assert verdict(question, replace(CALM, restricted=True)) == Allow("rewards")


def test_no_standing_term_reaches_a_legal_obligation():
    text = swapped(("basis: contract", "basis: legal-obligation\n    law: Tax Act, section 1"))
    book = compile_(text.encode(), name="duty.yaml")
    forbidding = Terms(
        paused=True,
        never_purposes=frozenset({"delivery"}),
        never_apps=frozenset({"delivery"}),
        no_profiling=True,
        ask_each_time=frozenset({"delivery"}),
        never_channels=frozenset({"email"}),
        no_sharing=True,
        child_until=NOW + 1,
    )
    assert verdict(DELIVERY, replace(CALM, quiet=True, terms=forbidding), book) == Allow("delivery")


def test_another_business_gets_nothing_under_the_term_against_sharing():
    text = swapped(("Logistics, country: IE}", "Logistics, country: IE, external: yes}"))
    book = compile_(text.encode(), name="external.yaml")
    assert verdict(DELIVERY, CALM, book) == Allow("delivery")
    assert verdict(DELIVERY, terms(no_sharing=True), book) == Deny(Reason.NO_SHARING)
    assert verdict(LOYALTY, terms(no_sharing=True), book) == Allow("rewards")


def test_an_app_does_not_learn_what_is_restricted_beyond_its_consent():
    facts = {"rewards": replace(GIVEN, fields=frozenset({"contact.birth_date"}))}
    situation = replace(
        CALM, terms=Terms(restricted_fields=frozenset({"preferences.coffee"})), consents=facts
    )
    assert verdict(LOYALTY, situation) == Deny(Reason.NOT_TICKED)


def test_a_profiling_clause_ends_with_the_term_against_it():
    text = swapped(("    balancing:", "    profiling: yes\n    balancing:"))
    book = compile_(text.encode(), name="profiling.yaml")
    assert verdict(SUPPORT, CALM, book) == Allow("fraud")
    assert verdict(SUPPORT, terms(no_profiling=True), book) == Deny(Reason.NO_PROFILING)


def test_only_the_fields_of_the_consent_are_shown():
    names = ("contact.birth_date", "preferences.coffee")
    situation = consent(fields=frozenset({"contact.birth_date"}))
    assert decide(BOOK, replace(LOYALTY, names=names), situation) == {
        "contact.birth_date": Allow("rewards"),
        "preferences.coffee": Deny(Reason.NOT_TICKED),
    }


def test_an_app_without_a_basis_does_not_learn_that_a_third_party_told_something():
    situation = replace(CALM, consents={}, untold=frozenset({"preferences.coffee"}))
    assert verdict(LOYALTY, situation) == Deny(Reason.NOT_ASKED)


def test_no_names_get_no_verdicts():
    assert decide(BOOK, replace(LOYALTY, names=()), CALM) == {}


def test_ten_fields_are_decided_in_microseconds():
    book = sample()
    uses = [use.name for use in book.purposes["loyalty.rewards"].uses]
    names = tuple(dict.fromkeys((*uses, *book.fields)))[:10]
    everything = frozenset(Permission("loyalty.rewards", Action.READ, name) for name in names)
    fact = replace(GIVEN, purpose="loyalty.rewards", fields=frozenset(names))
    question = replace(
        LOYALTY,
        purpose="loyalty.rewards",
        names=names,
        registration=everything,
        ceiling=everything,
    )
    situation = replace(CALM, consents={"loyalty.rewards": fact})
    assert len(decide(book, question, situation)) == 10
    best = min(repeat(lambda: decide(book, question, situation), number=100, repeat=30)) / 100
    assert best < 60e-6  # seconds; 20 us or less when nothing else runs
