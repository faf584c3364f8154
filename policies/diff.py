"""Compare two codes of ethics clause by clause: does the new one ask more of the customer?

Each dimension of a clause is a partial order whose `<=` means "asks no more". Sets are ordered by
inclusion, durations by `Duration.within` (P1M and P30D are not comparable), sensitivity by rank;
an explicit consent asks less than one that is not. A benefit taken away asks more, so benefits
are ordered the other way round, sentence by sentence. The vocabulary holds no broader terms and
no regions, so another category, type or country is never narrower. What was renamed is another
field. Whatever is not comparable counts as wider: default deny.
It refuses to know who consented to what; `vault/core/carry.py` draws the consequences.
Source: consent-standards note, 5; EDPB 05/2020, 121 to 123 (no change of the basis).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from policies.document import Field, InteractionKind, Purpose, Texts
from policies.durations import Duration
from policies.model import Rulebook
from policies.names import Sensitivity


class Outcome(StrEnum):
    """What a new code makes of a clause, or of one dimension of it."""

    EQUAL = "equal"
    NARROWER = "narrower"
    WIDER = "wider"
    DROPPED = "dropped"
    NEW = "new"
    REFUSED = "refused"  # the basis moved: no publication may do that


class Dimension(StrEnum):
    """In which respect a clause may ask more or less."""

    BASIS = "basis"
    FIELDS = "fields"
    NEEDED = "needed"  # fields without which the purpose does not work
    ACTIONS = "actions"
    SOURCES = "sources"
    RECIPIENTS = "recipients"
    STAFF = "staff"
    EXTERNAL = "external"  # recipients that are another business
    COUNTRIES = "countries"
    TYPES = "types"  # of the purpose
    CATEGORY = "category"
    FORM = "form"  # the type of a field's values
    IDENTIFIES = "identifies"
    SENSITIVITY = "sensitivity"
    EXPLICIT = "explicit"
    PROFILING = "profiling"
    RETENTION = "retention"
    EXPIRY = "expiry"
    DELAY = "delay"
    KEEP = "keep"
    BENEFIT = "benefit"


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


Said = frozenset[str]
_NOTHING: Said = frozenset()
_RANK = {one.value: rank for rank, one in enumerate(Sensitivity)}


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
        for dimension, rule in _RULES.items()
        if (change := _compare(dimension, rule, rule.read(old, before), rule.read(new, after)))
    )
    outcomes = {change.outcome for change in changes}
    return ClauseDiff(
        purpose=purpose,
        outcome=next((one for one in _GRAVEST if one in outcomes), Outcome.EQUAL),
        changes=changes,
        reworded=_reworded(_words(old, before), _words(new, after)),
    )


_GRAVEST = (Outcome.REFUSED, Outcome.WIDER, Outcome.NARROWER)


class _Rule(NamedTuple):
    """How one dimension is read, and when a text of it asks no more than another."""

    read: Callable[[Rulebook, Purpose], Mapping[str, Said]]
    within: Callable[[Said, Said], bool]


def _compare(
    dimension: Dimension, rule: _Rule, old: Mapping[str, Said], new: Mapping[str, Said]
) -> Change | None:
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


def _items(said: Mapping[str, Said], names: list[str]) -> tuple[Item, ...]:
    return tuple(Item(name, value) for name in names for value in sorted(said[name]))


# --- how each dimension is ordered ------------------------------------------------------------


def _included(one: Said, other: Said) -> bool:
    return one <= other


def _includes(one: Said, other: Said) -> bool:
    return one >= other


def _same(one: Said, other: Said) -> bool:
    return one == other


def _ranked(one: Said, other: Said) -> bool:
    return max(map(_RANK.__getitem__, one)) <= max(map(_RANK.__getitem__, other))


def _lasts(one: Said, other: Said) -> bool:
    """Compare at most one duration each; none is the shortest."""
    shorter, longer = (Duration.parse(next(iter(said), "")) for said in (one, other))
    return shorter is None or (longer is not None and shorter.within(longer))


# --- how each dimension is read ---------------------------------------------------------------


def _whole(values: frozenset[str]) -> Mapping[str, Said]:
    return {"": values}


def _flag(*, on: bool) -> Mapping[str, Said]:
    return {"": frozenset({"yes"}) if on else _NOTHING}


def _span(text: str | None) -> Mapping[str, Said]:
    return {"": frozenset({text}) if text else _NOTHING}


def _kept(rulebook: Rulebook, purpose: Purpose) -> dict[str, Field | InteractionKind]:
    """Return what a purpose uses; a use of what is not declared (no such code compiles) is none."""
    known: dict[str, Field | InteractionKind] = {**rulebook.fields, **rulebook.interactions}
    return {use.name: known[use.name] for use in purpose.uses if use.name in known}


def _countries(rulebook: Rulebook, purpose: Purpose) -> Mapping[str, Said]:
    of_apps = {rulebook.recipients[app].country for app in purpose.recipients}
    return _whole(frozenset({rulebook.code.publisher.country} | of_apps))


def _external(rulebook: Rulebook, purpose: Purpose) -> Mapping[str, Said]:
    return _whole(frozenset(a for a in purpose.recipients if rulebook.recipients[a].external))


def _benefit(_: Rulebook, purpose: Purpose) -> Mapping[str, Said]:
    """Return the sentences of the benefit in the code's first language."""
    text = purpose.benefit.entries[0][1]
    sentences = (" ".join(one.split()) for one in text.replace("!", ".").split("."))
    return _whole(frozenset(one for one in sentences if one))


