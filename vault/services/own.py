"""Show customers what is held about them: their own look, on the one path and recorded like any.

Source: GDPR 15; portal note, 2.
"""

from dataclasses import dataclass
from datetime import datetime

from policies.decide import ActorKind
from policies.model import Field, Purpose, Recipient, Source
from vault.core.entry import Kind
from vault.core.ids import CustomerId
from vault.services.ask import Answer, Ask
from vault.services.deps import Deps
from vault.services.disclosure import disclose


@dataclass(frozen=True, slots=True)
class Held:
    """One field that the code of ethics names, with the customer's value where there is one."""

    field: Field
    value: object | None  # None: nothing is stored, or what is stored is damaged
    damaged: bool
    source: Source | None
    since: datetime | None
    purposes: tuple[Purpose, ...]
    readers: tuple[Recipient, ...]


async def held(deps: Deps, customer: CustomerId, *, request: str) -> tuple[Held, ...]:
    """Return every field of the code in force, in its order, with what is stored.

    Raises:
        BusyError: the look could not be recorded; nothing was opened.
    """
    answer = await look(deps, customer, request=request)
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.by_digest(conn, answer.digest)
    opened = {one.name: one for one in answer.opened}
    damaged = {one.name for one in answer.withheld}
    return tuple(
        Held(
            field=field,
            value=opened[name].value if name in opened else None,
            damaged=name in damaged,
            source=Source(opened[name].source) if name in opened else None,
            since=opened[name].since if name in opened else None,
            purposes=rulebook.purposes_for(name),
            readers=rulebook.readers(name),
        )
        for name, field in rulebook.fields.items()
    )


async def look(
    deps: Deps, customer: CustomerId, *, request: str, names: tuple[str, ...] = ()
) -> Answer:
    """Open the customer's own values, all of them unless named, and record the look."""
    if not names:
        async with deps.database.connect() as conn:
            rulebook = await deps.codes.in_force(conn, deps.clock.now())
        names = tuple(rulebook.fields)
    ask = Ask(
        customer=customer,
        kind=ActorKind.CUSTOMER,
        actor="customer",
        names=names,
        request=request,
        present=True,
        looks=Kind.OWN_LOOK,
    )
    return (await disclose(deps, [ask]))[0]
