"""Decide every read and every write: a pure, total function whose default is deny.

1. A name that the code of ethics does not know is denied.
2. An app needs the permission in its token and in its registration. This depends on nothing of
   the customer, so that a known and an unknown one look alike.
3. The clause of the purpose must name the field, the action and the recipient.
4. The customer must be known and the standing row intact.
5. A restriction denies reading and changing to all but the customer (GDPR 18; recital 67).
6. Standing terms forbid, whatever the basis, save a legal obligation; some forbid a whole
   purpose or app, others a field that is a way to reach the customer.
7. The basis must hold: an objection ends a legitimate interest or a public task (GDPR 21); a
   consent must be given or renewed, intact, not over, and name the field.
8. A third party's value waits until the customer was told of it (GDPR 14); a value whose row did
   not pass its check is shown to nobody.
9. What is written must come from a source that the code allows for the field.
10. The vault itself reads where its letters to the customer go, and, for an erasure, what finds
   the customer and what a law or a legal hold keeps, of a name too that the code no longer knows.
   Under a purpose it reads what a derivation of that purpose takes and writes, as inferred, what it
   yields; for that write an objection, and a no to profiling, count whatever the basis. It
   uses what it needs to ask the surveys of a purpose, by the rules of an app. Nothing else.
11. What the customer contests is not inferred again, by nobody and on no basis.

It knows no clock, no store and no keys: facts arrive in the `Situation`.
Source: DESIGN 1 and 5; consent-standards note, 4 and 6.
"""

from dataclasses import dataclass

from policies.model import Clause, Permission, Rulebook
from policies.names import (
    ERASURE,
    HOLD,
    NOTICE,
    OWN,
    Action,
    ActorKind,
    Basis,
    Channel,
    Identifier,
    Source,
)
from policies.plan import Plan, plan
from policies.reasons import OF_STATE, Reason
from policies.situation import ConsentFact, Question, Situation, Terms

__all__ = [
    "ActorKind",
    "Allow",
    "ConsentFact",
    "Deny",
    "Permission",
    "Question",
    "Situation",
    "Terms",
    "Verdict",
    "decide",
]

# GDPR 21(1): the bases that a customer may object to.
OBJECTIONABLE = frozenset({Basis.LEGITIMATE_INTEREST, Basis.PUBLIC_TASK})


@dataclass(frozen=True, slots=True)
class Allow:
    """Allowed, under this clause: a purpose's id, `field/NAME`, or `own`."""

    clause: str


@dataclass(frozen=True, slots=True)
class Deny:
    """Denied, for this reason."""

    reason: Reason


Verdict = Allow | Deny
_DENY = {reason: Deny(reason) for reason in Reason}


def decide(rulebook: Rulebook, question: Question, situation: Situation) -> dict[str, Verdict]:
    """Return one verdict for each name of the question, in its order; never raises."""
    kind = question.kind
    if kind is ActorKind.APP or kind is ActorKind.STAFF:
        return _with_purpose(rulebook, question, situation)
    if kind is ActorKind.VAULT and question.purpose is not None:
        return _with_purpose(rulebook, question, situation)
    return {name: _without_purpose(rulebook, question, situation, name) for name in question.names}


def _with_purpose(
    rulebook: Rulebook, question: Question, situation: Situation
) -> dict[str, Verdict]:
    it = plan(rulebook, question)
    reasons = it.reasons
    if it.clause is not None and it.open:
        whole = _of_clause(it.clause, question, situation)
        if whole is None:
            against = _of_names(it, it.clause, question, situation)
        else:
            against = dict.fromkeys(it.open, whole)
        if against:
            reasons = {**reasons, **against}  # in the order asked
    allow = Allow(question.purpose or "")
    return {name: allow if reason is None else _DENY[reason] for name, reason in reasons.items()}


def _of_names(
    it: Plan, clause: Clause, question: Question, situation: Situation
) -> dict[str, Reason]:
    """Return why some of the open names are denied; what comes later is heard."""
    against: dict[str, Reason] = {}
    reading = question.action is Action.READ
    terms = situation.terms
    if it.foreign:
        against |= dict.fromkeys(it.foreign, Reason.WRONG_SOURCE)
    # These three are behind the basis: an app without one must not learn what the customer
    # restricted, nor that there is such a value.
    if reading and situation.damaged:
        against |= dict.fromkeys(it.open & situation.damaged, Reason.DAMAGED)
    if reading and situation.untold:
        against |= dict.fromkeys(it.open & situation.untold, Reason.NOT_TOLD)
    if terms.restricted_fields and question.action is not Action.APPEND:
        against |= dict.fromkeys(it.open & terms.restricted_fields, Reason.RESTRICTED)
    if terms.contested and _infers(question):
        against |= dict.fromkeys(it.open & terms.contested, Reason.CONTESTED)
    if clause.basis is Basis.CONSENT:
        fact = situation.consents.get(question.purpose or "")
        against |= dict.fromkeys(it.open - fact.fields if fact else it.open, Reason.NOT_TICKED)
    if it.channels and reading and clause.basis is not Basis.LEGAL_OBLIGATION:
        closed = _closed(question, situation)
        if closed:
            against |= {
                name: closed[channel] for name, channel in it.channels.items() if channel in closed
            }
    return against


