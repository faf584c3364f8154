"""Hold the parts of a code's page in one language, as data; `policies/page.py` alone makes them.

Source: DESIGN 5; GDPR 13 and 14.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from policies.method import Function
from policies.model import (
    Action,
    Automation,
    Basis,
    Channel,
    FollowUp,
    Publisher,
    Sensitivity,
    Source,
    StaffRole,
    Term,
)
from policies.survey import QuestionType

Named = tuple[str, str]  # a name of the code and its label


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
class BenefitView:
    """Something that is given for what the customer shares."""

    id: str
    label: str
    needs: tuple[Named, ...]


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
    benefits: tuple[BenefitView, ...]


@dataclass(frozen=True, slots=True)
class GroupView:
    """The fields whose names begin alike."""

    id: str
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class ConditionView:
    """A field and the values of it that count; those of a yes or no have no label."""

    field: Named
    values: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class MethodView:
    """What the vault counts, and to which choice it leads."""

    function: Function
    period: str | None  # ISO 8601 duration
    fact: str | None
    least: int
    bands: tuple[tuple[Named, int], ...]  # choice and where it begins
    segments: tuple[tuple[Named, tuple[ConditionView, ...]], ...]
    ways: tuple[tuple[Named, tuple[Named, ...]], ...]  # choice and kinds of contact


@dataclass(frozen=True, slots=True)
class DerivationView:
    """How a field is inferred, and the way out."""

    id: str
    label: str
    how: str
    field: str
    inputs: tuple[Named, ...]
    automation: Automation
    purposes: tuple[Named, ...]
    contest: str
    decides: bool
    human: str | None
    method: MethodView | None


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
    purposes: tuple[Named, ...]
    reaches: Channel | None = None  # by which channel it reaches the customer
    portal: bool = False  # whether customers write one themselves
    follow_up: FollowUp | None = None


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question of a survey."""

    id: str
    type: QuestionType
    label: str
    low: int | None
    choices: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class SurveyView:
    """What is asked, what for, after what, how and how often; durations are of ISO 8601."""

    id: str
    label: str
    invitation: str
    thanks: str
    purpose: Named
    after: tuple[Named, ...]
    answer: Named
    channel: Channel
    wait: str
    at_most: str
    expires: str
    questions: tuple[QuestionView, ...]


@dataclass(frozen=True, slots=True)
class DuplicatesView:
    """By what two customers are suspected to be one person."""

    purpose: Named
    same: tuple[tuple[Named, ...], ...]


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
    surveys: tuple[SurveyView, ...]
    duplicates: DuplicatesView | None
    minimum_group: int  # customers

    def by_group(self) -> Iterator[tuple[GroupView | None, tuple[KeptView, ...]]]:
        """Give the fields of each group; all of them under None where no group has a name."""
        if not self.groups:
            yield None, self.fields
        for group in self.groups:
            yield group, tuple(one for one in self.fields if one.name.startswith(f"{group.id}."))
