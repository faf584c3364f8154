"""Carry a consent over from one code of ethics to the next, or end it.

A consent was given under one code. Each code that came into force since then is one step: where
the clause is equal nothing happens; where it is narrower the consent goes on with what both allow
and ends no later than the new clause lets it; where it is wider, or gone, the consent is revoked
at that very moment, for that clause alone, and no later step brings it back. So going back to the
old text is wider once a narrower one was in force. Only what allows is touched: a no stays a no.
It knows no clock and no rows; `vault/services/codes.py` says which steps there were.
Source: consent-standards note, 5; GDPR 7.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from policies.diff import Outcome
from policies.durations import Duration
from policies.model import Purpose, Rulebook
from vault.core.consent import ALLOWING, Consent, Event, transition

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Step:
    """A code that came into force, and what it made of each clause of the one before."""

    at: int  # unix ms
    rulebook: Rulebook
    outcomes: Mapping[str, Outcome]  # by purpose


def carry(consent: Consent, steps: Sequence[Step]) -> Consent:
    """Return what is left of a consent after the codes that came since; it may be the same object.

    Args:
        consent: as it was decided.
        steps: the codes that came into force after the consent's own, in their order.
    """
    for step in steps:
        # What had ended before the code came had nothing left to end.
        if consent.state not in ALLOWING or consent.until_ms <= step.at:
            return consent
        consent = _step(consent, step)
    return consent


def _step(consent: Consent, step: Step) -> Consent:
    outcome = step.outcomes.get(consent.purpose, Outcome.DROPPED)
    if outcome is Outcome.EQUAL:
        return consent
    if outcome is Outcome.NARROWER:
        clause = step.rulebook.purposes[consent.purpose]
        fields = consent.fields & {use.name for use in clause.uses}
        if fields:
            return replace(
                consent,
                fields=fields,
                until_ms=min(consent.until_ms, _end(clause, consent.from_ms)),
                code=step.rulebook.digest,
            )
    state = transition(consent.state, Event.REVOKED)
    return replace(consent, state=state, from_ms=step.at, until_ms=step.at)


def _end(clause: Purpose, from_ms: int) -> int:
    """Return when the clause lets a consent of this moment end: unix ms; never for no clause."""
    duration = Duration.parse(clause.expiry or "")
    if duration is None:  # another basis: there is no consent to carry
        return from_ms
    return (duration.after(_EPOCH + from_ms * _MILLISECOND) - _EPOCH) // _MILLISECOND
