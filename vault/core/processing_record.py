"""Build the record of processing from the code in force and the apps that are really registered.

One line for each purpose and each detail that it uses, with who is approved to do what; beside it
what does not meet: an app that the code names and that is not registered for it, and an approval
that the code does not give any more, so that nothing is answered to it. No wish is written down.
Source: GDPR 30(1).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from policies import vocabulary
from policies.model import (
    Action,
    Derivation,
    Field,
    InteractionKind,
    Permission,
    Purpose,
    Recipient,
    Rulebook,
    Sensitivity,
)


@dataclass(frozen=True, slots=True)
class Receiver:
    """An app that is registered, and what it is approved to do with one detail."""

    app: str
    actions: tuple[Action, ...]
    frozen: bool


@dataclass(frozen=True, slots=True)
class Line:
    """What one purpose does with one detail."""

    purpose: Purpose
    about: Field | InteractionKind
    name: str  # "group.name" or "interaction.kind"
    actions: tuple[Action, ...]  # of the code
    receivers: tuple[Receiver, ...]
    named_alone: tuple[str, ...]  # apps that the code names here, and nobody registered for it
    derivation: Derivation | None  # how it is inferred, where it is

    @property
    def special(self) -> bool:
        """Whether it is of a special category, GDPR 9."""
        return self.about.sensitivity is Sensitivity.SPECIAL


@dataclass(frozen=True, slots=True)
class Beyond:
    """An approval that the code in force does not give: nothing is answered to it."""

    app: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class ProcessingRecord:
    """The record at one moment."""

    rulebook: Rulebook
    lines: tuple[Line, ...]  # in the order of the code
    beyond: tuple[Beyond, ...]
    broken: tuple[str, ...]  # apps whose registration is not intact: nothing is answered to them
    third_countries: tuple[Recipient, ...]  # recipients outside the EEA and the publisher's country

    def of(self, purpose: str) -> tuple[Line, ...]:
        """Return the lines of one purpose."""
        return tuple(line for line in self.lines if line.purpose.id == purpose)


def build(
    rulebook: Rulebook,
    registered: Mapping[str, Collection[Permission]],
    *,
    frozen: Collection[str] = (),
    broken: Collection[str] = (),
) -> ProcessingRecord:
    """Return the record.

    Args:
        rulebook: the code of ethics in force.
        registered: app -> what it is approved for, of each app whose registration is intact.
        frozen: those of them that are stopped at this moment.
        broken: apps whose registration is not intact.
    """
    near = vocabulary.REGIONS["EEA"] | {rulebook.code.publisher.country}
    return ProcessingRecord(
        rulebook=rulebook,
        lines=tuple(_lines(rulebook, registered, frozen)),
        beyond=tuple(
            Beyond(app, permission)
            for app in sorted(registered)
            for permission in rulebook.uncovered(sorted(registered[app]), app=app)
        ),
        broken=tuple(sorted(broken)),
        third_countries=tuple(one for one in rulebook.code.recipients if one.country not in near),
    )


def _lines(
    rulebook: Rulebook, registered: Mapping[str, Collection[Permission]], frozen: Collection[str]
) -> Iterator[Line]:
    for purpose in rulebook.code.purposes:
        for use in purpose.uses:
            found = []
            for app in sorted(registered.keys() & set(purpose.recipients)):
                actions = tuple(
                    action
                    for action in use.actions
                    if Permission(purpose.id, action, use.name) in registered[app]
                )
                if actions:
                    found.append(Receiver(app, actions, app in frozen))
            there = {one.app for one in found}
            yield Line(
                purpose=purpose,
                about=rulebook.fields.get(use.name) or rulebook.interactions[use.name],
                name=use.name,
                actions=use.actions,
                receivers=tuple(found),
                named_alone=tuple(app for app in purpose.recipients if app not in there),
                derivation=rulebook.derivation_of(use.name),
            )
