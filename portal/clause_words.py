"""Say in words what a new code of ethics changes in a clause, item by item: added or taken away.

What is compared and how is `policies/diff.py`; here each dimension has one heading and each item
one label. Names that only one of the two codes knows are labelled by the one that does.
Source: consent-standards note, 5; portal note, 3 ("only the difference, marked").
"""

import re
from dataclasses import dataclass
from typing import Final

from policies.diff import Change, ClauseDiff, Dimension, Item, Outcome
from policies.model import Rulebook
from policies.names import Action, Automation, Sensitivity, Source, StaffRole
from portal import asked_words
from portal.labels import Labels
from portal.language import N_, translate
from portal.state import Badge
from portal.words import lasting

_OUTCOMES: Final = {
    Outcome.WIDER: (N_("Asks for more"), "open", "open"),
    Outcome.REFUSED: (N_("Asks for more"), "open", "open"),
    Outcome.NARROWER: (N_("Asks for less"), "on", "on"),
    Outcome.EQUAL: (N_("The same, in other words"), "paper", "law"),
    Outcome.NEW: (N_("New"), "info", "law"),
    Outcome.DROPPED: (N_("No longer done"), "off", "off"),
}
_HEADINGS: Final = {
    Dimension.BASIS: N_("Basis"),
    Dimension.FIELDS: N_("Details used"),
    Dimension.NEEDED: N_("Does not work without"),
    Dimension.ACTIONS: N_("What is done with a detail"),
    Dimension.SOURCES: N_("How a detail is gathered"),
    Dimension.DERIVED: N_("What is worked out, and from what"),
    Dimension.AUTOMATION: N_("How much a machine works out"),
    Dimension.DECIDES: N_("Something is decided on it"),
    Dimension.RECIPIENTS: N_("Who may read them"),
    Dimension.STAFF: N_("Which of our staff may look"),
    Dimension.EXTERNAL: N_("Another business"),
    Dimension.COUNTRIES: N_("Countries in which it happens"),
    Dimension.TYPES: N_("Kind of purpose"),
    Dimension.CATEGORY: N_("Kind of detail"),
    Dimension.FORM: N_("Form of a detail"),
    Dimension.IDENTIFIES: N_("Finds you"),
    Dimension.SENSITIVITY: N_("How sensitive a detail is"),
    Dimension.EXPLICIT: N_("Needs your explicit yes"),
    Dimension.PROFILING: N_("Works something out about you"),
    Dimension.RETENTION: N_("How long a detail is kept"),
    Dimension.EXPIRY: N_("How long your yes lasts"),
    Dimension.DELAY: N_("How long a look stays sealed"),
    Dimension.KEEP: N_("How long the law keeps it after an erasure"),
    Dimension.BENEFIT: N_("What you get"),
    Dimension.METHOD: N_("How it is worked out"),
    Dimension.REACHES: N_("By what we reach you"),
    Dimension.PORTAL: N_("What you can write yourself"),
    Dimension.FOLLOW_UP: N_("By when it is followed up, and by whom"),
    Dimension.BENEFITS: N_("What is given for what you share"),
    Dimension.SHARED: N_("What you share to get it"),
    Dimension.SURVEYS: N_("What we ask you"),
    Dimension.ASKED_AFTER: N_("After what we ask"),
    Dimension.ASKED_BY: N_("How we ask"),
    Dimension.ASKED_WHAT: N_("Questions"),
    Dimension.ASKED_AS: N_("How your answer is kept"),
    Dimension.ASKED_SOON: N_("How soon we ask"),
    Dimension.ASKED_OFTEN: N_("How often we ask"),
    Dimension.ASKED_LONG: N_("How long the link works"),
    Dimension.DUPLICATES: N_("What we compare to find one person kept twice"),
    Dimension.MINIMUM_GROUP: N_("How many people a number must be about"),
}
_VALUES: Final = {
    Action.READ: N_("read"),
    Action.WRITE: N_("change"),
    Action.APPEND: N_("add"),
    Sensitivity.ORDINARY: N_("ordinary"),
    Sensitivity.SENSITIVE: N_("sensitive"),
    Sensitivity.SPECIAL: N_("specially protected by law"),
    Source.TOLD: N_("you tell us"),
    Source.OBSERVED: N_("we observe it"),
    Source.INFERRED: N_("we infer it"),
    Source.THIRD_PARTY: N_("somebody else tells us"),
    StaffRole.COMPLIANCE: N_("compliance staff"),
    StaffRole.STEWARD: N_("data stewards"),
    StaffRole.SUPPORT: N_("support staff"),
    StaffRole.ADMIN: N_("administrators"),
    Automation.NOT_AUTOMATED: N_("a person alone"),
    Automation.ASSISTIVE: N_("a person, with a machine's help"),
    Automation.PARTIAL: N_("a machine in part"),
    Automation.CONDITIONAL: N_("a machine, and a person steps in"),
    Automation.HIGH: N_("a machine for the most part"),
    Automation.FULL: N_("a machine"),
    Automation.AUTONOMOUS: N_("a machine that sets its own rules"),
    "yes": N_("yes"),
}
_NAMED: Final = frozenset({Dimension.FIELDS, Dimension.NEEDED})
_APPS: Final = frozenset({Dimension.RECIPIENTS, Dimension.EXTERNAL})
_SPANS: Final = frozenset({Dimension.RETENTION, Dimension.EXPIRY, Dimension.DELAY, Dimension.KEEP})
_TERMS: Final = frozenset({Dimension.TYPES, Dimension.CATEGORY})
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Marked:
    """One dimension of a clause, with what is new and what is gone."""

    heading: str
    wider: bool
    added: tuple[str, ...]
    removed: tuple[str, ...]


def outcome(of: Outcome, lang: str) -> Badge:
    """Return what becomes of a clause as a badge."""
    words, icon, tone = _OUTCOMES[of]
    return Badge(translate(lang, words), icon, tone)


def marked(diff: ClauseDiff, old: Rulebook, new: Rulebook, lang: str) -> tuple[Marked, ...]:
    """Return every change of a clause in words, in the order of the dimensions."""
    before, after = Labels(old, lang), Labels(new, lang)
    return tuple(
        Marked(
            heading=translate(lang, _HEADINGS[change.dimension]),
            wider=change.outcome != "narrower",
            added=tuple(_item(change, item, after) for item in change.added),
            removed=tuple(_item(change, item, before) for item in change.removed),
        )
        for change in diff.changes
    )


def _item(change: Change, item: Item, labels: Labels) -> str:
    lang, dimension = labels.lang, change.dimension
    said = asked_words.item(dimension, item, labels)
    if said is not None:
        return said
    if dimension in _NAMED:
        return labels.of(item.name or item.value)
    if dimension in _APPS:
        return labels.app(item.value)
    if dimension is Dimension.DERIVED and not item.name:
        return labels.of(item.value)
    known = _VALUES.get(item.value)
    value = translate(lang, known) if known else item.value
    if dimension in _SPANS:
        value = lasting(item.value, lang)
    elif dimension is Dimension.DERIVED:
        value = labels.of(item.value)
    elif dimension in _TERMS:
        value = _HUMP.sub(" ", item.value).lower()
    if not item.name:
        return value
    return translate(lang, N_("{detail}: {value}"), detail=labels.of(item.name), value=value)
