"""Say in words how a detail is worked out: by what rule, from what, when, what for, and against it.

The words of the code of ethics come first; what the method does beside them is said from the method
itself, so that a page cannot say another thing than what is done.
Source: GDPR 13(2)(f), 15(1)(h), 21 and 22; consent-standards note, 1 and 8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from policies.method_words import labelled, sentence, yields
from policies.model import Source, Term
from policies.names import INTERACTION
from policies.page import method
from policies.wording import of
from portal import uses
from portal.labels import Labels
from portal.uses import Use
from portal.words import Moment, moment
from vault.services.choices import Choice
from vault.services.contest import Trait
from vault.services.entries import Line

TERMS: Final = "/privacy/terms"


@dataclass(frozen=True, slots=True)
class Link:
    """A name with its page."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class TraitPart:
    """What the page of a detail says of how it is worked out."""

    how: str  # the code's own words
    rule: str  # what the method does
    answers: tuple[str, ...]  # each choice that can come of it, and what leads to it
    inputs: tuple[Link, ...]
    worked_out: Moment | None
    purposes: tuple[Use, ...]
    against: str  # the code's own words
    human: str  # likewise; "" where nothing is decided by it
    decides: bool
    terms: str  # path of the page that rules out all profiling; "" where the code offers none
    inferred: bool  # False: something else stands there, and nothing is worked out beside it
    contested: bool


def of_line(line: Line, labels: Labels) -> tuple[str, ...]:
    """Return the names of what the vault worked out by a look or a write of its own."""
    names = {name for name, _ in (*line.allowed, *line.withheld)}
    several = [one for one in labels.rulebook.code.derivations if line.purpose in one.purposes]
    found = [one.field for one in several if one.field in names or set(one.inputs) == names]
    return labels.all_of(found)


def part(
    trait: Trait | None, source: Source | None, choices: Sequence[Choice], labels: Labels
) -> TraitPart | None:
    """Return what a page says of a trait; None for a detail that the vault does not work out.

    Args:
        trait: how it stands.
        source: of the value that stands there now; None for none.
        choices: the customer's.
        labels: names of the code in force.
    """
    found = method(labels.rulebook, trait.derivation, labels.lang) if trait else None
    if trait is None or found is None:
        return None
    one, lang = trait.derivation, labels.lang
    words = of(lang)
    offered = Term.NO_PROFILING in labels.rulebook.code.terms
    return TraitPart(
        how=one.how.get(lang),
        rule=sentence(found, words),
        answers=tuple(text for _, text in yields(found, words, labelled)),
        inputs=tuple(Link(labels.of(name), _page(name)) for name in one.inputs),
        worked_out=moment(trait.worked_out_at, lang) if trait.worked_out_at else None,
        purposes=uses.each(
            one.field, [choice for choice in choices if choice.purpose.id in one.purposes], labels
        ),
        against=one.contest.get(lang),
        human=one.human.get(lang) if one.human else "",
        decides=one.decides,
        terms=TERMS if offered else "",
        inferred=source in {None, Source.INFERRED},
        contested=trait.contested,
    )


def _page(name: str) -> str:
    head, _, kind = name.partition(".")
    return f"/interactions?kind={kind}" if head == INTERACTION else f"/home/{name}"
