"""Tell customers what others gave us about them: a letter at once, and the value with its source.

No app is shown a third party's value before its customer was told. A letter names no value, no
field and no source, so that whoever else reads the mail learns nothing; it therefore does not count
as telling. What counts is that the portal showed the value with where it came from, after that look
was recorded. What was shown is told, and no newer value that came meanwhile.
Source: GDPR 14; consent-standards note, 1.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from policies.model import Source
from vault.core.ids import CustomerId
from vault.services import mail, marks, spent, unit, values
from vault.services.consent_change import hold
from vault.services.deps import Deps
from vault.services.marks import Mark
from vault.services.unit import Unit
from vault.store import once, sweeps
from vault.store.value import ValueRow

TEMPLATE: Final = "third-party"
# GDPR 14(3)(a): within a month, of which the shortest counts: nothing is late before it is said.
LATE: Final = timedelta(days=28)


async def announce(it: Unit, customer: CustomerId) -> bool:
    """Write that somebody gave us something, at most once a day; False when that was done today."""
    # Claimed with the cause: a write that is rolled back has written no letter either.
    if not await once.claim(it.conn, spent.of_letter(TEMPLATE, customer, at=it.now)):
        return False
    await mail.to_customer(it, customer, TEMPLATE)
    return True


async def tell(
    deps: Deps, customer: CustomerId, shown: Mapping[str, int], *, request: str | None
) -> tuple[str, ...]:
    """Note that the customer saw third parties' values with their source; returns the new ones.

    Args:
        deps: what a use case may touch.
        customer: who saw them.
        shown: field -> version of the row whose value was shown.
        request: our id of the request, for the entry.

    Precondition: the look that showed them is recorded.

    Raises:
        NotAvailableError, OpenError: as `hold` does; nothing is noted, so no app sees them yet.
    """

    async def work(it: Unit) -> tuple[str, ...]:
        held = await hold(it, customer)

        def told(row: ValueRow) -> ValueRow:
            new = row.source == Source.THIRD_PARTY and row.told_at is None
            return replace(row, told_at=it.now) if new and _is_shown(row, shown) else row

        names = await values.mark(it, held.load, tuple(shown), told)
        marks.log(it, held, names, mark=Mark.TOLD, request=request)
        return names

    return (await unit.run(deps, work))[0]


async def late(deps: Deps) -> int:
    """Return how many third parties' values are four weeks old and were not told of."""
    before = deps.clock.now() - LATE
    async with deps.database.connect() as conn:
        return await sweeps.count_untold(conn, source=Source.THIRD_PARTY.value, before=before)


def _is_shown(row: ValueRow, shown: Mapping[str, int]) -> bool:
    return shown.get(row.field) == row.row_version
