"""A code of ethics that lets support and stewards read, put in force in the vault of a test."""

from tests.services.logbook import until
from tests.vaults import LATER, publish
from vault.core.entry import Kind
from vault.services.who_looked import latest
from vault.store import wipe

_READERS = "    recipients: [delivery, loyalty]\n"


async def staffed(deps, folder):
    """Put the sample in force with a clause that names two roles of staff."""
    text = LATER.read_text(encoding="utf-8")
    assert text.count(_READERS) == 1
    file = folder / "staffed.yaml"
    text = text.replace(_READERS, _READERS + "    staff: [support, steward]\n")
    # From a day that is past by the database's clock too, which no test turns.
    file.write_text(text.replace("effective: 2026-12-01", "effective: 2026-11-02"))
    await publish(deps, file)


async def staff_looks(deps, customer):
    """Return the looks of staff on a customer's list, once all entries have their places."""

    async def settled():
        async with deps.database.connect() as conn:
            return not await wipe.waits(conn, customer)

    await until(settled, seconds=10)
    return [one for one in await latest(deps, customer, limit=50) if one.kind is Kind.STAFF_LOOK]
