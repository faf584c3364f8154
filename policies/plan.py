"""Prepare what a question of an app, of staff or of the vault comes to, whoever the customer is.

Names, token, registration, clause and recipient are the same in thousands of questions, so they are
looked up once. A plan allows nothing: `policies/decide.py` puts the customer's facts to each name
that is open, for each question anew.
Source: DESIGN 1 and 5; performance note, 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from policies.model import Clause, Permission, Rulebook
from policies.names import Action, ActorKind, Channel, Source, StaffRole
from policies.reasons import Reason
from policies.situation import Question

KEPT = 1_024  # plans of a process; who asks for other names each time only makes it slower


@dataclass(frozen=True, slots=True)
class Plan:
    """A question, as far as it is answered without the customer."""

    reasons: Mapping[str, Reason | None]  # each name in the order asked; None where it is open
    open: frozenset[str]  # names that the customer's facts decide on
    clause: Clause | None  # the purpose's; never None where a name is open
    channels: Mapping[str, Channel]  # open names that are ways to reach the customer
    foreign: frozenset[str]  # open names that may not be written from the question's source


def plan(rulebook: Rulebook, question: Question) -> Plan:
    """Return what is known of a question before its customer is."""
    return _plan(
        rulebook,
        question.kind,
        question.names,
        question.action,
        question.app,
        question.purpose or "",
        question.registration,
        question.ceiling,
        question.source,
        question.role,
    )


# By the rulebook, not by its digest alone: another one's tables never answer in its place.
@lru_cache(maxsize=KEPT)
def _plan(
    rulebook: Rulebook,
    kind: ActorKind,
    names: tuple[str, ...],
    action: Action,
    app: str | None,
    purpose: str,
    registration: frozenset[Permission],
    ceiling: frozenset[Permission] | None,
    source: Source | None,
    role: StaffRole | None,
) -> Plan:
    is_app = kind is ActorKind.APP
    if is_app and ceiling is None:
        ceiling = frozenset()  # an app without a token is covered by nothing
    clause = rulebook.clauses.get((purpose, action))
    is_vault = kind is ActorKind.VAULT
    infers = is_vault and action is Action.WRITE  # all that it may write
    works = rulebook.worked(purpose, action) if is_vault else frozenset[str]()
    works |= rulebook.asked(purpose, action) if is_vault else frozenset[str]()
    is_recipient = clause is not None and (app in clause.apps if is_app else role in clause.staff)
    reasons: dict[str, Reason | None] = {}
    for name in names:
        permission = (purpose, action, name)  # equal to a Permission, and quicker to make
        if name not in rulebook.sources:
            reasons[name] = Reason.UNKNOWN_FIELD
        elif ceiling is not None and permission not in ceiling:
            reasons[name] = Reason.OUTSIDE_TOKEN
        elif is_app and permission not in registration:
            reasons[name] = Reason.NOT_REGISTERED
        elif clause is None or name not in clause.names:
            reasons[name] = Reason.NO_CLAUSE
        elif name not in works if is_vault else not is_recipient:
            reasons[name] = Reason.NOT_RECIPIENT
        else:
            reasons[name] = None
    left = frozenset(name for name, reason in reasons.items() if reason is None)
    return Plan(
        reasons=reasons,
        open=left,
        clause=clause,
        channels={name: rulebook.channels[name] for name in left & rulebook.channels.keys()},
        foreign=frozenset(
            name
            for name in left
            if action is not Action.READ
            and (source not in rulebook.sources[name] or (infers and source is not Source.INFERRED))
        ),
    )
