"""Let customers say that a value is wrong, or right, and take it back; nothing of it is changed.

A disputed value goes on to whoever may read it, and says so there; a confirmed one says when. Each
mark is recorded. One that stands already is none, and one for a value that is not the stored one any
more is refused: nobody confirms what they have not seen.
Source: GDPR 5(1)(d), 16 and 18(1)(a); docs/formats.md, 10 and 15.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from vault.core.entry import Kind
from vault.core.errors import ConflictError, NotAvailableError
from vault.core.ids import CustomerId
from vault.crypto.keys import unwrap
from vault.services import unit, values
from vault.services.consent_change import Held, hold
from vault.services.deps import Deps
from vault.services.draft import Draft
from vault.services.load import values_of
from vault.services.standing_change import CUSTOMER
from vault.services.unit import Unit
from vault.store.value import ValueRow


class Mark(StrEnum):
    """What became of a value."""

    TOLD = "told"  # set by `third_party` alone
    DISPUTED = "disputed"
    UNDISPUTED = "undisputed"
    CONFIRMED = "confirmed"


_ALTER: Final[Mapping[Mark, Callable[[ValueRow, datetime], ValueRow]]] = {
    Mark.DISPUTED: lambda row, at: replace(
        row, disputed_at=row.disputed_at or at, verified_at=None
    ),
    Mark.UNDISPUTED: lambda row, _: replace(row, disputed_at=None),
    Mark.CONFIRMED: lambda row, at: replace(
        row, verified_at=row.verified_at or at, disputed_at=None
    ),
}


async def put(
    deps: Deps, customer: CustomerId, field: str, mark: Mark, *, version: int, request: str | None
) -> bool:
    """Mark a value by its customer's will; False when that stood already.

    Args:
        deps: what a use case may touch.
        customer: whose value, and who says so.
        field: its name.
        mark: `DISPUTED`, `UNDISPUTED` or `CONFIRMED`.
        version: of the row that the customer saw.
        request: our id of the request, for the entry.

    Raises:
        NotAvailableError: there is no such value.
        ConflictError: the stored value is another one by now.
        OpenError: the customer's record is broken; nothing can change.
    """

    async def work(it: Unit) -> bool:
        held = await hold(it, customer)
        row = values_of(held.load, (field,)).get(field)
        if row is None:
            raise NotAvailableError
        if row.row_version != version:
            raise ConflictError
        names = await values.mark(it, held.load, (field,), altered(mark, it.now))
        log(it, held, names, mark=mark, request=request)
        return bool(names)

    return (await unit.run(deps, work))[0]


def altered(mark: Mark, at: datetime) -> Callable[[ValueRow], ValueRow]:
    """Return what a mark makes of a row: `DISPUTED`, `UNDISPUTED` or `CONFIRMED`."""
    return lambda row: _ALTER[mark](row, at)


def log(it: Unit, held: Held, names: Collection[str], *, mark: Mark, request: str | None) -> None:
    """Record marks; none are no entry."""
    if not names:
        return
    it.log(
        Draft(
            customer=held.load.customer,
            audit_key=unwrap(it.deps.keys.keks, held.audit),
            kind=Kind.MARKED,
            epoch=held.standing.epoch,
            actor=CUSTOMER,
            code=held.load.rulebook.digest,
            allowed=tuple((name, mark.value) for name in names),
            request=request,
        )
    )
