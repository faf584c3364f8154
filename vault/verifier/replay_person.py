"""Remember what one person decided, change by change, and what third parties gave of them.

A change has the epoch that it brings: 1, 2, 3, …, whatever its place in the log. What an entry was
decided on is every change up to the epoch that it tells. Where one of them is missing, does not
open, or comes from a release that did not say what stood, the log does not tell.
Source: access-log note, 2 and 10; docs/replay.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vault.verifier.replay_carry import Consent, UndecidedError
from vault.verifier.replay_code import Said
from vault.verifier.replay_system import SLACK, When

WRITTEN, MARKED = 2, 8
CONSENTS: Final = frozenset({16, 17, 18})
STANDINGS: Final = frozenset({19, 20, 21, 22, 24, 25})
CHANGES: Final = range(16, 26)
RESTRICTED: Final = 1  # bit of the flags
THIRD_PARTY: Final = "third-party"


@dataclass(frozen=True, slots=True)
class Standing:
    """What only subtracts, as it stood."""

    flags: int
    objections: frozenset[str]
    terms: Said

    @property
    def restricted(self) -> bool:
        """Whether everything is: by hand, or until an erasure."""
        return bool(self.flags & RESTRICTED or self.terms.get("erase_at"))

    def names(self, member: str) -> frozenset[str]:
        """Return a set of names of the terms."""
        return frozenset(self.terms.get(member, ()))


@dataclass(frozen=True, slots=True)
class View:
    """What a person had decided when an entry was."""

    standing: Standing
    consents: Mapping[str, Consent]  # by purpose, as they were written down


FRESH: Final = View(Standing(0, frozenset(), {}), {})


@dataclass(frozen=True, slots=True)
class _Event:
    """A value of a field came or went, or its person was told of it."""

    third: bool  # a third party's value that nobody had been told of
    place: int
    at: int  # unix ms


class Person:
    """One person's changes."""

    def __init__(self) -> None:
        """Begin with a person who has decided nothing."""
        self._changes: dict[int, Consent | Standing | None] = {}  # by epoch
        self._values: dict[str, list[_Event]] = {}
        self._views: dict[int, View] = {0: FRESH}

    def change(self, said: Said | None, kind: int, epoch: int) -> None:
        """Take a change; None for one that does not open."""
        made: Consent | Standing | None = None
        if said is not None and kind in CONSENTS:
            one = said["consent"]
            until = one["until"]
            made = Consent(
                purpose=one["purpose"],
                state=one["state"],
                fields=frozenset(one["fields"]),
                start=one["from"],
                until=2**53 if until is None else until,
                code=said["code"],
            )
        elif said is not None and kind in STANDINGS and "standing" in said:
            row = said["standing"]
            made = Standing(row["flags"], frozenset(row["objections"]), row["terms"])
        # Two changes of one epoch: neither is believed.
        self._changes[epoch] = None if epoch in self._changes else made
        self._views = {0: FRESH}

    def value(self, said: Said, kind: int, *, place: int, at: int) -> None:
        """Take a write, or a mark: it may bring a third party's value, or tell of one."""
        sources = dict(said.get("sources", ()))
        for name, clause in said["allowed"]:
            if kind == MARKED and clause != "told":
                continue
            third = kind == WRITTEN and sources.get(name) == THIRD_PARTY
            self._values.setdefault(name, []).append(_Event(third, place, at))

    def view(self, epoch: int) -> View:
        """Return what held at an epoch.

        Raises:
            UndecidedError: a change up to it is missing, or does not say what stood.
        """
        found = self._views.get(epoch)
        if found is None:
            found = self._views[epoch] = self._view(epoch)
        return found

    def untold(self, name: str, when: When) -> bool:
        """Say whether a field surely held a third party's value that nobody had been told of."""
        events = self._values.get(name, ())
        # Entries of one moment stand in any order; what may have been told before is no fault.
        return any(
            one.third
            and one.place < when.seen
            and not any(
                not other.third
                and (other.place > one.place or other.at >= one.at)
                and (other.place < when.seen or other.at <= when.written + SLACK)
                for other in events
            )
            for one in events
        )

    def _view(self, epoch: int) -> View:
        begin = max(known for known in self._views if known < epoch)
        standing, consents = self._views[begin].standing, dict(self._views[begin].consents)
        for number in range(begin + 1, epoch + 1):
            if number not in self._changes:
                raise UndecidedError("change-missing")
            made = self._changes[number]
            if made is None:
                raise UndecidedError("change-untold")
            if isinstance(made, Consent):
                consents[made.purpose] = made
            else:
                standing = made
        return View(standing, consents)
