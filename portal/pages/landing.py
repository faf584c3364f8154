"""Say what this is, to whoever comes."""

from dataclasses import dataclass

from portal.answers import Page
from portal.language import N_, translate
from portal.visit import Visit
from vault.core.errors import NotReadyError
from vault.services import published


@dataclass(frozen=True, slots=True)
class LandingPage:
    """Everything of `/`."""

    title: str
    promises: tuple[str, ...]


async def show(visit: Visit) -> Page:
    """Show the first page, before a code of ethics is published too."""
    promises: tuple[str, ...] = ()
    try:
        rulebook = await published.in_force(visit.deps)
        promises = tuple(one.get(visit.lang) for one in rulebook.code.promises)
    except NotReadyError:
        pass
    title = translate(visit.lang, N_("What we know about you"))
    return Page("landing.html", LandingPage(title, promises))
