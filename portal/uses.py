"""Say what a detail is used for at present, from how the customer's choices stand.

Used is what rests on another basis than consent, or on a consent that allows this detail. What the
app's registration, a token or a standing term forbid besides is not looked at: this page says the
most that may happen, never less.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from policies.model import Action, Recipient
from portal.labels import Labels
from vault.services.choices import Choice


@dataclass(frozen=True, slots=True)
class Used:
    """What may happen with one field."""

    purposes: tuple[str, ...]  # ids of those that may use it
    asleep: tuple[str, ...]  # ids of those that may not without the customer's yes
    readers: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """One purpose that names a field, in words."""

    label: str
    clause: str  # its place in the code of ethics
    choice: (
        str  # path of the page on which it can be decided on; "" where there is nothing to decide
    )
    benefit: str
    without: str
    used: bool  # whether it may use the field as things stand
    needed: bool  # whether it does not work without the field


def of(name: str, choices: Sequence[Choice]) -> Used:
    """Return what a field may be used for, and by whom it may be read."""
    purposes, asleep = [], []
    readers: dict[str, Recipient] = {}
    for choice in choices:
        actions = {
            action for use in choice.purpose.uses if use.name == name for action in use.actions
        }
        if not actions:
            continue
        if not allows(choice, name):
            asleep.append(choice.purpose.id)
            continue
        purposes.append(choice.purpose.id)
        if Action.READ in actions:
            readers |= {reader.id: reader for reader in choice.readers}
    return Used(tuple(purposes), tuple(asleep), tuple(readers.values()))


def allows(choice: Choice, name: str) -> bool:
    """Say whether a purpose may use a field as things stand."""
    return choice.allows(name)


def each(name: str, choices: Sequence[Choice], labels: Labels) -> tuple[Use, ...]:
    """Return every purpose that names a field, in words, with its clause and whether it uses it."""
    lang = labels.lang
    return tuple(
        Use(
            label=choice.purpose.label.get(lang),
            clause=f"/code#{choice.purpose.id}",
            choice=f"/privacy/{choice.purpose.id}" if choice.state is not None else "",
            benefit=choice.purpose.benefit.get(lang),
            without=choice.purpose.without.get(lang),
            used=allows(choice, name),
            needed=any(use.name == name and use.required for use in choice.purpose.uses),
        )
        for choice in choices
        if name in choice.names
    )
