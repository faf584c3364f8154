"""Numbers of cards: in their range, found again however they are typed, and proof against a slip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.model import Identifier
from tests.policies.documents import good
from tests.rewards import RULEBOOK
from vault.core import card
from vault.core.errors import WrongValueError
from vault.core.identifier import normalise

RANGES = st.text("0123456789", min_size=1, max_size=card.MAX_RANGE)


@st.composite
def numbers(draw):
    range_ = draw(RANGES)
    count = card.chances(range_)
    return range_, card.number(range_, draw(st.text("0123456789", min_size=count, max_size=count)))


def looked_up(text):
    return normalise(Identifier.CARD, text, region="IE")


@given(numbers())
def test_a_number_is_in_its_range_and_is_looked_up_as_it_is(made):
    range_, number = made
    assert number.startswith(range_)
    assert len(number) == card.DIGITS
    assert looked_up(number) == number


@given(numbers(), st.sampled_from([" ", "-", "."]))
def test_spaces_and_dashes_are_the_same_number(made, mark):
    _, number = made
    assert looked_up(card.grouped(number)) == number
    assert looked_up(mark.join(number)) == number


@given(numbers(), st.integers(0, card.DIGITS - 1), st.integers(1, 9))
def test_one_wrong_digit_is_found(made, place, more):
    _, number = made
    wrong = str((int(number[place]) + more) % 10)
    with pytest.raises(WrongValueError):
        looked_up(number[:place] + wrong + number[place + 1 :])


@pytest.mark.parametrize("text", ["", "9a", "123456789", "٣", "9 "])
def test_what_is_no_range_is_refused(text):
    assert not card.is_range(text)


def test_the_code_names_the_card_and_its_points():
    assert card.fields(RULEBOOK) == ("loyalty.card",)
    assert card.points_field(RULEBOOK, "loyalty.card") == "loyalty.points"
    assert card.points_field(RULEBOOK, "contact.card") is None
    assert card.fields(good()) == ()
