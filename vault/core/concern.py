"""Say whom a new code of ethics concerns who cannot be asked, and so must be told before.

A consent that would be widened ends, and its customer is asked. A clause on any other basis goes
on with more, or begins: it concerns whoever has something that it uses. A promise that is given up
or weakened was made to everybody.
Source: GDPR 13(3), 14(4), 21(4); consent-standards note, 5.
"""

from dataclasses import dataclass
from typing import Final

from policies.diff import ClauseDiff, Outcome, diff, promises
from policies.model import Basis, Rulebook

_MORE: Final = frozenset({Outcome.WIDER, Outcome.NEW})


@dataclass(frozen=True, slots=True)
class Concern:
    """The customers whom a change concerns, by what is stored of them."""

    everybody: bool = False
    names: frozenset[str] = frozenset()  # of fields and kinds; whoever has one is concerned

    def __bool__(self) -> bool:
        """Tell whether it can concern anybody."""
        return self.everybody or bool(self.names)


def concern(before: Rulebook | None, after: Rulebook) -> Concern:
    """Compare a code with the one before it; the first code concerns nobody."""
    if before is None:
        return Concern()
    used = [after.purposes[one.purpose].names for one in diff(before, after) if asks(one, after)]
    return Concern(
        everybody=any(one.given_up for one in promises(before, after)),
        names=frozenset().union(*used),
    )


def asks(clause: ClauseDiff, after: Rulebook) -> bool:
    """Tell whether a clause asks for more, or is new, where nobody can say no beforehand."""
    if clause.outcome not in _MORE:
        return False
    return after.purposes[clause.purpose].basis is not Basis.CONSENT
