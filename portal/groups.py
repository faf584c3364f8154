"""Lay out what is held and what is not, by the groups of the code of ethics, as home shows it.

A detail that is there has its value, where it came from, what it is used for and by whom; one that is
not says why it is wished for, what it would give, and where it can be told.
Source: portal note, 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from portal import details, uses
from portal.labels import Labels
from portal.state import Badge
from portal.words import Moment, day
from vault.core import card
from vault.services import field
from vault.services.choices import Choice
from vault.services.own import Held
from vault.services.restriction import Restriction

PAGES: Final = "/home"  # below it each field has its page


@dataclass(frozen=True, slots=True)
class Detail:
    """One field with a value."""

    field: str
    href: str  # its own page
    label: str
    lines: tuple[str, ...]
    hidden: bool  # sensitive: stands in a closed box
    badges: tuple[Badge, ...]
    source: str
    how: str  # the code's own words on the source, where they say more
    since: Moment | None
    why: str
    purposes: tuple[str, ...]
    asleep: tuple[str, ...]  # purposes that may not use it without the customer's yes
    readers: tuple[str, ...]
    until: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A field without a value: what we would like to know, and why."""

    label: str
    why: str
    gains: tuple[str, ...]  # what the customer gets from purposes that would use it
    href: str  # where it can be told; "" where only others can


@dataclass(frozen=True, slots=True)
class Group:
    """The fields of one group of the code of ethics."""

    label: str
    details: tuple[Detail, ...]
    missing: tuple[Missing, ...]
    card: bool = False  # whether a loyalty card is among them, which has a page of its own


def of(
    held: Sequence[Held], choices: Sequence[Choice], found: Restriction, labels: Labels
) -> tuple[Group, ...]:
    """Return every group of the code in force, in its order."""
    names = dict.fromkeys(one.field.group for one in held)
    cards = {one.partition(".")[0] for one in card.fields(labels.rulebook)}
    return tuple(
        Group(
            label=labels.group(name),
            details=tuple(
                _detail(one, choices, found, labels)
                for one in held
                if one.field.group == name and one.kept
            ),
            missing=tuple(
                _missing(one, labels) for one in held if one.field.group == name and not one.kept
            ),
            card=name in cards,
        )
        for name in names
    )


def _missing(one: Held, labels: Labels) -> Missing:
    lang = labels.lang
    return Missing(
        label=one.field.label.get(lang),
        why=one.field.why.get(lang),
        gains=tuple(purpose.benefit.get(lang) for purpose in one.purposes),
        href=f"{PAGES}/{one.field.name}" if field.may_tell(one.field) else "",
    )


def _detail(one: Held, choices: Sequence[Choice], found: Restriction, labels: Labels) -> Detail:
    lang, name = labels.lang, one.field.name
    used = uses.of(name, choices)
    origin = details.origin(one, labels)
    restricted = found.whole or name in found.fields
    return Detail(
        field=name,
        href=f"{PAGES}/{name}",
        label=one.field.label.get(lang),
        lines=details.lines(one, labels),
        hidden=details.is_hidden(one),
        badges=details.badges(one, found, lang),
        source=origin.words,
        how=origin.how,
        since=day(one.since, lang) if one.since else None,
        why=one.field.why.get(lang),
        purposes=tuple(labels.purpose(purpose) for purpose in used.purposes),
        asleep=tuple(labels.purpose(purpose) for purpose in used.asleep),
        readers=() if restricted else labels.apps(app.id for app in used.readers),
        until=details.until(one, lang),
    )
