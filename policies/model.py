"""Give the compiled code of ethics: the document, its digest, and tables that decisions look up.

A `Rulebook` is made by `policies/compile.py` alone. It answers what the code says; whether
something is allowed for a customer is for `policies/decide.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from policies.document import (
    Authority,
    Benefit,
    Children,
    Choice,
    Code,
    Contact,
    Derivation,
    Duplicates,
    Field,
    FollowUp,
    Group,
    InteractionKind,
    Method,
    Never,
    Publisher,
    Purpose,
    Recipient,
    SourceRule,
    Survey,
    Texts,
    Use,
)
from policies.names import (
    MINIMUM_GROUP,
    Action,
    ActorKind,
    Automation,
    Basis,
    Channel,
    ConsentState,
    FieldType,
    Identifier,
    Sensitivity,
    Source,
    StaffRole,
    Term,
)

__all__ = [
    "Action",
    "ActorKind",
    "Authority",
    "Automation",
    "Basis",
    "Benefit",
    "Channel",
    "Children",
    "Choice",
    "Clause",
    "Code",
    "ConsentState",
    "Contact",
    "Derivation",
    "Duplicates",
    "Field",
    "FieldType",
    "FollowUp",
    "Group",
    "Identifier",
    "InteractionKind",
    "Method",
    "Never",
    "Permission",
    "Publisher",
    "Purpose",
    "Recipient",
    "Rulebook",
    "Sensitivity",
    "Source",
    "SourceRule",
    "StaffRole",
    "Survey",
    "Term",
    "Texts",
    "Use",
]


class Permission(NamedTuple):
    """One thing that an app may be registered or tokened for."""

    purpose: str
    action: Action
    name: str  # "group.name" or "interaction.kind"


@dataclass(frozen=True, slots=True)
class Clause:
    """One row of the decision table: what a purpose may do by one action."""

    names: frozenset[str]
    apps: frozenset[str]
    staff: frozenset[StaffRole]
    basis: Basis
    profiling: bool
    external: frozenset[str] = frozenset()  # apps that are another business


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A code of ethics in force."""

    code: Code
    document: bytes  # canonical JSON
    digest: str  # SHA-256 of the document, hex
    clauses: Mapping[tuple[str, Action], Clause] = field(repr=False)
    sources: Mapping[str, frozenset[Source]] = field(repr=False)  # every name that the code knows
    fields: Mapping[str, Field] = field(repr=False)
    interactions: Mapping[str, InteractionKind] = field(repr=False)  # by "interaction.kind"
    purposes: Mapping[str, Purpose] = field(repr=False)
    recipients: Mapping[str, Recipient] = field(repr=False)
    # Of the fields that reach the customer.
    channels: Mapping[str, Channel] = field(repr=False, default_factory=dict)

    def __hash__(self) -> int:
        """Hash the digest; equal are only those whose tables are equal, too."""
        return hash(self.digest)

    @property
    def version(self) -> str:
        """The version under which the code is published."""
        return self.code.version

    def uncovered(self, permissions: Iterable[Permission], *, app: str) -> list[Permission]:
        """Return those permissions that the code does not give this app, in their order."""
        missing = []
        for one in permissions:
            clause = self.clauses.get((one.purpose, one.action))
            if clause is None or one.name not in clause.names or app not in clause.apps:
                missing.append(one)
        return missing

    def purposes_for(self, name: str) -> tuple[Purpose, ...]:
        """Return the purposes that do anything with a field or interaction kind."""
        return tuple(
            purpose
            for purpose in self.code.purposes
            if any(use.name == name for use in purpose.uses)
        )

    def readers(self, name: str) -> tuple[Recipient, ...]:
        """Return the apps that some purpose lets read a field or interaction kind."""
        apps = {
            app
            for (_, action), clause in self.clauses.items()
            if action is Action.READ and name in clause.names
            for app in clause.apps
        }
        return tuple(one for one in self.code.recipients if one.id in apps)

    def fields_of(self, purpose: str, action: Action) -> tuple[str, ...]:
        """Return what a purpose may do this with, in the code's order; none for no such purpose."""
        found = self.purposes.get(purpose)
        if found is None:
            return ()
        return tuple(use.name for use in found.uses if action in use.actions)

    def group_label(self, group: str, lang: str) -> str | None:
        """Return the heading of a group of fields; None where the code does not name its groups."""
        found = next((one for one in self.code.groups if one.id == group), None)
        return None if found is None else found.label.get(lang)

    def derivation_of(self, field: str) -> Derivation | None:
        """Return how a field is inferred; None for one that is not."""
        return next((one for one in self.code.derivations if one.field == field), None)

    def worked(self, purpose: str, action: Action) -> frozenset[str]:
        """Return with what the vault itself may do this, to work traits out under a purpose."""
        several = [
            one
            for one in self.code.derivations
            if one.method is not None and purpose in one.purposes
        ]
        if action is Action.READ:
            return frozenset(name for one in several for name in one.inputs)
        return frozenset(one.field for one in several if action is Action.WRITE)

    def survey(self, name: str) -> Survey | None:
        """Return a survey by its id; None for one that the code does not have."""
        return next((one for one in self.code.surveys if one.id == name), None)

    def asked(self, purpose: str, action: Action) -> frozenset[str]:
        """Return with what the vault itself may do this, to ask the surveys of a purpose."""
        several = [one for one in self.code.surveys if one.purpose == purpose]
        channels = {one.channel for one in several}
        if action is Action.READ:
            about = (name for one in several for name in one.after)
            return frozenset((*about, *(n for n, one in self.channels.items() if one in channels)))
        reaching = (one.name for one in self.code.interactions if one.reaches in channels)
        answers = (one.answer for one in several)
        return frozenset((*answers, *reaching)) if action is Action.APPEND else frozenset()

    @property
    def minimum_group(self) -> int:
        """Return of how many customers a number must be before it is shown."""
        return self.code.minimum_group or MINIMUM_GROUP

    def keeping(self) -> tuple[Purpose, ...]:
        """Return the purposes for which a law keeps something after an erasure."""
        return tuple(one for one in self.code.purposes if one.keep is not None)

    def consent_purposes(self) -> tuple[Purpose, ...]:
        """Return the purposes that need a consent."""
        return tuple(one for one in self.code.purposes if one.basis is Basis.CONSENT)
