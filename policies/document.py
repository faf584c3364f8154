"""Hold a code of ethics as data: what its publisher wants to know, how, and what for.

Decides nothing. A `Code` is made by `policies/parse.py` from YAML or by `policies/stored.py` from
canonical JSON; whether it is a good one is for `policies/compile.py` to say.
Source: DESIGN 5; GDPR 13 and 14 for what a page must be able to say.
"""

from dataclasses import dataclass

from policies.kept import Choice, Field, FollowUp, Group, InteractionKind, Texts
from policies.method import Method
from policies.names import Action, Automation, Basis, Sensitivity, Source, StaffRole, Term
from policies.survey import Survey

__all__ = [
    "Authority",
    "Benefit",
    "Children",
    "Choice",
    "Code",
    "Contact",
    "Derivation",
    "Duplicates",
    "Field",
    "FollowUp",
    "Group",
    "InteractionKind",
    "Method",
    "Never",
    "Publisher",
    "Purpose",
    "Recipient",
    "SourceRule",
    "Survey",
    "Texts",
    "Use",
]


@dataclass(frozen=True, slots=True)
class Use:
    """What a purpose does with one field or interaction kind."""

    name: str  # "group.name" or "interaction.kind"
    actions: tuple[Action, ...]
    required: bool  # whether the purpose does not work without it


@dataclass(frozen=True, slots=True)
class Benefit:
    """Something that a customer gets for what they chose to share, and for nothing else."""

    id: str
    label: Texts
    needs: tuple[str, ...]  # names of what its purpose uses


@dataclass(frozen=True, slots=True)
class Purpose:
    """One clause: what is done, why, on which basis, with what, by whom, until when."""

    id: str
    label: Texts
    types: tuple[str, ...]  # names of purposes in https://w3id.org/dpv#
    what: Texts  # what we do
    why: Texts
    benefit: Texts  # what the customer gets
    without: Texts  # what changes when the customer says no, or what the duty is
    basis: Basis
    uses: tuple[Use, ...]
    recipients: tuple[str, ...]  # apps
    staff: tuple[StaffRole, ...] = ()
    expiry: str | None = None  # ISO 8601 duration of a consent; on no other basis
    until: Texts | None = None  # the end in words; on every other basis
    law: Texts | None = None
    balancing: Texts | None = None
    explicit: bool = False
    profiling: bool = False  # whether it evaluates the person, GDPR 4(4)
    delay: str | None = None  # ISO 8601 duration for which its looks stay sealed in "who looked"
    keep: str | None = None  # ISO 8601 duration for which the law keeps its names after an erasure
    assessment: str | None = None  # address of its impact assessment, GDPR 35
    benefits: tuple[Benefit, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Everything that it does something with."""
        return frozenset(use.name for use in self.uses)


@dataclass(frozen=True, slots=True)
class SourceRule:
    """How this publisher uses one source, in words."""

    source: Source
    how: Texts


@dataclass(frozen=True, slots=True)
class Recipient:
    """An app that may receive something, under a name that a person knows."""

    id: str  # its client id
    name: Texts
    team: Texts
    country: str  # ISO 3166, where it runs
    external: bool = False  # whether it is another business, so that using it is sharing
    safeguard: Texts | None = None  # what protects the data in a third country, GDPR 46


@dataclass(frozen=True, slots=True)
class Never:
    """A use that the publisher promises not to make.

    A clause that meets every condition falls under it; `policies/never.py` says when one is met.
    """

    id: str
    text: Texts
    types: tuple[str, ...] = ()  # names of purposes in https://w3id.org/dpv#
    categories: tuple[str, ...] = ()  # names of https://w3id.org/dpv/pd#
    sensitivity: tuple[Sensitivity, ...] = ()
    sources: tuple[Source, ...] = ()
    external: bool = False  # whether it is about recipients that are another business
    countries_outside: tuple[str, ...] = ()  # ISO 3166, EU or EEA
    profiling: bool = False
    bases: tuple[Basis, ...] = ()


@dataclass(frozen=True, slots=True)
class Derivation:
    """How one field is inferred from others, and how a customer contests it."""

    id: str
    label: Texts
    how: Texts
    field: str  # what it infers
    inputs: tuple[str, ...]  # "group.name" or "interaction.kind"
    automation: Automation
    purposes: tuple[str, ...]  # under which it runs
    contest: Texts
    decides: bool = False  # whether something is decided, or strongly relied, on it: GDPR 22
    human: Texts | None = None  # how to reach a person instead
    method: Method | None = None  # how the vault works it out; None: an app does


@dataclass(frozen=True, slots=True)
class Duplicates:
    """By what two customers are suspected to be one person."""

    purpose: str  # under which they are looked for
    same: tuple[tuple[str, ...], ...]  # fields that are alike together; any one set is enough


@dataclass(frozen=True, slots=True)
class Children:
    """From which age a person decides alone."""

    age: int  # whole years, 13 to 16: GDPR 8(1)


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or office that can be written to."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Authority:
    """Where a customer can complain."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Publisher:
    """The business whose code it is: the controller."""

    name: str
    address: str
    country: str  # ISO 3166; also the region of phone numbers typed without a country
    email: str
    url: str
    dpo: Contact
    authority: Authority
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A whole code of ethics."""

    version: str
    effective: str  # ISO 8601 date
    title: Texts
    languages: tuple[str, ...]  # the first is the fallback
    publisher: Publisher
    promises: tuple[Texts, ...]
    sources: tuple[SourceRule, ...]
    fields: tuple[Field, ...]
    interactions: tuple[InteractionKind, ...]
    recipients: tuple[Recipient, ...]
    purposes: tuple[Purpose, ...]
    terms: tuple[Term, ...]
    children: Children | None = None  # None: the vault is open to grown-ups alone and asks no age
    cooling_off: str | None = None  # ISO 8601 duration in which an erasure can be taken back
    groups: tuple[Group, ...] = ()  # all groups of the fields, or none
    never: tuple[Never, ...] = ()
    derivations: tuple[Derivation, ...] = ()
    measures: tuple[Texts, ...] = ()  # how the data is protected, GDPR 30(1)(g)
    surveys: tuple[Survey, ...] = ()
    duplicates: Duplicates | None = None  # None: they are not looked for
    minimum_group: int | None = None  # customers without whom no number is shown; None: `MINIMUM`
