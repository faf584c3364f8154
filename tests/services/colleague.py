"""Members of staff for tests of services: enrolled and signed in without any page."""

import json
from dataclasses import replace

from sqlalchemy import select

from policies.model import StaffRole
from vault.core import entry
from vault.core.staff import State
from vault.services import staff, staff_session, unit
from vault.store.leaf import log_leaf
from vault.store.log import log_outbox


async def join(deps, name, role=StaffRole.COMPLIANCE, *, by="operator"):
    """Enrol somebody and return their session."""

    async def work(it):
        made = await staff.add(it, f"{name}@example.org", role, by=by)
        made = replace(made, name=name.title(), state=State.ACTIVE, enrolled_at=it.now)
        return await staff_session.start(
            it, await staff.save(it, made, "enrolled", by=made.handle), device="test"
        )

    cookie, _ = await unit.run(deps, work)
    deps.clock.turn(seconds=1)  # what comes next is later
    session = await staff_session.check(deps, cookie)
    assert session is not None
    return session


async def told(deps, kind):
    """Return the entries of a kind of the system's, in the order of their writers."""
    async with deps.database.connect() as conn:
        waiting = await conn.execute(select(log_outbox.c.entries))  # PostgreSQL, for the integrator
        found = [one for row in waiting for one in entry.split(row.entries)]
        found += (await conn.execute(select(log_leaf.c.entry))).scalars()
    payloads = [json.loads(entry.parse(one)[1]) for one in found if entry.parse(one)[0].suite == 0]
    return [one for one in payloads if one.get("kind") == kind]
