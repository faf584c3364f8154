"""Decide what becomes of a customer when the database was put back and the log was not.

What the log says was decided after the restored state is carried over so that nothing is allowed
that was not allowed before: what a lost entry ended has ended; what lost entries narrowed is as
narrow; what was given meanwhile is not given again, since its record is lost and the log has no
more than its digest. Objections, restrictions and terms are those that stood last; where the log
does not say how they stood, they stay as restored. It knows no clock, rows or keys.
Source: access-log note, 9; GDPR 7(1) and 7(3); docs/recovery.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from policies.model import ConsentState
from vault.core import canonical, consent, terms
from vault.core.consent import ALLOWING, Consent
from vault.core.entry import Kind
from vault.core.errors import CanonicalError, FormatError

_STANDING = frozenset({Kind.TERMS, Kind.OBJECTED, Kind.RESTRICTED, Kind.LIFTED})


@dataclass(frozen=True, slots=True)
class Decided:
    """What a lost entry says of one purpose."""

    purpose: str
    allows: bool
    fields: frozenset[str]
    until_ms: int | None  # unix ms, exclusive; None for no end


@dataclass(frozen=True, slots=True)
class Standing:
    """What a lost entry says stood beside the consents."""

    kind: Kind
    flags: int
    objections: str  # canonical JSON, as stored
    terms: str  # likewise


_RESTRICTED = Standing(Kind.RESTRICTED, terms.RESTRICTED, "", "")


@dataclass(frozen=True, slots=True)
class Change:
    """One lost entry that changed what a customer decided."""

    epoch: int
    kind: Kind
    decided: Decided | None = None
    standing: Standing | None = None

    @classmethod
    def read(cls, kind: Kind, epoch: int, said: Mapping[str, Any]) -> Self:
        """Read a change from the payload of its entry.

        What a later release wrote and this one cannot carry subtracts all that it may have: the
        purpose is no longer allowed, the customer is restricted.

        Raises:
            FormatError: it does not name its purpose; nobody can tell what it ended.
        """
        decided = standing = None
        if "consent" in said:
            decided = _decided(said["consent"])
        if "standing" in said:
            standing = _standing(kind, said["standing"])
        return cls(epoch, kind, decided, standing)

    @classmethod
    def unreadable(cls, epoch: int) -> Self:
        """Return what an entry does that changed something, and nobody can tell what: restrict."""
        return cls(epoch, Kind.RESTRICTED, None, _RESTRICTED)

    @property
    def is_untold(self) -> bool:
        """Whether the standing row changed and the entry does not say to what."""
        return self.kind in _STANDING and self.standing is None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to stand for one customer."""

    epoch: int  # of the newest lost change: the customer's own goes on from there
    consents: tuple[Consent, ...]  # those that change
    standing: Standing | None  # None: it stays as restored
    not_given: int  # consents that were given meanwhile, and must be asked for again
    untold: int  # changes of the standing row of which the log does not say what stood


def settle(consents: Mapping[str, Consent], lost: Sequence[Change], *, now: int) -> Outcome:
    """Return what is to stand.

    Args:
        consents: as restored, by purpose.
        lost: at least one change behind them.
        now: unix ms.
    """
    ordered = sorted(lost, key=lambda one: one.epoch)
    by_purpose: dict[str, list[Decided]] = {}
    for one in ordered:
        if one.decided is not None:
            by_purpose.setdefault(one.decided.purpose, []).append(one.decided)
    changed = []
    not_given = 0
    for purpose, several in by_purpose.items():
        before = consents.get(purpose)
        after = None if before is None else _narrowed(before, several, now=now)
        if after is not None and after is not before:
            changed.append(after)
        stands = after is not None and consent.state_at(after, now=now) in ALLOWING
        not_given += several[-1].allows and not stands
    told = [one.standing for one in ordered if one.standing is not None]
    return Outcome(
        epoch=ordered[-1].epoch,
        consents=tuple(changed),
        standing=told[-1] if told else None,
        not_given=not_given,
        untold=sum(one.is_untold for one in ordered),
    )


def _narrowed(before: Consent, lost: Sequence[Decided], *, now: int) -> Consent:
    """Return what is left of a restored consent; the same object when all of it is."""
    left = before.fields
    for one in lost:
        left &= one.fields if one.allows else frozenset()
    gone = before.fields - left
    after = consent.withdraw(before, fields=gone, now=now) if gone else before
    ends = [one.until_ms for one in lost if one.until_ms is not None]
    if after.state in ALLOWING and ends and min(ends) < after.until_ms:
        after = replace(after, until_ms=min(ends))
    return after


def _decided(said: object) -> Decided:
    members = said if isinstance(said, dict) else {}
    purpose, fields, until = members.get("purpose"), members.get("fields"), members.get("until")
    if not isinstance(purpose, str):
        raise FormatError
    if not isinstance(fields, list) or not all(isinstance(one, str) for one in fields):
        fields = []
    known = set(ConsentState)
    state = members.get("state")
    allows = state in known and ConsentState(state) in ALLOWING
    end = until if isinstance(until, int) else None
    return Decided(purpose, allows, frozenset(fields), end)


def _standing(kind: Kind, said: object) -> Standing:
    members = said if isinstance(said, dict) else {}
    flags = members.get("flags")
    try:
        objections = canonical.dumps(members["objections"]).decode()
        own = canonical.dumps(members["terms"]).decode()
        terms.load_names(objections)
        terms.load_terms(own)
    except (KeyError, CanonicalError, FormatError):
        return _RESTRICTED
    if flags not in {0, terms.RESTRICTED}:
        return Standing(Kind.RESTRICTED, terms.RESTRICTED, objections, own)
    return Standing(kind, flags, objections, own)
