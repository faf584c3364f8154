"""Let a form go on that came too late: after signing in, when its owner presses the button.

What was typed stands in the form again, hidden, with a token of the new session; where it goes is
what was sealed. Looking changes nothing.
Source: portal note, 7.
"""

from dataclasses import dataclass
from typing import Final

from portal import late
from portal.answers import Cookie, Go, Page
from portal.language import N_, translate
from portal.next import checked
from portal.visit import Visit

HOME: Final = "/home"


@dataclass(frozen=True, slots=True)
class GoOnPage:
    """Everything of `/go-on`."""

    title: str
    action: str
    pairs: tuple[tuple[str, str], ...]
    csrf: str


async def show(visit: Visit) -> Page | Go:
    """Show the button; without a form that is kept for this customer, go where they wished to."""
    kept = late.open_(visit.deps, visit.customer, visit.kept)
    if kept is None:
        cookies = (Cookie("kept", ""),) if visit.kept else ()
        return Go(checked(visit.query.get("next", "")) or HOME, cookies)
    title = translate(visit.lang, N_("Send it now?"))
    page = GoOnPage(title, kept.path, kept.pairs, visit.csrf(kept.path))
    return Page("go_on.html", page)
