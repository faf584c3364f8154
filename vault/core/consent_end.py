"""Say when a consent may end: as its clause says, or earlier, as the customer chooses at giving.

It is never later than the clause says, and never later than twelve months.
Source: portal note, 3 (once, 3 months, 12 months); consent-standards note, 4.
"""

from datetime import datetime
from functools import lru_cache
from typing import Final

from policies.durations import Duration
from policies.model import Purpose
from vault.core.errors import WrongValueError

ONCE: Final = "P1D"  # for what is wanted today: nobody is asked at a time when they are not there
_OFFERED: Final = (ONCE, "P3M", "P12M")


def earlier(clause: Purpose) -> tuple[str, ...]:
    """Return the durations that a customer may choose instead of the clause's own, each shorter."""
    whole = _parse(clause.expiry)
    found = []
    for text in _OFFERED:
        one = _parse(text)
        if one.within(whole) and not whole.within(one):
            found.append(text)
    return tuple(found)


def end(clause: Purpose, start: datetime, *, lasts: str | None = None) -> datetime:
    """Return when a consent given at `start` ends by itself, exclusive.

    Args:
        clause: one that rests on consent.
        start: aware.
        lasts: one of `earlier`; None for as long as the clause says.

    Raises:
        WrongValueError: another duration.
    """
    if lasts is not None and lasts not in earlier(clause):
        raise WrongValueError
    return _parse(lasts or clause.expiry).after(start)


@lru_cache(maxsize=256)  # of codes of ethics, so there are few
def _parse(text: str | None) -> Duration:
    duration = Duration.parse(text or "")
    if duration is None:
        raise ValueError("a compiled clause that rests on consent has an expiry")
    return duration
