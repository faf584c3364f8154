"""Say what compliance may seek in the access log: a filter over facts, which name no customer.

A fact says what came of a look by two counts and its kind. Reasons, names and request ids stand in
the payload alone, so no filter asks for them.
Source: access-log note, 2; portal note, 8.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from vault.core.entry import Kind
from vault.core.place import Place


class Decision(StrEnum):
    """What came of an entry's asks."""

    ALLOWED = "allowed"  # all
    PARTLY = "partly"
    REFUSED = "refused"  # all


@dataclass(frozen=True, slots=True)
class Sought:
    """A filter: what is None wants everything."""

    app: str | None = None
    purpose: str | None = None
    clause: str | None = None
    decision: Decision | None = None
    kind: Kind | None = None
    handle: str | None = None  # pseudonym of a member of staff
    case: str | None = None
    start: int | None = None  # unix ms, inclusive
    end: int | None = None  # unix ms, exclusive
    first: int | None = None  # index, inclusive
    last: int | None = None  # index, inclusive


EVERYTHING: Final = Sought()


@dataclass(frozen=True, slots=True)
class Known:
    """One entry as its facts tell it."""

    place: Place
    at: int  # unix ms
    kind: int
    app: str | None
    purpose: str | None
    clauses: tuple[str, ...]
    code: str  # SHA-256 in hex of the code of ethics; "" before the first
    allowed: int
    withheld: int
    handle: str | None
    case: str | None

    @property
    def decision(self) -> Decision:
        """Return what came of it; an entry without names shows what its kind says.

        >>> Known(Place(0), 0, Kind.READ, None, None, (), "", 2, 1, None, None).decision.value
        'partly'
        """
        denied = self.kind == Kind.DENIED or self.withheld > 0
        if self.allowed and denied:
            return Decision.PARTLY
        return Decision.REFUSED if denied else Decision.ALLOWED
