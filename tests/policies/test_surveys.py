"""What is asked, given, followed up and compared stands in the code, and nothing of it is by chance."""

import pytest

from policies.document import Benefit, Duplicates, FollowUp
from policies.model import Channel, Term
from policies.names import MINIMUM_GROUP, StaffRole
from policies.page import page
from policies.survey import QuestionType
from policies.texts import texts
from tests.policies.documents import good
from tests.policies.known import known


def test_a_survey_is_found_by_its_name():
    book = known()
    one = book.survey("visit")
    assert one is not None
    assert (one.channel, one.wait, one.at_most, one.expires) == (
        Channel.EMAIL,
        "P1D",
        "P90D",
        "P30D",
    )
    assert [(it.id, it.type, it.low) for it in one.questions] == [
        ("recommend", QuestionType.NPS, 6),
        ("matter", QuestionType.CHOICE, None),
        ("words", QuestionType.TEXT, None),
    ]
    assert book.survey("visits") is None
    assert good().survey("visit") is None


def test_a_kind_of_contact_says_how_it_reaches_you_and_what_follows():
    book = known()
    kinds = book.interactions
    assert kinds["interaction.letter_sent"].reaches is Channel.POST
    assert kinds["interaction.feedback"].portal
    assert kinds["interaction.answer"].follow_up == FollowUp("P5D", StaffRole.SUPPORT)
    bare = kinds["interaction.purchase"]
    assert (bare.reaches, bare.portal, bare.follow_up) == (None, False, None)


def test_what_is_given_compared_and_shown_is_as_written():
    book = known()
    (benefit,) = book.purposes["rewards"].benefits
    assert isinstance(benefit, Benefit)
    assert (benefit.id, benefit.needs) == ("birthday", ("contact.birth_date",))
    assert book.code.duplicates == Duplicates("delivery", (("contact.email", "preferences.note"),))
    assert book.minimum_group == 20
    assert book.code.terms == (Term.PAUSE, Term.AT_MOST)


def test_a_code_that_says_nothing_of_groups_shows_none_that_is_small():
    assert good().minimum_group == MINIMUM_GROUP == page(good(), "en").minimum_group


@pytest.mark.parametrize("count", [5, 1_000])
def test_the_least_group_may_be_small_or_large_to_the_limit(count):
    assert known(("minimum_group: 20", f"minimum_group: {count}")).minimum_group == count


def test_every_text_of_it_is_among_those_whose_tone_is_looked_at():
    paths = {path for path, _ in texts(known().code)}
    assert paths >= {
        ("purposes", "rewards", "benefits", "birthday", "label"),
        ("surveys", "visit", "invitation"),
        ("surveys", "visit", "thanks"),
        ("surveys", "visit", "questions", "matter", "label"),
        ("surveys", "visit", "questions", "matter", "choices", "taste"),
    }


def test_a_page_lays_a_survey_out_by_labels():
    (one,) = page(known(), "en").surveys
    assert one.purpose == ("rewards", "Rewards")
    assert one.after == (("interaction.purchase", "Purchase"),)
    assert one.questions[1].choices == (("taste", "Taste"), ("wait", "Wait"))
    found = page(known(), "en").duplicates
    assert found is not None
    assert found.same == ((("contact.email", "E-mail"), ("preferences.note", "Note")),)
    assert page(good(), "en").duplicates is None