def _identifies(rulebook: Rulebook, purpose: Purpose) -> Mapping[str, Said]:
    return {
        name: frozenset({one.identifies.value}) if one.identifies else _NOTHING
        for name, one in _kept(rulebook, purpose).items()
        if isinstance(one, Field)
    }


def _form(rulebook: Rulebook, purpose: Purpose) -> Mapping[str, Said]:
    kept = _kept(rulebook, purpose).items()
    return {name: frozenset({one.type.value}) for name, one in kept if isinstance(one, Field)}


def _each(
    read: Callable[[Field | InteractionKind], frozenset[str]],
) -> Callable[[Rulebook, Purpose], Mapping[str, Said]]:
    return lambda book, purpose: {name: read(one) for name, one in _kept(book, purpose).items()}


_RULES: Mapping[Dimension, _Rule] = {
    Dimension.BASIS: _Rule(lambda _, p: _whole(frozenset({p.basis.value})), _same),
    Dimension.FIELDS: _Rule(lambda _, p: _whole(frozenset(u.name for u in p.uses)), _included),
    Dimension.NEEDED: _Rule(
        lambda _, p: {u.name: _flag(on=u.required)[""] for u in p.uses}, _included
    ),
    Dimension.ACTIONS: _Rule(
        lambda _, p: {u.name: frozenset(one.value for one in u.actions) for u in p.uses}, _included
    ),
    Dimension.SOURCES: _Rule(
        _each(lambda one: frozenset(source.value for source in one.sources)), _included
    ),
    Dimension.RECIPIENTS: _Rule(lambda _, p: _whole(frozenset(p.recipients)), _included),
    Dimension.STAFF: _Rule(
        lambda _, p: _whole(frozenset(role.value for role in p.staff)), _included
    ),
    Dimension.EXTERNAL: _Rule(_external, _included),
    Dimension.COUNTRIES: _Rule(_countries, _included),
    Dimension.TYPES: _Rule(lambda _, p: _whole(frozenset(p.types)), _included),
    Dimension.CATEGORY: _Rule(_each(lambda one: frozenset({one.category})), _same),
    Dimension.FORM: _Rule(_form, _same),
    Dimension.IDENTIFIES: _Rule(_identifies, _included),
    Dimension.SENSITIVITY: _Rule(_each(lambda one: frozenset({one.sensitivity.value})), _ranked),
    # The other way round: who had to be asked in so many words is asked less by the rest.
    Dimension.EXPLICIT: _Rule(lambda _, p: _flag(on=p.explicit), _includes),
    Dimension.PROFILING: _Rule(lambda _, p: _flag(on=p.profiling), _included),
    Dimension.RETENTION: _Rule(_each(lambda one: frozenset({one.retention})), _lasts),
    Dimension.EXPIRY: _Rule(lambda _, p: _span(p.expiry), _lasts),
    Dimension.DELAY: _Rule(lambda _, p: _span(p.delay), _lasts),
    Dimension.KEEP: _Rule(lambda _, p: _span(p.keep), _lasts),
    Dimension.BENEFIT: _Rule(_benefit, _includes),
}


def _reworded(old: Mapping[str, Texts | None], new: Mapping[str, Texts | None]) -> bool:
    return any(new[key] != text for key, text in old.items() if key in new)


def _words(rulebook: Rulebook, purpose: Purpose) -> Mapping[str, Texts | None]:
    """Return every text of a clause, and of what it uses and whom it names."""
    said: dict[str, Texts | None] = {key: getattr(purpose, key) for key in _TEXTS}
    for name, one in _kept(rulebook, purpose).items():
        said |= {f"{name} label": one.label, f"{name} why": one.why}
    for app in purpose.recipients:
        one_app = rulebook.recipients[app]
        said |= {f"{app} name": one_app.name, f"{app} team": one_app.team}
    return said


_TEXTS = ("label", "what", "why", "benefit", "without", "until", "law", "balancing")
