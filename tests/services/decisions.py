"""A customer who decides, and an app that tries to read."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from policies.decide import ActorKind, Permission
from policies.model import Action, Source
from tests.vaults import FakeClock, vault
from vault.core.ids import CustomerId
from vault.services import consent, customer
from vault.services.ask import Ask
from vault.services.consent import Outcome
from vault.services.consent_notice import Asked, View, ask
from vault.services.deps import Deps
from vault.services.disclosure import disclose
from vault.store import commit
from vault.store.engine import Conn, Database

SESSION = b"s" * 32  # the hash of a session's token
OTHER_SESSION = b"o" * 32
ANA = {"contact.full_name": "Ana d'Água-Łoś", "contact.email": "ana@example.org"}
MARKETING = frozenset(
    Permission("marketing", Action.READ, name) for name in (*ANA, "contact.language")
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def deps(database: Database, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Deps]:
    async with vault(database, tmp_path, clock=clock) as opened:
        yield opened


@pytest.fixture
async def ana(deps: Deps) -> CustomerId:
    return await customer.add(deps, ANA, source=Source.TOLD)


async def readable(deps: Deps, who: CustomerId) -> set[str]:
    """What the newsletter's app gets of a customer."""
    (answer,) = await disclose(deps, [newsletter(who)])
    return {one.name for one in answer.opened}


async def reasons(deps: Deps, who: CustomerId) -> set[str]:
    """Why the newsletter's app does not get the rest."""
    (answer,) = await disclose(deps, [newsletter(who)])
    return {one.reason.value for one in answer.withheld}


def newsletter(who: CustomerId) -> Ask:
    return Ask(
        customer=who,
        kind=ActorKind.APP,
        actor="app:newsletter",
        app="newsletter",
        purpose="marketing",
        names=tuple(ANA),
        registration=MARKETING,
        ceiling=MARKETING,
    )


async def served(
    deps: Deps, who: CustomerId, purpose: str = "marketing", *, view: View = View.SIMPLE
) -> Asked:
    return await ask(deps, who, purpose, session=SESSION, view=view)


async def allow(
    deps: Deps,
    who: CustomerId,
    purpose: str = "marketing",
    *,
    fields: tuple[str, ...] = (),
    asked: Asked | None = None,
    session: bytes = SESSION,
) -> Outcome:
    """Answer a notice with yes, as the form does."""
    view = View.GRID if fields else View.SIMPLE
    asked = asked or await served(deps, who, purpose, view=view)
    return await consent.give(
        deps,
        who,
        purpose,
        fields=fields,
        notice=asked.token,
        epoch=asked.epoch,
        view=asked.view,
        session=session,
        request="r-give",
    )


async def execute(deps: Deps, *statements: str, **given: object) -> None:
    """Edit the database by hand; UUIDs are given as each database stores them."""
    values = {
        name: value.hex if hasattr(value, "hex") and deps.database.dialect == "sqlite" else value
        for name, value in given.items()
    }

    async def work(conn: Conn) -> None:
        for statement in statements:
            wanted = {name: value for name, value in values.items() if f":{name}" in statement}
            await conn.execute(text(statement), wanted)

    await commit.request(deps.database, work)
