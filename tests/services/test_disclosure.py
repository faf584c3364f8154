"""The one path: what is allowed is opened, what is not is not, and both are in the log."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from policies.decide import ActorKind, Permission
from policies.model import Action, Source
from policies.reasons import Reason
from tests.vaults import FakeClock, vault
from vault.core.errors import IdentifierTakenError
from vault.core.ids import NOBODY, CustomerId
from vault.services import customer, own
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.disclosure import disclose
from vault.store import commit
from vault.store.engine import Conn, Database

ANA = {
    "contact.full_name": "Ana d'Água-Łoś",
    "contact.email": "ana@example.org",
    "contact.phone": "+351912345678",
    "contact.postal_address": "1 Harbour Street, Dublin",
}
FIELDS = tuple(ANA)
COVERED = frozenset(Permission("delivery", Action.READ, name) for name in FIELDS)


@pytest.fixture
async def deps(database: Database, tmp_path: Path) -> AsyncIterator[Deps]:
    async with vault(database, tmp_path, clock=FakeClock()) as opened:
        yield opened


def asking(who: CustomerId, names: tuple[str, ...] = FIELDS, purpose: str = "delivery") -> Ask:
    return Ask(
        customer=who,
        kind=ActorKind.APP,
        actor="app:delivery",
        app="delivery",
        purpose=purpose,
        names=names,
        registration=COVERED,
        ceiling=COVERED,
        request="r1",
    )


async def ana(deps: Deps) -> CustomerId:
    return await customer.add(deps, ANA, source=Source.TOLD)


async def entries(database: Database) -> int:
    async with database.connect() as conn:
        outbox = (await conn.execute(text("SELECT count(*) FROM log_outbox"))).scalar_one()
        leaves = (await conn.execute(text("SELECT count(*) FROM log_leaf"))).scalar_one()
    return int(outbox) + int(leaves)


async def test_an_app_gets_what_its_clause_allows(deps: Deps) -> None:
    who = await ana(deps)
    (answer,) = await disclose(deps, [asking(who)])
    assert {one.name: one.value for one in answer.opened} == ANA
    assert answer.withheld == ()
    assert answer.receipt.startswith("ownship-receipt@v1")


async def test_nobody_gets_nothing_and_is_recorded(deps: Deps) -> None:
    before = await entries(deps.database)
    (answer,) = await disclose(deps, [asking(NOBODY)])
    assert (answer.opened, answer.allowed) == ((), frozenset())
    assert await entries(deps.database) > before


async def test_a_name_outside_the_token_refuses_the_whole_call(deps: Deps) -> None:
    who = await ana(deps)
    (answer,) = await disclose(deps, [asking(who, (*FIELDS, "loyalty.card"))])
    assert answer.outside_token
    assert answer.opened == ()


async def test_a_value_moved_to_another_customer_does_not_open(deps: Deps) -> None:
    who = await ana(deps)
    other = await customer.add(deps, {"contact.full_name": "Bo"}, source=Source.TOLD)

    async def move(conn: Conn) -> None:
        await conn.execute(
            text(
                "UPDATE value SET sealed = (SELECT v.sealed FROM value v WHERE v.customer_id = :a"
                " AND v.field = 'contact.full_name'), value_id = (SELECT v.value_id FROM value v"
                " WHERE v.customer_id = :a AND v.field = 'contact.full_name')"
                " WHERE customer_id = :b AND field = 'contact.full_name'"
            ),
            {
                "a": who.hex if deps.database.dialect == "sqlite" else who,
                "b": other.hex if deps.database.dialect == "sqlite" else other,
            },
        )

    await commit.request(deps.database, move)
    (answer,) = await disclose(deps, [asking(other)])
    assert answer.opened == ()
    assert Reason.DAMAGED in {one.reason for one in answer.withheld}


async def test_a_taken_identifier_adds_nobody(deps: Deps) -> None:
    await ana(deps)
    with pytest.raises(IdentifierTakenError):
        await customer.add(deps, {"contact.email": "ANA@EXAMPLE.org"}, source=Source.TOLD)
    async with deps.database.connect() as conn:
        count = (await conn.execute(text("SELECT count(*) FROM standing"))).scalar_one()
    assert count == 1


async def test_customers_see_every_field_that_the_code_names(deps: Deps) -> None:
    who = await ana(deps)
    held = await own.held(deps, who, request="r2")
    assert {one.field.name: one.value for one in held if one.value is not None} == ANA
    assert len(held) > len(ANA)
