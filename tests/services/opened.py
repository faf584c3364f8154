"""All payloads of one customer's entries, opened with their own audit key, in the log's order."""

from vault.core import canonical
from vault.core.entry import HEADER_BYTES
from vault.crypto import entry as cipher
from vault.crypto.keys import Kind, unwrap
from vault.services.integrator import Integrator
from vault.services.load import wrapped
from vault.store import customer as customer_store
from vault.store import leaf


async def integrate(deps):
    """Give an index to all that waits."""
    integrator = Integrator(deps.database, log_id=deps.log_id)
    while await integrator.integrate():
        pass
    await integrator.close()  # so that the next one need not wait for the lease


async def audit_key(deps, who):
    """Return a customer's newest audit key."""
    async with deps.database.connect() as conn:
        rows = await customer_store.load_keys(conn, who)
    newest = max((row for row in rows if row.kind == Kind.AUDIT), key=lambda row: row.generation)
    return unwrap(deps.keys.keks, wrapped(newest))


async def payloads(deps, who):
    """Return what the entries of a customer say, the oldest first."""
    await integrate(deps)
    key = await audit_key(deps, who)
    async with deps.database.connect() as conn:
        listed = await leaf.entries_of(conn, who, before=None, limit=10_000)
    return [
        canonical.loads(
            cipher.open_payload(
                key, one.entry[:HEADER_BYTES], deps.origin, one.entry[HEADER_BYTES:]
            )
        )
        for one in reversed(listed)
    ]
