"""What a person typed comes back exactly, or is refused for a named reason."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.model import Choice, Field, FieldType, Sensitivity, Source, Texts
from policies.values import (
    MAX_BYTES,
    MAX_INTEGER,
    MAX_ITEMS,
    Refusal,
    ValueRefused,
    check_value,
    from_text,
)

NO_WORDS = Texts((("en", "x"),))
TEXT = Field(
    name="contact.full_name",
    label=NO_WORDS,
    why=NO_WORDS,
    type=FieldType.TEXT,
    category="Name",
    sensitivity=Sensitivity.ORDINARY,
    sources=(Source.TOLD,),
    retention="P1Y",
)
CHOICES = (Choice("tea", NO_WORDS), Choice("filter", NO_WORDS))
OF_TYPE = {kind: replace(TEXT, type=kind) for kind in FieldType}
CHOICE = replace(OF_TYPE[FieldType.CHOICE], choices=CHOICES)
CHOSEN = replace(OF_TYPE[FieldType.LIST], choices=CHOICES)

NAMES = [
    "O",
    "Ó",
    "O'Brien",
    "O’Brien",
    "Jean-Luc d’Arc",
    "María José Carreño Quiñones",
    "Nguyễn Thị Minh Khai",
    "Łukasz Święcicki",
    "İlkay Gündoğan",
    "Þórhildur Ævarsdóttir",
    "Владимир Ильич",
    "Ελένη Παπαδοπούλου",
    "დავით აღმაშენებელი",
    "אברהם בן־דוד",
    "محمد بن عبد الله",
    "علی‌رضا",  # with a zero-width non-joiner, as Persian is written
    "अनुराधा कृष्णन्",
    "ประวิตร วงษ์สุวรรณ",
    "ተስፋዬ ገብረ",
    "王",
    "𠮷田 太郎",  # outside the basic plane
    "김민준",
    "Å",  # one letter, one code point
    "A\u030a",  # the same letter, two code points
    " two  spaces ",
    "X Æ A-12",
    "N'Diaye‐M’Baye",
    "null",
    "<script>",
    "Robert'); DROP TABLE students;--",
    "a" * 200,
    "é" * 200,
    "👩‍👩‍👧",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_any_script_comes_back_exactly(name):
    assert check_value(TEXT, name) == name
    assert from_text(TEXT, name) == name


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=300))
def test_every_text_without_control_characters_comes_back_exactly(text):
    if text.strip():
        assert check_value(TEXT, text) == text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (OF_TYPE[FieldType.EMAIL], "ana@example.org"),
        (OF_TYPE[FieldType.EMAIL], " Ana+X@EXÄMPLE.org "),
        (OF_TYPE[FieldType.EMAIL], "用户@例子.广告"),
        (OF_TYPE[FieldType.EMAIL], "o'brien@example.org"),
        (OF_TYPE[FieldType.PHONE], "+353 (0)1 234-5678"),
        (OF_TYPE[FieldType.PHONE], "٠١٢٣٤٥٦٧٨"),
        (OF_TYPE[FieldType.PHONE], "999"),
        (OF_TYPE[FieldType.CARD], "4000 0000-0000 0002"),
        (OF_TYPE[FieldType.CARD], "ss123"),
        (OF_TYPE[FieldType.DATE], "2000-02-29"),
        (OF_TYPE[FieldType.ADDRESS], "1 Harbour Street\nDublin\r\nIreland"),
        (OF_TYPE[FieldType.FLAG], True),
        (OF_TYPE[FieldType.FLAG], False),
        (OF_TYPE[FieldType.NUMBER], 0),
        (OF_TYPE[FieldType.NUMBER], -MAX_INTEGER),
        (OF_TYPE[FieldType.NUMBER], MAX_INTEGER),
        (OF_TYPE[FieldType.LIST], ["a", "b"]),
        (OF_TYPE[FieldType.LIST], [str(number) for number in range(MAX_ITEMS)]),
        (CHOICE, "tea"),
        (CHOSEN, ["filter", "tea"]),
        (TEXT, "a" * MAX_BYTES),
        (replace(TEXT, max_length=3), "ééé"),
    ],
)
def test_a_value_of_the_field_s_type_comes_back_exactly(field, value):
    checked = check_value(field, value)
    assert checked == value
    assert type(checked) is type(value)


REFUSED = [
    ("a number for a text", TEXT, 7, Refusal.WRONG_TYPE),
    ("nothing", TEXT, None, Refusal.WRONG_TYPE),
    ("bytes", TEXT, b"a", Refusal.WRONG_TYPE),
    ("empty", TEXT, "", Refusal.EMPTY),
    ("only spaces", TEXT, " \u00a0\u3000", Refusal.EMPTY),
    ("line feed in a name", TEXT, "a\nb", Refusal.CONTROL_CHARACTER),
    ("nul", TEXT, "a\x00b", Refusal.CONTROL_CHARACTER),
    ("escape", TEXT, "a\x1b[2J", Refusal.CONTROL_CHARACTER),
    ("c1 control", TEXT, "a\x85b", Refusal.CONTROL_CHARACTER),
    ("lone surrogate", TEXT, "a\ud800b", Refusal.CONTROL_CHARACTER),
    ("tab in an address", OF_TYPE[FieldType.ADDRESS], "a\tb", Refusal.CONTROL_CHARACTER),
    ("one byte too many", TEXT, "a" * (MAX_BYTES + 1), Refusal.TOO_LONG),
    ("few characters, many bytes", TEXT, "王" * 2_731, Refusal.TOO_LONG),
    ("longer than the field", replace(TEXT, max_length=3), "abcd", Refusal.TOO_LONG),
    ("no at sign", OF_TYPE[FieldType.EMAIL], "ana.example.org", Refusal.NOT_AN_EMAIL),
    ("no dot", OF_TYPE[FieldType.EMAIL], "ana@example", Refusal.NOT_AN_EMAIL),
    ("two at signs", OF_TYPE[FieldType.EMAIL], "a@b@example.org", Refusal.NOT_AN_EMAIL),
    ("a space inside", OF_TYPE[FieldType.EMAIL], "a b@example.org", Refusal.NOT_AN_EMAIL),
    ("e-mail too long", OF_TYPE[FieldType.EMAIL], "a" * 243 + "@example.org", Refusal.TOO_LONG),
    ("letters in a phone", OF_TYPE[FieldType.PHONE], "1-800-FLOWERS", Refusal.NOT_A_PHONE),
    ("two digits", OF_TYPE[FieldType.PHONE], "12", Refusal.NOT_A_PHONE),
    ("too many digits", OF_TYPE[FieldType.PHONE], "1" * 21, Refusal.NOT_A_PHONE),
    ("a sign in a card", OF_TYPE[FieldType.CARD], "4000/0000", Refusal.NOT_A_CARD),
    ("other digits in a card", OF_TYPE[FieldType.CARD], "٤٠٠٠", Refusal.NOT_A_CARD),
    ("no such day", OF_TYPE[FieldType.DATE], "2001-02-29", Refusal.NOT_A_DATE),
    ("another form of date", OF_TYPE[FieldType.DATE], "29/02/2000", Refusal.NOT_A_DATE),
    ("a short form of date", OF_TYPE[FieldType.DATE], "20000229", Refusal.NOT_A_DATE),
    ("a moment", OF_TYPE[FieldType.DATE], "2000-02-29T00:00", Refusal.TOO_LONG),
    ("other digits in a date", OF_TYPE[FieldType.DATE], "٢٠٠٠-٠٢-٢٩", Refusal.NOT_A_DATE),
    ("no choice", CHOICE, "Tea", Refusal.NOT_A_CHOICE),
    ("a word for a flag", OF_TYPE[FieldType.FLAG], "yes", Refusal.WRONG_TYPE),
    ("a number for a flag", OF_TYPE[FieldType.FLAG], 1, Refusal.WRONG_TYPE),
    ("a flag for a number", OF_TYPE[FieldType.NUMBER], True, Refusal.WRONG_TYPE),
    ("a float", OF_TYPE[FieldType.NUMBER], 1.0, Refusal.WRONG_TYPE),
    ("a number too large", OF_TYPE[FieldType.NUMBER], MAX_INTEGER + 1, Refusal.NOT_A_NUMBER),
    ("a text for a list", OF_TYPE[FieldType.LIST], "a", Refusal.WRONG_TYPE),
    ("an empty list", OF_TYPE[FieldType.LIST], [], Refusal.EMPTY),
    ("a number in a list", OF_TYPE[FieldType.LIST], [1], Refusal.WRONG_TYPE),
    ("twice in a list", OF_TYPE[FieldType.LIST], ["a", "a"], Refusal.TWICE),
    ("a list too long", OF_TYPE[FieldType.LIST], [str(n) for n in range(51)], Refusal.TOO_LONG),
    ("a list too large", OF_TYPE[FieldType.LIST], ["a" * 5_000, "b" * 5_000], Refusal.TOO_LONG),
    ("no choice in a list", CHOSEN, ["tea", "milk"], Refusal.NOT_A_CHOICE),
]


@pytest.mark.parametrize(
    ("field", "value", "reason"), [pytest.param(*row[1:], id=str(row[0])) for row in REFUSED]
)
def test_a_value_that_does_not_fit_is_refused_for_its_reason(field, value, reason):
    with pytest.raises(ValueRefused) as caught:
        check_value(field, value)
    assert caught.value.reason is reason
    assert str(caught.value) == reason  # and never the value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.sampled_from([*OF_TYPE.values(), CHOICE, CHOSEN]), json_values)
def test_any_json_is_kept_exactly_or_refused(field, value):
    try:
        checked = check_value(field, value)
    except ValueRefused:
        return
    assert checked == value


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (OF_TYPE[FieldType.NUMBER], " 12 ", 12),
        (OF_TYPE[FieldType.NUMBER], "-3", -3),
        (OF_TYPE[FieldType.FLAG], "Yes", True),
        (OF_TYPE[FieldType.FLAG], "0", False),
        (CHOSEN, "tea; filter;", ["tea", "filter"]),
        (OF_TYPE[FieldType.DATE], "2000-02-29", "2000-02-29"),
    ],
)
def test_a_value_is_read_from_text(field, text, value):
    assert from_text(field, text) == value


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        (OF_TYPE[FieldType.NUMBER], "1.5", Refusal.NOT_A_NUMBER),
        (OF_TYPE[FieldType.NUMBER], "1" * 10_000, Refusal.NOT_A_NUMBER),
        (OF_TYPE[FieldType.NUMBER], "٣", Refusal.NOT_A_NUMBER),
        (OF_TYPE[FieldType.NUMBER], "9" * 16, Refusal.NOT_A_NUMBER),
        (OF_TYPE[FieldType.FLAG], "maybe", Refusal.NOT_YES_OR_NO),
        (OF_TYPE[FieldType.LIST], " ; ", Refusal.EMPTY),
    ],
)
def test_a_text_that_is_no_such_value_is_refused(field, text, reason):
    with pytest.raises(ValueRefused) as caught:
        from_text(field, text)
    assert caught.value.reason is reason


@given(st.sampled_from([*OF_TYPE.values(), CHOICE, CHOSEN]), st.text())
def test_any_text_is_read_or_refused(field, text):
    try:
        value = from_text(field, text)
    except ValueRefused:
        return
    assert check_value(field, value) == value
