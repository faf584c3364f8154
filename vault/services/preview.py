"""Say what apps would receive if a customer allowed a purpose now, and what would stay hidden.

It is the decision itself, on the customer's own situation with one consent put in its place: terms,
restrictions and what third parties said count as they would at the next read. No value is opened;
whoever shows values looks at them on the one path.
Source: consent-standards note, 9.6; portal note, 3.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from policies.decide import Allow, ConsentFact, Deny, Question, decide
from policies.model import Action, ActorKind, ConsentState, Permission, Purpose, Rulebook
from policies.reasons import Reason
from policies.situation import Situation
from vault.core.ids import CustomerId
from vault.services.deps import Deps
from vault.services.disclosure import facts


@dataclass(frozen=True, slots=True)
class Preview:
    """What a yes to the whole purpose would open."""

    shown: frozenset[str]  # what some app of the purpose could read, stored or not
    hidden: tuple[tuple[str, Reason], ...]  # stored, asked for, and closed all the same
    others: tuple[str, ...]  # stored, and no business of this purpose


async def preview(deps: Deps, customer: CustomerId, purpose: Purpose) -> Preview:
    """Decide as if the customer had just allowed the whole purpose."""
    load = await deps.loads.ask(customer, lane="customer")
    names = tuple(use.name for use in purpose.uses if Action.READ in use.actions)
    given = ConsentFact(
        purpose=purpose.id,
        state=ConsentState.GIVEN,
        fields=frozenset(use.name for use in purpose.uses),
        until=2**63 - 1,
        intact=True,
    )
    now = facts(deps, load)
    after = replace(now, consents={**now.consents, purpose.id: given})
    shown, closed = _judge(load.rulebook, purpose, names, after)
    stored = {row.field for row in load.found.values} if load.found else set()
    used = {use.name for use in purpose.uses}
    return Preview(
        shown=shown,
        hidden=tuple((name, closed[name]) for name in names if name in closed and name in stored),
        others=tuple(one for one in load.rulebook.fields if one in stored and one not in used),
    )


def _judge(
    rulebook: Rulebook, purpose: Purpose, names: tuple[str, ...], situation: Situation
) -> tuple[frozenset[str], dict[str, Reason]]:
    """Return what any app could read, and why none could read the rest."""
    shown: set[str] = set()
    closed: dict[str, Reason] = {}
    for app in purpose.recipients:
        ceiling = frozenset(_permissions(purpose.id, names))
        question = Question(
            kind=ActorKind.APP,
            names=names,
            app=app,
            purpose=purpose.id,
            registration=ceiling,
            ceiling=ceiling,
        )
        for name, verdict in decide(rulebook, question, situation).items():
            if isinstance(verdict, Allow):
                shown.add(name)
            elif isinstance(verdict, Deny):
                closed.setdefault(name, verdict.reason)
    return frozenset(shown), {name: why for name, why in closed.items() if name not in shown}


def _permissions(purpose: str, names: Iterable[str]) -> Iterable[Permission]:
    return (Permission(purpose, Action.READ, name) for name in names)
