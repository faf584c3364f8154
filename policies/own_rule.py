"""Tell what a customer's own standing terms hold back of a purpose at this moment, and why.

It asks `decide` itself, as each reader of the purpose would, for a customer who allowed everything;
so what a page says is held back is what the one path denies. Restrictions, objections and a child's
age are not terms that a customer sets by hand, and are not told here.
Source: portal note, 2; consent-standards note, 6.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from policies.decide import Deny, decide
from policies.model import Action, ActorKind, Clause, ConsentState, Permission, Rulebook
from policies.reasons import Reason
from policies.situation import ConsentFact, Question, Situation

RULES = frozenset(
    {
        Reason.NEVER_PURPOSE,
        Reason.NEVER_APP,
        Reason.NO_SHARING,
        Reason.NO_PROFILING,
        Reason.ASK_EACH_TIME,
        Reason.PAUSED,
        Reason.NEVER_CHANNEL,
        Reason.QUIET_HOURS,
    }
)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What own terms hold back of one purpose."""

    reason: Reason | None = None  # why nothing at all is read; None where something is
    names: frozenset[str] = frozenset()  # that nobody reads
    apps: frozenset[str] = frozenset()  # that read nothing

    @property
    def whole(self) -> bool:
        """Say whether nothing at all is read."""
        return self.reason is not None


NOTHING = HeldBack()


def held_back(rulebook: Rulebook, purpose: str, situation: Situation) -> HeldBack:
    """Return what the customer's own terms hold back of a purpose now; nothing of an unknown one."""
    clause = rulebook.clauses.get((purpose, Action.READ))
    if clause is None:
        return NOTHING
    willing = _willing(purpose, clause, situation)
    apps, open_names = set(), set()
    reasons: list[Reason] = []
    asked = False
    for question in _questions(purpose, clause):
        asked = True
        verdicts = decide(rulebook, question, willing)
        denied = {
            name: verdict.reason
            for name, verdict in verdicts.items()
            if isinstance(verdict, Deny) and verdict.reason in RULES
        }
        open_names |= verdicts.keys() - denied.keys()
        reasons += [denied[name] for name in question.names if name in denied]
        if question.app and len(denied) == len(verdicts):
            apps.add(question.app)
    if not asked:
        return NOTHING
    names = frozenset(clause.names - open_names)
    return HeldBack(reasons[0] if not open_names else None, names, frozenset(apps))


def _questions(purpose: str, clause: Clause) -> Iterator[Question]:
    """Yield what each reader would ask, for all that the clause names, while nobody is there."""
    names = tuple(sorted(clause.names))
    allowed = frozenset(Permission(purpose, Action.READ, name) for name in names)
    for app in sorted(clause.apps):
        yield Question(
            kind=ActorKind.APP,
            names=names,
            app=app,
            purpose=purpose,
            registration=allowed,
            ceiling=allowed,
        )
    for role in sorted(clause.staff):
        yield Question(kind=ActorKind.STAFF, names=names, purpose=purpose, role=role)


def _willing(purpose: str, clause: Clause, situation: Situation) -> Situation:
    """Return the situation of a customer who allowed all of a purpose, under the same terms."""
    given = ConsentFact(purpose, ConsentState.GIVEN, clause.names, situation.now + 1, intact=True)
    return replace(
        situation,
        known=True,
        intact=True,
        restricted=False,
        objections=frozenset(),
        consents={purpose: given},
        untold=frozenset(),
        terms=replace(situation.terms, restricted_fields=frozenset(), child_until=0),
    )
