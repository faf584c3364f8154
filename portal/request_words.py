"""Say in words what a request is, how it stands, and why it takes longer or was refused.

Source: portal note, 2; consent-standards note, 3.
"""

from datetime import datetime
from typing import Final

from portal.language import N_, translate
from portal.state import Badge
from vault.core import request as rules
from vault.core.look import CUSTOMER, STAFF
from vault.core.request import Ground, Kind, Longer, Request, State

_KINDS: Final = {
    Kind.ACCESS: (
        N_("See everything that is kept about you"),
        N_("What is kept, why, who looked, and a copy of it."),
    ),
    Kind.RECTIFY: (
        N_("Have something corrected"),
        N_("Something that is wrong, or that is missing and matters."),
    ),
    Kind.ERASE: (N_("Have something erased"), N_("Some of your details, or all of them.")),
    Kind.RESTRICT: (
        N_("Have the use of your details stopped for a while"),
        N_("They stay, and nobody uses them, while something is disputed."),
    ),
    Kind.OBJECT: (
        N_("Object to a use of your details"),
        N_("To a use that does not rest on your consent."),
    ),
    Kind.PORT: (
        N_("Take your details elsewhere"),
        N_("As a file that another business can read."),
    ),
    Kind.QUESTION: (N_("Ask a person"), N_("Anything else. A person reads it and answers.")),
}
# What the portal does at once; a test keeps each path one that there is.
SHORTCUTS: Final = {
    Kind.RECTIFY: ("/home", N_("You can correct most details yourself, at once")),
    Kind.ERASE: ("/your-data/erase", N_("You can erase everything yourself")),
    Kind.RESTRICT: ("/home", N_("You can restrict the use of your details yourself, at once")),
    Kind.OBJECT: ("/privacy", N_("You can object yourself, at once")),
    Kind.ACCESS: ("/your-data", N_("You can take a copy of everything yourself")),
    Kind.PORT: ("/your-data", N_("You can take a copy of everything yourself")),
}
_STATES: Final = {
    State.RECEIVED: (N_("Received"), "open", "open"),
    State.IN_WORK: (N_("In work"), "open", "open"),
    State.WAITING: (N_("Waiting for you"), "info", "open"),
    State.ANSWERED: (N_("Answered"), "on", "on"),
    State.REFUSED: (N_("Refused"), "off", "off"),
    State.CLOSED: (N_("Closed by you"), "paper", "law"),
}
_GROUNDS: Final = {
    Ground.IDENTITY: N_("We could not make sure that it is you who asks (GDPR, article 12(6))."),
    Ground.INFORMATION: N_("We lack what we need to know to do it (GDPR, article 12(6))."),
    Ground.UNFOUNDED: N_("The request has plainly no ground (GDPR, article 12(5))."),
    Ground.EXCESSIVE: N_("The same was asked too often (GDPR, article 12(5))."),
    Ground.LAW: N_("A law obliges us to keep it (GDPR, article 17(3)(b))."),
    Ground.CLAIMS: N_("It is needed for a legal claim (GDPR, article 17(3)(e))."),
}
_LONGER: Final = {
    Longer.COMPLEXITY: N_("Your request is complex (GDPR, article 12(3))."),
    Longer.VOLUME: N_("There are many requests (GDPR, article 12(3))."),
}
WRONG: Final = {
    "The message is empty.": N_("Write what you want to say."),
    "The message is longer than 4,000 characters.": N_(
        "This is longer than 4,000 characters. Shorten it, or send the rest as a second message."
    ),
    "The message holds characters that are no text.": N_(
        "There are characters in this that are no text. Remove them, or type it again."
    ),
}


def kind(of: Kind, lang: str) -> str:
    """Return what is asked."""
    return translate(lang, _KINDS[of][0])


def about(of: Kind, lang: str) -> str:
    """Return what a kind of request is for."""
    return translate(lang, _KINDS[of][1])


def shortcut(of: Kind, lang: str) -> tuple[str, str] | None:
    """Return the path where the portal does it at once, and what it says; None for no such."""
    found = SHORTCUTS.get(of)
    return (found[0], translate(lang, found[1])) if found else None


def state(of: Request | None, lang: str, *, now: datetime) -> Badge:
    """Return how a request stands; None for one whose row did not pass its check."""
    if of is None:
        return Badge(translate(lang, N_("Cannot be read")), "wrong", "off")
    if rules.is_overdue(of, now=now):
        return Badge(translate(lang, N_("Overdue: we owe you an answer")), "wrong", "off")
    words, icon, tone = _STATES[of.state]
    return Badge(translate(lang, words), icon, tone)


def ground(of: Ground, lang: str) -> str:
    """Return why a request was refused."""
    return translate(lang, _GROUNDS[of])


def longer(of: Longer, lang: str) -> str:
    """Return why an answer takes longer."""
    return translate(lang, _LONGER[of])


def who(by: str, lang: str) -> str:
    """Return who said something."""
    if by == CUSTOMER:
        return translate(lang, N_("You"))
    if by.startswith(STAFF):
        return translate(lang, N_("Staff {handle}"), handle=by.removeprefix(STAFF))
    return translate(lang, N_("Us"))


def who_for_staff(by: str, lang: str) -> str:
    """Return who said something, as staff read it."""
    if by == CUSTOMER:
        return translate(lang, N_("The customer"))
    if by.startswith(STAFF):
        return translate(lang, N_("Staff {handle}"), handle=by.removeprefix(STAFF))
    return translate(lang, N_("The host's shell"))
