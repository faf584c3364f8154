"""A package says nothing in English where its language is another."""

import re

from policies.names import ConsentState
from vault.core import export_cells, export_words_pt_br, export_words_pt_pt
from vault.core.export import Part
from vault.core.export_words import TRANSLATIONS
from vault.services import export_lines, export_records

PLACES = re.compile(r"\{\w+\}")


def test_each_word_of_a_package_is_translated():
    words = {heading for part in Part for heading in export_cells.columns(part, "en")}
    words |= {*export_cells._YES.values(), *export_cells._SOURCES.values(), export_cells.DAMAGED}
    words |= {*export_cells._FOLLOWED.values()}
    words |= {*export_lines.ACTIONS.values(), export_lines.SEALED, export_lines.UNREADABLE}
    words |= {
        export_lines.OTHER,
        export_lines.YOU,
        export_lines.BY_STAFF,
        "allowed",
        "partly",
        "unreadable",
    }
    words |= {*export_records.TERMS.values(), export_records.RESTRICTED, export_records.OBJECTED}
    words |= {state.value for state in ConsentState}
    for lang, translated in TRANSLATIONS.items():
        assert words - translated.keys() == set(), lang
        assert translated.keys() - words == set(), lang


def test_what_is_filled_in_stands_in_the_translation_too():
    for translated in TRANSLATIONS.values():
        for words, said in translated.items():
            assert PLACES.findall(words) == PLACES.findall(said)


def test_the_variants_are_two():
    assert export_words_pt_br.WORDS.keys() == export_words_pt_pt.WORDS.keys()
    assert export_words_pt_br.WORDS != export_words_pt_pt.WORDS
