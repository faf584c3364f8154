"""English and Portuguese beside each other, and the words that tell the two variants apart."""

import re

from portal.catalogues import files
from portal.language import LANGUAGES
from tests.portal.catalogues import ORIGINAL, forms

VARIANTS = {tag: one.locale for tag, one in LANGUAGES.items() if tag != ORIGINAL}
# The same in another language: parts of a page without words, and words of both.
SAME = {"{detail}: {value}", "Console", "Token (SHA-256)"}
# Words of one variant, which the other has another word for: docs/portuguese.md.
_OTHERS = {
    "pt-PT": "arquivos? baixar celular contatos? controlador equipe excluir registros? senha tela"
    " usuários? você",
    "pt-BR": "contactos? ecrã equipa ficheiros? palavra-passe partilhar registos? telemóvel"
    " utilizador(?:es)?",
}
FOREIGN = {
    lang: re.compile(rf"\b(?:{'|'.join(words.split())})\b", re.IGNORECASE)
    for lang, words in _OTHERS.items()
}


def messages(lang):
    """Give every translation of whichever file."""
    for _, catalog in files(VARIANTS[lang]):
        yield from (message for message in catalog if message.id)


def pairs(lang):
    """Give each form of a sentence with its translation."""
    for message in messages(lang):
        yield from zip(forms(message.id), forms(message.string), strict=True)
