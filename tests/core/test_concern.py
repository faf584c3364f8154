"""Whom a new code concerns who cannot be asked: by the names that a clause uses, or everybody."""

from dataclasses import replace

from policies.document import Never
from policies.names import Basis
from tests.core.rulebooks import PURPOSES, purpose, read, rulebook, texts
from vault.core.concern import Concern, concern

OLD = rulebook()
CONSENTS, DELIVERY = PURPOSES[:3], PURPOSES[3]
SELLING = Never("selling", texts("We never sell it."), types=("SellDataToThirdParties",))


def with_delivery(**changes):
    return rulebook(purposes=(*CONSENTS, replace(DELIVERY, **changes)))


def test_the_first_code_concerns_nobody():
    assert not concern(None, OLD)


def test_the_same_code_in_other_words_concerns_nobody():
    assert not concern(OLD, with_delivery(why=texts("Because you ordered.")))


def test_a_clause_of_a_contract_that_asks_more_concerns_whoever_has_what_it_uses():
    found = concern(OLD, with_delivery(recipients=("shop", "mailer")))
    assert found == Concern(names=frozenset({"person.name"}))


def test_what_it_no_longer_uses_concerns_nobody():
    uses = (read("contact.email"),)
    found = concern(OLD, with_delivery(uses=uses))
    assert found == Concern(names=frozenset({"contact.email"}))


def test_a_clause_that_asks_less_or_goes_concerns_nobody():
    assert not concern(with_delivery(recipients=("shop", "mailer")), OLD)
    assert not concern(OLD, rulebook(purposes=CONSENTS))


def test_a_new_clause_concerns_them_unless_it_asks():
    without = rulebook(purposes=CONSENTS)
    assert concern(without, OLD) == Concern(names=frozenset({"person.name"}))
    asked = purpose("more", read("person.name"))
    assert asked.basis is Basis.CONSENT
    assert not concern(OLD, rulebook(purposes=(*PURPOSES, asked)))


def test_a_wider_consent_is_asked_for_and_told_to_nobody():
    wider = replace(PURPOSES[0], recipients=("mailer", "shop"))
    assert PURPOSES[0].recipients != wider.recipients
    assert not concern(OLD, rulebook(purposes=(wider, *PURPOSES[1:])))


def test_a_promise_that_is_given_up_or_weakened_concerns_everybody():
    promised = rulebook(never=(SELLING,))
    weaker = replace(SELLING, bases=(Basis.LEGITIMATE_INTEREST,))
    assert concern(promised, OLD) == Concern(everybody=True)
    assert concern(promised, rulebook(never=(weaker,))) == Concern(everybody=True)
    assert not concern(OLD, promised)
    assert not concern(promised, rulebook(never=(replace(SELLING, id="other"),)))
