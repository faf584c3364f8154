"""Leave now: end the session and show something else at once, for somebody may be looking.

The answer is a bland page that leads on to a neutral one by itself; a redirect would be stopped by
`form-action`. It also empties the browser's cache of pages. The list of visited pages stays in the
browser, and `/security` says so.
Source: portal note, 7.
"""

from dataclasses import dataclass

from portal.answers import Page
from portal.language import N_, translate
from portal.pages.sign_in import LEFT
from portal.visit import Visit
from vault.services import session


@dataclass(frozen=True, slots=True)
class LeavePage:
    """Everything of the page that is left through."""

    title: str
    to: str


async def leave(visit: Visit) -> Page:
    """End the session, if there is one."""
    if visit.session:
        await session.end(visit.deps, visit.session)
    to = visit.deps.leave_to
    page = LeavePage(translate(visit.lang, N_("One moment")), to)
    return Page("leave.html", page, leads_to=to, cookies=LEFT)
