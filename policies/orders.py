"""Order what a clause says: `within(one, other)` means that the one asks no more than the other.

Each is a partial order on sets of words: reflexive, antisymmetric up to words that say the same,
transitive. What cannot be compared is within nothing, so that whoever compares takes it as more.
Countries are sets of countries: a server stands in one, so a recipient never names a region, and
whoever moves from Portugal to Ireland moves. Nothing here knows what the words are about.
Source: consent-standards note, 5.
"""

from collections.abc import Sequence

from policies.broader import is_a
from policies.durations import Duration
from policies.names import Automation, Sensitivity

Said = frozenset[str]
NOTHING: Said = frozenset()


def included(one: Said, other: Said) -> bool:
    """Compare sets: fewer is less."""
    return one <= other


def includes(one: Said, other: Said) -> bool:
    """Compare sets the other way round: a benefit that is taken away asks more."""
    return one >= other


def same(one: Said, other: Said) -> bool:
    """Compare what has no order: only the same is within."""
    return one == other


def no_broader(one: Said, other: Said) -> bool:
    """Compare terms of the vocabulary: each is one of the others, or narrower than one.

    >>> no_broader(frozenset({"EmailAddress"}), frozenset({"Contact"}))
    True
    """
    return all(any(is_a(term, wide) for wide in other) for term in one)


def no_more_sensitive(one: Said, other: Said) -> bool:
    """Compare sensitivity: ordinary, then sensitive, then special."""
    return _ranked(one, other, list(Sensitivity))


def no_more_automated(one: Said, other: Said) -> bool:
    """Compare how much a machine does; what is not inferred at all comes before all of it."""
    return _ranked(one, other, list(Automation))


def no_longer(one: Said, other: Said) -> bool:
    """Compare at most one duration each; none is the shortest."""
    shorter, longer = (Duration.parse(next(iter(said), "")) for said in (one, other))
    return shorter is None or (longer is not None and shorter.within(longer))


def no_shorter(one: Said, other: Said) -> bool:
    """Compare at most one duration each the other way round: the longer asks less often.

    Nothing is the most: what has no end between two of them may be asked at any time.
    """
    return no_longer(other, one) if one else not other


def no_later(one: Said, other: Said) -> bool:
    """Compare at most one promise each, "P5D support": a later one, or none, is less of one.

    Another owner is another promise.
    """
    if not one or not other:
        return not other
    (first, owner), (second, other_owner) = (next(iter(said)).split() for said in (one, other))
    return owner == other_owner and no_longer(frozenset({first}), frozenset({second}))


def no_smaller(one: Said, other: Said) -> bool:
    """Compare at most one number each: of a larger group less is seen, and of none nothing."""
    if not one or not other:
        return not one
    return int(next(iter(one))) >= int(next(iter(other)))


def same_or_nothing(one: Said, other: Said) -> bool:
    """Compare what has no order but that nothing of it is less than any."""
    return one in {NOTHING, other}


def _ranked(one: Said, other: Said, scale: Sequence[str]) -> bool:
    first, second = (max(map(scale.index, said), default=-1) for said in (one, other))
    return first <= second
