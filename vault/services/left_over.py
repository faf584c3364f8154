"""Say what is stored of a customer that the code of ethics no longer names, and why it still stays.

Nobody reads it, its customer neither; it goes with the next sweep, unless the customer has it
restricted or a legal hold keeps it. Names alone are looked at, and nothing is opened.
Source: GDPR 5(1)(e), 15 and 18(1); DESIGN 5.
"""

from dataclasses import dataclass

from policies.model import Rulebook
from vault.core.hold import Hold
from vault.core.ids import CustomerId
from vault.services import holds, restriction
from vault.services.deps import Deps
from vault.services.interaction import name as name_of
from vault.services.retention_delete import last_code
from vault.store import interaction, value


@dataclass(frozen=True, slots=True)
class Leftover:
    """One name of which something is still stored."""

    name: str
    book: Rulebook | None  # the last code of ethics that had it
    restricted: bool  # by itself
    whole: bool  # everything is
    holds: tuple[Hold, ...]  # that keep it


async def of(deps: Deps, customer: CustomerId) -> tuple[Leftover, ...]:
    """Return what is left over, by name.

    Raises:
        NotAvailableError: there is no such customer.
    """
    found = await restriction.of(deps, customer)
    now = deps.clock.now()
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, now)
        stored = {row.field for row in await value.load(conn, customer)}
        stored |= {name_of(kind) for kind in await interaction.kinds_of(conn, customer)}
        names = sorted(stored - set(rulebook.sources))
        standing = await holds.in_force(deps, conn, customer, at=now) if names else ()
        return tuple(
            [
                Leftover(
                    name=name,
                    book=await last_code(deps, conn, name, at=now),
                    restricted=name in found.fields,
                    whole=found.whole,
                    holds=tuple(one for one in standing if not one.names or name in one.names),
                )
                for name in names
            ]
        )


async def let_go(deps: Deps, customer: CustomerId, name: str, *, request: str) -> bool:
    """Lift the restriction that keeps a name which the code no longer has; False for another name.

    Raises:
        OpenError: the customer's record is broken; nothing can change.
    """
    found = await of(deps, customer)
    if not any(one.name == name and one.restricted for one in found):
        return False
    return await restriction.lift_field(deps, customer, name, request=request)
