"""Show each purpose on a card, ask for consent with the notice, and carry out a decision."""

from dataclasses import dataclass

from portal.state import Badge


@dataclass(frozen=True, slots=True)
class Card:
    """One purpose."""

    id: str
    label: str
    state: Badge
    what: str
    why: str  # the basis in words, for what is done without asking; "" elsewhere
    gain: str
    if_not: str  # what changes when the customer stops
    fields: tuple[str, ...]
    readers: tuple[str, ...]
    until: str
    ask: bool  # whether it can be decided on
    withdraw_csrf: str  # "" where there is nothing to stop


@dataclass(frozen=True, slots=True)
class Done:
    """What the last decision did."""

    tone: str
    words: str
    receipt: str  # path; "" for none
    again: str  # path of the page on which it can be changed; "" for none


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """Everything of `/privacy`."""

    title: str
    done: Done | None
    choices: tuple[Card, ...]
    others: tuple[Card, ...]
