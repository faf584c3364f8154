"""Customers to erase, and a look at all that is left of them in a database."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select, text

from policies.compile import compile_
from policies.decide import ActorKind, Permission
from policies.model import Action, Source
from vault.services import customer, erase, identifier, interaction
from vault.services.ask import Ask
from vault.services.disclosure import disclose
from vault.services.erase import Done
from vault.services.identifier import Identity
from vault.services.interaction import Event
from vault.store import code as code_store
from vault.store import commit
from vault.store.code import CodeRow
from vault.store.metadata import OUTLIVES
from vault.store.tables import TABLES
from vault.store.wipe import owner_of

RICH = Path(__file__).parents[2] / "policies" / "codes" / "sample-2026-12.yaml"
RICH_BOOK = compile_(RICH.read_bytes(), name=RICH.name)
ANA = "Ana.Planted@example.org"
VALUES = {
    "contact.full_name": "Ana Unfindable O'Brien",
    "contact.email": ANA,
    "contact.phone": "+353 85 012 3456",
    "contact.postal_address": "77 Unfindable Crescent",
}


async def publish_rich(deps) -> None:
    """Let the code in force be the one with laws that keep something."""
    at = datetime(2026, 11, 20, tzinfo=UTC)
    row = CodeRow(
        version=RICH_BOOK.version,
        digest=RICH_BOOK.digest,
        source=RICH.read_bytes(),
        document=RICH_BOOK.document.decode(),
        published_at=deps.clock.now(),
        effective_at=at,
        bootstrap=True,
        mac=deps.codes.mac(RICH_BOOK, effective_at=at),
    )
    await commit.request(deps.database, lambda conn: code_store.publish(conn, row))


async def add(deps, **changes):
    return await customer.add(deps, VALUES | changes, source=Source.TOLD)


async def gone(deps, who) -> Done:
    """Erase somebody who is there."""
    done = await erase.erase(deps, who)
    assert done is not None
    return done


def identity(deps, email) -> Identity:
    """Return how an address is looked up."""
    one = identifier.identity(deps, RICH_BOOK, field="contact.email", value=email)
    assert one is not None
    return one


async def buy(deps, who, said="A teapot"):
    """Let the ledger note a purchase, which the tax law keeps."""
    one = frozenset({Permission("tax", Action.APPEND, "interaction.purchase")})
    ask = Ask(
        customer=who,
        kind=ActorKind.APP,
        actor="app:ledger",
        app="ledger",
        purpose="tax",
        action=Action.APPEND,
        names=("interaction.purchase",),
        registration=one,
        ceiling=one,
    )
    event = Event("purchase", deps.clock.now(), "web", {"said": said})
    return (await interaction.append(deps, ask, event))[0]


async def read(deps, who, name="contact.postal_address"):
    """Return what the delivery app is given."""
    one = frozenset({Permission("delivery", Action.READ, name)})
    ask = Ask(
        customer=who,
        kind=ActorKind.APP,
        actor="app:delivery",
        app="delivery",
        purpose="delivery",
        names=(name,),
        registration=one,
        ceiling=one,
    )
    (answer,) = await disclose(deps, [ask])
    return [one.value for one in answer.opened], [one.reason.value for one in answer.withheld]


async def left(database, who):
    """Return how many rows there are of a customer, by table; those of the law apart."""
    found = {}
    async with database.connect() as conn:
        for table in TABLES.sorted_tables:
            owner = owner_of(table)
            if owner is not None and OUTLIVES not in table.info:
                statement = select(table).where(owner == who)
                rows = len((await conn.execute(statement)).all())
                if rows:
                    found[table.name] = rows
    return found


async def everything(database):
    """Return every cell of every table, as text."""
    async with database.connect() as conn:
        return [
            cell
            for table in TABLES.sorted_tables
            for row in (await conn.execute(text(f'SELECT * FROM "{table.name}"'))).all()
            for cell in row
        ]


@asynccontextmanager
async def broken_commit(monkeypatch, error):
    """Let the transaction of an erasure fail after the journal and before COMMIT."""
    from vault.services import lanes

    append = lanes.Lanes.append

    async def fails(*_, **__):
        raise error

    monkeypatch.setattr(lanes.Lanes, "append", fails)
    yield
    monkeypatch.setattr(lanes.Lanes, "append", append)
