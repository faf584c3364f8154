"""Show customers what is held about them: their own look, on the one path and recorded like any.

Source: GDPR 15; portal note, 2.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from policies.decide import ActorKind
from policies.model import Field, Purpose, Recipient, Rulebook, Source
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
    disputed: datetime | None = None  # since when the customer says that it is wrong
    verified: datetime | None = None  # when the customer said that it is right
    untold: bool = False  # a third party's, and never shown to the customer before
    version: int = 0  # of the stored row, a damaged one too; 0: there is none

    @property
    def kept(self) -> bool:
        """Say whether something is stored, readable or not."""
        return self.value is not None or self.damaged


async def held(deps: Deps, customer: CustomerId, *, request: str) -> tuple[Held, ...]:
    """Return every field of the code in force, in its order, with what is stored.

    Raises:
        BusyError: the look could not be recorded; nothing was opened.
    """
    answer = await look(deps, customer, request=request)
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.by_digest(conn, answer.digest)
    return tuple(_held(rulebook, answer, name) for name in rulebook.fields)


async def held_one(deps: Deps, customer: CustomerId, name: str, *, request: str) -> Held:
    """Return one field with what is stored; the look is at this field alone.

    Raises:
        UnknownFieldError: the code in force does not name it.
        BusyError: as `held`.
    """
    return (await held_some(deps, customer, (name,), request=request))[0]


async def held_some(
    deps: Deps, customer: CustomerId, names: tuple[str, ...], *, request: str
) -> tuple[Held, ...]:
    """Return some fields with what is stored, by one look at these alone; errors as for `held_one`."""
    answer = await look(deps, customer, request=request, names=names)
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.by_digest(conn, answer.digest)
    return tuple(_held(rulebook, answer, name) for name in names)


def new_from_others(held: Iterable[Held]) -> dict[str, int]:
    """Return the third parties' values that were not seen before: field -> version."""
    return {one.field.name: one.version for one in held if one.untold}


def _held(rulebook: Rulebook, answer: Answer, name: str) -> Held:
    opened = next((one for one in answer.opened if one.name == name), None)
    source = Source(opened.source) if opened else None
    return Held(
        field=rulebook.fields[name],
        value=opened.value if opened else None,
        damaged=any(one.name == name for one in answer.withheld),
        source=source,
        since=opened.since if opened else None,
        purposes=rulebook.purposes_for(name),
        readers=rulebook.readers(name),
        disputed=opened.disputed if opened else None,
        verified=opened.verified if opened else None,
        untold=opened is not None and source is Source.THIRD_PARTY and opened.told is None,
        version=_version(answer, name),
    )


def _version(answer: Answer, name: str) -> int:
    versions = [one.version for one in answer.opened if one.name == name]
    versions += [one.version for one in answer.withheld if one.name == name]
    return max(versions, default=0)


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
