"""Say what staff must tell before an entry of the access log opens: why, and for which case.

Why stands in the record of the look as its purpose, below the vault's own clause `audit`; the case
is a reference, such as a request's number. The customer reads both.
Source: security note, 8; portal note, 8.
"""

from enum import StrEnum

from policies.names import AUDIT
from vault.core.errors import WrongValueError
from vault.core.staff import CASE


class Why(StrEnum):
    """What an entry is opened for."""

    QUESTION = f"{AUDIT}.question"  # a customer, or somebody of the business, asked
    ALERT = f"{AUDIT}.alert"
    CONTROL = f"{AUDIT}.control"  # a routine check
    AUTHORITY = f"{AUDIT}.authority"  # a supervisory authority, or a court


def case(text: str) -> str:
    """Return a case reference.

    Raises:
        WrongValueError: it is none.

    >>> case(" R-2041 ")
    'R-2041'
    """
    if CASE.fullmatch(text.strip()) is None:
        raise WrongValueError("Write the number of a request or of a ticket.")
    return text.strip()
