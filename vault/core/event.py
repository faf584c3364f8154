"""Say what a contact event may tell beside its text: who spoke for the business, and what came of it.

Who is a role, a team or a handle of the business, or the customer; what came of it is one word of a
closed list, so that outcomes can be counted. What was said is nobody's business here.
Source: docs/formats.md, 4; INTERFACES, Interaction.
"""

from enum import StrEnum
from typing import Final

from vault.core.errors import WrongValueError

CUSTOMER: Final = "customer"  # who, where the customer said it
PORTAL: Final = "portal"  # channel of what customers write here
MAX_WHO: Final = 64  # characters
DEPTH: Final = 10  # events that may stand under each other, the first one counted


class Outcome(StrEnum):
    """What came of a contact."""

    ANSWERED = "answered"
    SOLVED = "solved"
    BEYOND = "beyond"  # more was done than was asked for
    REFERRED = "referred-elsewhere"  # somebody else serves the customer better
    NOT_POSSIBLE = "not-possible"
    NONE = "none"  # nothing had to come of it


def check_who(who: str) -> None:
    """Refuse what is no role, team or handle; "" is nobody.

    Raises:
        WrongValueError: it is too long, or holds what no name has.
    """
    # Not printable are line breaks, controls and the marks that turn the direction of a text.
    if len(who) > MAX_WHO or not who.isprintable() or who != who.strip():
        raise WrongValueError("Who is a role or a team, 1 to 64 characters.")


def check_outcome(outcome: str) -> None:
    """Refuse a word that is no outcome; "" is none that was told.

    Raises:
        WrongValueError: naming the words that there are.
    """
    if outcome and outcome not in set(Outcome):
        raise WrongValueError(f"The outcome is one of {', '.join(Outcome)}.")
