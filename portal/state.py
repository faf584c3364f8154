"""Say how things stand in words, with an icon and a tone; never by colour alone.

The ten states of a consent are those of `policies.names`; the words are the portal's. A consent
that ends within 30 days says so. Ended ones stay visible, with when and how they ended.
Source: portal note, 2.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from policies.names import Basis, ConsentState
from portal.language import N_, translate
from portal.words import day

SOON: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Badge:
    """A state as a page shows it."""

    words: str
    icon: str  # a name of the macro `icon`
    tone: str  # a class of the stylesheet: on, off, open, law


ALLOWING: Final = frozenset({ConsentState.GIVEN, ConsentState.RENEWED})
_OPEN: Final = frozenset({ConsentState.UNKNOWN, ConsentState.REQUESTED, ConsentState.DEFERRED})
_ENDED: Final = {
    ConsentState.REFUSED: N_("You said no on {date}"),
    ConsentState.WITHDRAWN: N_("Stopped by you on {date}"),
    ConsentState.EXPIRED: N_("Ended on {date}"),
    ConsentState.REVOKED: N_("Stopped: the rules changed"),
    ConsentState.INVALIDATED: N_("Stopped: was not valid"),
}
_HAPPENED: Final = {
    ConsentState.DEFERRED: N_("Put off"),
    ConsentState.GIVEN: N_("Allowed"),
    ConsentState.RENEWED: N_("Allowed again"),
    ConsentState.REFUSED: N_("Said no"),
    ConsentState.WITHDRAWN: N_("Stopped by you"),
    ConsentState.REVOKED: N_("Stopped: the rules changed"),
    ConsentState.INVALIDATED: N_("Stopped: was not valid"),
}
_BASES: Final = {
    Basis.CONTRACT: N_("Needed for what you asked of us"),
    Basis.LEGAL_OBLIGATION: N_("The law demands it"),
    Basis.VITAL_INTEREST: N_("To protect somebody's life"),
    Basis.PUBLIC_TASK: N_("A task in the public interest"),
    Basis.LEGITIMATE_INTEREST: N_("In our legitimate interest"),
}


def consent(
    state: ConsentState,
    lang: str,
    *,
    decided: datetime | None,
    until: datetime | None,
    now: datetime,
) -> Badge:
    """Return the badge of a consent.

    Args:
        state: as stored; a given one whose end is past is shown as ended.
        lang: the page's language.
        decided: when the customer decided, or it ended otherwise.
        until: the end, exclusive; None for no end.
        now: UTC.
    """
    if state in ALLOWING and until is not None and until <= now:
        state, decided = ConsentState.EXPIRED, until
    if state in _OPEN:
        return Badge(translate(lang, N_("Not answered yet")), "open", "open")
    if state in ALLOWING and until is None:
        return Badge(translate(lang, N_("Allowed")), "on", "on")
    if state in ALLOWING and until is not None:
        date = day(until, lang).text
        if until - now <= SOON:
            return Badge(translate(lang, N_("Ends soon: {date}"), date=date), "end", "open")
        return Badge(translate(lang, N_("Allowed until {date}"), date=date), "on", "on")
    date = day(decided, lang).text if decided else ""
    return Badge(translate(lang, _ENDED[state], date=date), "off", "off")


def happened(state: ConsentState, lang: str) -> str:
    """Return what a decision of the past was, without its time."""
    return translate(lang, _HAPPENED[state]) if state in _HAPPENED else state.value


def basis(of: Basis, lang: str) -> Badge:
    """Return the badge of a purpose that rests on something other than consent."""
    return Badge(translate(lang, _BASES[of]), "law", "law")


def outcome(lang: str, *, allowed: bool, refused: bool, change: bool = False) -> Badge:
    """Return the badge of a line of the access log."""
    if change:
        return Badge(translate(lang, N_("Your decision")), "paper", "law")
    if allowed and refused:
        return Badge(translate(lang, N_("Partly refused")), "open", "open")
    if allowed:
        return Badge(translate(lang, N_("Allowed")), "eye", "on")
    return Badge(translate(lang, N_("Refused")), "off", "off")
