"""Say what came of surveys: counts of groups, and what follows from these; nobody is opened for it.

Counts are kept beside the answers as they come (`vault/store/survey_count.py`) and name nobody, so
they stay when a customer is erased. What of them is shown is for `vault/core/survey_result.py`; each
survey of each code of ethics stands by itself, for its questions may mean something else.
Source: consent-standards note, 8 and 9.12; docs/decisions, surveys.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from policies.model import Rulebook, Survey
from policies.survey import Question
from vault.core import survey_result as rules
from vault.core.survey_result import Shown
from vault.services.deps import Deps
from vault.store import survey_count
from vault.store.survey_count import ALL, CountRow


@dataclass(frozen=True, slots=True)
class Result:
    """One survey, as it stands in one code of ethics."""

    survey: Survey
    version: str
    current: bool  # the code in force asks it so
    least: int  # of how many a group is
    questions: tuple[tuple[Question, Shown], ...]


async def results(deps: Deps) -> tuple[Result, ...]:
    """Return every survey that somebody answered or the code in force asks, the newest code first."""
    async with deps.database.connect() as conn:
        now = await deps.codes.in_force(conn, deps.clock.now())
        rows = await survey_count.load(conn)
        books = {one: await deps.codes.by_digest(conn, one) for one in _digests(rows)}
    found = {
        key: list(some) for key, some in groupby(rows, lambda row: (row.code_digest, row.survey))
    }
    asked = {(now.digest, one.id): found.pop((now.digest, one.id), []) for one in now.code.surveys}
    older = sorted(found, key=lambda key: (books[key[0]].code.effective, key), reverse=True)
    several = [*asked.items(), *((key, found[key]) for key in older)]
    every = books | {now.digest: now}
    made = (_result(every[digest], now, name, some) for (digest, name), some in several)
    return tuple(one for one in made if one is not None)


def _digests(rows: Iterable[CountRow]) -> set[str]:
    return {row.code_digest for row in rows}


def _result(then: Rulebook, now: Rulebook, name: str, rows: list[CountRow]) -> Result | None:
    survey = then.survey(name)
    if survey is None:  # a row that somebody wrote by hand
        return None
    least = max(then.minimum_group, now.minimum_group)
    size = then.minimum_group  # of a slot: by it the rows were counted
    return Result(
        survey=survey,
        version=then.version,
        current=then.digest == now.digest,
        least=least,
        questions=tuple(
            (one, _shown(one, [row for row in rows if row.question == one.id], size, least))
            for one in survey.questions
        ),
    )


def _shown(question: Question, rows: list[CountRow], size: int, least: int) -> Shown:
    answered = sum(row.count for row in rows if row.slot == ALL)
    slots = rules.whole_slots(answered, size=size, least=least)
    counts: Counter[str] = Counter()
    for row in rows:
        if ALL < row.slot < slots:
            counts[row.answer] += row.count
    return rules.show(question, counts, answered=slots * size, least=least)
