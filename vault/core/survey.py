"""Read what somebody answered to a survey, and say what of it is low and what is counted.

Each question may be left out. What is no answer of its question is refused by name, never changed
into one; a text keeps what was written. Pure: nothing is stored here and nobody is known.
Source: portal note, 2 (survey); policies/survey.py.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from policies.survey import Question, QuestionType, Survey

MAX_TEXT: Final = 1_000  # characters of one answer
YES: Final = "yes"
NO: Final = "no"
NPS: Final = range(11)
CSAT: Final = range(1, 6)

Answer = int | bool | str | list[str]


class Wrong(StrEnum):
    """Why an answer is none."""

    NOT_OFFERED = "not-offered"  # not one of the answers that the question has
    TOO_LONG = "too-long"
    NO_TEXT = "no-text"  # characters that no text has
    NOTHING = "nothing"  # of the whole: every question was left out


@dataclass(frozen=True, slots=True)
class Reading:
    """What was answered: all of it, or what is wrong."""

    answers: Mapping[str, Answer]  # question -> answer; one that was left out is absent
    wrong: Mapping[str, Wrong]  # question -> why; "" for the whole


def offered(question: Question) -> tuple[str, ...]:
    """Return the answers that a question has, as a form sends them; none for a text."""
    if question.type is QuestionType.NPS:
        return tuple(map(str, NPS))
    if question.type is QuestionType.CSAT:
        return tuple(map(str, CSAT))
    if question.type is QuestionType.FLAG:
        return (YES, NO)
    return tuple(one.id for one in question.choices)


def read(survey: Survey, typed: Mapping[str, Sequence[str]]) -> Reading:
    """Read a form: question -> what was sent for it; "" is nothing."""
    answers: dict[str, Answer] = {}
    wrong: dict[str, Wrong] = {}
    for question in survey.questions:
        sent = [one for one in typed.get(question.id, ()) if one.strip()]
        if not sent:
            continue
        found = _read(question, sent)
        if isinstance(found, Wrong):
            wrong[question.id] = found
        else:
            answers[question.id] = found
    if not answers and not wrong:
        wrong[""] = Wrong.NOTHING
    return Reading(answers, wrong)


def is_low(question: Question, answer: Answer) -> bool:
    """Say whether somebody should look after who gave this answer."""
    return question.low is not None and type(answer) is int and answer <= question.low


def low(survey: Survey, answers: Mapping[str, Answer]) -> bool:
    """Say whether any answer is low."""
    return any(is_low(one, answers[one.id]) for one in survey.questions if one.id in answers)


def counted(question: Question, answer: Answer) -> tuple[str, ...]:
    """Return the cells that an answer counts in; none for a text, which is never counted."""
    if question.type is QuestionType.TEXT:
        return ()
    if isinstance(answer, bool):
        return (YES if answer else NO,)
    return tuple(answer) if isinstance(answer, list) else (str(answer),)


def _read(question: Question, sent: Sequence[str]) -> Answer | Wrong:
    if question.type is QuestionType.TEXT:
        return _text(sent)
    known = offered(question)
    if any(one not in known for one in sent):
        return Wrong.NOT_OFFERED
    if question.type is QuestionType.SEVERAL:
        return [one for one in known if one in sent]
    if len(sent) > 1:
        return Wrong.NOT_OFFERED
    if question.type is QuestionType.FLAG:
        return sent[0] == YES
    return sent[0] if question.type is QuestionType.CHOICE else int(sent[0])


def _text(sent: Sequence[str]) -> str | Wrong:
    if len(sent) > 1:
        return Wrong.NOT_OFFERED
    said = sent[0].replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(said) > MAX_TEXT:
        return Wrong.TOO_LONG
    if any(unicodedata.category(one) in {"Cc", "Cs"} and one not in "\n\t" for one in said):
        return Wrong.NO_TEXT
    return said
