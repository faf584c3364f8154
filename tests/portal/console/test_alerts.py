"""Alerts as a page shows them, also when somebody with the database alone edited one."""

from dataclasses import replace
from uuid import uuid4

import pytest

from vault.services import unit
from vault.store import alert

DAY = 1_764_000_000_000  # unix ms


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("edit", [{"kind": "other"}, {"start_ms": 2**62}, {"start_ms": -(2**62)}])
async def test_an_edited_alert_hides_no_other(deps, clock, compliance, edit):
    row = alert.AlertRow(uuid4(), "sweep", "app:loyalty", DAY, DAY + 1, 4_711, 1, clock.now())
    edited = replace(row, id=uuid4(), subject="app:delivery", **edit)

    async def work(it):
        await alert.open_(it.conn, row)
        await alert.open_(it.conn, edited)

    await unit.run(deps, work)
    page = await compliance.get("/console/alerts")
    assert page.status_code == 200
    assert page.text.count("4711") >= 2
