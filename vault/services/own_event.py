"""Let customers write a contact event of a kind that the code of ethics opens for them.

It is decided as the customer's own act, its source is told, and its text is sealed like any other.
A form brings the id of what it makes, so that one that is sent twice makes one event.
Source: DESIGN 1, 2; GDPR 12; docs/knowing.md.
"""

from typing import Final
from uuid import UUID

from policies.decide import ActorKind
from policies.model import Action, InteractionKind, Rulebook, Source
from vault.core import request as rules
from vault.core.entry import Kind
from vault.core.errors import NotAvailableError, VaultError
from vault.core.event import CUSTOMER as WHO
from vault.core.event import PORTAL
from vault.core.ids import CustomerId
from vault.services import interaction, limit, unit
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.interaction import Event
from vault.services.limit import Hit
from vault.services.load import load_locked
from vault.services.standing_change import CUSTOMER
from vault.services.unit import Unit
from vault.store import interaction as store

TEXT: Final = "text"  # member of the content that holds what was written
A_DAY: Final = 20  # contact events of one customer, those that go with an answer among them
_RATE: Final = limit.per_day("own-event", A_DAY)


def kinds(rulebook: Rulebook) -> tuple[InteractionKind, ...]:
    """Return the kinds that customers may write, in the code's order."""
    return tuple(one for one in rulebook.interactions.values() if one.portal)


async def append(
    deps: Deps,
    customer: CustomerId,
    kind: str,
    *,
    event_id: UUID,
    text: str,
    request: str,
    parent: UUID | None = None,
) -> UUID:
    """Append what a customer wrote; the same id again makes nothing, and is no error.

    Args:
        deps: what a use case may touch.
        customer: who writes.
        kind: one of `kinds`.
        event_id: made with the form (`request_row.new_id`).
        text: what is said; at most 4,000 characters.
        request: our id of the request of the browser, for the entry.
        parent: the event that it is about.

    Raises:
        NotAvailableError: customers write none of this kind here, or there is no such customer.
        WrongValueError: nothing is said, too much, or the parent is not there.
        TooManyError: twenty were written within a day.
        BusyError: nothing was appended.
    """
    said = rules.text(text)
    ask = Ask(
        customer=customer,
        kind=ActorKind.CUSTOMER,
        actor=CUSTOMER,
        names=(interaction.name(kind),),
        action=Action.APPEND,
        request=request,
        present=True,
        looks=Kind.OWN_LOOK,
    )
    if not await count(deps, customer, event_id):
        return event_id

    async def work(it: Unit) -> VaultError | UUID:
        load = await load_locked(it.conn, deps.codes, customer, at=it.now)
        found = load.rulebook.interactions.get(interaction.name(kind))
        if found is None or not found.portal:
            return NotAvailableError()
        if await store.load(it.conn, customer, event_id) is not None:
            return event_id
        event = Event(kind, it.now, PORTAL, {TEXT: said}, parent, who=WHO)
        return await interaction.note(it, ask, load, event, source=Source.TOLD, event_id=event_id)

    done, _ = await unit.run(deps, work)
    if isinstance(done, VaultError):
        raise done
    return done


async def count(deps: Deps, customer: CustomerId, event_id: UUID) -> bool:
    """Count an event that a customer is about to write; False where it is written already.

    Raises:
        TooManyError: as many were written within a day as may be.
    """
    async with deps.database.connect() as conn:
        if await store.load(conn, customer, event_id) is not None:
            return False
    await limit.count(deps, [Hit(_RATE, customer.bytes)])
    return True
