"""Hold what a business asks its customers after a contact, as data, and read it from YAML.

A survey is asked under a purpose, after events of some kinds, by one channel, once in a while at
most; each of its questions may be skipped. Whether it fits the code is for `policies/surveys.py`.
Source: consent-standards note, 8 (surveys followed by solutions); portal note, 2.
"""

from dataclasses import dataclass
from enum import StrEnum

from policies.kept import Choice, Texts
from policies.names import NAME, Channel
from policies.section import MAX_LINE, Entry, Section


class QuestionType(StrEnum):
    """What an answer looks like."""

    NPS = "nps"  # 0 to 10: how likely they recommend the business
    CSAT = "csat"  # 1 to 5: how satisfied they are
    CHOICE = "choice"
    SEVERAL = "several"
    FLAG = "flag"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Question:
    """One question."""

    id: str
    type: QuestionType
    label: Texts
    low: int | None = None  # of a score: up to this a follow-up is opened
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """What is asked, after what, and how often at most."""

    id: str
    label: Texts
    invitation: Texts
    thanks: Texts
    purpose: str
    after: tuple[str, ...]  # "interaction.purchase"
    answer: str  # the kind of interaction that an answer is
    channel: Channel
    wait: str  # ISO 8601 duration from the event to the invitation
    at_most: str  # ISO 8601 duration in which a customer is asked once
    expires: str  # ISO 8601 duration for which a link can be used
    questions: tuple[Question, ...]


FORM = {
    "label": "Your last visit",
    "invitation": "How was it? Five questions, and each may be left out.",
    "thanks": "Thank you. Whoever can mend it reads it.",
    "purpose": "feedback",
    "after": "[interaction.purchase]",
    "answer": "interaction.survey_answer",
    "channel": "email",
    "wait": "P1D",
    "at_most": "P90D",
    "expires": "P30D",
    "questions": "{recommend: {type: nps, label: …, low: 6}}",
}
QUESTION = {
    "type": "nps",
    "label": "Would you recommend us to a friend?",
    "low": "6",
    "choices": "{taste: The taste, wait: The wait}",
}


def read(root: Section, entry: Entry) -> Survey:
    """Read a survey; every mistake of form is noted."""
    section = root.under(entry, FORM)
    return Survey(
        id=entry.key,
        label=section.texts("label", limit=MAX_LINE),
        invitation=section.texts("invitation"),
        thanks=section.texts("thanks"),
        purpose=section.line("purpose"),
        after=section.words("after"),
        answer=section.line("answer"),
        channel=section.pick("channel", Channel),
        wait=section.duration("wait"),
        at_most=section.duration("at_most"),
        expires=section.duration("expires"),
        questions=tuple(
            _question(section, one) for one in section.entries("questions", NAME, "recommend")
        ),
    )


def _question(root: Section, entry: Entry) -> Question:
    section = root.under(entry, QUESTION)
    return Question(
        id=entry.key,
        type=section.pick("type", QuestionType),
        label=section.texts("label", limit=MAX_LINE),
        low=section.number_of(section.node("low"), "low") if section.has("low") else None,
        choices=tuple(
            Choice(one.key, section.texts_of(one.node, "choices", limit=MAX_LINE))
            for one in section.entries("choices", NAME, "taste", needed=False)
        ),
    )
