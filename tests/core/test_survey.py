"""What is an answer, what is low, and what is counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.surveyed import VISIT
from vault.core import survey as rules
from vault.core.survey import Wrong

QUESTIONS = {one.id: one for one in VISIT.questions}


def read(**typed):
    return rules.read(
        VISIT, {name: [one] if isinstance(one, str) else one for name, one in typed.items()}
    )


def test_every_question_may_be_answered():
    reading = read(
        recommend="10",
        happy="1",
        best="calm",
        missed=["seat", "milk"],
        again="no",
        words=" Too\r\nloud \U0001f600 ",
    )
    assert not reading.wrong
    assert reading.answers == {
        "recommend": 10,
        "happy": 1,
        "best": "calm",
        "missed": ["milk", "seat"],  # in the question's order
        "again": False,
        "words": "Too\nloud \U0001f600",
    }


def test_each_may_be_left_out_but_not_all():
    for name, one in {"recommend": "0", "again": "yes", "words": "x", "missed": "milk"}.items():
        assert list(read(**{name: one}).answers) == [name]
    for nothing in ({}, {"recommend": ""}, {"words": " \n "}, {"unknown": "x"}):
        assert read(**nothing).wrong == {"": Wrong.NOTHING}


@pytest.mark.parametrize(
    ("name", "sent", "why"),
    [
        ("recommend", "11", Wrong.NOT_OFFERED),
        ("recommend", "-1", Wrong.NOT_OFFERED),
        ("recommend", "٣", Wrong.NOT_OFFERED),  # a digit, and not one of ours
        ("recommend", "1e1", Wrong.NOT_OFFERED),
        ("recommend", ["1", "2"], Wrong.NOT_OFFERED),
        ("happy", "0", Wrong.NOT_OFFERED),
        ("happy", "6", Wrong.NOT_OFFERED),
        ("best", "milk", Wrong.NOT_OFFERED),
        ("missed", ["milk", "taste"], Wrong.NOT_OFFERED),
        ("again", "true", Wrong.NOT_OFFERED),
        ("words", "x" * 1_001, Wrong.TOO_LONG),
        ("words", "a\x00b", Wrong.NO_TEXT),
        ("words", "\ud800", Wrong.NO_TEXT),
    ],
)
def test_what_is_no_answer_is_refused_by_name(name, sent, why):
    reading = read(
        **{name: sent, "best" if name != "best" else "happy": "taste" if name != "best" else "3"}
    )
    assert reading.wrong == {name: why}
    assert name not in reading.answers


def test_a_text_may_be_as_long_as_it_may():
    assert not read(words="\U0001f600" * 1_000).wrong


@pytest.mark.parametrize(
    ("name", "answer", "low"),
    [("recommend", 6, True), ("recommend", 7, False), ("happy", 2, True), ("happy", 3, False)],
)
def test_a_score_is_low_up_to_what_the_code_says(name, answer, low):
    assert rules.is_low(QUESTIONS[name], answer) is low
    assert rules.low(VISIT, {name: answer, "best": "taste"}) is low


def test_only_a_score_is_ever_low():
    assert not rules.low(VISIT, {"again": False, "words": "0", "best": "taste", "missed": ["milk"]})


def test_a_text_is_never_counted():
    cells: dict[str, rules.Answer] = {
        "recommend": 3,
        "again": True,
        "best": "calm",
        "missed": ["milk", "seat"],
        "words": "x",
    }
    assert {name: rules.counted(QUESTIONS[name], one) for name, one in cells.items()} == {
        "recommend": ("3",),
        "again": ("yes",),
        "best": ("calm",),
        "missed": ("milk", "seat"),
        "words": (),
    }


@given(st.dictionaries(st.sampled_from([*QUESTIONS, "other"]), st.lists(st.text(), max_size=3)))
def test_whatever_is_sent_is_read_or_refused(typed):
    reading = rules.read(VISIT, typed)
    assert reading.answers or reading.wrong
    assert not reading.answers.keys() & reading.wrong.keys()
    for name, answer in reading.answers.items():
        assert set(rules.counted(QUESTIONS[name], answer)) <= set(rules.offered(QUESTIONS[name]))
