"""Hold what a code of ethics keeps as data: fields in groups, contact events, and their texts.

Decides nothing. The document that they stand in is `policies/document.py`.
Source: DESIGN 5; GDPR 13 and 14 for what a page must be able to say.
"""

from dataclasses import dataclass

from policies.names import (
    INTERACTION,
    Channel,
    FieldType,
    Identifier,
    Sensitivity,
    Source,
    StaffRole,
)


@dataclass(frozen=True, slots=True)
class Texts:
    """One text in each language of the code, in the code's order of languages."""

    entries: tuple[tuple[str, str], ...]

    def get(self, lang: str) -> str:
        """Return the text in a language, else in a sister of it, else in the code's first.

        >>> Texts((("en", "Hello"), ("pt-PT", "Olá"))).get("pt-BR")
        'Olá'
        """
        primary = lang.partition("-")[0]
        for language, text in self.entries:
            if language == lang:
                return text
        for language, text in self.entries:
            if language.partition("-")[0] == primary:
                return text
        return self.entries[0][1]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values that a choice or a list may take."""

    id: str
    label: Texts


@dataclass(frozen=True, slots=True)
class Field:
    """One named piece of a profile."""

    name: str  # group.name
    label: Texts
    why: Texts
    type: FieldType
    category: str  # a name of https://w3id.org/dpv/pd#
    sensitivity: Sensitivity
    sources: tuple[Source, ...]
    retention: str  # ISO 8601 duration
    identifies: Identifier | None = None
    max_length: int | None = None  # characters; texts and addresses alone
    choices: tuple[Choice, ...] = ()

    @property
    def group(self) -> str:
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Group:
    """The fields whose names begin alike, under a name that a person knows."""

    id: str
    label: Texts
    why: Texts


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What follows an event of a kind: somebody owns it until the customer agrees that it is settled."""

    within: str  # ISO 8601 duration from the event to the day that is promised
    owner: StaffRole


@dataclass(frozen=True, slots=True)
class InteractionKind:
    """One kind of contact event."""

    kind: str
    label: Texts
    why: Texts
    category: str
    sensitivity: Sensitivity
    sources: tuple[Source, ...]
    retention: str
    reaches: Channel | None = None  # by which channel it is the business that reaches the customer
    portal: bool = False  # whether a customer may write one in the portal
    follow_up: FollowUp | None = None  # None: nothing has to follow it

    @property
    def name(self) -> str:
        """`interaction.kind`, the name by which uses and permissions know it."""
        return f"{INTERACTION}.{self.kind}"
