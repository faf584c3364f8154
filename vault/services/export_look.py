"""Record a look at what a package holds, before it is made and each time it is handed over.

The look is the customer's own, of kind export, and names every field and kind of contact event that
the package may hold. What follows opens values with this record alone.
Source: DESIGN 1; GDPR 15.
"""

from dataclasses import dataclass
from datetime import datetime

from policies.decide import ActorKind
from policies.model import Rulebook
from policies.reasons import Reason
from vault.core.entry import Kind as EntryKind
from vault.core.errors import NotAvailableError, OpenError
from vault.core.export import Part
from vault.core.ids import NOBODY, CustomerId
from vault.core.recorded import Recorded
from vault.crypto.keys import Kind, WrappedKey
from vault.services.ask import Ask, Decided
from vault.services.deps import Deps
from vault.services.disclosure import decide_ask, draft
from vault.services.load import wrapped
from vault.store import customer as customer_store
from vault.store.engine import Conn


@dataclass(frozen=True, slots=True)
class Look:
    """A look that is in the log."""

    decided: Decided
    recorded: Recorded

    @property
    def customer(self) -> CustomerId:
        """Return whose package it is."""
        return self.recorded.customer

    @property
    def rulebook(self) -> Rulebook:
        """Return the code of ethics that decided."""
        return self.decided.load.rulebook

    @property
    def at(self) -> datetime:
        """Return when."""
        return self.decided.load.at


async def look(deps: Deps, customer: CustomerId, parts: tuple[Part, ...], *, request: str) -> Look:
    """Decide and record a look at these parts.

    Raises:
        NotAvailableError: there is no such customer any more.
        OpenError: the standing row or the audit key is broken; the refusal is recorded.
        BusyError: the look could not be recorded; nothing may be opened.
    """
    with deps.appender.looking() as seen:
        load = await deps.loads.ask(customer, lane="customer")
        if load.found is None:
            raise NotAvailableError
        ask = Ask(
            customer=customer,
            kind=ActorKind.CUSTOMER,
            actor="customer",
            names=names(load.rulebook, parts),
            request=request,
            looks=EntryKind.EXPORT,
        )
        decided = decide_ask(deps, ask, load)
        entry = draft(deps, decided, seen=seen)
        if not decided.withheld:
            # Parts without a field are a look all the same.
            entry = entry._replace(kind=EntryKind.EXPORT)
        (recorded,) = await deps.appender.record([entry])
    # What did not pass its check is told as damaged; anything else means that nothing can be told.
    refused = any(reason != Reason.DAMAGED for _, reason in decided.withheld)
    if refused or recorded.customer == NOBODY:
        raise OpenError
    return Look(decided, recorded)


def names(rulebook: Rulebook, parts: tuple[Part, ...]) -> tuple[str, ...]:
    """Return the fields and kinds of contact event that parts may hold, in the code's order."""
    fields = tuple(rulebook.fields) if Part.PROFILE in parts else ()
    return fields + (tuple(rulebook.interactions) if Part.EVENTS in parts else ())


async def key_of(conn: Conn, customer: CustomerId, kind: Kind, generation: int = 0) -> WrappedKey:
    """Return a key of the customer as it stands now: the newest, or one generation.

    A package is made over minutes, and a key that was deleted meanwhile opens nothing more.

    Raises:
        NotAvailableError: it is gone.
    """
    rows = [
        row
        for row in await customer_store.load_keys(conn, customer)
        if row.kind == kind and generation in {0, row.generation}
    ]
    if not rows:
        raise NotAvailableError
    return wrapped(max(rows, key=lambda row: row.generation))
