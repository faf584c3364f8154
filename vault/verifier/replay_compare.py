"""Compare what two codes of ethics say of one thing: does the later one ask more?

Answers are `same`, `less`, `more`, and `unknown` where a term is of a vocabulary that this checker
does not know. Nothing here knows what the words are about.
Source: consent-standards note, 5; docs/replay.md.
"""

import re
from collections.abc import Iterable
from typing import Final

from vault.verifier import replay_words

SPAN: Final = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")


def sets(one: Iterable[str], other: Iterable[str]) -> str:
    """Compare what grows by having more in it."""
    old, new = frozenset(one), frozenset(other)
    if old == new:
        return "same"
    return "less" if new < old else "more"


def ranks(one: str, other: str, scale: tuple[str, ...]) -> str:
    """Compare steps of a scale."""
    if one == other:
        return "same"
    if one not in scale or other not in scale:
        return "unknown"
    return "less" if scale.index(other) < scale.index(one) else "more"


def spans(one: str | None, other: str | None) -> str:
    """Compare how long; without a span it is no time at all."""
    if one == other:
        return "same"
    if one is None or other is None:
        return "less" if other is None else "more"
    first, second = (SPAN.fullmatch(span) for span in (one, other))
    if not first or not second:
        return "unknown"
    pairs = []
    for match in (first, second):
        years, months, weeks, days = (int(part or 0) for part in match.groups())
        pairs.append((12 * years + months, 7 * weeks + days))
    old, new = pairs
    if _is_within(new, old):
        return "same" if _is_within(old, new) else "less"
    return "more"


def _is_within(one: tuple[int, int], limit: tuple[int, int]) -> bool:
    """Say whether a span of months and days is surely no longer than another."""
    if one[0] <= limit[0] and one[1] <= limit[1]:
        return True
    return replay_words.days(*one)[1] <= replay_words.days(*limit)[0]


def flags(one: object, other: object) -> str:
    """Compare a yes with a no."""
    return sets(["yes"] if one else [], ["yes"] if other else [])


def turned(answer: str) -> str:
    """Turn an answer round."""
    return {"less": "more", "more": "less"}.get(answer, answer)


def words(one: Iterable[str], other: Iterable[str]) -> str:
    """Compare terms of a vocabulary: a new one may be narrower than an old one, or broader."""
    old, new = frozenset(one), frozenset(other)
    if old == new:
        return "same"
    if not replay_words.KNOWN.issuperset(old ^ new):
        return "unknown"
    if replay_words.within(new, old):
        return "same" if replay_words.within(old, new) else "less"
    return "more"
