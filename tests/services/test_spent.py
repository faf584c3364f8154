"""What was used once: told apart by who signed, kept as long as it could be used again."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.vaults import FakeClock, vault
from vault.services import spent
from vault.services.deps import Deps
from vault.store import app as app_store
from vault.store import commit, once
from vault.store.engine import Database


@pytest.fixture
async def deps(database: Database, tmp_path: Path) -> AsyncIterator[Deps]:
    async with vault(database, tmp_path, clock=FakeClock()) as opened:
        yield opened


def test_who_signed_is_part_of_the_claim_and_cannot_run_into_the_jti():
    claims = {
        spent.of_proof("ab", "c", at=1),
        spent.of_proof("a", "bc", at=1),
        spent.of_proof("ab", "c", at=2),
        spent.of_assertion("ab", "c", until=1),
    }
    assert len(claims) == 4
    assert all(len(one.key) == 32 for one in claims)


async def test_claims_go_once_nobody_can_use_them_again(deps):
    now = int(deps.clock.now().timestamp())
    claims = [
        spent.of_proof("key", "old", at=now - 361),
        spent.of_proof("key", "kept", at=now - 360),
        spent.of_assertion("app", "old", until=now - 301),
        spent.of_assertion("app", "kept", until=now - 300),
    ]
    work = [spent.of_proof("key", str(n), at=now - 1000) for n in range(2_500)]
    assert all(await commit.claim(deps.database, lambda c: once.claim_many(c, claims + work)))
    assert await spent.forget(deps) == 2_502
    fresh = await commit.claim(deps.database, lambda conn: once.claim_many(conn, claims))
    assert fresh == [True, False, True, False]


async def test_a_revoked_token_is_forgotten_once_it_has_ended(deps):
    now = deps.clock.now()

    async def revoke(conn) -> None:
        await app_store.revoke(conn, "ended", until=now - timedelta(seconds=1))
        await app_store.revoke(conn, "living", until=now + timedelta(seconds=1))

    await commit.request(deps.database, revoke)
    await spent.forget(deps)
    async with deps.database.connect() as conn:
        state = await app_store.token_state(conn, [], tokens=["ended", "living"])
    assert state.revoked == {"living"}
