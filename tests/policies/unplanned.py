"""The decision with a purpose, name by name and with nothing prepared: what a plan must not change.

It shares no line with `policies/plan.py`: what of a clause hangs on the customer alone is no plan's, and is asked
of `decide`. It gives the exact reason, where `simple.py` gives yes or no.
"""

from policies.decide import Allow, Deny, Question, Situation, Verdict, _of_clause
from policies.model import Clause, Rulebook
from policies.names import Action, ActorKind, Basis, Channel, Source
from policies.reasons import Reason


def unplanned(rulebook: Rulebook, question: Question, situation: Situation) -> dict[str, Verdict]:
    purpose, action = question.purpose or "", question.action
    is_app = question.kind is ActorKind.APP
    ceiling, registration = question.ceiling, question.registration
    if is_app and ceiling is None:
        ceiling = frozenset()  # an app without a token is covered by nothing
    clause = rulebook.clauses.get((purpose, action))
    whole = None if clause is None else _whole(clause, question, situation)
    ticked = _ticked(clause, situation, purpose)
    untold = situation.untold if action is Action.READ else frozenset()
    damaged = situation.damaged if action is Action.READ else frozenset()
    closed = _closed(clause, question, situation)
    restricted = situation.terms.restricted_fields if action is not Action.APPEND else frozenset()
    writes, infers = action is not Action.READ, question.kind is ActorKind.VAULT
    allow = Allow(purpose)
    verdicts: dict[str, Verdict] = {}
    for name in question.names:
        sources = rulebook.sources.get(name)
        permission = (purpose, action, name)  # equal to a Permission, and quicker to make
        if sources is None:
            reason = Reason.UNKNOWN_FIELD
        elif ceiling is not None and permission not in ceiling:
            reason = Reason.OUTSIDE_TOKEN
        elif is_app and permission not in registration:
            reason = Reason.NOT_REGISTERED
        elif clause is None or name not in clause.names:
            reason = Reason.NO_CLAUSE
        elif question.kind is ActorKind.VAULT and not _works(rulebook, purpose, action, name):
            reason = Reason.NOT_RECIPIENT
        elif whole is not None:
            reason = whole
        elif (channel := rulebook.channels.get(name)) in closed and channel is not None:
            reason = closed[channel]
        elif ticked is not None and name not in ticked:
            reason = Reason.NOT_TICKED
        elif name in situation.terms.contested and question.source is Source.INFERRED and writes:
            reason = Reason.CONTESTED
        elif name in restricted:
            # Behind the basis: an app without one must not learn what the customer restricted.
            reason = Reason.RESTRICTED
        elif name in untold:
            # Behind the basis: an app without one must not learn that there is such a value.
            reason = Reason.NOT_TOLD
        elif name in damaged:
            reason = Reason.DAMAGED
        elif (writes and question.source not in sources) or (
            action is Action.WRITE and infers and question.source is not Source.INFERRED
        ):
            reason = Reason.WRONG_SOURCE
        else:
            verdicts[name] = allow
            continue
        verdicts[name] = Deny(reason)
    return verdicts


def _works(rulebook: Rulebook, purpose: str, action: Action, name: str) -> bool:
    """Say whether a survey, or a derivation that the vault carries out under the purpose, does so."""
    if name in rulebook.asked(purpose, action):
        return True
    for one in rulebook.code.derivations:
        names = {Action.READ: one.inputs, Action.WRITE: (one.field,)}.get(action, ())
        if one.method and purpose in one.purposes and name in names:
            return True
    return False


def _closed(
    clause: Clause | None, question: Question, situation: Situation
) -> dict[Channel, Reason]:
    """Return the ways to reach the customer that are closed now, each with why."""
    if (
        clause is None
        or clause.basis is Basis.LEGAL_OBLIGATION
        or question.action is not Action.READ
    ):
        return {}
    terms = situation.terms
    closed = {one: Reason.NEVER_CHANNEL for one in Channel if one in terms.never_channels}
    if situation.quiet and not question.present:
        # A letter in the box wakes nobody.
        closed = {Channel.PHONE: Reason.QUIET_HOURS, Channel.EMAIL: Reason.QUIET_HOURS} | closed
    return closed


def _ticked(clause: Clause | None, situation: Situation, purpose: str) -> frozenset[str] | None:
    """Return the names that a consent covers; None when the basis is another one."""
    if clause is None or clause.basis is not Basis.CONSENT:
        return None
    fact = situation.consents.get(purpose)
    return frozenset() if fact is None else fact.fields


def _whole(clause: Clause, question: Question, situation: Situation) -> Reason | None:
    """Return why the whole clause does not hold for this question, whatever the name."""
    if question.kind is ActorKind.APP:
        if question.app not in clause.apps:
            return Reason.NOT_RECIPIENT
    elif question.kind is ActorKind.STAFF and question.role not in clause.staff:
        return Reason.NOT_RECIPIENT
    return _of_clause(clause, question, situation)
