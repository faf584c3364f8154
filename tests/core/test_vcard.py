"""A card's properties: what a column asks for, and that what is written is read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core import vcard
from vault.core.vcard import Column


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("fn", Column("FN")),
        ("TEL.cell", Column("TEL", "cell")),
        ("TEL.Cell", Column("TEL", "cell")),
        ("N.family", Column("N", "", "family")),
        ("ADR.home.locality", Column("ADR", "home", "locality")),
        ("ADR.home", Column("ADR", "home")),
        ("PHOTO", None),
        ("ADR.home.work.locality", None),
        ("TEL.a b", None),
        ("", None),
    ],
)
def test_a_column_names_a_property_and_perhaps_a_type_and_a_component(name, found):
    assert vcard.column(name) == found


@pytest.mark.parametrize(
    ("line", "kinds", "preference", "coded", "value"),
    [
        ("EMAIL:a@x.org", set(), vcard.UNSAID, False, "a@x.org"),
        ("item1.EMAIL;type=INTERNET,pref:a@x.org", {"internet", "pref"}, 1, False, "a@x.org"),
        ('TEL;VALUE=uri;PREF=2;TYPE="voice,home":tel:+1', {"voice", "home"}, 2, False, "tel:+1"),
        ("TEL;HOME;VOICE:1:2", {"home", "voice"}, vcard.UNSAID, False, "1:2"),
        ("TEL;PREF=most:1", set(), vcard.UNSAID, False, "1"),
        ('FN;X="a:b;c":D', set(), vcard.UNSAID, False, "D"),
        ("FN;ENCODING=QUOTED-PRINTABLE:=41", set(), vcard.UNSAID, True, "=41"),
        ("FN;ENCODING=8BIT;CHARSET=UTF-8:A", set(), vcard.UNSAID, False, "A"),
        ("FN;CHARSET=ISO-8859-1:A", set(), vcard.UNSAID, True, "A"),
    ],
)
def test_a_line_is_a_property_with_its_parameters(line, kinds, preference, coded, value):
    found = vcard.read(line)
    assert found is not None
    assert (found.kinds, found.preference, found.coded) == (kinds, preference, coded)
    assert found.value == value


@pytest.mark.parametrize("line", ["", "no colon", ";TYPE=x:y", 'FN;X="unclosed:y'])
def test_what_is_no_property_is_none(line):
    assert vcard.read(line) is None


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("FN", r"Ana\, Maria\; e \\ \n\N", "Ana, Maria; e \\ \n\n"),
        ("FN", "a\\xb", "a\\xb"),
        ("N", "Conceição;Ana;Maria,Luísa;Dr.;", "Dr. Ana Maria, Luísa Conceição"),
        ("N.family", "Silva\\, Neto;Ana;;;", "Silva, Neto"),
        ("N.suffix", "Silva;Ana", ""),
        ("ADR", ";;1 Rua;Lisboa;;1000-001;Portugal", "1 Rua\nLisboa\n1000-001\nPortugal"),
        ("ADR.code", ";;1 Rua;Lisboa;;1000-001;Portugal", "1000-001"),
        ("BDAY", "19850412", "1985-04-12"),
        ("BDAY", "1985-04-12T10:00:00Z", "1985-04-12"),
        ("BDAY", "--0412", "--0412"),
        ("TEL", "tel:+44-7700-900001;ext=5", "+44-7700-900001"),
        ("TEL", "+44 7700 900001", "+44 7700 900001"),
    ],
)
def test_a_value_is_read_as_it_is_meant(name, value, text):
    wanted = vcard.column(name)
    assert wanted is not None
    assert vcard.text(wanted, value) == text


WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters='\n;,\\:"'), max_size=120
).map(str.strip)
NAMES = ["FN", "N.family", "N.given", "EMAIL", "EMAIL.work", "TEL.cell", "ADR", "ADR.home", "UID"]


@given(st.fixed_dictionaries(dict.fromkeys(NAMES, WORDS)))
def test_what_is_written_is_read_again(cells):
    wanted = {column: cells[name] for name in NAMES if (column := vcard.column(name))}
    lines = vcard.card(wanted).replace(b"\r\n ", b"").decode().split("\r\n")
    assert lines[0] == "BEGIN:VCARD"
    assert lines[-2:] == ["END:VCARD", ""]
    found = [one for line in lines[1:-2] if (one := vcard.read(line))]
    for column, text in wanted.items():
        fitting = [
            one
            for one in found
            if one.name == column.name and (not column.kind or column.kind in one.kinds)
        ]
        best = min(fitting, key=lambda one: one.preference, default=None)
        assert (vcard.text(column, best.value) if best else "") == text


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=300))
def test_no_line_is_longer_than_a_card_may_have_and_none_is_cut_within_a_letter(text):
    for line in vcard.card({Column("FN"): text}).split(b"\r\n"):
        assert len(line) <= vcard.WIDTH
        line.decode()


def test_a_name_is_written_even_where_nobody_asks_for_one():
    assert b"\r\nFN:\r\n" in vcard.card({Column("EMAIL"): "a@x.org"})


def test_line_ends_become_one_kind():
    assert vcard.escaped("a\r\nb\rc\nd") == "a\\nb\\nc\\nd"
