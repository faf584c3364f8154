"""Stop letters by one press, from the link in them: a page with a button, and what it sends.

Mail programs send the press themselves, without cookies and from elsewhere; so neither origin nor
form token is asked for, and the answer is a page, never an address to go to. Looking stops
nothing, for scanners look. Every link gives the same pages, whoever's it is and whether it is ours.
Source: RFC 8058; consent-standards note, 7.
"""

from dataclasses import dataclass

from portal.answers import Page
from portal.language import N_, translate
from portal.visit import Visit
from vault.services import unsubscribe


@dataclass(frozen=True, slots=True)
class UnsubscribePage:
    """Everything of `/u/{token}`."""

    title: str
    action: str
    done: bool


async def ask(visit: Visit) -> Page:
    """Show the button."""
    title = translate(visit.lang, N_("Stop these letters"))
    return Page("unsubscribe.html", UnsubscribePage(title, visit.path, done=False))


async def stop(visit: Visit) -> Page:
    """Stop the letters and say so."""
    await unsubscribe.stop(visit.deps, visit.params["token"], request=visit.request_id)
    title = translate(visit.lang, N_("These letters are stopped"))
    return Page("unsubscribe.html", UnsubscribePage(title, visit.path, done=True))
