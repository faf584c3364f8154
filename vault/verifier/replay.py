"""Decide again, from the log alone, whatever it says was permitted; name what should not have been.

1. the system's entries tell which codes, registrations and roles held when;
2. the changes of one person, by their epoch, tell what they had decided;
3. each of their entries that permitted something is judged under the epoch that it tells: who,
   for what, which field, from which source, at which moment.

It is written apart from what decides in the vault, shares no line with it, reads no table, and is
slow. Where the log does not tell, it says so: nothing undecidable is called good. What it cannot
see at all is listed in docs/replay.md.
Source: access-log note, 10; docs/replay.md.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from vault.verifier import payload
from vault.verifier.errors import BadError
from vault.verifier.logkey import EntryKeys
from vault.verifier.replay_carry import UndecidedError
from vault.verifier.replay_code import INTERACTION, Code, Said
from vault.verifier.replay_own import SPECIAL, refusal
from vault.verifier.replay_person import CHANGES, MARKED, WRITTEN, Person
from vault.verifier.replay_rules import APP, RULES, STAFF, VAULT, Case
from vault.verifier.replay_system import SLACK, NotInForceError, System, When

VERSION: Final = 2  # of the evaluator; a rule that decides otherwise raises it
KEPT: Final = 1_000  # disagreements that are listed; all are counted

READ, DENIED, RESOLVE = 1, 3, 7
LOOKS: Final = frozenset({1, 4, 5, 6, 9})  # kinds that only read
PERMITTED: Final = frozenset({1, 2, 4, 5, 6, 7, 8, 9})

_INDEX_BITS: Final = 48  # a place is log_id << 48 | index
_MALFORMED: Final = (BadError, KeyError, TypeError, ValueError, AttributeError)
_UNREAD: Final = (*_MALFORMED, UndecidedError)
_NOBODY: Final = 0  # generation of the keys of entries about nobody


class Disagreement(NamedTuple):
    """One name that was permitted and should not have been."""

    place: int
    name: str
    clause: str
    reason: str


@dataclass(slots=True)
class Report:
    """What a replay found."""

    replayed: int = 0  # entries that permitted something and were decided again
    refused: int = 0  # denials, which are not judged
    changes: int = 0
    unreadable: int = 0  # entries that no key finds any more
    undecidable: int = 0  # entries of which the log does not tell enough
    disagreeing: int = 0  # of the replayed ones: entries with a disagreement
    why: Counter[str] = field(default_factory=Counter)  # of the undecidable ones
    disagreements: list[Disagreement] = field(default_factory=list)  # the first `KEPT`

    def disagree(self, place: int, found: list[Disagreement]) -> None:
        """Note an entry with what was wrong in it."""
        self.disagreeing += 1
        room = KEPT - len(self.disagreements)
        self.disagreements += [one._replace(place=place) for one in found[:room]]


class Replay:
    """Replays the entries of one person; the report is shared among all."""

    def __init__(
        self, system: System, report: Report, keys: EntryKeys, origin_of: Callable[[int], str]
    ) -> None:
        """Begin with a person of whom nothing is known.

        Args:
            system: which has learned every entry of the system.
            report: to be added to.
            keys: of the person, with the seal key.
            origin_of: the origin of a log, by its number.
        """
        self._system, self._report, self._keys = system, report, keys
        self._origin_of = origin_of
        self._person = Person()

    def learn(self, place: int, entry: bytes) -> None:
        """Take what an entry changes; give all of the person's, before any is judged."""
        found = payload.kind_and_epoch(self._keys.tag, entry)
        if found is None:
            return
        kind, epoch = found
        if kind not in CHANGES and kind not in {WRITTEN, MARKED}:
            return
        try:
            said: Said | None = self._open(entry, kind, epoch)
            if kind in CHANGES:
                self._person.change(said, kind, epoch)
            elif said is not None:
                self._person.value(said, kind, place=place, at=_at(entry))
        except (BadError, KeyError, TypeError, ValueError, AttributeError):
            if (
                kind in CHANGES
            ):  # judging says that the entry is bad; here it is one that tells nothing
                self._person.change(None, kind, epoch)

    def judge(self, place: int, entry: bytes) -> None:
        """Decide an entry again, and count it."""
        report = self._report
        found = payload.kind_and_epoch(self._keys.tag, entry)
        if found is None:
            report.unreadable += 1
            return
        kind, epoch = found
        if kind == DENIED:
            report.refused += 1
            return
        if kind in CHANGES:
            report.changes += 1
            return
        try:
            said = self._open(entry, kind, epoch)
            wrong = list(self._judged(said, place, entry, kind, epoch))
        except UndecidedError as error:
            report.undecidable += 1
            report.why[str(error)] += 1
            return
        except _MALFORMED:
            wrong = [Disagreement(place, "", "", "not-readable")]
        report.replayed += 1
        if wrong:
            report.disagree(place, wrong)

    def _open(self, entry: bytes, kind: int, epoch: int) -> Said:
        if self._keys.seal is None:
            raise UndecidedError("seal-key-missing")
        said = payload.open_(self._keys.seal, entry, self._origin_of(int.from_bytes(entry[4:6])))
        payload.check(said, entry, kind, epoch)
        return said

    def _judged(
        self, said: Said, place: int, entry: bytes, kind: int, epoch: int
    ) -> Iterator[Disagreement]:
        """Give what was wrong; raise `UndecidedError` only where nothing surely was."""
        unknown: UndecidedError | None = None
        anything = False
        if kind not in PERMITTED:
            yield Disagreement(place, "", "", "unknown-kind")
        for name, clause in said["allowed"]:
            try:
                reason = self._name(said, entry, kind, epoch, name, clause)
            except UndecidedError as error:
                unknown = error
                continue
            if reason is not None:
                anything = True
                yield Disagreement(place, name, clause, reason)
        if unknown is not None and not anything:
            raise unknown

    def _name(
        self, said: Said, entry: bytes, kind: int, epoch: int, name: str, clause: str
    ) -> str | None:
        """Judge one name at each moment at which it may have been decided."""
        found = {
            self._at(said, When(at, _at(entry), _seen(entry)), kind, epoch, name, clause)
            for at in _moments(said, _at(entry))
        }
        if len(found) > 1 and None in found:
            raise UndecidedError("moment")
        return next((one for one in sorted(filter(None, found))), None)

    def _at(
        self, said: Said, when: When, kind: int, epoch: int, name: str, clause: str
    ) -> str | None:
        who = _who(said)
        special = (kind, name, clause) in SPECIAL
        if self._keys.generation == _NOBODY and not special:
            return "unknown-customer"
        action = _action(said, kind, name)
        if action is None:
            return "wrong-action"
        deletes = who == VAULT and kind == WRITTEN and said["purpose"] is None
        try:
            code = self._code(said["code"], when, deletes=deletes)
        except NotInForceError:
            return "other-code"
        # An app that may create is told of somebody who is not new as if they were: nobody's terms.
        makes = kind == RESOLVE and action != "read"
        nobody = self._keys.generation == _NOBODY
        source = dict(said.get("sources", ())).get(name) if kind == WRITTEN else None
        known = None if makes or nobody else epoch
        case = Case(
            said=said,
            name=name,
            clause=clause,
            who=who,
            action=action,
            source=source,
            when=when,
            code=code,
            system=self._system,
            person=self._person,
            epoch=known,
        )
        if special or not _has_purpose(who, said):
            return refusal(case, kind)
        return _under_purpose(case)

    def _code(self, digest: str, when: When, *, deletes: bool) -> Code:
        if not deletes:
            return self._system.code(digest, when.at)
        # What is deleted may have been dropped since; the entry names the last code that had it.
        code = self._system.known(digest)
        if code is None:
            raise UndecidedError("code-missing")
        return code


