"""Keep what a legal hold names when its customer corrects or deletes it: sealed, as at an erasure.

1. that the vault opens the value is decided and recorded before, as for an erasure;
2. under the customer's lock the old value is sealed again under the key of what is retained, once for
   each hold that names it, and goes with that hold. No page and no app can ask for it.

The customer's right to correct and to delete stands: what they see and what is used is as they want.
Source: GDPR 16, 17(3)(e) and 18(1); crypto note, 2 and 10.
"""

from policies.decide import ActorKind
from vault.core import hold as rules
from vault.core.errors import BusyError, OpenError
from vault.core.hold import Hold
from vault.core.ids import CustomerId
from vault.core.recorded import Recorded
from vault.core.retention import VAULT
from vault.core.times import unix_ms
from vault.crypto.field import Place, open_each, seal_value
from vault.crypto.keys import Kind, WrappedKey, new_key
from vault.crypto.random import uuid7
from vault.services import holds
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.disclosure import judge
from vault.services.load import Load, sealed, values_of
from vault.services.unit import Unit
from vault.store import retained
from vault.store.engine import Conn
from vault.store.retained import RetainedKeyRow, RetainedRow


async def naming(deps: Deps, who: CustomerId, name: str) -> tuple[Hold, ...]:
    """Return the holds in force that keep a field, the first to end first."""
    async with deps.database.connect() as conn:
        return await _naming(deps, conn, who, name)


async def decided(deps: Deps, who: CustomerId, name: str) -> Recorded | None:
    """Decide and record that the vault opens a field that is held; None where no hold names it.

    Raises:
        BusyError: it could not be recorded; nothing was opened.
    """
    if not await naming(deps, who, name):
        return None
    ask = Ask(customer=who, kind=ActorKind.VAULT, actor=VAULT, names=(name,))
    ((_, recorded),) = await judge(deps, [ask])
    return recorded


async def keep(it: Unit, load: Load, name: str, recorded: Recorded | None) -> None:
    """Keep what stands in a field before it is written, for each hold that names it.

    Args:
        it: the unit that changes the field; it holds the customer's lock.
        load: the customer's, as it stood before the change.
        name: of the field.
        recorded: from `decided`.

    Raises:
        BusyError: a hold was set a moment ago; nothing is changed, and to try again is right.
    """
    row = values_of(load, (name,)).get(name)
    named = await _naming(it.deps, it.conn, load.customer, name)
    old = load.key(Kind.PROFILE)
    if row is None or old is None or not named:
        return
    if recorded is None or recorded.customer != load.customer or name not in recorded.allowed:
        raise BusyError
    try:
        (plain,) = open_each(recorded, it.deps.keys.keks, old, [sealed(row)])
    except OpenError:  # a damaged value is nothing that could be kept
        return
    key, fresh = await key_of(it, load.customer)
    rows = []
    for one in named:
        value_id = uuid7(unix_ms(it.now))
        place = Place(load.customer, name, value_id, row.schema, row.row_version)
        rows.append(
            RetainedRow(
                customer=load.customer,
                value_id=value_id,
                name=name,
                purpose=rules.purpose(one.hold_id),
                law=rules.LAWS[one.ground],
                until=one.until,
                happened_at=row.gathered_at,
                schema=row.schema,
                row_version=row.row_version,
                sealed=seal_value(it.deps.keys.keks, key, place, plain),
            )
        )
    await retained.put(it.conn, fresh, rows)


async def key_of(it: Unit, who: CustomerId) -> tuple[WrappedKey, RetainedKeyRow | None]:
    """Return the key of what is retained of a customer, and its row where it is not stored yet."""
    stored = await retained.load_key(it.conn, who)
    if stored is not None:
        key = WrappedKey(who, Kind.RETAINED, 1, stored.key_id, stored.kek_id, stored.wrapped)
        return key, None
    key = new_key(it.deps.keys.keks, who, Kind.RETAINED)
    return key, RetainedKeyRow(who, key.key_id, key.kek_id, key.blob, it.now)


async def _naming(deps: Deps, conn: Conn, who: CustomerId, name: str) -> tuple[Hold, ...]:
    standing = await holds.in_force(deps, conn, who, at=deps.clock.now())
    return tuple(one for one in standing if not one.names or name in one.names)
