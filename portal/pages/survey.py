"""Ask the questions of a survey by the link in a letter, without a sign-in, and say thank you.

Looking uses nothing up: mail scanners open links. The page names nobody, shows no value and chooses
no answer beforehand. What is not an answer comes back with all that was typed. A link that was used
says thank you again; every other that leads to nothing gets one page, whatever the reason.
Source: portal note, 2 (survey), 5 and 6.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from policies.model import Survey
from policies.survey import Question, QuestionType
from portal.answers import Go, Page
from portal.language import N_, translate
from portal.visit import Visit
from vault.core import survey as rules
from vault.core.errors import NotAvailableError
from vault.core.survey import NO, YES, Wrong
from vault.services import survey as service

_NAMED: Final = "q."  # what the names of questions begin with in the form
_WRONG: Final = {
    Wrong.NOT_OFFERED: N_("Choose one of the answers, or leave it out."),
    Wrong.TOO_LONG: N_("Write at most 1,000 characters."),
    Wrong.NO_TEXT: N_("This holds characters that are no text."),
    Wrong.NOTHING: N_("Nothing is answered yet. Answer what you like, or close the page."),
}
_TOO_LONG: Final = N_("All answers together are too long. Write less.")
_ENDS: Final = {
    QuestionType.NPS: (N_("0: not at all likely"), N_("10: very likely")),
    QuestionType.CSAT: (N_("1: very dissatisfied"), N_("5: very satisfied")),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen."""

    value: str
    label: str
    chosen: bool  # as it was sent; never beforehand


@dataclass(frozen=True, slots=True)
class Asking:
    """One question."""

    id: str
    label: str
    kind: str  # scale, one, several or text
    ends: tuple[str, str] | None  # of a scale: what its lowest and its highest mean
    options: tuple[Option, ...]
    text: str  # as it was typed
    wrong: str


@dataclass(frozen=True, slots=True)
class SurveyPage:
    """Everything of `/survey/{token}`; without questions it was answered, or leads to nothing."""

    title: str
    lead: str
    action: str
    csrf: str
    wrong: str
    wrong_at: str  # id of the first question that something is wrong with
    questions: tuple[Asking, ...]
    answered: bool
    longest: int


async def ask(visit: Visit) -> Page:
    """Show the questions; nothing is used up."""
    asked = await service.look(visit.deps, visit.params["token"])
    return _over(visit) if asked is None else _shown(visit, asked, {}, {})


async def answer(visit: Visit) -> Page | Go:
    """Keep what was answered."""
    typed: dict[str, list[str]] = {}
    for name, value in visit.form.pairs:
        if name.startswith(_NAMED):
            typed.setdefault(name.removeprefix(_NAMED), []).append(value)
    secret = visit.params["token"]
    try:
        reading = await service.answer(visit.deps, secret, typed, request=visit.request_id)
    except NotAvailableError:
        return _over(visit)
    if not reading.wrong:
        return Go(f"{visit.path}?lang={visit.lang}")
    asked = await service.look(visit.deps, secret)
    return _over(visit) if asked is None else _shown(visit, asked, typed, reading.wrong)


def _shown(
    visit: Visit,
    asked: service.Asked,
    typed: Mapping[str, Sequence[str]],
    wrong: Mapping[str, Wrong],
) -> Page:
    if asked.answered:
        return _page(visit, N_("Thank you"), lead=asked.survey.thanks.get(visit.lang), done=True)
    questions = tuple(
        _asking(one, typed.get(one.id, ()), wrong.get(one.id), visit.lang)
        for one in asked.survey.questions
    )
    said = ""
    if "" in wrong:  # of the whole
        words = _TOO_LONG if wrong[""] is Wrong.TOO_LONG else _WRONG[wrong[""]]
        said = translate(visit.lang, words)
    first = next((one for one in questions if one.wrong), questions[0])
    title = asked.survey.label.get(visit.lang)
    page = SurveyPage(
        title=translate(visit.lang, N_("Error: {title}"), title=title) if wrong else title,
        lead=asked.survey.invitation.get(visit.lang),
        action=visit.path,
        csrf=visit.csrf(visit.path),
        wrong=said or first.wrong,
        wrong_at=_anchor(asked.survey, first),
        questions=questions,
        answered=False,
        longest=rules.MAX_TEXT,
    )
    return Page("survey.html", page, status=422 if wrong else 200)


def _over(visit: Visit) -> Page:
    lead = translate(
        visit.lang, N_("It was used, is too old, or never was. There is nothing to do.")
    )
    return _page(visit, N_("This link is over"), lead=lead, done=False)


def _page(visit: Visit, title: str, *, lead: str, done: bool) -> Page:
    page = SurveyPage(
        title=translate(visit.lang, title),
        lead=lead,
        action="",
        csrf="",
        wrong="",
        wrong_at="",
        questions=(),
        answered=done,
        longest=0,
    )
    return Page("survey.html", page, status=200 if done else 404)


def _asking(one: Question, typed: Sequence[str], wrong: Wrong | None, lang: str) -> Asking:
    ends = _ENDS.get(one.type)
    return Asking(
        id=one.id,
        label=one.label.get(lang),
        kind=_KINDS[one.type],
        ends=(translate(lang, ends[0]), translate(lang, ends[1])) if ends else None,
        options=tuple(
            Option(value, _label(one, value, lang), value in typed) for value in rules.offered(one)
        ),
        text=typed[0] if one.type is QuestionType.TEXT and typed else "",
        wrong=translate(lang, _WRONG[wrong]) if wrong else "",
    )


def _label(question: Question, value: str, lang: str) -> str:
    if question.type is QuestionType.FLAG:
        return translate(lang, {YES: N_("Yes"), NO: N_("No")}[value])
    found = next((one.label.get(lang) for one in question.choices if one.id == value), None)
    return value if found is None else found


def _anchor(survey: Survey, first: Asking) -> str:
    """Return the id of the control that an error leads to."""
    question = next(one for one in survey.questions if one.id == first.id)
    values = rules.offered(question)
    return f"q-{first.id}-{values[0]}" if values else f"q-{first.id}"


_KINDS: Final = {
    QuestionType.NPS: "scale",
    QuestionType.CSAT: "scale",
    QuestionType.CHOICE: "one",
    QuestionType.FLAG: "one",
    QuestionType.SEVERAL: "several",
    QuestionType.TEXT: "text",
}
