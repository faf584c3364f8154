"""Show what is held about the customer, why, who may read it and until when."""

from dataclasses import dataclass

from portal.words import Moment


@dataclass(frozen=True, slots=True)
class Action:
    """Something that waits for the customer; at most three are shown."""

    words: str
    href: str
    link: str


@dataclass(frozen=True, slots=True)
class Look:
    """One of the last looks, in one line."""

    who: str
    purpose: str
    at: Moment
    outcome: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One field with a value."""

    field: str
    label: str
    lines: tuple[str, ...]
    hidden: bool  # sensitive: stands in a closed box
    source: str
    since: Moment
    why: str
    purposes: tuple[str, ...]
    readers: tuple[str, ...]
    until: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A field without a value: what we would like to know, and why."""

    label: str
    why: str


@dataclass(frozen=True, slots=True)
class Group:
    """The fields of one group of the code of ethics."""

    label: str
    details: tuple[Detail, ...]
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class HomePage:
    """Everything of `/home`."""

    title: str
    kept: int
    possible: int
    apps: int
    open: int
    actions: tuple[Action, ...]
    looks: tuple[Look, ...]
    groups: tuple[Group, ...]
