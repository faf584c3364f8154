"""Say what a legal hold is: which names of one customer stay, on which ground, until which day.

A hold only keeps: it stands among what the vault writes into the customer's standing terms, under
their MAC, so that nobody with the database alone makes or lifts one. It ends by itself on its day,
at most two years away, and is made anew where it must go on. Nobody reads more because of it.
Source: GDPR 17(3)(b), 17(3)(e) and 18(2); DESIGN 6.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from policies.names import HOLD
from vault.core.erasure import Kept
from vault.core.errors import FormatError, WrongValueError
from vault.core.times import unix_ms

EVERYTHING: Final = "*"  # in place of names: whatever there is
LONGEST: Final = timedelta(days=731)  # two years; then somebody must look at it again
MAX_REASON: Final = 4_000  # characters
MOST: Final = 20  # holds of one customer at once
_LINE: Final = re.compile(r"([0-9a-f]{32}) ([0-9]{1,15}) ([a-z-]{1,32}) ([a-z0-9_.,*]{1,16000})")


class Ground(StrEnum):
    """Why something must not be deleted."""

    CLAIMS = "legal-claims"
    LAW = "law"
    AUTHORITY = "authority"


# As the certificate of an erasure and the list of what stays have it.
LAWS: Final = {
    Ground.CLAIMS: "Legal hold: legal claims, GDPR 17(3)(e)",
    Ground.LAW: "Legal hold: a law, GDPR 17(3)(b)",
    Ground.AUTHORITY: "Legal hold: an authority's order, GDPR 17(3)(b)",
}


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold that was made and not lifted."""

    hold_id: UUID
    ground: Ground
    until: datetime  # exclusive
    names: frozenset[str]  # fields and interaction.KIND; empty for everything


def check(ground: str, until: datetime, *, now: datetime) -> Ground:
    """Return the ground of a hold that may be made.

    Raises:
        WrongValueError: no such ground, or a day that is past or too far away.
    """
    if ground not in set(Ground):
        raise WrongValueError(f"The ground is one of: {', '.join(Ground)}.")
    if not now < until <= now + LONGEST:
        raise WrongValueError("A hold ends in the future and within two years; make it anew then.")
    return Ground(ground)


def dump(holds: Iterable[Hold]) -> frozenset[str]:
    """Return holds as the lines that stand in the customer's terms."""
    return frozenset(
        f"{one.hold_id.hex} {unix_ms(one.until)} {one.ground} "
        f"{','.join(sorted(one.names)) or EVERYTHING}"
        for one in holds
    )


def load(lines: Iterable[str]) -> tuple[Hold, ...]:
    """Read holds, the first to end first.

    Raises:
        FormatError: for a line that `dump` does not write.
    """
    found = []
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None or match[3] not in set(Ground):
            raise FormatError
        names = frozenset() if match[4] == EVERYTHING else frozenset(match[4].split(","))
        until = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(match[2]))
        found.append(Hold(UUID(match[1]), Ground(match[3]), until, names))
    return tuple(sorted(found, key=lambda one: (one.until, one.hold_id)))


def in_force(lines: Iterable[str], now: datetime) -> tuple[Hold, ...]:
    """Return the holds that are not over."""
    return tuple(one for one in load(lines) if one.until > now)


def held(holds: Iterable[Hold]) -> frozenset[str]:
    """Return the names that holds keep; `EVERYTHING` among them where one keeps all."""
    names: set[str] = set()
    for one in holds:
        names |= one.names or {EVERYTHING}
    return frozenset(names)


def kept(one: Hold, stored: Iterable[str]) -> Kept:
    """Return what a hold keeps of a customer who is erased, as a law's keeping is told.

    Args:
        one: a hold in force.
        stored: the names of which the customer has something.
    """
    names = tuple(name for name in stored if not one.names or name in one.names)
    return Kept(HOLD, LAWS[one.ground], names, one.until)


def purpose(hold_id: UUID) -> str:
    """Return the purpose under which what a hold keeps of an erased customer is retained."""
    return f"{HOLD}/{hold_id.hex}"
