"""Say what the three simple levels open and forbid: pure, total over every purpose.

A level sets the customer's own terms and nothing else: it never gives a consent. Each purpose
belongs to the lowest level that leaves it open:

1. what the law demands, and what rests on another basis than consent, belongs to `NEEDED`,
   unless it profiles;
2. what profiles belongs to `KNOWN`, whatever else it is, save what the law demands;
3. what rests on consent belongs to the highest level among its types: those that do what the
   customer asked for to `NEEDED`, those that measure and improve to `IMPROVE`, all others, and
   every type that is not known here, to `KNOWN`.

So each level opens what the one before does, and more. None lets anything go to another business.
Source: consent-standards note, 6 (IEEE 7012: SD-BASE-DP, SD-BASE-A-DP, SD-BASE-ATP-DP).
"""

from dataclasses import replace
from enum import IntEnum
from typing import Final

from policies.model import Basis, Purpose, Rulebook, Term
from policies.situation import Terms


class Level(IntEnum):
    """How much a customer opens; the order is the order of opening."""

    NEEDED = 1
    IMPROVE = 2
    KNOWN = 3


_ASKED_FOR: Final = frozenset(
    {
        "AccountManagement",
        "CustomerCare",
        "CustomerOrderManagement",
        "DeliveryOfGoods",
        "DisputeManagement",
        "FraudPreventionAndDetection",
        "LegalCompliance",
        "PaymentManagement",
        "RequestedServiceProvision",
        "RightsFulfilment",
    }
)
_IMPROVING: Final = frozenset(
    {"CommunicationForCustomerCare", "ImproveExistingProductsAndServices", "ServiceUsageAnalytics"}
)
_NEVER: Final = Term.NEVER_PURPOSE
NAMES: Final = {Level.NEEDED: "needed", Level.IMPROVE: "improve", Level.KNOWN: "known"}


def level_of(purpose: Purpose) -> Level:
    """Return the lowest level that leaves a purpose open."""
    if purpose.basis is Basis.LEGAL_OBLIGATION:
        return Level.NEEDED
    if purpose.profiling:
        return Level.KNOWN
    if purpose.basis is not Basis.CONSENT:
        return Level.NEEDED
    return max((_of_type(name) for name in purpose.types), default=Level.KNOWN)


def opened(rulebook: Rulebook, level: Level) -> tuple[Purpose, ...]:
    """Return the purposes that rest on consent and that a level leaves open, in the code's order."""
    return tuple(one for one in rulebook.consent_purposes() if level_of(one) <= level)


def offered(rulebook: Rulebook) -> bool:
    """Say whether the code lets its customers set what tells the levels apart."""
    return _NEVER in rulebook.code.terms and any(
        level_of(one) > Level.NEEDED for one in rulebook.code.purposes
    )


def apply(rulebook: Rulebook, terms: Terms, *, level: Level) -> Terms:
    """Return the terms with what a level sets; all that no level sets stays as it is.

    Args:
        rulebook: in force; what it does not offer is not set.
        terms: as they stand.
        level: the customer's choice.
    """
    can = frozenset(rulebook.code.terms)
    ranked = {one.id: level_of(one) for one in _asked(rulebook)}
    own = frozenset(name for name in terms.never_purposes if ranked.get(name, 1) == Level.NEEDED)
    shut = frozenset(name for name, lowest in ranked.items() if lowest > level)
    return replace(
        terms,
        never_purposes=own | shut if _NEVER in can else terms.never_purposes,
        no_profiling=level < Level.KNOWN if Term.NO_PROFILING in can else terms.no_profiling,
        no_sharing=True if Term.NO_SHARING in can else terms.no_sharing,
    )


def is_kept(rulebook: Rulebook, terms: Terms, *, level: Level) -> bool:
    """Say whether the terms still are what a level would set."""
    return apply(rulebook, terms, level=level) == terms


def _asked(rulebook: Rulebook) -> tuple[Purpose, ...]:
    return tuple(
        one
        for one in rulebook.code.purposes
        if one.basis is Basis.CONSENT or level_of(one) > Level.NEEDED
    )


def _of_type(name: str) -> Level:
    if name in _ASKED_FOR:
        return Level.NEEDED
    return Level.IMPROVE if name in _IMPROVING else Level.KNOWN
