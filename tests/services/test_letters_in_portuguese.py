"""Every letter and every text of a package stands in both variants of Portuguese, and holds the same."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from policies.tone import guilt
from vault.services import mail

SERVICES = Path(mail.__file__).parent
LANGUAGES = ("pt-PT", "pt-BR")
FILLED = re.compile(r"\{\{-? *(.+?) *-?\}\}|\{%-? *((?:for|if) .+?) *-?%\}")
WORDS = re.compile(r'"[^"]*"')


def files(folder, lang):
    return {path.name: path.read_text(encoding="utf-8") for path in (folder / lang).iterdir()}


def filled(text):
    """Return what a text is filled with; words inside of an expression are translated too."""
    return {WORDS.sub('""', "".join(found)) for found in FILLED.findall(text)}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("folder", ["mail_texts", "export_texts"])
def test_a_text_is_filled_with_what_the_english_one_is(folder, lang):
    english, said = files(SERVICES / folder, "en"), files(SERVICES / folder, lang)
    assert set(english) == set(said)
    wrong = {
        name
        for name in english
        if filled(english[name]) - {"publisher"} != filled(said[name]) - {"publisher"}
    }
    assert wrong == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_letter_is_in_its_language_and_presses_nobody(lang):
    texts = Environment(loader=FileSystemLoader(SERVICES / "mail_texts"), undefined=StrictUndefined)
    parts = dict.fromkeys(
        ("publisher", "issuer", "code", "link", "certificate", "day", "stop", "version"), "X"
    )
    for name in files(SERVICES / "mail_texts", lang):
        if name.startswith("layout"):
            continue
        said = texts.get_template(f"{lang}/{name}").render(parts)
        subject = said.partition("\n")[0]
        assert guilt(said, lang) is None, name
        assert "Olá" in said, name
        assert "Hello" not in said, name
        if name.endswith(".html"):
            assert f'<html lang="{lang}">' in said, name
            assert re.search(r"<title>[^<]+</title>", said), name
        else:
            assert subject.strip(), name


@pytest.mark.parametrize("folder", ["mail_texts", "export_texts"])
def test_the_variants_are_not_copies_of_each_other(folder):
    portugal, brazil = (files(SERVICES / folder, lang) for lang in LANGUAGES)
    texts = {name for name in portugal if name != "layout.txt"}
    assert {name for name in texts if portugal[name] == brazil[name]} == set()
