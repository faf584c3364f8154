"""Show what waits for somebody of this role, and what a member of staff can do here.

What waits is counted, never named: numbers of requests, follow-ups, proposals and alerts.
"""

from dataclasses import dataclass

from portal.answers import Page
from portal.console.frame import ROLES
from portal.console.visit import StaffVisit
from portal.language import N_, translate
from vault.core.approval import State
from vault.core.staff import Right
from vault.services import alert, follow_up_owed, proposal, request_staff


@dataclass(frozen=True, slots=True)
class HomePage:
    """Everything of `/console`; what waits for other roles counts as none."""

    title: str
    name: str
    role: str
    handle: str
    late: int  # requests that are overdue
    owed: int  # requests that are owed an answer in time
    unkept: int  # follow-ups that are overdue
    open: int  # follow-ups that are open in time
    proposals: int  # that wait for a second person
    alerts: int  # that nobody has seen

    @property
    def waits(self) -> bool:
        """Say whether anything does."""
        return any((self.late, self.owed, self.unkept, self.open, self.proposals, self.alerts))


async def show(visit: StaffVisit) -> Page:
    """Show the page of whoever is signed in."""
    deps, member = visit.deps, visit.member
    late = owed = unkept = open_ = proposals = alerts = 0
    if member.may(Right.SEE_REQUESTS):
        late, owed = await request_staff.counts(deps)
    if member.may(Right.SEE_FOLLOW_UPS):
        unkept, open_ = await follow_up_owed.counts(deps)
    if member.may(Right.SEE_PROPOSALS):
        listed = await proposal.list_(deps, member)
        proposals = sum(one.state is State.OPEN for one in listed)
    if member.may(Right.SEARCH_LOG):
        alerts = await alert.count_open(deps)
    page = HomePage(
        title=translate(visit.lang, N_("Overview")),
        name=member.name,
        role=translate(visit.lang, ROLES[member.role.value]),
        handle=member.handle,
        late=late,
        owed=owed,
        unkept=unkept,
        open=open_,
        proposals=proposals,
        alerts=alerts,
    )
    return Page("console/home.html", page, "/console")
