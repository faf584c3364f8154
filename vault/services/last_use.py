"""Say when each purpose was last used, from what is known beside the log; no entry is opened.

Only looks that opened something count, and none that the code of ethics still seals. The list is
followed back a bounded way: "not lately" is said of what lies further.
Source: portal note, 2 ("used or not"); access-log note, 8.
"""

from collections.abc import Mapping
from typing import Final

from vault.core.entry import Kind
from vault.core.ids import CustomerId
from vault.core.look import opens_at
from vault.services import published
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.store import leaf

PASSED: Final = 1_000  # entries
_USES: Final = frozenset({Kind.READ, Kind.WRITTEN, Kind.STAFF_LOOK})


async def last_use(deps: Deps, customer: CustomerId) -> Mapping[str, int]:
    """Return purpose -> unix ms of its last use among the customer's newest entries."""
    now = unix_ms(deps.clock.now())
    async with deps.database.connect() as conn:
        places = await leaf.places_of(conn, customer, before=None, limit=PASSED)
        known = [
            one
            for one in (await leaf.facts_at(conn, places)).values()
            if one.kind in _USES and one.allowed and one.purpose
        ]
        books = await published.proven(deps, conn, {one.code for one in known})
    found: dict[str, int] = {}
    for one in known:
        opens = opens_at(books.get(one.code), purpose=one.purpose, kind=one.kind, at=one.at)
        if one.purpose and (opens is None or opens <= now):
            found[one.purpose] = max(one.at, found.get(one.purpose, 0))
    return found
