"""Judge whether a business may reach a customer now, by one channel, for one purpose: pure.

1. What no consent gives is refused first: `policies.decide` on the fields that are ways to reach the
   customer by the channel, as if the customer had no quiet hours. Who has no basis learns no more.
2. What a law demands to be said is not held back by quiet hours or by how often.
3. Quiet hours close the channel until they end; `decide` says which channels they close.
4. The customer's own limit closes every channel once it is reached in the last 30 days, whoever
   reached them and by which channel, until enough of these contacts are older.

Each step only takes away. It knows no clock: the moment, the end of the quiet hours and the times of
the contacts are given.
Source: consent-standards note, 6; DESIGN 5 and 10.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from policies.decide import Allow, Deny, Verdict, decide
from policies.model import Action, Basis, Channel, Rulebook
from policies.reasons import NO_BASIS, Reason
from policies.situation import Question, Situation
from vault.core.terms import DAY

WINDOW: Final = 30 * DAY  # ms in which contacts count
# What an app is told beyond `no-basis`, and only where nothing else stands in the way.
_TOLD: Final = frozenset({Reason.QUIET_HOURS, Reason.AT_MOST})


@dataclass(frozen=True, slots=True)
class Weighed:
    """What an ask came to."""

    verdicts: Mapping[str, Verdict]  # of the ways to reach, with the exact reasons
    not_before: int | None = None  # unix ms; None: no moment is known that would change it

    @property
    def allowed(self) -> bool:
        """Say whether the customer may be reached."""
        return any(isinstance(one, Allow) for one in self.verdicts.values())

    @property
    def reason(self) -> str | None:
        """Return what an app may know of a refusal; None where there is none."""
        if self.allowed:
            return None
        reasons = {one.reason for one in self.verdicts.values() if isinstance(one, Deny)}
        return next((one.value for one in _TOLD if one in reasons), NO_BASIS)


def ways(rulebook: Rulebook, names: Iterable[str], channel: Channel) -> tuple[str, ...]:
    """Return those of some names by which the channel reaches a customer."""
    return tuple(name for name in names if rulebook.channels.get(name) is channel)


def kinds(rulebook: Rulebook) -> frozenset[str]:
    """Return the kinds of contact events by which the business reaches a customer."""
    return frozenset(one.kind for one in rulebook.interactions.values() if one.reaches is not None)


def weigh(
    rulebook: Rulebook,
    question: Question,
    situation: Situation,
    *,
    reached: Sequence[int],
    quiet_until: int | None,
) -> Weighed:
    """Say whether the customer may be reached.

    Args:
        rulebook: in force.
        question: to read the ways to reach the customer by one channel.
        situation: the customer's, at this moment.
        reached: unix ms of each contact of the last 30 days; older ones do not count.
        quiet_until: unix ms at which quiet hours that are now end; None where nobody can say.
    """
    willing = decide(rulebook, question, replace(situation, quiet=False))
    if not _any(willing):
        return Weighed(willing)
    clause = rulebook.clauses.get((question.purpose or "", Action.READ))
    if clause is not None and clause.basis is Basis.LEGAL_OBLIGATION:
        return Weighed(willing)
    now = decide(rulebook, question, situation) if situation.quiet else willing
    full = free_from(reached, limit=situation.terms.at_most, now=situation.now)
    if _any(now) and full is None:
        return Weighed(now)
    # Of two that hold it back, the one that lasts longer: before it is over it cannot be otherwise.
    quiet_lasts = not _any(now) and (full is None or quiet_until is None or quiet_until > full)
    reason = Reason.QUIET_HOURS if quiet_lasts else Reason.AT_MOST
    held: dict[str, Verdict] = {
        name: Deny(reason) if isinstance(verdict, Allow) else verdict
        for name, verdict in willing.items()
    }
    return Weighed(held, quiet_until if quiet_lasts else full)


def counted(reached: Iterable[int], *, now: int) -> list[int]:
    """Return the contacts that count at a moment, the newest first; all in unix ms.

    >>> counted([0, 5, WINDOW], now=WINDOW)
    [2592000000, 5]
    """
    return sorted((at for at in reached if at + WINDOW > now), reverse=True)


def free_from(reached: Iterable[int], *, limit: int, now: int) -> int | None:
    """Return from when another contact is within the limit: unix ms; None for at once.

    It is the beginning of a day in UTC, the next at which so many contacts are old enough: the exact
    moment would tell one app when another reached the customer.

    >>> free_from([DAY + 5], limit=1, now=2 * DAY) // DAY
    32
    >>> free_from([DAY + 5], limit=2, now=2 * DAY) is free_from([], limit=1, now=0) is None
    True
    """
    if not limit:
        return None
    found = counted(reached, now=now)
    if len(found) < limit:
        return None
    return -(-(found[limit - 1] + WINDOW) // DAY) * DAY


def _any(verdicts: Mapping[str, Verdict]) -> bool:
    return any(isinstance(one, Allow) for one in verdicts.values())
