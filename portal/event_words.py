"""Say in words what came of a contact, who it was, and which files belong to it.

Source: portal note, 2; `vault/core/event.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from portal.labels import Labels
from portal.language import N_, translate
from portal.words import size
from vault.core.attachment import Head, Media
from vault.core.event import CUSTOMER, Outcome
from vault.services.interaction import Told

OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.ANSWERED: N_("Answered"),
    Outcome.SOLVED: N_("Solved"),
    Outcome.BEYOND: N_("More was done than was asked for"),
    Outcome.REFERRED: N_("Referred to somebody who can help better"),
    Outcome.NOT_POSSIBLE: N_("It was not possible"),
    Outcome.NONE: N_("Nothing had to come of it"),
}
_MEDIA: Final[Mapping[Media, str]] = {
    Media.PDF: "PDF",
    Media.JPEG: "JPEG",
    Media.PNG: "PNG",
    Media.TEXT: N_("text"),
}


@dataclass(frozen=True, slots=True)
class Attached:
    """One file of an event."""

    name: str
    href: str
    about: str  # type and size
    damaged: bool


def outcome(word: str, lang: str) -> str:
    """Return an outcome in words; "" for none, and for a word that is none of ours."""
    return translate(lang, OUTCOMES[Outcome(word)]) if word in set(Outcome) else ""


def who(name: str, lang: str, *, you: bool) -> str:
    """Return who spoke; `you` where the customer reads it."""
    if name != CUSTOMER:
        return name
    return translate(lang, N_("You") if you else N_("The customer"))


def noted(one: Told, labels: Labels) -> str:
    """Return who noted an event: an app, or staff, who act under a purpose; "" for neither."""
    if one.app:
        return labels.app(one.app)
    return translate(labels.lang, N_("Our staff")) if one.purpose else ""


def attached(files: Sequence[Head], where: str, lang: str) -> tuple[Attached, ...]:
    """Return the files of an event; `where` is the address before a file's number."""
    return tuple(
        Attached(
            name=one.name,
            href=f"{where}/{one.number}",
            about=f"{_media(one.media, lang)}, {size(one.size, lang)}",
            damaged=one.damaged,
        )
        for one in files
    )


def _media(media: str, lang: str) -> str:
    return translate(lang, _MEDIA[Media(media)]) if media in set(Media) else ""
