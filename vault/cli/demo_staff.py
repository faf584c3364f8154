"""Make the sample members of staff of the demonstration, one for each role.

They are sample data, on a machine of one's own: nobody reads their mailboxes, so each gets a link that
signs in once. Run on a vault that has them it finds them and makes new links alone.
Source: DESIGN 4; security note, 8 (demo links).
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from policies.model import StaffRole
from vault.core.staff import OPERATOR, State
from vault.services import staff, staff_sign_in, unit

if TYPE_CHECKING:
    from vault.services.deps import Deps
    from vault.services.staff import Member
    from vault.services.unit import Unit

# In the order in which they come up in a day's work.
MEMBERS: Final = {
    StaffRole.SUPPORT: ("support@shop.example.org", "Sample Support"),
    StaffRole.STEWARD: ("steward@shop.example.org", "Sample Steward"),
    StaffRole.COMPLIANCE: ("compliance@shop.example.org", "Sample Compliance"),
    StaffRole.ADMIN: ("admin@shop.example.org", "Sample Admin"),
}


async def enrol(deps: "Deps") -> "dict[StaffRole, Member]":
    """Return the sample members, made where they are not there yet."""
    return {role: await _member(deps, role) for role in MEMBERS}


async def link(deps: "Deps", member: "Member") -> str:
    """Return a link that signs any browser of this machine in as a member, once."""
    return await staff_sign_in.demo_link(deps, member)


async def _member(deps: "Deps", role: StaffRole) -> "Member":
    email, name = MEMBERS[role]
    idx, _ = staff.address_index(deps, email)
    async with deps.database.connect() as conn:
        known = await staff.by_index(deps, conn, idx)
    if known is not None:
        return known

    async def work(it: "Unit") -> "Member":
        made = await staff.add(it, email, role, by=OPERATOR)
        enrolled = replace(made, name=name, state=State.ACTIVE, enrolled_at=it.now)
        return await staff.save(it, enrolled, "enrolled", by=made.handle)

    return (await unit.run(deps, work))[0]
