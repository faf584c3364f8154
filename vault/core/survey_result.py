"""Show what many answered, and never what few did: groups of answers, each large enough or merged.

Every number that is given is the count of a group of at least so many answers, or follows from such
counts alone: so nothing smaller can be computed from what is shown, however it is put together. An
answer that nobody gave is as small as one that one gave. Answers are merged with their neighbours in
the order of the question, for to choose by size would tell something of the sizes. A text is never
part of a number.
Answers come in by steps of a whole group, so that nobody sees one person's answer arrive.
Source: consent-standards note, 8 and 9.12; docs/decisions, surveys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from policies.survey import Question, QuestionType
from vault.core.survey import offered

# How likely they recommend: against, neither, for.
_BANDS: Final = (("0", "1", "2", "3", "4", "5", "6"), ("7", "8"), ("9", "10"))
_UNHAPPY: Final = ("1", "2", "3")
_HAPPY: Final = ("4", "5")


@dataclass(frozen=True, slots=True)
class Group:
    """Answers that are counted together, and how many gave one of them."""

    answers: tuple[str, ...]  # as a form sends them, in the question's order
    count: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of one question."""

    answered: int  # 0: too few, and nothing is shown
    groups: tuple[Group, ...] = ()
    nps: int | None = None  # -100 to 100; None where a group that it is made of is too small
    mean: float | None = None  # 1 to 5, to two places; likewise
    happy: int | None = None  # per cent who chose 4 or 5; likewise


def whole_slots(answered: int, *, size: int, least: int) -> int:
    """Return how many slots are shown: whole ones alone, in steps of at least a group.

    Args:
        answered: how many answered the question, ever.
        size: answers in a slot.
        least: answers of a group.
    """
    step = -(-least // size)
    return answered // size // step * step


def show(question: Question, counts: Mapping[str, int], *, answered: int, least: int) -> Shown:
    """Return what may be shown.

    Args:
        question: what was asked.
        counts: answer -> how many gave it.
        answered: how many answered the question.
        least: of how many a group must be.
    """
    if answered < least:
        return Shown(0)
    cells = [(one, counts.get(one, 0)) for one in offered(question)]
    if question.type is QuestionType.TEXT:
        return Shown(answered)
    if question.type is QuestionType.NPS:
        return _nps(dict(cells), answered, least)
    if question.type is QuestionType.CSAT:
        return _csat(dict(cells), answered, least)
    if question.type is QuestionType.SEVERAL:
        # Each is told apart from those who did not choose it, who are a group, too.
        both = [(one, n) for one, n in cells if n >= least and answered - n >= least]
        return Shown(answered, tuple(Group((one,), n) for one, n in both))
    return Shown(answered, tuple(_neighbours(cells, least)))


def _nps(cells: Mapping[str, int], answered: int, least: int) -> Shown:
    against, neither, for_ = _BANDS
    for parts in (_BANDS, (against + neither, for_), (against, neither + for_)):
        groups = tuple(Group(part, sum(cells[one] for one in part)) for part in parts)
        if all(one.count >= least for one in groups):
            score = None
            if parts is _BANDS:
                score = round(100 * (groups[2].count - groups[0].count) / answered)
            return Shown(answered, groups, nps=score)
    return Shown(answered, (Group(tuple(cells), answered),))


def _csat(cells: Mapping[str, int], answered: int, least: int) -> Shown:
    unhappy, happy = (sum(cells[one] for one in part) for part in (_UNHAPPY, _HAPPY))
    if unhappy < least or happy < least:
        return Shown(answered, (Group(tuple(cells), answered),))
    groups = tuple(
        group
        for part in (_UNHAPPY, _HAPPY)
        for group in _neighbours([(one, cells[one]) for one in part], least)
    )
    mean = None
    if len(groups) == len(cells):
        mean = round(sum(int(one) * count for one, count in cells.items()) / answered, 2)
    return Shown(answered, groups, mean=mean, happy=round(100 * happy / answered))


def _neighbours(cells: Sequence[tuple[str, int]], least: int) -> list[Group]:
    """Merge from below until each is large enough; what is left goes to the last.

    Precondition: together they are large enough.
    """
    groups: list[Group] = []
    answers: tuple[str, ...] = ()
    count = 0
    for one, more in cells:
        answers, count = (*answers, one), count + more
        if count >= least:
            groups.append(Group(answers, count))
            answers, count = (), 0
    if answers:
        last = groups.pop()
        groups.append(Group(last.answers + answers, last.count + count))
    return groups
