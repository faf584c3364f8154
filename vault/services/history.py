"""Tell the past of one field from its customer's own entries: who wrote it, said what, and looked.

Values of the past are not kept, so none can be shown. How far back is looked is bounded, and said.
The caller's own look is recorded first.
Source: portal note, 2; GDPR 15 and 19; C-154/21.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vault.core.entry import Kind
from vault.core.ids import CustomerId
from vault.services.deps import Deps
from vault.services.entries import Line
from vault.services.standing_change import CUSTOMER
from vault.services.who_looked import lines_before

PAGE: Final = 200  # entries read at once
MOST: Final = 1_000  # entries looked through for one page
_EVENTS: Final = frozenset(
    {Kind.WRITTEN, Kind.MARKED, Kind.RESTRICTED, Kind.LIFTED, Kind.HELD, Kind.RELEASED}
)
# Who asks whether a detail may be used to reach somebody reads nothing of it.
_NO_LOOKS: Final = _EVENTS | {Kind.MAY_REACH}


@dataclass(frozen=True, slots=True)
class History:
    """What is known of the past of one field."""

    events: tuple[
        Line, ...
    ]  # writes, marks, restrictions and holds of this field, the newest first
    look: Line | None  # the last one by somebody else that was allowed
    former: tuple[str, ...]  # apps that read what stood before the customer's last correction
    whole: bool  # False: there are older entries, which were not looked at
    sealed: bool  # some looks do not say yet what they were at


async def of_field(deps: Deps, customer: CustomerId, name: str) -> History:
    """Return the past of a field.

    Precondition: the caller has recorded the customer's look in this request.

    Raises:
        NotAvailableError: the customer's audit key is gone or damaged.
        BusyError: the database does not answer.
    """
    lines: list[Line] = []
    while len(lines) < MOST:
        before = lines[-1].place if lines else None
        page = await lines_before(deps, customer, before=before, limit=PAGE)
        lines += page
        if len(page) < PAGE:
            return tell(lines, name, whole=True)
    return tell(lines, name, whole=False)


def tell(lines: Sequence[Line], name: str, *, whole: bool) -> History:
    """Return what entries say about a field.

    The log keeps each writer's order and not that between two of them, so times decide here.
    """
    about = [line for line in lines if any(one == name for one, _ in line.allowed)]
    about.sort(key=lambda line: (line.at or 0, line.place), reverse=True)
    events = tuple(line for line in about if line.kind in _EVENTS)
    looks = [line for line in about if line.actor != CUSTOMER and line.kind not in _NO_LOOKS]
    sealed = any(line.opens is not None for line in lines)
    return History(events, looks[0] if looks else None, _former(events, looks), whole, sealed)


def _former(events: Sequence[Line], looks: Sequence[Line]) -> tuple[str, ...]:
    """Return who read the value that the customer's last change replaced, while it stood.

    In the very millisecond of a change a look counts: one name too many harms less than one too few.
    """
    writes = [line for line in events if line.kind is Kind.WRITTEN]
    if not writes or writes[0].actor != CUSTOMER:
        return ()
    end, start = writes[0].at or 0, (writes[1].at or 0) if len(writes) > 1 else 0
    found = (line.app for line in looks if start <= (line.at or 0) <= end)
    return tuple(dict.fromkeys(app for app in found if app))
