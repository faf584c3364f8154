"""No number that is shown is, or gives away, a group that is too small: tried by who knows all the rules."""

from collections import defaultdict
from dataclasses import replace
from itertools import chain, combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.surveyed import VISIT
from vault.core.survey import offered
from vault.core.survey_result import Shown, show, whole_slots

QUESTIONS = {one.id: one for one in VISIT.questions}
LEAST = 3
SCALES = ("recommend", "happy", "best", "again")
THREE = replace(
    QUESTIONS["best"], choices=(*QUESTIONS["best"].choices, *QUESTIONS["missed"].choices[:1])
)


def shown(question, *numbers, least=LEAST):
    cells = dict(zip(offered(question), numbers, strict=True))
    return show(question, cells, answered=sum(numbers), least=least)


def groups(one):
    return {" ".join(group.answers): group.count for group in one.groups}


def test_scores_are_shown_where_every_group_of_theirs_is():
    one = shown(QUESTIONS["recommend"], 0, 1, 0, 0, 1, 0, 1, 2, 1, 2, 4)
    assert groups(one) == {"0 1 2 3 4 5 6": 3, "7 8": 3, "9 10": 6}
    assert (one.answered, one.nps) == (12, 25)
    two = shown(QUESTIONS["happy"], 3, 3, 3, 3, 3)
    assert (two.mean, two.happy) == (3.0, 40)
    assert len(two.groups) == 5


def test_a_small_group_is_put_together_with_its_neighbours_and_no_score_is_shown():
    one = shown(QUESTIONS["recommend"], 0, 0, 0, 0, 0, 0, 2, 2, 2, 9, 9)
    assert groups(one) == {"0 1 2 3 4 5 6 7 8": 6, "9 10": 18}
    assert one.nps is None
    assert groups(shown(QUESTIONS["recommend"], 9, *[0] * 8, 1, 1)) == {
        "0 1 2 3 4 5 6 7 8 9 10": 11
    }
    two = shown(QUESTIONS["happy"], 1, 1, 1, 0, 9)
    assert groups(two) == {"1 2 3": 3, "4 5": 9}
    assert (two.mean, two.happy) == (None, 75)


def test_an_answer_that_nobody_gave_is_a_small_group_too():
    assert groups(shown(QUESTIONS["again"], 0, 9)) == {"yes no": 9}
    assert groups(shown(QUESTIONS["missed"], 9, 0)) == {}
    assert groups(shown(THREE, 9, 0, 4)) == {"taste": 9, "calm milk": 4}
    assert groups(shown(THREE, 2, 9, 1)) == {"taste calm milk": 12}


def test_too_few_show_nothing_at_all():
    for question in QUESTIONS.values():
        one = show(question, {"taste": 2}, answered=2, least=LEAST)
        assert one == Shown(0)


def test_of_a_text_the_number_of_answers_is_all():
    assert show(QUESTIONS["words"], {}, answered=7, least=LEAST) == Shown(7)


@pytest.mark.parametrize(
    ("answered", "size", "least", "slots"),
    [(4, 5, 5, 0), (5, 5, 5, 1), (9, 5, 5, 1), (19, 5, 10, 2), (20, 5, 10, 4), (14, 5, 7, 2)],
)
def test_answers_come_in_by_steps_of_a_group(answered, size, least, slots):
    assert whole_slots(answered, size=size, least=least) == slots


@given(st.integers(0, 500), st.integers(1, 40), st.integers(1, 40))
def test_each_step_is_a_group(answered, size, least):
    now = whole_slots(answered, size=size, least=least) * size
    later = whole_slots(answered + 1, size=size, least=least) * size
    assert now <= answered
    assert later == now or later - now >= least


def tables_of(cells, *, most):
    """Return every table of so many answers at the most: how many answered is shown."""
    return (one for one in product(range(most + 1), repeat=cells) if sum(one) <= most)


def parts(things):
    return chain.from_iterable(combinations(things, size) for size in range(1, len(things) + 1))


@pytest.mark.parametrize(
    "question",
    [THREE, QUESTIONS["again"], QUESTIONS["happy"]],
    ids=["choice", "flag", "csat"],
)
def test_no_small_sum_of_cells_follows_from_what_is_shown(question):
    """All tables that look the same: whoever knows every rule still cannot tell them apart."""
    least = 2
    cells = offered(question)
    alike = defaultdict(list)
    for table in tables_of(len(cells), most=8 if len(cells) > 3 else 12):
        alike[shown(question, *table, least=least)].append(table)
    for seen, tables in alike.items():
        if not seen.answered:
            continue
        for some in parts(range(len(cells))):
            sums = {sum(table[one] for one in some) for table in tables}
            # What follows for sure is a group that is large enough.
            assert len(sums) > 1 or min(sums) >= least, (seen, some, sums)


def test_no_band_follows_from_a_recommendation():
    """The same for the eleven answers, by their three bands."""
    question, least = QUESTIONS["recommend"], 3
    alike = defaultdict(list)
    for table in tables_of(3, most=15):
        against, neither, for_ = table
        seen = shown(question, against, *[0] * 6, neither, 0, for_, 0, least=least)
        alike[seen].append(table)
    for seen, tables in alike.items():
        if not seen.answered:
            continue
        for some in parts(range(3)):
            sums = {sum(table[one] for one in some) for table in tables}
            assert len(sums) > 1 or min(sums) >= least, (seen, some)


counts = st.lists(st.integers(0, 30), min_size=11, max_size=11)


@given(st.sampled_from(SCALES), counts, st.integers(1, 20))
def test_what_is_shown_is_made_of_whole_groups(name, numbers, least):
    question = QUESTIONS[name]
    cells = dict(zip(offered(question), numbers, strict=False))
    answered = sum(cells.values())
    one = show(question, cells, answered=answered, least=least)
    if answered < least:
        assert one == Shown(0)
        return
    assert all(group.count >= least for group in one.groups)
    assert sum(group.count for group in one.groups) == answered
    together = [answer for group in one.groups for answer in group.answers]
    assert sorted(together) == sorted(cells)
    for group in one.groups:
        assert group.count == sum(cells[answer] for answer in group.answers)
    if one.nps is not None:
        against, _, for_ = one.groups
        assert one.nps == round(100 * (for_.count - against.count) / answered)
        assert -100 <= one.nps <= 100
    if one.mean is not None:
        assert one.mean == round(sum(int(g.answers[0]) * g.count for g in one.groups) / answered, 2)


@given(counts, st.integers(0, 30), st.integers(1, 20))
def test_of_several_each_is_told_apart_from_a_group(numbers, more, least):
    question = QUESTIONS["missed"]
    cells = dict(zip(offered(question), numbers, strict=False))
    answered = max(cells.values()) + more
    one = show(question, cells, answered=answered, least=least)
    for group in one.groups:
        assert group.count >= least
        assert answered - group.count >= least
