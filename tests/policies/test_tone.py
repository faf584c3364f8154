"""Words that press a customer are found in every language of a code."""

import pytest

from policies.names import LANGUAGES
from policies.tone import guilt


@pytest.mark.parametrize(
    ("text", "lang", "word"),
    [
        ("Are you sure?", "en", "Are you sure"),
        ("You would MISS OUT on this.", "en", "MISS OUT"),
        ("We’ll miss you", "en", "We'll miss you"),
        ("Infelizmente acaba.", "pt-BR", "Infelizmente"),
        ("Tem a certeza?", "pt-PT", "Tem a certeza"),
        ("Vai perder os seus pontos.", "pt-PT", "Vai perder"),
        ("Você vai perder seus pontos.", "pt-BR", "Você vai perder"),
        ("Sentiremos sua falta.", "pt-BR", "Sentiremos sua falta"),
        ("É a sua última oportunidade.", "pt-PT", "última oportunidade"),
        ("Que pena!", "pt-BR", "Que pena"),
    ],
)
def test_a_word_that_presses_is_found(text, lang, word):
    assert guilt(text, lang) == word


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("You buy as before.", "en"),
        ("Infelizmente", "en"),
        ("Sadlyville is a town.", "en"),
        ("Sadly", "de"),
    ],
)
def test_plain_words_and_other_languages_are_left_alone(text, lang):
    assert guilt(text, lang) is None


def test_every_language_of_codes_has_its_list():
    words = {"en": "Are you sure", "pt-BR": "Tem certeza", "pt-PT": "Tem a certeza"}
    assert all(guilt(words[language], language) for language in LANGUAGES)
