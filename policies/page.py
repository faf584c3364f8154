"""Lay out a code of ethics for people, in one language: the parts of a page.

A page is data; its HTML is the portal's. Everything on it comes from the document alone, and a
test shows that what it says and what the decision tables allow are the same set.
Source: DESIGN 5; GDPR 13 and 14.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policies.model import (
    Action,
    Automation,
    Basis,
    Derivation,
    Field,
    InteractionKind,
    Publisher,
    Purpose,
    Recipient,
    Rulebook,
    Sensitivity,
    Source,
    StaffRole,
    Term,
    Texts,
)
from policies.names import COOLING_OFF
from policies.vocabulary import RIGHTS

# In the order in which people ask for them.
_RIGHTS = ("A15", "A16", "A17", "A7-3", "A21", "A18", "A20", "A22", "A13", "A14", "A19", "A77")


@dataclass(frozen=True, slots=True)
class UseView:
    """One field or interaction kind of a clause."""

    name: str
    label: str
    actions: tuple[Action, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class RecipientView:
    """An app under the name that a person knows."""

    id: str
    name: str
    team: str
    country: str
    external: bool
    safeguard: str | None


@dataclass(frozen=True, slots=True)
class ClauseView:
    """A purpose: what, why, who, until when, and what if not."""

    id: str
    label: str
    what: str
    why: str
    benefit: str
    without: str
    basis: Basis
    uses: tuple[UseView, ...]
    recipients: tuple[RecipientView, ...]
    staff: tuple[StaffRole, ...]
    expiry: str | None  # ISO 8601 duration, of a consent
    until: str | None  # in words, of every other basis
    law: str | None
    balancing: str | None
    explicit: bool
    profiling: bool
    delay: str | None  # ISO 8601 duration
    keep: str | None  # ISO 8601 duration
    assessment: str | None  # address


@dataclass(frozen=True, slots=True)
class GroupView:
    """The fields whose names begin alike."""

    id: str
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class DerivationView:
    """How a field is inferred, and the way out."""

    id: str
    label: str
    how: str
    field: str
    inputs: tuple[tuple[str, str], ...]  # name and label
    automation: Automation
    purposes: tuple[tuple[str, str], ...]  # id and label
    contest: str
    decides: bool
    human: str | None


@dataclass(frozen=True, slots=True)
class KeptView:
    """A field or interaction kind: what is wanted, why, from where, for how long, what for."""

    name: str
    label: str
    why: str
    sensitivity: Sensitivity
    sources: tuple[Source, ...]
    retention: str  # ISO 8601 duration
    choices: tuple[str, ...]  # labels
    purposes: tuple[tuple[str, str], ...]  # id and label


@dataclass(frozen=True, slots=True)
class RightView:
    """A right of GDPR and what it covers."""

    name: str  # of https://w3id.org/dpv/legal/eu/gdpr#
    purposes: tuple[str, ...]  # labels of the few that it covers; none: all, save those below
    but: tuple[str, ...]  # labels of the few that it does not cover


@dataclass(frozen=True, slots=True)
class PageView:
    """A whole code of ethics in one language."""

    lang: str  # of the texts: the asked one, or the nearest that the code has
    version: str
    effective: str  # ISO 8601 date
    digest: str  # hex
    title: str
    publisher: Publisher
    promises: tuple[str, ...]
    sources: tuple[tuple[Source, str], ...]
    fields: tuple[KeptView, ...]
    interactions: tuple[KeptView, ...]
    clauses: tuple[ClauseView, ...]
    terms: tuple[Term, ...]
    children: int | None  # years
    cooling_off: str  # ISO 8601 duration
    groups: tuple[GroupView, ...]
    never: tuple[tuple[str, str], ...]  # id and promise
    derivations: tuple[DerivationView, ...]
    measures: tuple[str, ...]
    recipients: tuple[RecipientView, ...]  # those of some clause
    rights: tuple[RightView, ...]

    def by_group(self) -> Iterator[tuple[GroupView | None, tuple[KeptView, ...]]]:
        """Give the fields of each group; all of them under None where no group has a name."""
        if not self.groups:
            yield None, self.fields
        for group in self.groups:
            yield group, tuple(one for one in self.fields if one.name.startswith(f"{group.id}."))


def page(rulebook: Rulebook, lang: str) -> PageView:
    """Return the page in a language, or in the nearest one that the code is written in."""
    code = rulebook.code
    return PageView(
        lang=Texts(tuple((one, one) for one in code.languages)).get(lang),
        version=code.version,
        effective=code.effective,
        digest=rulebook.digest,
        title=code.title.get(lang),
        publisher=code.publisher,
        promises=tuple(one.get(lang) for one in code.promises),
        sources=tuple((rule.source, rule.how.get(lang)) for rule in code.sources),
        fields=tuple(_kept(rulebook, one, lang) for one in code.fields),
        interactions=tuple(_kept(rulebook, one, lang) for one in code.interactions),
        clauses=tuple(clause(rulebook, one, lang) for one in code.purposes),
        terms=code.terms,
        children=code.children.age if code.children else None,
        cooling_off=code.cooling_off or COOLING_OFF,
        groups=tuple(
            GroupView(one.id, one.label.get(lang), one.why.get(lang)) for one in code.groups
        ),
        never=tuple((one.id, one.text.get(lang)) for one in code.never),
        derivations=tuple(_derivation(rulebook, one, lang) for one in code.derivations),
        measures=tuple(one.get(lang) for one in code.measures),
        recipients=tuple(
            _recipient(one, lang)
            for one in code.recipients
            if any(one.id in purpose.recipients for purpose in code.purposes)
        ),
        rights=tuple(_rights(code.purposes, lang)),
    )


def clause(rulebook: Rulebook, purpose: Purpose, lang: str) -> ClauseView:
    """Return one purpose as a person reads it."""
    kept: dict[str, Field | InteractionKind] = {**rulebook.fields, **rulebook.interactions}
    return ClauseView(
        id=purpose.id,
        label=purpose.label.get(lang),
        what=purpose.what.get(lang),
        why=purpose.why.get(lang),
        benefit=purpose.benefit.get(lang),
        without=purpose.without.get(lang),
        basis=purpose.basis,
        uses=tuple(
            UseView(use.name, kept[use.name].label.get(lang), use.actions, use.required)
            for use in purpose.uses
        ),
        recipients=tuple(_recipient(rulebook.recipients[app], lang) for app in purpose.recipients),
        staff=purpose.staff,
        expiry=purpose.expiry,
        until=_maybe(purpose.until, lang),
        law=_maybe(purpose.law, lang),
        balancing=_maybe(purpose.balancing, lang),
        explicit=purpose.explicit,
        profiling=purpose.profiling,
        delay=purpose.delay,
        keep=purpose.keep,
        assessment=purpose.assessment,
    )


def _recipient(app: Recipient, lang: str) -> RecipientView:
    return RecipientView(
        id=app.id,
        name=app.name.get(lang),
        team=app.team.get(lang),
        country=app.country,
        external=app.external,
        safeguard=_maybe(app.safeguard, lang),
    )


def _rights(purposes: Sequence[Purpose], lang: str) -> Iterator[RightView]:
    """Give the rights that fit the bases; what one covers is said by the shorter list."""
    for name in _RIGHTS:
        covered = [one.label.get(lang) for one in purposes if name in RIGHTS[one.basis]]
        rest = [one.label.get(lang) for one in purposes if name not in RIGHTS[one.basis]]
        if len(covered) > len(rest):
            yield RightView(name, (), tuple(rest))
        elif covered:
            yield RightView(name, tuple(covered), ())


def _derivation(rulebook: Rulebook, one: Derivation, lang: str) -> DerivationView:
    kept: dict[str, Field | InteractionKind] = {**rulebook.fields, **rulebook.interactions}
    return DerivationView(
        id=one.id,
        label=one.label.get(lang),
        how=one.how.get(lang),
        field=one.field,
        inputs=tuple((name, kept[name].label.get(lang)) for name in one.inputs),
        automation=one.automation,
        purposes=tuple((name, rulebook.purposes[name].label.get(lang)) for name in one.purposes),
        contest=one.contest.get(lang),
        decides=one.decides,
        human=_maybe(one.human, lang),
    )


def _maybe(texts: Texts | None, lang: str) -> str | None:
    return None if texts is None else texts.get(lang)


def _kept(rulebook: Rulebook, one: Field | InteractionKind, lang: str) -> KeptView:
    choices = one.choices if isinstance(one, Field) else ()
    return KeptView(
        name=one.name,
        label=one.label.get(lang),
        why=one.why.get(lang),
        sensitivity=one.sensitivity,
        sources=one.sources,
        retention=one.retention,
        choices=tuple(choice.label.get(lang) for choice in choices),
        purposes=tuple((used.id, used.label.get(lang)) for used in rulebook.purposes_for(one.name)),
    )
