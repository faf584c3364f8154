"""Decide for one customer whether they may be reached, and say the answer with its entry.

What is stored comes loaded, and nothing is written here. How many customers a call has, what is
locked, and how the contact is noted, is for `vault/services/contact.py`.
Source: docs/api.md, may we contact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from policies.model import Channel
from policies.reasons import NO_BASIS, Reason
from vault.core import contact
from vault.crypto.keys import Kind, unwrap
from vault.services import interaction, profile, quiet
from vault.services.ask import Ask, Decided
from vault.services.audit import audit_key
from vault.services.deps import Deps
from vault.services.disclosure import draft, facts, refuse_whole
from vault.services.draft import Draft
from vault.services.interaction import Event
from vault.services.load import Load
from vault.services.profile import Change
from vault.services.situation import unix_ms

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Note:
    """The contact event that is appended where the answer is yes."""

    ask: Ask  # to append the kind; whom it names does not matter
    kind: str
    content: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of each customer."""

    ask: Ask  # to read the ways to reach them; whom it names does not matter
    channel: Channel
    note: Note | None = None  # None: it is only asked

    def event(self, at: datetime) -> Event:
        """Return the event that a yes appends.

        Precondition: there is a note.
        """
        if self.note is None:
            raise RuntimeError("nothing is to be noted")
        return Event(self.note.kind, at, self.channel.value, self.note.content)


@dataclass(frozen=True, slots=True)
class Said:
    """The answer about one customer."""

    allowed: bool
    reason: str | None = None  # as an app may know it; None for a yes
    not_before: datetime | None = None  # before it the answer stays no; None where nobody can say
    event: UUID | None = None  # the contact that was noted


@dataclass(frozen=True, slots=True)
class Weighed:
    """One customer's ask after step 2."""

    look: Decided  # of the ways to reach them
    reason: str | None  # as an app may know it; None for a yes
    not_before: int | None  # unix ms
    append: Decided | None  # of the event; None where none is to be noted

    @property
    def outside(self) -> Decided | None:
        """Return what is outside the token, whoever the customer is; None where nothing is."""
        both = (self.look, self.append)
        return next((one for one in both if one is not None and one.outside_token), None)


@dataclass(frozen=True, slots=True)
class Done:
    """One customer's answer, with its entry, and whether a contact is to be noted."""

    said: Said
    entry: Draft
    noted: bool = False


def weigh(deps: Deps, wish: Wish, load: Load, reached: Sequence[datetime]) -> Weighed:
    """Take step 2.

    Args:
        deps: what a use case may touch.
        wish: what is asked.
        load: what is stored; under lock where a contact is to be noted.
        reached: when the customer was reached in the last 30 days.
    """
    ask = replace(wish.ask, customer=load.customer)
    holds = facts(deps, load, ask.names)
    ends = quiet.until(holds.terms.quiet, load.at) if holds.quiet else None
    found = contact.weigh(
        load.rulebook,
        ask.question,
        holds,
        reached=[unix_ms(at) for at in reached],
        quiet_until=unix_ms(ends) if ends else None,
    )
    look = refuse_whole(Decided(ask, load, dict(found.verdicts), audit_key(deps, load)))
    append = None
    if wish.note is not None:
        source = interaction.source_of(load.rulebook, wish.note.kind)
        writer = replace(wish.note.ask, customer=load.customer)
        append = profile.decide_write(deps, writer, load, Change({}, source))
    return Weighed(look, found.reason, found.not_before, append)


def finish(deps: Deps, one: Weighed) -> Done:
    """Say the answer and its entry.

    Raises:
        OpenError: a contact is to be noted, and the customer's key does not open.
    """
    look, reason, key = one.look, one.reason, one.look.load.key(Kind.PROFILE)
    if reason is None and one.append is not None and (one.append.withheld or key is None):
        # Whose contacts may not be noted is not reached: their limit could not be kept.
        why = one.append.withheld[0][1] if one.append.withheld else Reason.ERASED.value
        look, reason = profile.deny_all(look, Reason(why)), NO_BASIS
    entry = draft(deps, look, seen=None)
    if reason is not None:
        ends = None if one.not_before is None else _EPOCH + timedelta(milliseconds=one.not_before)
        return Done(Said(allowed=False, reason=reason, not_before=ends), entry)
    if one.append is None or key is None:
        return Done(Said(allowed=True), entry)
    unwrap(deps.keys.keks, key)  # here it fails for this customer alone
    return Done(Said(allowed=True), entry, noted=True)
