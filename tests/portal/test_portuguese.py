"""The Portuguese of the pages says what English says, presses nobody, and is two variants."""

from itertools import chain

import pytest

from policies.tone import guilt
from policies.wording import of
from portal.catalogues import files
from portal.language import CATALOGUES
from tests.portal.catalogues import forms, sentences
from tests.portal.portuguese import FOREIGN, SAME, VARIANTS, messages, pairs
from vault.core import export_words, notice_words

RULES = {"pt-PT": "(n != 1)", "pt-BR": "(n > 1)"}
MARKS = {"pt-PT": "«»", "pt-BR": "“”"}
OTHERS = {"pt-PT": MARKS["pt-BR"], "pt-BR": MARKS["pt-PT"]}
both = pytest.mark.parametrize("lang", VARIANTS)


@both
def test_a_sentence_begins_and_ends_as_in_english(lang):
    def ends(text):
        mark = text[-1] if text[-1] in ".?!" else ""
        return text[: len(text) - len(text.lstrip())], mark, text[len(text.rstrip()) :]

    assert [english for english, said in pairs(lang) if ends(english) != ends(said)] == []


@both
def test_no_sentence_was_left_in_english(lang):
    assert {english for english, said in pairs(lang) if english == said} <= SAME


@both
def test_no_sentence_presses(lang):
    assert [said for _, said in pairs(lang) if guilt(said, lang)] == []


def test_english_itself_presses_nobody():
    said = chain.from_iterable(forms(sentence) for _, sentence in sentences())
    assert [sentence for sentence in said if guilt(sentence, "en")] == []


@both
def test_quotation_marks_are_those_of_the_variant(lang):
    assert [said for _, said in pairs(lang) if set(said) & set(f'{OTHERS[lang]}"')] == []
    wrong = [
        english
        for english, said in pairs(lang)
        if (english.count("“"), english.count("”")) != tuple(map(said.count, MARKS[lang]))
    ]
    assert wrong == []


@both
def test_a_variant_uses_its_own_words(lang):
    assert [said for _, said in pairs(lang) if FOREIGN[lang].search(said)] == []


@pytest.mark.parametrize(
    ("english", "portugal", "brazil"),
    [
        ("Sign in", "Iniciar sessão", "Entrar"),
        ("Save the file", "Guardar o ficheiro", "Salvar o arquivo"),
        ("Erase everything", "Apagar tudo", "Excluir tudo"),
        ("Our contacts with you", "Os nossos contactos consigo", "Nossos contatos com você"),
        ("Place in the access log", "Lugar no registo de acessos", "Lugar no registro de acessos"),
        ("Fetch it", "Transferir", "Baixar"),
    ],
)
def test_the_variants_differ_where_their_words_do(english, portugal, brazil):
    assert CATALOGUES["pt-PT"].gettext(english) == portugal
    assert CATALOGUES["pt-BR"].gettext(english) == brazil


@both
def test_a_count_takes_the_form_of_its_language(lang):
    many = [one for one in messages(lang) if not isinstance(one.id, str)]
    assert many
    for message in many:
        (single, plural), (one, more) = forms(message.id), forms(message.string)
        of = CATALOGUES[lang].ngettext
        found = [of(single, plural, count) for count in (0, 1, 2, 1_000_000)]
        assert found == [one if lang == "pt-BR" else more, one, more, more]


@both
def test_a_file_names_its_language_and_the_rule_of_its_plurals(lang):
    for name, catalog in files(VARIANTS[lang]):
        assert str(catalog.locale) == VARIANTS[lang], name
        assert (catalog.num_plurals, catalog.plural_expr) == (2, RULES[lang]), name


@both
def test_the_words_that_stand_in_code_are_of_the_variant_and_press_nobody(lang):
    said = [*notice_words.TRANSLATIONS[lang].values(), *export_words.TRANSLATIONS[lang].values()]
    wording = of(lang)
    said += [*wording.words.values(), *wording.members.values(), *wording.rights.values()]
    assert [words for words in said if FOREIGN[lang].search(words) or guilt(words, lang)] == []
    assert [words for words in said if set(words) & set(OTHERS[lang])] == []
