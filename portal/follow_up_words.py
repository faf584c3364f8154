"""Say in words how a follow-up stands, what was offered, who sees to it, and what was said.

Source: portal note, 2.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from policies.model import Source, StaffRole
from portal.labels import Labels
from portal.language import N_, translate
from portal.state import Badge
from portal.words import Moment, moment
from vault.core import follow_up as rules
from vault.core.follow_up import FollowUp, Outcome, State
from vault.services import interaction
from vault.services.interaction import Told

_STATES: Final = {
    State.OPEN: (N_("Open: we owe you something"), "open", "open"),
    State.OFFERED: (N_("We say that it is settled. Do you?"), "info", "open"),
    State.SETTLED: (N_("Settled: you said so"), "on", "on"),
}
_FOR_STAFF: Final = {
    State.OPEN: (N_("Open"), "open", "open"),
    State.OFFERED: (N_("Waits for the customer"), "end", "law"),
    State.SETTLED: (N_("Settled: the customer said so"), "on", "on"),
}
_OUTCOMES: Final = {
    Outcome.SOLVED: N_("We solved it."),
    Outcome.BEYOND: N_("We solved it, and did more than you asked for."),
    Outcome.REFERRED: N_("Somebody else serves you better with this, and we said who."),
    Outcome.NOT_POSSIBLE: N_("We could not do it, and said why."),
}
_FOR_STAFF_OUTCOMES: Final = {
    Outcome.SOLVED: N_("Solved"),
    Outcome.BEYOND: N_("Solved, and more than that"),
    Outcome.REFERRED: N_("Referred to somebody who serves them better"),
    Outcome.NOT_POSSIBLE: N_("Not possible"),
}
_ROLES: Final = {
    StaffRole.COMPLIANCE: N_("Compliance"),
    StaffRole.STEWARD: N_("Data steward"),
    StaffRole.SUPPORT: N_("Support"),
    StaffRole.ADMIN: N_("Administration"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of what was said."""

    name: str  # "" where it is the only one, and plain text
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One contact of a thread."""

    kind: str
    who: str
    at: Moment
    parts: tuple[Part, ...]
    damaged: bool


def state(of: FollowUp | None, lang: str, *, now: datetime) -> Badge:
    """Return how one stands, for its customer; None for one whose row did not pass its check."""
    if of is not None and rules.is_overdue(of, now=now):
        return Badge(translate(lang, N_("Overdue: we owe you something")), "wrong", "off")
    return _badge(of, _STATES, lang)


def state_for_staff(of: FollowUp | None, lang: str, *, now: datetime) -> Badge:
    """Return how one stands, for staff."""
    if of is not None and rules.is_overdue(of, now=now):
        return Badge(translate(lang, N_("Overdue")), "wrong", "off")
    return _badge(of, _FOR_STAFF, lang)


def state_name(of: State, lang: str) -> str:
    """Return what a state is called in a filter."""
    return translate(lang, _FOR_STAFF[of][0])


def outcome(of: Outcome, lang: str) -> str:
    """Return what was offered, for the customer."""
    return translate(lang, _OUTCOMES[of])


def outcome_for_staff(of: Outcome, lang: str) -> str:
    """Return what was offered, for staff."""
    return translate(lang, _FOR_STAFF_OUTCOMES[of])


def role(of: StaffRole, lang: str) -> str:
    """Return what a role is called."""
    return translate(lang, _ROLES[of])


def lines(thread: Sequence[Told], labels: Labels, *, you: str) -> tuple[Line, ...]:
    """Return a thread as a page shows it.

    Args:
        thread: what was opened, the oldest first.
        labels: names of the code in the page's language.
        you: what the customer is called: "You", or "The customer".
    """
    return tuple(
        Line(
            kind=labels.of(interaction.name(one.kind)),
            who=_who(one, labels, you),
            at=moment(one.at, labels.lang),
            parts=_parts(one.content),
            damaged=one.damaged,
        )
        for one in thread
    )


def _badge(of: FollowUp | None, words: dict[State, tuple[str, str, str]], lang: str) -> Badge:
    if of is None:
        return Badge(translate(lang, N_("Cannot be read")), "wrong", "off")
    said, icon, tone = words[of.state]
    return Badge(translate(lang, said), icon, tone)


def _who(one: Told, labels: Labels, you: str) -> str:
    if one.app:
        return labels.app(one.app)
    if one.source == Source.TOLD and one.purpose is None:
        return you
    return translate(labels.lang, N_("Us"))


def _parts(content: object) -> tuple[Part, ...]:
    if not isinstance(content, dict):
        return ()
    alone = len(content) == 1
    return tuple(
        Part("" if alone and isinstance(value, str) else name, _text(value))
        for name, value in content.items()
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
