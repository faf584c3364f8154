"""Say what somebody answered to a survey in the words of its questions, as customers and staff read it.

The words are those of the code in force; a question or an answer that it does not have any more is
named by its id, so nothing that was said is hidden.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from policies.model import Rulebook
from policies.survey import Question, QuestionType
from portal.language import N_, translate

_TOP: Final = {QuestionType.NPS: 10, QuestionType.CSAT: 5}


def answers(
    rulebook: Rulebook, content: object, lang: str
) -> Iterator[tuple[str, tuple[str, ...]]] | None:
    """Return each question with the lines of its answer; None for what is no answer to a survey."""
    if not isinstance(content, Mapping):
        return None
    name, given = content.get("survey"), content.get("answers")
    if not isinstance(name, str) or not isinstance(given, Mapping):
        return None
    survey = rulebook.survey(name)
    questions = {one.id: one for one in survey.questions} if survey else {}
    return (_said(id_, questions.get(id_), answer, lang) for id_, answer in given.items())


def _said(
    id_: str, question: Question | None, answer: object, lang: str
) -> tuple[str, tuple[str, ...]]:
    several = answer if isinstance(answer, list) else [answer]
    label = question.label.get(lang) if question else id_
    return label, tuple(_line(question, one, lang) for one in several)


def _line(question: Question | None, answer: object, lang: str) -> str:
    if isinstance(answer, bool):
        return translate(lang, N_("Yes") if answer else N_("No"))
    if question is None or question.type is QuestionType.TEXT:
        return str(answer)
    if question.type in _TOP:
        words = N_("{score} out of {top}")
        return translate(lang, words, score=answer, top=_TOP[question.type])
    found = next((one.label.get(lang) for one in question.choices if one.id == answer), None)
    return str(answer) if found is None else found
