"""Say which details a loyalty card is made of, and how its numbers are built.

The code of ethics names the detail that identifies by card; the balance of points is the number
called `points` of the same group. A card's number is digits of a range, chance, and a check digit, so
that a slip of the hand names nobody.
Source: ISO/IEC 7812-1 (Luhn); docs/api.md, at the till.
"""

import re
from typing import Final

from policies.model import FieldType, Identifier, Rulebook

DIGITS: Final = 16  # of a number, the check digit among them
MAX_RANGE: Final = 8  # digits that all numbers may begin with: seven are left to chance
POINTS: Final = "points"  # the name, within the card's group, of the field that holds the balance
MOST_POINTS: Final = 1_000_000  # of one event, either way
MAX_REFERENCE: Final = 64  # characters

_RANGE = re.compile(rf"[0-9]{{1,{MAX_RANGE}}}")


def is_range(text: str) -> bool:
    """Say whether these are digits that numbers of cards may begin with.

    >>> is_range("9"), is_range(""), is_range("9a")
    (True, False, False)
    """
    return _RANGE.fullmatch(text) is not None


def fields(rulebook: Rulebook) -> tuple[str, ...]:
    """Return the fields that identify by a card, in the code's order; none where there are no cards."""
    return tuple(one.name for one in rulebook.code.fields if one.identifies is Identifier.CARD)


def points_field(rulebook: Rulebook, card: str) -> str | None:
    """Return the field that holds the points of a card; None where its group counts none."""
    name = f"{card.partition('.')[0]}.{POINTS}"
    found = rulebook.fields.get(name)
    return name if found is not None and found.type is FieldType.NUMBER else None


def number(range_: str, chance: str) -> str:
    """Return a number: its range, digits of chance, and the check digit.

    >>> number("7992739871", "")
    '79927398713'
    """
    digits = range_ + chance
    total = sum(sum(divmod(2 * int(one), 10)) for one in digits[-1::-2])
    total += sum(int(one) for one in digits[-2::-2])
    return f"{digits}{-total % 10}"


def chances(range_: str) -> int:
    """Return how many digits of a number in this range are chance."""
    return DIGITS - 1 - len(range_)


def grouped(text: str) -> str:
    """Return a number in fours, as people read it; it is looked up the same.

    >>> grouped("9123456789012345")
    '9123 4567 8901 2345'
    """
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))
