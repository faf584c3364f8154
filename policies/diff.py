"""Compare two codes of ethics clause by clause: does the new one ask more of the customer?

Each dimension of a clause (`policies/dimensions.py`) is a partial order (`policies/orders.py`) whose
`<=` means "asks no more". A clause is narrower when all of them are, and wider when one is not:
whatever is not comparable counts as wider, default deny. That holds on every basis; where it is not
consent nobody can be asked, and customers are told. A promise (`never`) that is given up or weakened
belongs to no clause; `promises` names it.
It refuses to know who consented to what; `vault/core/carry.py` draws the consequences.
Source: consent-standards note, 5; EDPB 05/2020, 121 to 123 (no change of the basis).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from policies import never
from policies.dimensions import RULES, Dimension, Rule, derived, kept
from policies.document import Purpose, Texts
from policies.model import Rulebook
from policies.readings import Reading

__all__ = [
    "Change",
    "ClauseDiff",
    "Dimension",
    "Item",
    "Outcome",
    "PromiseDiff",
    "diff",
    "of_clause",
    "promises",
]


class Outcome(StrEnum):
    """What a new code makes of a clause, or of one dimension of it."""

    EQUAL = "equal"
    NARROWER = "narrower"
    WIDER = "wider"
    DROPPED = "dropped"
    NEW = "new"
    REFUSED = "refused"  # the basis moved: no publication may do that


class Item(NamedTuple):
    """One thing that a clause says in a dimension."""

    name: str  # of the field or kind that it is about; "" for the whole clause
    value: str


@dataclass(frozen=True, slots=True)
class Change:
    """A dimension in which the clause is not what it was."""

    dimension: Dimension
    outcome: Outcome  # narrower, wider or refused
    old: tuple[Item, ...]
    new: tuple[Item, ...]

    @property
    def added(self) -> tuple[Item, ...]:
        """Return what only the new clause says."""
        return tuple(item for item in self.new if item not in self.old)

    @property
    def removed(self) -> tuple[Item, ...]:
        """Return what only the old clause says."""
        return tuple(item for item in self.old if item not in self.new)


@dataclass(frozen=True, slots=True)
class ClauseDiff:
    """What becomes of one clause."""

    purpose: str
    outcome: Outcome
    changes: tuple[Change, ...] = ()  # in the order of `Dimension`
    reworded: bool = False  # whether some text of it, or of what it uses, reads otherwise


@dataclass(frozen=True, slots=True)
class PromiseDiff:
    """What becomes of one thing that is promised never to be done."""

    promise: str
    outcome: Outcome  # equal, narrower (kept, and more with it), wider (less of it), dropped, new

    @property
    def given_up(self) -> bool:
        """Whether something may be done that was promised not to be."""
        return self.outcome in {Outcome.WIDER, Outcome.DROPPED}


def diff(old: Rulebook, new: Rulebook) -> tuple[ClauseDiff, ...]:
    """Return every clause of both codes: the new one's in its order, then those dropped."""
    found = [
        of_clause(old, new, one.id) if one.id in old.purposes else ClauseDiff(one.id, Outcome.NEW)
        for one in new.code.purposes
    ]
    dropped = [one.id for one in old.code.purposes if one.id not in new.purposes]
    return (*found, *(ClauseDiff(purpose, Outcome.DROPPED) for purpose in dropped))


def of_clause(old: Rulebook, new: Rulebook, purpose: str) -> ClauseDiff:
    """Return what becomes of one clause that both codes have."""
    before, after = old.purposes[purpose], new.purposes[purpose]
    changes = tuple(
        change
        for dimension, rule in RULES.items()
        if (change := _compare(dimension, rule, rule.read(old, before), rule.read(new, after)))
    )
    outcomes = {change.outcome for change in changes}
    return ClauseDiff(
        purpose=purpose,
        outcome=next((one for one in _GRAVEST if one in outcomes), Outcome.EQUAL),
        changes=changes,
        reworded=_reworded(_words(old, before), _words(new, after)),
    )


def promises(old: Rulebook, new: Rulebook) -> tuple[PromiseDiff, ...]:
    """Return every promise of both codes: the new one's in its order, then those dropped.

    A promise is kept when some promise of the new code covers it, under whatever name.
    """
    before = {one.id: one for one in old.code.never}
    after = {one.id: one for one in new.code.never}
    kept_on = {
        name
        for name, one in before.items()
        if any(never.covers(other, one) for other in after.values())
    }
    found = []
    for name, one in after.items():
        outcome = Outcome.NEW
        if name in before:
            outcome = Outcome.EQUAL if never.covers(before[name], one) else Outcome.NARROWER
            outcome = outcome if name in kept_on else Outcome.WIDER
        found.append(PromiseDiff(name, outcome))
    gone = [name for name in before if name not in after]
    return (
        *found,
        *(PromiseDiff(one, Outcome.EQUAL if one in kept_on else Outcome.DROPPED) for one in gone),
    )


_GRAVEST = (Outcome.REFUSED, Outcome.WIDER, Outcome.NARROWER)


def _compare(dimension: Dimension, rule: Rule, old: Reading, new: Reading) -> Change | None:
    """Compare what both speak of; a field that only one of them uses is a matter of FIELDS."""
    common = [name for name in new if name in old]
    no_more = [name for name in common if rule.within(new[name], old[name])]
    no_less = [name for name in common if rule.within(old[name], new[name])]
    differ = [name for name in common if name not in no_more or name not in no_less]
    if not differ:
        return None
    outcome = Outcome.NARROWER if len(no_more) == len(common) else Outcome.WIDER
    if dimension is Dimension.BASIS:
        outcome = Outcome.REFUSED
    return Change(dimension, outcome, _items(old, differ), _items(new, differ))


def _items(said: Reading, names: list[str]) -> tuple[Item, ...]:
    return tuple(Item(name, value) for name in names for value in sorted(said[name]))


def _reworded(old: Mapping[str, Texts | None], new: Mapping[str, Texts | None]) -> bool:
    return any(new[key] != text for key, text in old.items() if key in new)


def _words(rulebook: Rulebook, purpose: Purpose) -> Mapping[str, Texts | None]:
    """Return every text of a clause, and of what it uses and whom it names."""
    said: dict[str, Texts | None] = {key: getattr(purpose, key) for key in _TEXTS}
    for name, one in kept(rulebook, purpose).items():
        said |= {f"{name} label": one.label, f"{name} why": one.why}
    for app in purpose.recipients:
        one_app = rulebook.recipients[app]
        said |= {f"{app} name": one_app.name, f"{app} team": one_app.team}
        said |= {f"{app} safeguard": one_app.safeguard}
    for name, how in derived(rulebook, purpose).items():
        said |= {f"{name} how": how.how, f"{name} contest": how.contest, f"{name} human": how.human}
    said |= {f"benefit {one.id}": one.label for one in purpose.benefits}
    for survey in rulebook.code.surveys:
        if survey.purpose == purpose.id:
            said |= {f"survey {survey.id} {key}": getattr(survey, key) for key in _OF_SURVEY}
            for asked in survey.questions:
                question = f"question {survey.id} {asked.id}"
                said |= {f"{question} {one.id}": one.label for one in asked.choices}
                said[question] = asked.label
    return said


_OF_SURVEY = ("label", "invitation", "thanks")
_TEXTS = ("label", "what", "why", "benefit", "without", "until", "law", "balancing")
