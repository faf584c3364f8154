"""Count the answers to surveys: by survey, code, question and answer, never by customer.

Counts stand in slots: the first so many who answered a question, the next as many, and so on. The
row of slot -1 counts who answered a question at all; it is raised first, so that whoever comes at
the same moment waits, and each knows their slot.
Source: consent-standards note, 8 and 9.12; docs/decisions, surveys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import BigInteger, Table, select

from vault.store import metadata as words
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import column, metadata
from vault.store.types import Digest, Name

survey_count = Table(
    "survey_count",
    metadata,
    column("survey", Name, "policy", primary_key=True),
    column("code_digest", Digest, "public", primary_key=True),
    column("question", Name, "policy", primary_key=True),
    column("slot", BigInteger, "count", primary_key=True),
    column("answer", Name, "policy", primary_key=True),  # "" in the slot of all
    column("count", BigInteger, "count"),
    info={"shard": words.lookup("survey")},
)
ALL: Final = -1  # the slot that counts who answered a question
_KEY: Final = ("survey", "code_digest", "question", "slot", "answer")


@dataclass(frozen=True, slots=True)
class CountRow:
    """How many gave one answer in one slot."""

    survey: str
    code_digest: str
    question: str
    slot: int
    answer: str
    count: int


async def add(
    conn: Conn, survey: str, code_digest: str, answers: Mapping[str, Sequence[str]], *, size: int
) -> None:
    """Count what one person answered.

    Args:
        conn: a connection; its commit makes them count.
        survey: which.
        code_digest: of the code of ethics that its questions stand in.
        answers: question -> the answers that are counted; none for a text.
        size: answers of a slot.
    """
    # In one order, so that two who answer wait for each other and never in a ring.
    for question in sorted(answers):
        place = await _raise(conn, survey, code_digest, question, ALL, "")
        for answer in sorted(answers[question]):
            await _raise(conn, survey, code_digest, question, (place - 1) // size, answer)


async def load(conn: Conn) -> list[CountRow]:
    """Return every count, in the order of its key."""
    statement = select(survey_count).order_by(*(survey_count.c[name] for name in _KEY))
    return [CountRow(*row) for row in await conn.execute(statement)]


async def _raise(
    conn: Conn, survey: str, code_digest: str, question: str, slot: int, answer: str
) -> int:
    values = (survey, code_digest, question, slot, answer)
    statement = insert(conn, survey_count).values(
        dict(zip(_KEY, values, strict=True)) | {"count": 1}
    )
    raised = statement.on_conflict_do_update(
        index_elements=list(_KEY), set_={"count": survey_count.c.count + 1}
    )
    return int((await conn.execute(raised.returning(survey_count.c.count))).scalar_one())
