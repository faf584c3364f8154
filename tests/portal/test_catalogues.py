"""Each catalogue reads, keeps the placeholders, and is whole where its language is offered."""

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError

from policies.tone import guilt
from portal import catalogues as portal_catalogues
from portal import language
from portal.language import COMPLETE, LANGUAGES
from tests.portal import catalogues
from vault.core.notice_words import TRANSLATIONS
from vault.services.language import LETTERS, PACKAGES

SAID = catalogues.sentences()
FOREIGN = [one for one in LANGUAGES.values() if one.tag != catalogues.ORIGINAL]
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.mark.parametrize("one", FOREIGN, ids=lambda one: one.tag)
def test_what_is_translated_is_translated_right(one):
    assert catalogues.judge(one.locale, SAID).wrong == []


@pytest.mark.parametrize("one", FOREIGN, ids=lambda one: one.tag)
def test_a_language_that_is_offered_lacks_nothing(one):
    if one.tag in COMPLETE:
        assert catalogues.judge(one.locale, SAID).missing == []


def test_no_sentence_makes_a_no_feel_bad():
    said = [(catalogues.ORIGINAL, form) for _, one in SAID for form in catalogues.forms(one)]
    for one in FOREIGN:
        for _, catalog in portal_catalogues.files(one.locale):
            said += [
                (one.tag, form) for message in catalog for form in catalogues.forms(message.string)
            ]
    assert {tag for tag, _ in said} == set(LANGUAGES)
    assert [(tag, form) for tag, form in said if guilt(form, tag)] == []


def test_a_language_of_the_portal_is_one_of_letters_packages_and_notices():
    for tag in COMPLETE:
        assert tag in LETTERS
        assert tag in PACKAGES
        assert tag in TRANSLATIONS


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """An empty language of our own."""
    monkeypatch.setattr(portal_catalogues, "FOLDER", tmp_path)
    (tmp_path / "pt_PT").mkdir()
    return tmp_path / "pt_PT"


def write(folder, name, *entries):
    (folder / f"{name}.po").write_text(HEAD + "\n\n".join(entries) + "\n", encoding="utf-8")


def test_all_files_of_a_language_are_one_catalogue(folder):
    write(folder, "one", 'msgid "Sign in"\nmsgstr "Entrar"')
    write(
        folder, "two", 'msgid "{n} day"\nmsgid_plural "{n} days"\nmsgstr[0] "dia"\nmsgstr[1] "dias"'
    )
    found = portal_catalogues.load("pt_PT")
    assert found.gettext("Sign in") == "Entrar"
    assert found.gettext("Sign out") == "Sign out"
    counts = (0, 1, 2, 1_000_000)
    assert [found.ngettext("{n} day", "{n} days", n) for n in counts] == [
        "dias",
        "dia",
        "dias",
        "dias",
    ]


def test_nothing_is_one_in_brazil(folder):
    write(
        folder.parent / "pt_PT",
        "x",
        'msgid "{n} day"\nmsgid_plural "{n} days"\nmsgstr[0] "dia"\nmsgstr[1] "dias"',
    )
    folder.rename(folder.parent / "pt_BR")
    found = portal_catalogues.load("pt_BR")
    assert [found.ngettext("{n} day", "{n} days", n) for n in (0, 1, 2)] == ["dia", "dia", "dias"]


def test_a_file_that_is_none_is_refused(folder):
    write(folder, "one", 'msgid "Sign in"\nmsgst "Entrar"')
    with pytest.raises(PoFileError):
        portal_catalogues.load("pt_PT")


@pytest.mark.parametrize("text", ['"Entrar', "Entrar", '"Entrar" x', '"a" "b"', '"a\\"'])
def test_a_line_that_would_be_read_over_is_found(folder, text):
    write(folder, "one", f'msgid "Sign in"\nmsgstr {text}')
    assert f"one.po: msgstr {text}" in catalogues.judge("pt_PT", SAID).broken


def test_each_fault_of_a_catalogue_is_found(folder):
    write(
        folder,
        "one",
        'msgid "Sign in"\nmsgstr "Entrar"',
        'msgid "No such sentence"\nmsgstr "Nenhuma"',
        '#, fuzzy\nmsgid "Sign out"\nmsgstr "Sair"',
        'msgid "Version %(version)s, in force since"\nmsgstr "Versão %(versao)s, em vigor desde"',
    )
    write(folder, "two", 'msgid "Sign in"\nmsgstr "Iniciar sessão"', 'msgid "Home"\nmsgstr ""')
    found = catalogues.judge("pt_PT", SAID)
    assert found.twice == ["two.po: Sign in"]
    assert found.obsolete == ["one.po: No such sentence"]
    assert found.fuzzy == ["one.po: Sign out"]
    assert found.broken == ["one.po: Version %(version)s, in force since"]
    assert "Home" in found.missing
    assert "Sign in" not in found.missing


def test_one_may_be_written_in_words():
    one = Message(("%(num)s day", "%(num)s days"), ("um dia", "%(num)s dias"))
    assert not catalogues.same_places(one)
    one = Message(("One day", "%(num)s days"), ("Um dia", "%(num)s dias"))
    assert catalogues.same_places(one)


def test_every_language_has_a_catalogue_in_memory():
    assert language.CATALOGUES.keys() == LANGUAGES.keys()
