"""The Portuguese of the pages is whole, keeps what English holds, and is two variants, not one."""

import re
from itertools import chain
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import portal
from policies.tone import guilt

LOCALE = Path(portal.__file__).parent / "locale"
VARIANTS = {"pt-PT": LOCALE / "pt_PT", "pt-BR": LOCALE / "pt_BR"}
RULES = {"pt-PT": "(n != 1)", "pt-BR": "(n > 1)"}
MARKS = {"pt-PT": "«»", "pt-BR": "“”"}
PLACES = re.compile(r"\{\w*\}|%\(\w+\)s|%")
# The same in both languages: parts of the page alone, no words.
WORDLESS = {"{detail}: {value}"}
# Words of one variant, which the other has another word for: docs/portuguese.md.
OTHERS = {
    "pt-PT": "arquivos? baixar celular contatos? controlador equipe excluir registros? senha tela"
    " usuários? você",
    "pt-BR": "contactos? ecrã equipa ficheiros? palavra-passe partilhar registos? telemóvel"
    " utilizador(?:es)?",
}


def template():
    with (LOCALE / "portal.pot").open("rb") as file:
        return [message for message in read_po(file) if message.id]


def messages(lang):
    """Give every translation, of whichever file."""
    for path in sorted(VARIANTS[lang].glob("*.po")):
        with path.open("rb") as file:
            yield from (message for message in read_po(file) if message.id)


def pairs(lang):
    """Give English and Portuguese beside each other, each form of a plural by itself."""
    for message in messages(lang):
        one = message.id if isinstance(message.id, str) else None
        if one is not None:
            yield one, message.string
        else:
            yield from zip(message.id, message.string, strict=True)


both = pytest.mark.parametrize("lang", VARIANTS)


@both
def test_every_sentence_has_its_portuguese_and_nothing_is_left_over(lang):
    wanted = {(message.context, message.id) for message in template()}
    found = [(message.context, message.id) for message in messages(lang)]
    assert wanted - set(found) == set()
    assert set(found) - wanted == set()
    assert len(found) == len(set(found))


@both
def test_nothing_is_empty_or_a_guess(lang):
    assert [one.id for one in messages(lang) if one.fuzzy] == []
    assert [english for english, said in pairs(lang) if not said.strip()] == []


@both
def test_what_a_page_fills_in_stands_as_in_english(lang):
    wrong = [
        english
        for english, said in pairs(lang)
        if sorted(PLACES.findall(english)) != sorted(PLACES.findall(said))
    ]
    assert wrong == []


@both
def test_a_sentence_begins_and_ends_as_in_english(lang):
    def ends(text):
        mark = text[-1] if text[-1] in ".?!" else ""
        return text[: len(text) - len(text.lstrip())], mark, text[len(text.rstrip()) :]

    wrong = [english for english, said in pairs(lang) if ends(english) != ends(said)]
    assert wrong == []


@both
def test_no_sentence_was_left_in_english(lang):
    assert {english for english, said in pairs(lang) if english == said} <= WORDLESS


@both
def test_no_sentence_presses(lang):
    assert [said for _, said in pairs(lang) if guilt(said, lang)] == []


@both
def test_quotation_marks_are_those_of_the_variant(lang):
    other = next(marks for one, marks in MARKS.items() if one != lang)
    assert [said for _, said in pairs(lang) if set(said) & set(f'{other}"')] == []
    wrong = [
        english
        for english, said in pairs(lang)
        if english.count("“") != said.count(MARKS[lang][0])
        or english.count("”") != said.count(MARKS[lang][1])
    ]
    assert wrong == []


@both
def test_a_variant_uses_its_own_words(lang):
    foreign = re.compile(rf"\b(?:{'|'.join(OTHERS[lang].split())})\b", re.IGNORECASE)
    assert [said for _, said in pairs(lang) if foreign.search(said)] == []


def test_the_variants_differ_where_their_words_do():
    said = {lang: dict(pairs(lang)) for lang in VARIANTS}
    for english, portugal, brazil in (
        ("Sign in", "Iniciar sessão", "Entrar"),
        ("Save the file", "Guardar o ficheiro", "Salvar o arquivo"),
        ("Erase everything", "Apagar tudo", "Excluir tudo"),
        ("Our contacts with you", "Os nossos contactos consigo", "Nossos contatos com você"),
        ("Place in the access log", "Lugar no registo de acessos", "Lugar no registro de acessos"),
        ("Fetch it", "Transferir", "Baixar"),
    ):
        assert (said["pt-PT"][english], said["pt-BR"][english]) == (portugal, brazil)


@both
def test_a_file_names_its_language_and_the_rule_of_its_plurals(lang):
    paths = sorted(VARIANTS[lang].glob("*.po"))
    assert paths
    for path in paths:
        with path.open("rb") as file:
            catalog = read_po(file)
        assert str(catalog.locale) == path.parent.name
        assert (catalog.num_plurals, catalog.plural_expr) == (2, RULES[lang])
        assert all(len(one.string or ()) == 2 for one in catalog if isinstance(one.id, tuple))


def test_english_itself_presses_nobody():
    forms = ((one.id,) if isinstance(one.id, str) else one.id for one in template())
    assert [said for said in chain.from_iterable(forms) if guilt(said, "en")] == []