def _closed(question: Question, situation: Situation) -> dict[str, Reason]:
    """Return the ways to reach the customer that are closed now, each with why."""
    closed: dict[str, Reason] = {}
    if situation.quiet and not question.present:
        # A letter in the box wakes nobody.
        closed = {Channel.PHONE: Reason.QUIET_HOURS, Channel.EMAIL: Reason.QUIET_HOURS}
    if situation.terms.never_channels:
        closed |= dict.fromkeys(situation.terms.never_channels, Reason.NEVER_CHANNEL)
    return closed


def _of_clause(clause: Clause, question: Question, situation: Situation) -> Reason | None:
    """Return why the whole clause does not hold for this question, whatever the name."""
    if not situation.known:
        return Reason.UNKNOWN_CUSTOMER
    if not situation.intact:
        return Reason.STANDING_BROKEN
    # What is new is kept all the same: an appended event changes nothing that is restricted.
    if situation.restricted and question.action is not Action.APPEND:
        return Reason.RESTRICTED
    purpose = question.purpose or ""
    # What the vault itself infers has no basis against which a no does not count.
    if question.kind is ActorKind.VAULT and question.action is Action.WRITE:
        if situation.terms.no_profiling:
            return Reason.NO_PROFILING
        if purpose in situation.objections:
            return Reason.OBJECTED
    if clause.basis is Basis.LEGAL_OBLIGATION:
        return None
    forbidden = _of_terms(clause, question, situation.terms)
    if forbidden is not None:
        return forbidden
    if clause.basis is Basis.CONSENT:
        return _of_consent(situation.consents.get(purpose), question, situation)
    if clause.basis in OBJECTIONABLE and purpose in situation.objections:
        return Reason.OBJECTED
    return None


def _of_terms(clause: Clause, question: Question, terms: Terms) -> Reason | None:
    if question.purpose in terms.never_purposes:
        return Reason.NEVER_PURPOSE
    if question.app in terms.never_apps:
        return Reason.NEVER_APP
    if terms.no_sharing and question.app in clause.external:
        return Reason.NO_SHARING
    if terms.no_profiling and (clause.profiling or _infers(question)):
        return Reason.NO_PROFILING
    if question.purpose in terms.ask_each_time and not question.present:
        return Reason.ASK_EACH_TIME
    return None


def _infers(question: Question) -> bool:
    return question.action is not Action.READ and question.source is Source.INFERRED


def _of_consent(
    fact: ConsentFact | None, question: Question, situation: Situation
) -> Reason | None:
    # A pause stops reading; what the customer does meanwhile may still be kept.
    if situation.terms.paused and question.action is Action.READ:
        return Reason.PAUSED
    if situation.now < situation.terms.child_until:
        return Reason.CHILD
    if fact is None:
        return Reason.NOT_ASKED
    if not fact.intact or fact.purpose != question.purpose:
        return Reason.CONSENT_BROKEN
    if fact.state in OF_STATE:
        return OF_STATE[fact.state]
    if situation.now >= fact.until:
        return Reason.EXPIRED
    return None


def _without_purpose(
    rulebook: Rulebook, question: Question, situation: Situation, name: str
) -> Verdict:
    """Decide for the customer, an operator's command and the vault, where they have no purpose."""
    is_customer = question.kind is ActorKind.CUSTOMER
    reading = question.action is Action.READ
    sources = rulebook.sources.get(name)
    if sources is None:
        # A hold outlives a field's clause: what it keeps is sealed anew when all else is erased.
        keeps = question.kind is ActorKind.VAULT and reading and _is_held(situation, name)
        return Allow(HOLD) if keeps and situation.intact else _DENY[Reason.UNKNOWN_FIELD]
    is_event = name in rulebook.interactions
    if question.purpose is not None or (
        not reading and is_event is not (question.action is Action.APPEND)
    ):
        return _DENY[Reason.NO_CLAUSE]
    if not situation.known:
        return _DENY[Reason.UNKNOWN_CUSTOMER]
    if not situation.intact:
        return _DENY[Reason.STANDING_BROKEN]
    if reading:
        clause = OWN if is_customer else _vaults(rulebook, question.kind, situation, name)
        if clause is None:
            return _DENY[Reason.NO_CLAUSE]
        if name in situation.damaged:
            return _DENY[Reason.DAMAGED]
        return Allow(clause)
    if question.kind is ActorKind.VAULT:
        return _DENY[Reason.NO_CLAUSE]
    restricted = situation.restricted or name in situation.terms.restricted_fields
    if restricted and not is_customer and question.action is Action.WRITE:
        return _DENY[Reason.RESTRICTED]
    if situation.terms.no_profiling and _infers(question):
        return _DENY[Reason.NO_PROFILING]
    if name in situation.terms.contested and _infers(question):
        return _DENY[Reason.CONTESTED]
    if question.source not in sources or (is_customer and question.source is not Source.TOLD):
        return _DENY[Reason.WRONG_SOURCE]
    return Allow(f"field/{name}")


def _vaults(rulebook: Rulebook, kind: ActorKind, situation: Situation, name: str) -> str | None:
    """Return the clause by which the vault itself opens a name, for letters and erasures alone."""
    if kind is not ActorKind.VAULT:
        return None
    field = rulebook.fields.get(name)
    identifies = field.identifies if field else None
    if identifies is not None:
        return NOTICE if identifies is Identifier.EMAIL else ERASURE
    if _is_held(situation, name):
        return HOLD
    return next((one.id for one in rulebook.keeping() if name in one.names), None)


def _is_held(situation: Situation, name: str) -> bool:
    return name in situation.held or "*" in situation.held
