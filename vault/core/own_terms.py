"""Alter the standing terms that a customer sets by hand: one rule for each kind, pure.

Setting needs a term that the code of ethics offers and a name that it knows; what the law demands
cannot be ruled out. Lifting is always possible, whatever the code says today: a term of the past
must not be one that nobody can take away. What is set already changes nothing.
The members that the vault sets itself (a child's age, restricted fields) are not touched here.
Source: consent-standards note, 6; DESIGN 5 (terms).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from policies.model import Basis, Channel, Rulebook, Term
from policies.situation import Terms
from vault.core.errors import ConflictError, TermNotOfferedError, UnknownFieldError, WrongValueError

LONGEST_LAPSE: Final = 365  # days
MOST_TIMES: Final = 30  # in 30 days; the highest limit on how often

Difference = dict[str, list[object]]  # member of `Terms` -> its two sides, as JSON holds them


class Rule(StrEnum):
    """What a customer's own term says of a purpose, an app or a channel."""

    NEVER = "never"
    ASK = "ask"  # only while the customer is there; of purposes alone
    OPEN = "open"  # no own rule: consents and the code decide


class MailKind(StrEnum):
    """The letters of the vault that a customer may do without."""

    REMINDERS = "reminders"
    RECEIPTS = "receipts"
    SURVEYS = "surveys"


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that differs between two states of the terms."""

    member: str  # of `Terms`
    name: str  # in a set of names; "" elsewhere
    now: bool  # whether the term is set, or set otherwise; False: lifted


def of_purpose(rulebook: Rulebook, terms: Terms, purpose: str, *, rule: Rule) -> Terms:
    """Return the terms with one rule on a purpose.

    Raises:
        UnknownFieldError: neither the code nor the terms know the purpose.
        TermNotOfferedError: the code does not offer the rule, or a law demands the purpose.
    """
    found = rulebook.purposes.get(purpose)
    if found is None and purpose not in terms.never_purposes | terms.ask_each_time:
        raise UnknownFieldError
    if rule is not Rule.OPEN:
        term = Term.NEVER_PURPOSE if rule is Rule.NEVER else Term.ASK_EACH_TIME
        _check(rulebook, term)
        if found is None or found.basis is Basis.LEGAL_OBLIGATION:
            raise TermNotOfferedError
    return replace(
        terms,
        never_purposes=_with(terms.never_purposes, purpose, rule is Rule.NEVER),
        ask_each_time=_with(terms.ask_each_time, purpose, rule is Rule.ASK),
    )


def of_app(rulebook: Rulebook, terms: Terms, app: str, *, rule: Rule) -> Terms:
    """Return the terms with one rule on an app; errors as for `of_purpose`."""
    if app not in rulebook.recipients and app not in terms.never_apps:
        raise UnknownFieldError
    if rule is Rule.NEVER:
        _check(rulebook, Term.NEVER_APP)
        if is_duty(rulebook, app):
            raise TermNotOfferedError
    if rule is Rule.ASK:
        raise TermNotOfferedError
    return replace(terms, never_apps=_with(terms.never_apps, app, rule is Rule.NEVER))


def of_channel(rulebook: Rulebook, terms: Terms, channel: str, *, rule: Rule) -> Terms:
    """Return the terms with one rule on a way to be reached; errors as for `of_purpose`."""
    if channel not in set(Channel):
        raise UnknownFieldError
    if rule is Rule.NEVER:
        _check(rulebook, Term.NEVER_CHANNEL)
    if rule is Rule.ASK:
        raise TermNotOfferedError
    return replace(terms, never_channels=_with(terms.never_channels, channel, rule is Rule.NEVER))


def of_mails(terms: Terms, kind: str, *, wanted: bool) -> Terms:
    """Return the terms with one kind of optional letters turned off, or on again.

    Raises:
        UnknownFieldError: there is no such kind.
    """
    if kind not in set(MailKind):
        raise UnknownFieldError
    return replace(terms, no_mails=_with(terms.no_mails, kind, not wanted))


def switch(rulebook: Rulebook, terms: Terms, term: Term, *, on: bool) -> Terms:
    """Return the terms with a pause, no profiling or no sharing set or lifted.

    Raises:
        TermNotOfferedError: it is to be set, and the code does not offer it.
    """
    member = _SWITCHES.get(term)
    if member is None:
        raise TermNotOfferedError
    if on:
        _check(rulebook, term)
    return replace(terms, **{member: on})  # type: ignore[arg-type]  # a bool member, by name


def quiet(rulebook: Rulebook, terms: Terms, span: str) -> Terms:
    """Return the terms with quiet hours as `services/quiet.py` writes them; "" lifts them.

    Raises:
        TermNotOfferedError: the code does not offer it.
    """
    if span:
        _check(rulebook, Term.QUIET_HOURS)
    return replace(terms, quiet=span)


def lapse(rulebook: Rulebook, terms: Terms, days: int) -> Terms:
    """Return the terms under which each consent ends some days after it was given; 0 lifts it.

    Raises:
        WrongValueError: fewer than no days, or more than a year.
        TermNotOfferedError: the code does not offer it.
    """
    if not 0 <= days <= LONGEST_LAPSE:
        raise WrongValueError
    if days:
        _check(rulebook, Term.LAPSE)
    return replace(terms, lapse_days=days)


def at_most(rulebook: Rulebook, terms: Terms, times: int) -> Terms:
    """Return the terms under which the business reaches the customer so often in 30 days; 0 lifts it.

    Raises:
        WrongValueError: fewer than no times, or more than `MOST_TIMES`.
        TermNotOfferedError: the code does not offer it.
    """
    if not 0 <= times <= MOST_TIMES:
        raise WrongValueError
    if times:
        _check(rulebook, Term.AT_MOST)
    return replace(terms, at_most=times)


def is_duty(rulebook: Rulebook, app: str) -> bool:
    """Say whether an app does nothing but what the law demands, so that no rule reaches it."""
    bases = {one.basis for one in rulebook.code.purposes if app in one.recipients}
    return bases == {Basis.LEGAL_OBLIGATION}


def changes(before: Terms, after: Terms) -> tuple[Changed, ...]:
    """Return what differs, in the order of the members."""
    return of_difference(difference(before, after))


def difference(before: Terms, after: Terms) -> Difference:
    """Return what turns `before` into `after`: of names those added and removed, else old and new."""
    found: Difference = {}
    for member in Terms.__slots__:
        old, new = getattr(before, member), getattr(after, member)
        if isinstance(old, frozenset) and isinstance(new, frozenset) and old != new:
            found[member] = [sorted(new - old), sorted(old - new)]
        elif old != new:
            found[member] = [old, new]
    return found


def of_difference(found: Difference) -> tuple[Changed, ...]:
    """Return what a difference changed, as `changes` would."""
    changed: list[Changed] = []
    for member, (one, other) in found.items():
        if isinstance(one, list) and isinstance(other, list):
            changed += [Changed(member, name, now=True) for name in one]
            changed += [Changed(member, name, now=False) for name in other]
        else:
            changed.append(Changed(member, "", bool(other)))
    return tuple(changed)


def revert(terms: Terms, found: Difference) -> Terms:
    """Return the terms without a difference; what it did not touch stays.

    Raises:
        ConflictError: a member is neither what it was before nor what it became.
    """
    members: dict[str, object] = {}
    for member, (old, new) in found.items():
        current = getattr(terms, member)
        if isinstance(old, list) and isinstance(new, list):
            members[member] = (current - frozenset(old)) | frozenset(new)
        elif current in (new, old):
            members[member] = old
        else:
            raise ConflictError
    return replace(terms, **members)  # type: ignore[arg-type]  # by name, of `difference`


def told(changed: Iterable[Changed], *, method: str = "") -> tuple[tuple[str, str], ...]:
    """Return changes as an entry of the access log holds them: what, and whether set or lifted.

    Args:
        changed: from `changes`.
        method: how it came about, where it was not the customer's own press.

    >>> told(changes(Terms(), Terms(paused=True, never_apps=frozenset({"shop"}))))
    (('term/paused', 'set'), ('term/never_apps/shop', 'set'))
    """
    how = f", {method}" if method else ""
    return tuple(
        (
            f"term/{one.member}/{one.name}" if one.name else f"term/{one.member}",
            ("set" if one.now else "lifted") + how,
        )
        for one in changed
    )


_SWITCHES: Final = {
    Term.PAUSE: "paused",
    Term.NO_PROFILING: "no_profiling",
    Term.NO_SHARING: "no_sharing",
}


def _check(rulebook: Rulebook, term: Term) -> None:
    if term not in rulebook.code.terms:
        raise TermNotOfferedError


def _with(names: frozenset[str], name: str, there: bool) -> frozenset[str]:  # noqa: FBT001  a pair with its name
    return names | {name} if there else names - {name}
