"""Say what a chunk of a bulk call came to: a line for each customer, and what stands for all.

Lines are bytes, so that a call of a thousand customers holds no more than it sends.
Source: INTERFACES, Batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vault.api.calls import body_bytes, code_of, refuse
from vault.api.fields import fields_of
from vault.core.errors import VaultError
from vault.services.ask import Answer
from vault.services.bulk import Outcome
from vault.services.deps import Deps


@dataclass(frozen=True, slots=True)
class Ended:
    """What stands for a whole chunk."""

    code: dict[str, str]
    receipt: str

    @property
    def line(self) -> bytes:
        """Return the line behind the chunk's own."""
        return body_bytes({"code": self.code, "receipt": self.receipt})


def refuse_whole(outcomes: Sequence[Outcome]) -> None:
    """Return unless the call is refused as a whole, whoever its customers are.

    Raises:
        OutsideTokenError: it is.
    """
    for one in outcomes:
        if isinstance(one, Answer) and one.outside_token:
            refuse(one)


def line(deps: Deps, purpose: str, customer: str, outcome: Outcome) -> bytes:
    """Return one customer's line: fields, or the code of what went wrong."""
    try:
        if isinstance(outcome, VaultError):
            raise outcome
        refuse(outcome)
    except VaultError as error:
        return body_bytes({"customer": customer, "error": error.code})
    return body_bytes({"customer": customer, **fields_of(outcome, purpose, deps)})


def ended(outcomes: Sequence[Outcome]) -> Ended | None:
    """Return what stands for the chunk; None when nothing of it was recorded."""
    for one in outcomes:
        if isinstance(one, Answer):
            return Ended(code_of(one), one.receipt)
    return None
