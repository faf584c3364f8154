"""Show everybody how the promises were kept: figures of the access log, as a page and as JSON.

Source: consent-standards note, 9.12.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from portal.answers import Document, Page
from portal.language import N_, translate
from portal.visit import Visit
from portal.words import Moment, day, moment, of_ms
from vault.core.errors import NotAvailableError
from vault.services import scorecard

HERE: Final = "/scorecard"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; None for one that is hidden, because the group is small."""

    label: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise, and the figures that tell how it was kept."""

    id: str
    label: str
    about: str
    figures: tuple[Figure, ...]
    broken: bool


@dataclass(frozen=True, slots=True)
class ScorecardPage:
    """Everything of `/scorecard`."""

    title: str
    at: Moment | None  # None: nothing was counted yet
    first: Moment | None
    least: int
    size: int
    promises: tuple[Promise, ...]


async def show(visit: Visit) -> Page:
    """Show what was counted last."""
    found = await scorecard.latest(visit.deps)
    said: dict[str, Any] = found.said if found else {}
    page = ScorecardPage(
        title=translate(visit.lang, N_("How we kept our promises")),
        at=moment(found.at, visit.lang) if found else None,
        first=day(_first(said), visit.lang) if found else None,
        least=said.get("least", 0),
        size=said.get("log", 0),
        promises=_promises(said, visit.lang) if found else (),
    )
    return Page("scorecard.html", page)


async def json(visit: Visit) -> Document:
    """Hand out the same figures for programs.

    Raises:
        NotAvailableError: nothing was counted yet.
    """
    found = await scorecard.latest(visit.deps)
    if found is None:
        raise NotAvailableError
    return Document(found.text.encode(), "application/json", "public")


def _first(said: dict[str, Any]) -> datetime:
    return of_ms(said["from"])


def _promises(said: dict[str, Any], lang: str) -> tuple[Promise, ...]:
    def of(words: str, count: int | None) -> Figure:
        return Figure(translate(lang, words), count)

    looks, requests, replay = said["looks"], said["requests"], said["replay"]
    found = [
        Promise(
            id="looks",
            label=translate(lang, N_("Nobody looks without a clause")),
            about=translate(
                lang,
                N_("Every look of an app or of our staff is decided by the code of ethics first."),
            ),
            figures=(
                of(N_("Looks that were allowed"), looks["allowed"]),
                of(N_("Looks that were refused"), looks["refused"]),
                of(N_("Decided again by a second program"), replay["replayed"]),
                of(N_("That should have been refused"), replay["disagreeing"]),
            ),
            broken=replay["disagreeing"] > 0,
        ),
        Promise(
            id="requests",
            label=translate(lang, N_("Requests are answered in time")),
            about=translate(lang, N_("The law gives us a month, in some cases three.")),
            figures=(
                of(N_("Answered in time"), requests["in_time"]),
                of(N_("Late"), requests["late"]),
            ),
            broken=bool(requests["late"]),
        ),
    ]
    stopped = said["withdrawal"]
    if stopped is not None:
        found.append(
            Promise(
                id="withdrawal",
                label=translate(lang, N_("A “no” takes effect at once")),
                about=translate(
                    lang,
                    N_("Looks that were under way while a customer changed their mind may end."),
                ),
                figures=(
                    of(N_("Changes of customers' minds"), stopped["changes"]),
                    of(N_("Looks under way meanwhile"), stopped["under_way"]),
                    of(N_("The latest of them, in milliseconds"), stopped["worst_ms"]),
                    of(N_("Looks by what had ended"), stopped["broken"]),
                ),
                broken=stopped["broken"] > 0,
            )
        )
    return tuple(found)
