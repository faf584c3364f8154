"""Say in numbers how retention stands: what is kept how long, what is over, what stays all the same.

Rows are counted, and no customer is named. What may be over is looked at up to a bound, so that a page
costs what a page may; beyond it the numbers say that they are not whole.
Source: GDPR 5(1)(e) and 5(2); DESIGN 5.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vault.core.retention import Stays
from vault.services import retention, retention_job
from vault.services.deps import Deps
from vault.services.retention import Clause

MOST: Final = 20_000  # rows that may be over, looked at for one page


@dataclass(frozen=True, slots=True)
class Kept:
    """How one name stands."""

    clause: Clause
    waits: int  # rows that are over and go with the next sweep
    held: int  # rows that are over and stay, by a legal hold
    restricted: int  # likewise, while their customers have the use restricted
    broken: int  # likewise, because the customer's record is not as the vault wrote it
    late: int  # rows that are over for more than a day, and should not be there any more


@dataclass(frozen=True, slots=True)
class Retention:
    """How it all stands."""

    kept: tuple[Kept, ...]
    whole: bool  # False: more is over than was looked at
    last: datetime | None  # when the last sweep began; None before the first
    next: datetime | None


async def show(deps: Deps) -> Retention:
    """Return how retention stands now, in the code's order."""
    found = await retention.clauses(deps)
    tally = await retention.survey(deps, most=MOST)
    late = dict(await retention.left(deps, most=MOST))
    began = await retention_job.began(deps)
    waits: Counter[str] = Counter()
    for (name, _), rows in tally.gone.items():
        waits[name] += rows
    return Retention(
        kept=tuple(
            Kept(
                clause=one,
                waits=waits[one.name],
                held=tally.stays[one.name, Stays.HELD],
                restricted=tally.stays[one.name, Stays.RESTRICTED],
                broken=tally.stays[one.name, Stays.BROKEN],
                late=late.get(one.name, 0),
            )
            for one in found
        ),
        whole=tally.whole,
        last=began[0] if began else None,
        next=began[1] if began else None,
    )
