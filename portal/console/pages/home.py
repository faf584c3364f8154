"""Show what a member of staff can do here, and what waits for somebody of this role."""

from dataclasses import dataclass

from portal.answers import Page
from portal.console.frame import ROLES
from portal.console.visit import StaffVisit
from portal.language import N_, translate


@dataclass(frozen=True, slots=True)
class HomePage:
    """Everything of `/console`."""

    title: str
    name: str
    role: str
    handle: str


async def show(visit: StaffVisit) -> Page:
    """Show the page of whoever is signed in."""
    member = visit.member
    page = HomePage(
        title=translate(visit.lang, N_("Overview")),
        name=member.name,
        role=translate(visit.lang, ROLES[member.role.value]),
        handle=member.handle,
    )
    return Page("console/home.html", page, "/console")
