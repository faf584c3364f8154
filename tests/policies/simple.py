"""A second, simple judge, written from the contract alone: slow, flat, and without tables.

It reads the document, never the rulebook's tables, and shares no line with `policies/decide.py`.
"""

from policies.decide import Question, Situation
from policies.model import (
    Action,
    ActorKind,
    Basis,
    Code,
    ConsentState,
    FieldType,
    Identifier,
    Purpose,
    Source,
    Use,
)


def clause_for(code: Code, ask: Question, at: Situation, name: str) -> str | None:
    """Return the clause under which this is allowed; None when it is not."""
    sources: dict[str, tuple[Source, ...]] = {one.name: one.sources for one in code.fields}
    events = {f"interaction.{one.kind}": one.sources for one in code.interactions}
    gathered = sources | events
    if ask.action is Action.READ and name in at.damaged:
        return None
    if name not in gathered or not (at.known and at.intact):
        return None
    if ask.kind in (ActorKind.CUSTOMER, ActorKind.OPERATOR):
        return _without_purpose(ask, at, name, gathered[name], is_event=name in events)
    works = _works_out(code, ask, at, name) or _asks(code, ask, name)
    if ask.kind is ActorKind.VAULT and (ask.purpose is None or not works):
        if ask.purpose is not None or ask.action is not Action.READ:
            return None
        known_by = {one.name: one.identifies for one in code.fields if one.identifies}
        if name in known_by:
            return "notice" if known_by[name] is Identifier.EMAIL else "erasure"
        laws = [one.id for one in code.purposes if one.keep and name in {u.name for u in one.uses}]
        return laws[0] if laws else None
    types = {one.name: one.type for one in code.fields}
    strangers = [one.id for one in code.recipients if one.external]
    for purpose in code.purposes:
        for use in purpose.uses:
            if purpose.id == ask.purpose and use.name == name and ask.action in use.actions:
                allowed = _with_purpose(purpose, use, ask, at, gathered[name])
                if purpose.basis is not Basis.LEGAL_OBLIGATION:
                    reading = ask.action is Action.READ
                    allowed = allowed and not (at.terms.no_sharing and ask.app in strangers)
                    allowed = allowed and (not reading or _reachable(types.get(name), ask, at))
                return purpose.id if allowed else None
    return None


def _works_out(code: Code, ask: Question, at: Situation, name: str) -> bool:
    """Say whether the vault may do so to infer; the clause of the purpose must allow it besides."""
    mine = [one for one in code.derivations if one.method and ask.purpose in one.purposes]
    if ask.action is Action.READ:
        return any(name in one.inputs for one in mine)
    if at.terms.no_profiling or ask.purpose in at.objections:
        return False
    infers = ask.action is Action.WRITE and ask.source is Source.INFERRED
    return infers and name in {one.field for one in mine}


def _asks(code: Code, ask: Question, name: str) -> bool:
    for survey in code.surveys:
        if survey.purpose != ask.purpose:
            continue
        if ask.action is Action.READ:
            kinds = {FieldType.EMAIL: "email", FieldType.PHONE: "phone", FieldType.ADDRESS: "post"}
            reaching = [one.name for one in code.fields if kinds.get(one.type) == survey.channel]
            if name in reaching or name in survey.after:
                return True
        if ask.action is Action.APPEND:
            events = [one for one in code.interactions if one.reaches == survey.channel]
            if name == survey.answer or name in {f"interaction.{one.kind}" for one in events}:
                return True
    return False


def _without_purpose(ask, at, name, sources, *, is_event):
    mine = ask.kind is ActorKind.CUSTOMER
    if ask.purpose is not None:
        return None
    if ask.action is Action.READ:
        return "own" if mine else None
    right_verb = Action.APPEND if is_event else Action.WRITE
    good = [
        ask.action is right_verb,
        ask.source in sources,
        ask.source is Source.TOLD or not mine,
        mine or is_event or not (at.restricted or name in at.terms.restricted_fields),
        not (at.terms.no_profiling and ask.source is Source.INFERRED),
        not (name in at.terms.contested and ask.source is Source.INFERRED),
    ]
    return f"field/{name}" if all(good) else None


def _with_purpose(purpose: Purpose, use: Use, ask: Question, at: Situation, sources) -> bool:
    triple = (purpose.id, ask.action, use.name)
    reading = ask.action is Action.READ
    if ask.kind is ActorKind.VAULT:
        who = [ask.ceiling is None or triple in ask.ceiling]
    elif ask.kind is ActorKind.APP:
        who = [
            ask.app in purpose.recipients,
            triple in ask.registration,
            ask.ceiling is not None and triple in ask.ceiling,
        ]
    else:
        who = [ask.role in purpose.staff, ask.ceiling is None or triple in ask.ceiling]
    how = [
        reading or ask.source in sources,
        not (reading and use.name in at.untold),
        not (not reading and ask.source is Source.INFERRED and use.name in at.terms.contested),
        not (at.restricted and ask.action in (Action.READ, Action.WRITE)),
        not (use.name in at.terms.restricted_fields and ask.action in (Action.READ, Action.WRITE)),
    ]
    return (
        all(who)
        and all(how)
        and (purpose.basis is Basis.LEGAL_OBLIGATION or _wanted(purpose, use, ask, at))
    )


def _wanted(purpose: Purpose, use: Use, ask: Question, at: Situation) -> bool:
    terms = at.terms
    guesses = ask.source is Source.INFERRED and ask.action is not Action.READ
    forbidden = [
        purpose.id in terms.never_purposes,
        ask.app in terms.never_apps,
        terms.no_profiling and (purpose.profiling or guesses),
        purpose.id in terms.ask_each_time and not ask.present,
    ]
    if any(forbidden):
        return False
    if purpose.basis in (Basis.CONTRACT, Basis.VITAL_INTEREST):
        return True
    if purpose.basis in (Basis.LEGITIMATE_INTEREST, Basis.PUBLIC_TASK):
        return purpose.id not in at.objections
    fact = at.consents.get(purpose.id)
    return (
        fact is not None
        and fact.intact
        and fact.purpose == purpose.id
        and fact.state in (ConsentState.GIVEN, ConsentState.RENEWED)
        and at.now < fact.until
        and use.name in fact.fields
        and not (terms.paused and ask.action is Action.READ)
        and at.now >= terms.child_until
    )


def _reachable(kind: FieldType | None, ask: Question, at: Situation) -> bool:
    never, quiet = at.terms.never_channels, at.quiet and not ask.present
    if kind is FieldType.PHONE:
        return "phone" not in never and not quiet
    if kind is FieldType.EMAIL:
        return "email" not in never and not quiet
    return kind is not FieldType.ADDRESS or "post" not in never
