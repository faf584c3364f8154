"""The notes of replays are for everybody, under the one spelling of their size."""

import httpx2
import pytest

from tests.services.test_replay import clock, deps, live, published
from tests.vaults import ISSUER
from vault.api.app import create
from vault.guard import Guard
from vault.services import replay_job

__all__ = ["clock", "deps"]


@pytest.fixture
async def client(deps):
    transport = httpx2.ASGITransport(app=Guard(create(deps, version="test"), issuer=ISSUER))
    async with httpx2.AsyncClient(transport=transport, base_url=ISSUER, trust_env=False) as opened:
        yield opened


async def test_a_note_is_listed_and_served_as_it_was_signed(deps, client):
    assert (await client.get("/log/replay")).json() == {"origin": deps.origin, "replays": []}
    await live(deps)
    await published(deps)
    row = await replay_job.begun(deps)
    assert row is not None
    note = await replay_job.certify(deps, row)
    (listed,) = (await client.get("/log/replay")).json()["replays"]
    assert (listed["from"], listed["to"], listed["disagreements"]) == (0, row.size, 0)
    served = await client.get(listed["note"])
    assert served.text == note
    assert served.headers["access-control-allow-origin"] == "*"
    for wrong in (f"0{row.size}", f"+{row.size}", f"{row.size + 1}", "x", "-1", "9" * 30, "\u0661"):
        assert (await client.get(f"/log/replay/{wrong}")).status_code == 404
