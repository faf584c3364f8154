"""Learn from the system's own entries what held for everybody: codes, registrations, staff.

These entries are in clear. Which of two entries came first is told by `seen`: what has a smaller
index than the size that a look saw before its load was there when it was decided. What lies between
that and the look's own time may have been there or not, so both are right.
Source: access-log note, 2 and 10; docs/replay.md.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from vault.verifier import strict_json
from vault.verifier.errors import BadError
from vault.verifier.replay_carry import UndecidedError
from vault.verifier.replay_code import Code, Said

CODE, REGISTRATION, STAFF_ROLE = 67, 68, 74
SLACK: Final = 70_000  # ms by which two honest clocks of one entry, or its load, may lie apart

Permissions = frozenset[tuple[str, str, str]]


class When(NamedTuple):
    """When an entry was decided, as far as others can be compared with it."""

    at: int  # unix ms of the decision, by the clock that consents are held against
    written: int  # unix ms of the entry, by the clock of those who write entries
    seen: int  # place before which everything had committed


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that the log told: about whom, what, where and when."""

    name: str
    what: str
    place: int
    at: int  # unix ms


@dataclass(frozen=True, slots=True)
class _InForce:
    since: int  # unix ms
    digest: str


class System:
    """What held for everybody."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._codes: dict[str, Code] = {}
        self._documents: dict[str, Permissions] = {}
        self._published: list[_InForce] = []
        self._registered: dict[str, list[Told]] = {}
        self._frozen: dict[str, list[Told]] = {}
        self._staff: dict[str, list[Told]] = {}

    def add_code(self, document: bytes, digest: str) -> None:
        """Take the document of a code.

        Raises:
            BadError: it is not the one of this digest.
        """
        self._codes[digest] = Code(document, digest)

    def add_registration(self, document: bytes, digest: str) -> None:
        """Take the document of a registration.

        Raises:
            BadError: it is not the one of this digest, or says nothing that is approved.
        """
        if hashlib.sha256(document).hexdigest() != digest:
            raise BadError("A registration is not the one that its digest names.")
        said = strict_json.read(document)
        try:
            items = said["ownship"]["approved"]  # type: ignore[index]  # checked by the except
            self._documents[digest] = _approved(items)
        except (KeyError, TypeError):
            raise BadError("A registration says nothing that is approved.") from None

    def learn(self, said: Said, *, place: int, at: int) -> None:
        """Take what an entry of the system says; most say nothing of this.

        Args:
            said: its members.
            place: where it stands.
            at: its time, unix ms.
        """
        kind, change = said.get("kind"), said.get("effect", said.get("change"))
        if kind == CODE and change == "published":
            code = self._codes.get(said["code"])
            since = said.get("effective")
            if since is None:  # of an earlier release: the day that the code itself names
                since = max(at, code.effective_ms if code else at)
            self._published.append(_InForce(since, said["code"]))
            self._published.sort(key=lambda one: one.since)
        if kind == REGISTRATION:
            app = said.get("app", "")
            if change in {"added", "changed"}:
                self._tell(self._registered, app, said["registration"], place, at)
                if "approved" in said:
                    items = strict_json.read(said["approved"].encode())
                    self._documents[said["registration"]] = _approved(items)
            if change in {"added", "changed", "frozen", "thawed"}:
                # A change keeps an app frozen, and one that is added is not.
                what = {"added": "thawed", "changed": ""}.get(change, change)
                if what:
                    self._tell(self._frozen, app, what, place, at)
        if kind == STAFF_ROLE and change not in {"proposed", "refused", "withdrawn"}:
            what = "ended" if change == "ended" else said.get("role", "")
            self._tell(self._staff, said.get("handle", ""), what, place, at)

    def code(self, digest: str, when: int) -> Code:
        """Return the code that an entry names.

        Args:
            digest: as the entry has it.
            when: unix ms of the decision.

        Raises:
            UndecidedError: its document is not there, or the log does not tell when it held.
            NotInForceError: another one held at that moment.
        """
        code = self._codes.get(digest)
        if code is None:
            raise UndecidedError("code-missing")
        if digest not in {one.digest for one in self._published}:
            raise UndecidedError("code-unpublished")
        if not {self._at(when - SLACK), self._at(when), self._at(when + SLACK)} & {digest}:
            raise NotInForceError
        return code

    def known(self, digest: str) -> Code | None:
        """Return a code whose document is there, whether or not it was in force."""
        return self._codes.get(digest)

    @property
    def digests(self) -> tuple[str, ...]:
        """The codes that the log says were published, by their first day."""
        return tuple(one.digest for one in self._published)

    def steps(self, old: str, new: str) -> list[tuple[int, Code, Code]]:
        """Return the codes that came into force between two, each with the one before it.

        Raises:
            UndecidedError: one of them is not known, or the first did not hold before the second.
        """
        digests = self.digests
        if old not in digests or new not in digests[digests.index(old) :]:
            raise UndecidedError("code-order")
        between = self._published[digests.index(old) : digests.index(new) + 1]
        books = [self._codes.get(one.digest) for one in between]
        if None in books:
            raise UndecidedError("code-missing")
        return [
            (one.since, before, after)
            for one, before, after in zip(between[1:], books, books[1:], strict=False)
            if before and after
        ]

    def permissions(self, app: str, digest: str | None, when: When) -> Permissions:
        """Return what a registration approved; nothing for one that did not stand.

        Raises:
            UndecidedError: its document is not there.
        """
        if digest is None or digest not in _stood(self._registered.get(app, ()), when):
            return frozenset()
        found = self._documents.get(digest)
        if found is None:
            raise UndecidedError("registration-missing")
        return found

    def is_frozen(self, app: str, when: When) -> bool:
        """Say whether an app was surely frozen before the load."""
        return _stood(self._frozen.get(app, ()), when) == {"frozen"}

    def roles(self, handle: str, when: When) -> frozenset[str]:
        """Return the roles that a member of staff may have had; none for one who had ended.

        Raises:
            UndecidedError: the log tells nothing of this member.
        """
        told = self._staff.get(handle, ())
        if not told:
            raise UndecidedError("staff-unknown")
        return _stood(told, when) - {"ended"}

    def _at(self, when: int) -> str:
        return next((one.digest for one in reversed(self._published) if one.since <= when), "")

    @staticmethod
    def _tell(book: dict[str, list[Told]], name: str, what: str, place: int, at: int) -> None:
        book.setdefault(name, []).append(Told(name, what, place, at))


class NotInForceError(Exception):
    """The code that an entry names was not the one in force."""


def _approved(items: Any) -> Permissions:  # noqa: ANN401  JSON has no narrower type
    return frozenset(
        (item["purpose"], action, name)
        for item in items
        for action in item["actions"]
        for name in item["datatypes"]
    )


def _stood(told: Iterable[Told], when: When) -> frozenset[str]:
    """Return what may have held: the last thing told before the load, and all told since then."""
    before = [one for one in told if one.place < when.seen]
    since = [one.what for one in told if one.place >= when.seen and one.at <= when.written + SLACK]
    # Entries of one moment stand in the log in any order, so the newest by time is the last.
    newest = max((one.at for one in before), default=0)
    return frozenset([*(one.what for one in before if one.at == newest), *since])
