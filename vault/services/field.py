"""Let customers correct, fill in and delete one field of their own, decided like any write.

The source is `told`, for they tell it; where the code of ethics does not take that source, a
request is the way. A change made on a page that showed another value is refused, so that forms that
come twice or late do no harm. What a legal hold names is kept sealed. An address by which one signs in is changed elsewhere, with its proof.
Source: GDPR 16 and 17; DESIGN 1.
"""

from typing import Final

from policies.decide import ActorKind
from policies.model import Action, Field, Identifier, Source
from vault.core.entry import Kind
from vault.core.errors import ConflictError, NotAvailableError, VaultError
from vault.core.ids import CustomerId
from vault.services import hold_keep, limit, profile, unit, values
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.limit import Hit
from vault.services.load import Load, load_locked, values_of
from vault.services.profile import Change
from vault.services.standing_change import CUSTOMER
from vault.services.unit import Unit

# Trying numbers of others finds out who is a customer: as often as a person mistypes, and no more.
_CLAIMS: Final = limit.per_hour("claim", 10)


def may_tell(field: Field) -> bool:
    """Say whether the customer may write this field here."""
    return Source.TOLD in field.sources and not is_way_in(field)


def is_way_in(field: Field) -> bool:
    """Say whether a field is an address by which its customer signs in."""
    return field.identifies is Identifier.EMAIL


async def correct(
    deps: Deps, customer: CustomerId, name: str, value: object, *, version: int, request: str
) -> bool:
    """Write the customer's own value; False when it stood so already.

    Args:
        deps: what a use case may touch.
        customer: whose field.
        name: of the field.
        value: of the field's type.
        version: of the row that the customer saw; 0 for none.
        request: our id of the request, for the entry.

    Raises:
        NotAvailableError: there is no such field here, or it cannot be told.
        ConflictError: another value is stored by now.
        WrongValueError, IdentifierTakenError: nothing is written; the refusal is recorded.
        TooManyError: too many identifiers were tried.
    """
    return await _write(deps, customer, name, value, version=version, request=request)


async def delete(
    deps: Deps, customer: CustomerId, name: str, *, version: int, request: str
) -> bool:
    """Delete the customer's own value for good; False when there was none. Errors as `correct`."""
    return await _write(deps, customer, name, None, version=version, request=request)


async def _write(
    deps: Deps, customer: CustomerId, name: str, value: object, *, version: int, request: str
) -> bool:
    ask = Ask(
        customer=customer,
        kind=ActorKind.CUSTOMER,
        actor=CUSTOMER,
        names=(name,),
        action=Action.WRITE,
        request=request,
        present=True,
        looks=Kind.OWN_LOOK,
    )
    change = Change({name: value}, Source.TOLD)
    await _count(deps, customer, name, value)
    recorded = await hold_keep.decided(deps, customer, name)

    async def work(it: Unit) -> VaultError | bool:
        load = await load_locked(it.conn, deps.codes, customer, at=it.now)
        if not _is_open(load, name):
            return NotAvailableError()
        if _stands(it, load, name, value):
            return False
        row = values_of(load, (name,)).get(name)
        if (row.row_version if row else 0) != version:
            return ConflictError()
        refusal = await profile.apply(it, ask, load, change)
        if refusal is None:
            await hold_keep.keep(it, load, name, recorded)
        return refusal or True

    done, _ = await unit.run(deps, work)
    if isinstance(done, VaultError):
        raise done
    return done


async def _count(deps: Deps, customer: CustomerId, name: str, value: object) -> None:
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    found = rulebook.fields.get(name)
    if found and found.identifies and value is not None:
        await limit.count(deps, [Hit(_CLAIMS, customer.bytes)])


def _is_open(load: Load, name: str) -> bool:
    found = load.rulebook.fields.get(name)
    return load.found is not None and found is not None and may_tell(found)


def _stands(it: Unit, load: Load, name: str, value: object) -> bool:
    """Say whether the stored value is this one, told, and not called wrong; nothing is opened."""
    row = values_of(load, (name,)).get(name)
    if value is None or row is None:
        return row is None and value is None
    same = values.unchanged(it, load, {name: value}, source=Source.TOLD)
    return name in same and row.disputed_at is None