def _under_purpose(case: Case) -> str | None:
    """Ask every rule; one that does not know does not hide one that refuses."""
    unknown: UndecidedError | None = None
    for rule in RULES:
        try:
            reason = rule(case)
        except UndecidedError as error:
            unknown = error
            continue
        if reason is not None:
            return reason
    if unknown is not None:
        raise unknown
    return None


def _has_purpose(who: str, said: Said) -> bool:
    return who in {APP, STAFF} or (who == VAULT and said["purpose"] is not None)


def _who(said: Said) -> str:
    kind, _, name = str(said["actor"]).partition(":")
    if kind == APP and name != said["app"]:
        return "other"
    return kind


def _action(said: Said, kind: int, name: str) -> str | None:
    """Return what was done; None where the entry says what its kind cannot be."""
    written = "append" if name.startswith(INTERACTION) else "write"
    told = said.get("asked", {}).get("action")
    if kind in LOOKS:
        return "read" if told in {None, "read"} else None
    if kind == WRITTEN:
        return told or written if told != "read" else None
    if kind == RESOLVE and told is None:
        raise UndecidedError("action-untold")
    return told or "read"


def _moments(said: Said, at: int) -> tuple[int, ...]:
    """Return when the decision may have been made: as told, or at the two ends of what may be."""
    told = said.get("asked", {}).get("at")
    if told is None:
        return (at - SLACK, at)
    return (told,) if abs(told - at) <= SLACK else (told, at)


def _at(entry: bytes) -> int:
    return int.from_bytes(entry[8:16])


def _seen(entry: bytes) -> int:
    return int.from_bytes(entry[4:6]) << _INDEX_BITS | int.from_bytes(entry[44:52])
