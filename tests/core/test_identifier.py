"""Identifiers are brought to one form, which never changes again: these are byte vectors."""

import unicodedata

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from policies.names import Identifier
from vault.core.errors import WrongValueError
from vault.core.identifier import normalise, normaliser_of

EMAIL, PHONE, CARD, EXTERNAL = Identifier


def norm(kind, text, region="IE"):
    return normalise(kind, text, region=region)


def test_the_numbers_of_the_normalisers_are_for_ever():
    assert [normaliser_of(kind) for kind in Identifier] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("kind", "typed", "form"),
    [
        (EMAIL, "ana@example.org", "ana@example.org"),
        (EMAIL, "  Ana.Silva+shop@EXAMPLE.Org\n", "ana.silva+shop@example.org"),
        (EMAIL, "o'brien@example.org", "o'brien@example.org"),
        (EMAIL, "José@example.org", "josé@example.org"),
        (EMAIL, "Jose\u0301@example.org", "josé@example.org"),
        (EMAIL, "ana@straße.example.org", "ana@xn--strae-oqa.example.org"),
        (EMAIL, "ana@XN--strae-oqa.example.org", "ana@xn--strae-oqa.example.org"),
        (EMAIL, "ana@EXÄMPLE.org", "ana@xn--exmple-cua.org"),
        (EMAIL, "用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"),
        (PHONE, "01 234 5678", "+35312345678"),
        (PHONE, "+353 (0)1 234-5678", "+35312345678"),
        (PHONE, "00353 1 2345678", "+35312345678"),
        (PHONE, "٠١٢٣٤٥٦٧٨", "+35312345678"),
        (PHONE, "+55 11 91234-5678", "+5511912345678"),
        (PHONE, "+44 20 7946 0958", "+442079460958"),
        (CARD, "4000 0000-0000 0002", "4000000000000002"),
        (CARD, " 7992739871 3 ", "79927398713"),
        (CARD, "us0378331005", "US0378331005"),  # a letter counts as two digits
        (EXTERNAL, " Web-0042 ", "Web-0042"),
        (EXTERNAL, "cafe\u0301", "café"),
    ],
)
def test_an_identifier_has_one_form(kind, typed, form):
    assert norm(kind, typed) == form
    assert norm(kind, form) == form


def test_a_number_without_a_country_is_read_in_the_publisher_s():
    assert norm(PHONE, "(11) 91234-5678", "BR") == "+5511912345678"
    assert norm(PHONE, "912 345 678", "PT") == "+351912345678"


def test_plus_and_dots_are_not_tricked_with():
    forms = {norm(EMAIL, text) for text in ("a.b@example.org", "ab@example.org", "a+b@example.org")}
    assert len(forms) == 3


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (EMAIL, ""),
        (EMAIL, "ana"),
        (EMAIL, "ana@"),
        (EMAIL, "@example.org"),
        (EMAIL, "ana@example"),
        (EMAIL, "ana@@example.org"),
        (EMAIL, "ana @example.org"),
        (EMAIL, "ana@[127.0.0.1]"),
        (EMAIL, "Ana <ana@example.org>"),
        (EMAIL, "ana@example.org\nbcc: eve@example.org"),
        (EMAIL, "ana@example.org\x00"),
        (EMAIL, "a" * 250 + "@example.org"),
        (EMAIL, "a\ud800@example.org"),
        (PHONE, ""),
        (PHONE, "12"),
        (PHONE, "nobody"),
        (PHONE, "1" * 30),
        (PHONE, "01 234 5678 ext 9"),
        (PHONE, "0" * 65),
        (CARD, ""),
        (CARD, "4000 0000 0000 0003"),
        (CARD, "400"),
        (CARD, "4" * 33),
        (CARD, "٤٠٠٠"),
        (CARD, "4000/0000"),
        (EXTERNAL, " "),
        (EXTERNAL, "a\nb"),
        (EXTERNAL, "a" * 257),
    ],
)
def test_what_is_no_such_identifier_is_refused_without_being_repeated(kind, typed):
    with pytest.raises(WrongValueError) as caught:
        norm(kind, typed)
    assert str(caught.value) == WrongValueError.sentence


def test_a_wrong_country_is_no_reason_to_fail_otherwise():
    with pytest.raises(WrongValueError):
        norm(PHONE, "01 234 5678", "XX")


@given(st.sampled_from(Identifier), st.text(max_size=80))
def test_any_text_is_normalised_once_and_for_all_or_refused(kind, text):
    try:
        form = norm(kind, text)
    except WrongValueError:
        return
    assert norm(kind, form) == form


@given(st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20))
def test_composed_and_decomposed_addresses_are_one(local):
    forms = set()
    for shape in ("NFC", "NFD"):
        try:
            forms.add(norm(EMAIL, f"{unicodedata.normalize(shape, local)}@example.org"))
        except WrongValueError:
            forms.add("refused")
    assert len(forms) == 1


@given(st.emails())
def test_case_does_not_part_addresses(email):
    def form(text):
        try:
            return norm(EMAIL, text)
        except WrongValueError:
            return "refused"

    assert form(email) == form(email.upper())


@given(st.text("0123456789ABCXYZ", min_size=3, max_size=31), st.integers(0, 9))
def test_one_wrong_digit_of_a_card_is_found(card, wrong):
    def is_card(text):
        try:
            norm(CARD, text)
        except WrongValueError:
            return False
        return True

    right = [digit for digit in "0123456789" if is_card(card + digit)]
    assert len(right) == 1
    assert is_card(card + str(wrong)) is (str(wrong) == right[0])


@given(
    st.from_regex(r"[A-Za-z0-9._+\-'é]{1,70}@[A-Za-z0-9.\-ß]{1,30}", fullmatch=True) | st.emails()
)
def test_a_plain_mailbox_is_judged_as_any_other(typed):
    """The domain of a plain mailbox is judged once for all its mailboxes: with the same answer."""

    def slowly():
        try:
            found = validate_email(typed, check_deliverability=False)
        except EmailNotValidError:
            return None
        return f"{typed.rpartition('@')[0]}@{found.ascii_domain}".lower()

    def as_it_is():
        try:
            return norm(EMAIL, typed)
        except WrongValueError:
            return None

    if unicodedata.normalize("NFC", typed) == typed:
        assert as_it_is() == slowly()
