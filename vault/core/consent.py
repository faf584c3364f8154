"""Decide what becomes of a consent: ten states, the events that lead from one to another.

A consent is the current decision of one customer on one purpose, with its set of fields. Here is
which event is possible in which state, and which fields, times and evidence the next one has.
Only given and renewed allow, and only the customer (or evidence of what the customer signed) leads
there. Giving is compare-and-set on the customer's consent epoch; withdrawing never conflicts, is
idempotent, and wins a tie because it raises the epoch that a giving must still find.
It knows no clock, no rows and no MACs; who the customer is stays with the caller.
Source: consent-standards note, 4; GDPR 4(11), 7(3).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from policies.model import ConsentState
from vault.core.errors import ConflictError, UnknownFieldError, WrongValueError

ALLOWING = frozenset({ConsentState.GIVEN, ConsentState.RENEWED})

_S = ConsentState


class Event(StrEnum):
    """What can happen to a consent."""

    SERVED = "served"  # a notice was really shown
    LEFT = "left"  # "decide later", or the page was left
    ALLOWED = "allowed"  # the customer, on a served notice, with other fields than before
    REAFFIRMED = "reaffirmed"  # the customer, on a served notice, with the same fields
    IMPORTED = "imported"  # evidence of what the customer allowed elsewhere
    REFUSED = "refused"  # the customer, on a served notice
    WITHDRAWN = "withdrawn"  # the customer, a link in a mail, staff on the customer's request
    LAPSED = "lapsed"  # its end has come
    REVOKED = "revoked"  # the publisher: clause widened, dropped, unused
    INVALIDATED = "invalidated"  # an authority, a court, a finding of compliance


@dataclass(frozen=True, slots=True)
class Consent:
    """The current decision on one purpose."""

    purpose: str
    state: ConsentState
    fields: frozenset[str]
    from_ms: int  # unix ms
    until_ms: int  # unix ms, exclusive
    code: str  # SHA-256 in hex of the code of ethics that was in force
    shown: str  # SHA-256 in hex of what the customer was shown


@dataclass(frozen=True, slots=True)
class Shown:
    """What a decision was made on."""

    code: str  # digest of the code in force, hex
    shown: str  # SHA-256 of the notice or of the evidence, hex
    offered: frozenset[str]  # fields that it names


def _stays(*states: ConsentState) -> dict[ConsentState, ConsentState]:
    return {state: state for state in states}


_ASKABLE = (_S.UNKNOWN, _S.REQUESTED, _S.DEFERRED, _S.EXPIRED, _S.REVOKED, _S.INVALIDATED)
_DECIDED = (_S.GIVEN, _S.RENEWED, _S.REFUSED, _S.WITHDRAWN)
_EVERY = tuple(ConsentState)

# Event -> state before -> state after. What is absent is refused: default deny.
_STEPS: Mapping[Event, Mapping[ConsentState, ConsentState]] = {
    # Whoever opens the page of something decided has not undone the decision by looking.
    Event.SERVED: dict.fromkeys(_ASKABLE, _S.REQUESTED) | _stays(*_DECIDED),
    Event.LEFT: {_S.REQUESTED: _S.DEFERRED} | _stays(_S.DEFERRED, *_DECIDED),
    # Not from invalidated: what was found wanting is asked anew, by a notice of its own.
    Event.ALLOWED: dict.fromkeys(set(_EVERY) - {_S.INVALIDATED}, _S.GIVEN),
    Event.REAFFIRMED: dict.fromkeys(ALLOWING, _S.RENEWED),
    # Evidence from elsewhere never overrides what the customer decided here.
    Event.IMPORTED: dict.fromkeys((_S.UNKNOWN, _S.REQUESTED, _S.DEFERRED, _S.EXPIRED), _S.GIVEN),
    # Saying no to what was given takes it back.
    Event.REFUSED: {_S.REQUESTED: _S.REFUSED}
    | dict.fromkeys(ALLOWING, _S.WITHDRAWN)
    | _stays(_S.REFUSED, _S.WITHDRAWN),
    # These only subtract, so they are possible everywhere and change only what allows.
    Event.WITHDRAWN: _stays(*_EVERY) | dict.fromkeys(ALLOWING, _S.WITHDRAWN),
    Event.LAPSED: _stays(*_EVERY) | dict.fromkeys(ALLOWING, _S.EXPIRED),
    Event.REVOKED: _stays(*_EVERY) | dict.fromkeys(ALLOWING, _S.REVOKED),
    Event.INVALIDATED: _stays(*_EVERY) | dict.fromkeys(ALLOWING, _S.INVALIDATED),
}


def transition(state: ConsentState, event: Event) -> ConsentState:
    """Return the state after an event; the same one when the event changes nothing.

    Raises:
        ConflictError: the event is not possible in this state.
    """
    after = _STEPS[event].get(state)
    if after is None:
        raise ConflictError
    return after


def state_at(consent: Consent | None, *, now: int) -> ConsentState:
    """Return the state that holds at a moment: no job is needed for a consent to end.

    Args:
        consent: the current decision; None when there is none.
        now: unix ms; a consent whose end is now has ended.
    """
    if consent is None:
        return _S.UNKNOWN
    if now >= consent.until_ms:
        return transition(consent.state, Event.LAPSED)
    return consent.state


def give(
    current: Consent | None,
    purpose: str,
    *,
    fields: frozenset[str],
    notice: Shown,
    now: int,
    until: int,
) -> Consent:
    """Return what the customer allows, on the notice that was served.

    The same fields before the end are a renewal; others are given anew. The notice was served, so
    the step through `requested` is taken here: serving it wrote nothing.

    Args:
        current: the decision so far.
        purpose: whose notice it is.
        fields: those left ticked; all of them, or any part.
        notice: what was shown.
        now: unix ms.
        until: unix ms, exclusive.

    Raises:
        UnknownFieldError: a field that the notice does not name.
        WrongValueError: no field at all.
        ConflictError: the state does not allow it.
    """
    if not fields:
        raise WrongValueError
    if not fields <= notice.offered:
        raise UnknownFieldError
    served = transition(state_at(current, now=now), Event.SERVED)
    same = current is not None and served in ALLOWING and fields == current.fields
    state = transition(served, Event.REAFFIRMED if same else Event.ALLOWED)
    return Consent(purpose, state, fields, now, until, notice.code, notice.shown)


def take_over(
    current: Consent | None,
    purpose: str,
    *,
    fields: frozenset[str],
    evidence: Shown,
    start: int,
    now: int,
    until: int,
) -> Consent | None:
    """Return what evidence says the customer allowed elsewhere; None when it changes nothing.

    Args:
        current: the decision so far.
        purpose: what the evidence is about.
        fields: what it names.
        evidence: `shown` is the SHA-256 of its canonical JSON.
        start: unix ms at which the customer allowed it; the end is counted from there.
        now: unix ms.
        until: unix ms, exclusive.

    Raises:
        UnknownFieldError: a field that the purpose does not use.
        WrongValueError: no field at all, or evidence from the future, which would move the end.
        ConflictError: the customer, or the publisher, decided otherwise here.
    """
    if not fields or start > now:
        raise WrongValueError
    if not fields <= evidence.offered:
        raise UnknownFieldError
    state = state_at(current, now=now)
    if state in ALLOWING or until <= now or (current is not None and start <= current.from_ms):
        return None
    after = transition(state, Event.IMPORTED)
    return Consent(purpose, after, fields, start, until, evidence.code, evidence.shown)


def refuse(
    current: Consent | None, purpose: str, *, fields: frozenset[str], notice: Shown, now: int
) -> Consent:
    """Return the customer's no; the same object when it was no already.

    What was given is withdrawn, as by `withdraw` with the same fields.

    Args:
        current: the decision so far.
        purpose: what it is about.
        fields: what the no names; empty for the whole purpose.
        notice: what was shown; empty `shown` when the no came without one.
        now: unix ms.
    """
    state = transition(state_at(current, now=now), Event.SERVED)
    after = transition(state, Event.REFUSED)
    if current is not None and (after is current.state or state in ALLOWING):
        return withdraw(current, fields=fields, now=now)
    named = fields & notice.offered or notice.offered
    return Consent(purpose, after, named, now, now, notice.code, notice.shown)


def defer(current: Consent | None, purpose: str, *, notice: Shown, now: int) -> Consent:
    """Return "not now"; the same object when a decision stands, which putting off does not undo.

    Args:
        current: the decision so far.
        purpose: what it is about.
        notice: what was shown; empty `shown` when it came without one.
        now: unix ms.

    Raises:
        ConflictError: the state does not allow it.
    """
    state = transition(state_at(current, now=now), Event.SERVED)
    after = transition(state, Event.LEFT)
    if current is not None and (after is not _S.DEFERRED or current.state is _S.DEFERRED):
        return current
    return Consent(purpose, after, notice.offered, now, now, notice.code, notice.shown)


def withdraw(current: Consent, *, fields: frozenset[str] = frozenset(), now: int) -> Consent:
    """Return what is left; the same object when there was nothing to withdraw.

    Without `fields` it concerns the whole purpose. Some fields less are a new given, with the same
    end and on the same evidence: narrower, so no notice is needed.

    Args:
        current: the decision so far.
        fields: what is withdrawn; unknown names are nothing to withdraw.
        now: unix ms.
    """
    state = state_at(current, now=now)
    if state not in ALLOWING or (fields and not fields & current.fields):
        return current
    left = current.fields - fields if fields else frozenset()
    if left:
        return replace(current, state=transition(state, Event.ALLOWED), fields=left, from_ms=now)
    after = transition(state, Event.WITHDRAWN)
    return replace(current, state=after, from_ms=now, until_ms=now)


def next_epoch(epoch: int, *, seen: int | None = None) -> int:
    """Return the epoch after one more change.

    Args:
        epoch: the customer's, under lock.
        seen: what the page that was answered said; None for what may not conflict.

    Raises:
        ConflictError: something changed since the page was made.
    """
    if seen is not None and seen != epoch:
        raise ConflictError
    return epoch + 1
