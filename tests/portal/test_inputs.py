"""Each type of field has its input, takes what people type, and gives back what it refused."""

import pytest

from policies.model import Choice, Field, FieldType, Sensitivity, Source, Texts
from policies.values import MAX_BYTES, Refusal, ValueRefused
from portal import inputs
from portal.forms import Form

MARKUP = '"><script>alert(1)</script>{{7*7}}'
RTL = "\u202eمرحبا\u202c שלום"


def words(text):
    return Texts((("en", text),))


def field(kind, choices=(), category="Preference"):
    return Field(
        name="a.b",
        label=words("Label"),
        why=words("Why"),
        type=kind,
        category=category,
        sensitivity=Sensitivity.ORDINARY,
        sources=(Source.TOLD,),
        retention="P1Y",
        choices=tuple(Choice(one, words(one.title())) for one in choices),
    )


@pytest.mark.parametrize(
    ("kind", "choices", "typed", "kept"),
    [
        (FieldType.TEXT, (), [MARKUP], MARKUP),
        (FieldType.TEXT, (), [RTL], RTL),
        (FieldType.TEXT, (), ["  as typed "], "  as typed "),
        (FieldType.TEXT, (), ["é" * (MAX_BYTES // 2)], "é" * (MAX_BYTES // 2)),
        (FieldType.ADDRESS, (), ["1 Quay\n" + RTL], "1 Quay\n" + RTL),
        (FieldType.CHOICE, ("tea", "milk"), ["tea"], "tea"),
        (FieldType.LIST, ("tea", "milk"), ["milk", "tea"], ["milk", "tea"]),
        (FieldType.LIST, (), [f"{MARKUP}\n\n  {RTL} "], [MARKUP, RTL]),
        (FieldType.DATE, (), ["1980-02-29"], "1980-02-29"),
        (FieldType.NUMBER, (), [" -12 "], -12),
        (FieldType.FLAG, (), ["yes"], True),
        (FieldType.FLAG, (), ["no"], False),
        (FieldType.PHONE, (), ["+353 1 234"], "+353 1 234"),
        (FieldType.CARD, (), ["12-34 AB"], "12-34 AB"),
    ],
)
def test_what_people_type_is_kept(kind, choices, typed, kept):
    found = field(kind, choices)
    assert inputs.read(found, typed) == kept
    again = inputs.of(found, "en", inputs.texts(kept))
    assert again.shape in {"line", "lines", "one", "many"}
    if again.options:
        chosen = [one.value for one in again.options if one.chosen]
        assert sorted(chosen) == sorted(inputs.texts(kept))
    # What the page shows in the input is what it takes.
    assert inputs.read(found, inputs.texts(kept) if again.options else [again.value]) == kept


@pytest.mark.parametrize(
    ("kind", "choices", "typed", "why"),
    [
        (FieldType.TEXT, (), [], Refusal.EMPTY),
        (FieldType.TEXT, (), [" \n "], Refusal.EMPTY),
        (FieldType.TEXT, (), ["a", "b"], Refusal.WRONG_TYPE),
        (FieldType.TEXT, (), ["é" * (MAX_BYTES // 2) + "e"], Refusal.TOO_LONG),
        (FieldType.TEXT, (), ["a\x00b"], Refusal.CONTROL_CHARACTER),
        (FieldType.CHOICE, ("tea",), ["Tea"], Refusal.NOT_A_CHOICE),
        (FieldType.LIST, ("tea",), ["tea", "tea"], Refusal.TWICE),
        (FieldType.LIST, (), ["\n"], Refusal.EMPTY),
        (FieldType.DATE, (), ["1980-02-30"], Refusal.NOT_A_DATE),
        (FieldType.NUMBER, (), ["9" * 5000], Refusal.NOT_A_NUMBER),
        (FieldType.FLAG, (), ["perhaps"], Refusal.NOT_YES_OR_NO),
        (FieldType.EMAIL, (), ["nobody"], Refusal.NOT_AN_EMAIL),
        (FieldType.PHONE, (), [MARKUP], Refusal.NOT_A_PHONE),
        (FieldType.CARD, (), [RTL], Refusal.NOT_A_CARD),
    ],
)
def test_what_is_refused_says_why_and_comes_back(kind, choices, typed, why):
    found = field(kind, choices)
    with pytest.raises(ValueRefused) as refused:
        inputs.read(found, typed)
    assert refused.value.reason is why
    assert inputs.wrong(why, "en")
    assert inputs.of(found, "en", typed).value == "\n".join(typed)


def test_every_refusal_has_its_sentence():
    assert len({inputs.wrong(one, "en") for one in Refusal}) == len(Refusal)


def test_nothing_is_chosen_beforehand():
    for kind in (FieldType.CHOICE, FieldType.FLAG, FieldType.LIST):
        found = inputs.of(field(kind, ("tea", "milk")), "en", inputs.texts(None))
        assert found.options
        assert not any(one.chosen for one in found.options)


def test_a_browsers_line_ends_become_ours():
    assert inputs.typed(Form((("value", "1 Quay\r\nCork"), ("do", "x")))) == ("1 Quay\nCork",)


def test_own_data_may_be_filled_in_by_the_browser():
    assert inputs.of(field(FieldType.DATE, category="BirthDate"), "en", ()).complete == "bday"
    assert inputs.of(field(FieldType.TEXT), "en", ()).complete == "off"
