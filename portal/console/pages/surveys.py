"""Show what came of surveys: groups of answers, each large enough, with a plot and as CSV.

No answer is opened for it, and no text is shown: what somebody wrote is read under a case alone.
Source: consent-standards note, 9.12; portal note, 8 and 13.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from policies.survey import Question, QuestionType
from portal.answers import Document, Page
from portal.console.visit import StaffVisit
from portal.language import N_, translate
from vault.core import export_cells
from vault.core.staff import Right
from vault.core.survey import NO, YES
from vault.core.survey_result import Group, Shown
from vault.services import survey_results
from vault.services.survey_results import Result

HERE: Final = "/console/surveys"
WIDTH: Final = 300  # of the drawing of a bar
_FULL: Final = 100  # per cent
_COLUMNS: Final = ("survey", "code", "question", "answers", "count", "answered")
_FIGURES: Final = ("nps", "mean", "happy")


@dataclass(frozen=True, slots=True)
class Bar:
    """One group of answers."""

    label: str
    count: int
    share: int  # per cent of those who answered
    width: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what came of it."""

    id: str
    label: str
    answered: int  # 0: too few
    figures: tuple[tuple[str, str], ...]  # name and number
    bars: tuple[Bar, ...]
    withheld: bool  # a figure that it has elsewhere is left out here
    text: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One survey."""

    id: str
    label: str
    version: str
    current: bool
    least: int
    questions: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class SurveysPage:
    """Everything of `/console/surveys`."""

    title: str
    surveys: tuple[Told, ...]
    full: int  # width of a bar that is whole


async def show(visit: StaffVisit) -> Page:
    """Show the results."""
    visit.member.need(Right.SEE_RECORDS)
    found = await survey_results.results(visit.deps)
    page = SurveysPage(
        title=translate(visit.lang, N_("Surveys")),
        surveys=tuple(_told(place, one, visit.lang) for place, one in enumerate(found)),
        full=WIDTH,
    )
    return Page("console/surveys.html", page, HERE)


async def csv(visit: StaffVisit) -> Document:
    """Hand over the same numbers as CSV, RFC 4180."""
    visit.member.need(Right.SEE_RECORDS)
    rows = [row for one in await survey_results.results(visit.deps) for row in _rows(one)]
    # Ids of the code of ethics and numbers alone, so no cell needs a quotation mark or an escape.
    body = export_cells.START + "".join(
        ",".join(row) + export_cells.END for row in (_COLUMNS, *rows)
    )
    return Document(body.encode(), "text/csv; charset=utf-8", "page", filename="surveys.csv")


def _rows(one: Result) -> Iterator[tuple[str, ...]]:
    for question, shown in one.questions:
        if not shown.answered:
            continue
        head = (one.survey.id, one.version, question.id)
        for group in shown.groups:
            yield (*head, " ".join(group.answers), str(group.count), str(shown.answered))
        for name in _FIGURES:
            figure = getattr(shown, name)
            if figure is not None:
                yield (*head, name, str(figure), str(shown.answered))
        if question.type is QuestionType.TEXT:
            yield (*head, "", "", str(shown.answered))


def _told(place: int, one: Result, lang: str) -> Told:
    return Told(
        id=f"survey-{place}",
        label=one.survey.label.get(lang),
        version=one.version,
        current=one.current,
        least=one.least,
        questions=tuple(
            _asked(f"survey-{place}-{question.id}", question, shown, lang)
            for question, shown in one.questions
        ),
    )


def _asked(id_: str, question: Question, shown: Shown, lang: str) -> Asked:
    figures = tuple(_figures(shown, lang))
    has = {QuestionType.NPS: 1, QuestionType.CSAT: 2}.get(question.type, 0)
    return Asked(
        id=id_,
        label=question.label.get(lang),
        answered=shown.answered,
        figures=figures,
        bars=tuple(_bar(question, group, shown.answered, lang) for group in shown.groups),
        withheld=bool(shown.answered) and len(figures) < has,
        text=question.type is QuestionType.TEXT,
    )


def _figures(shown: Shown, lang: str) -> Iterator[tuple[str, str]]:
    if shown.nps is not None:
        yield translate(lang, N_("Score from -100 to 100")), f"{shown.nps:+d}"
    if shown.mean is not None:
        yield translate(lang, N_("Mean, from 1 to 5")), f"{shown.mean:.2f}"
    if shown.happy is not None:
        yield translate(lang, N_("Chose 4 or 5")), f"{shown.happy} %"


def _bar(question: Question, group: Group, answered: int, lang: str) -> Bar:
    return Bar(
        label=_label(question, group, lang),
        count=group.count,
        share=round(_FULL * group.count / answered),
        width=round(WIDTH * group.count / answered),
    )


def _label(question: Question, group: Group, lang: str) -> str:
    first, last = group.answers[0], group.answers[-1]
    if question.type in {QuestionType.NPS, QuestionType.CSAT}:
        words = N_("{first} to {last}") if first != last else ""
        return translate(lang, words, first=first, last=last) if words else first
    labels = {one.id: one.label.get(lang) for one in question.choices}
    labels |= {YES: translate(lang, N_("Yes")), NO: translate(lang, N_("No"))}
    return ", ".join(labels[one] for one in group.answers)
