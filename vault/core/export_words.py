"""Say the words of a package in its language; the English one is the key of its translation.

What the code of ethics says itself is data with its own languages and does not stand here, and
neither does what machines read: names of members, ids, times.
Source: portal note, 12.
"""

from collections.abc import Mapping

from vault.core import export_words_pt_br, export_words_pt_pt

TRANSLATIONS: Mapping[str, Mapping[str, str]] = {
    "pt-BR": export_words_pt_br.WORDS,
    "pt-PT": export_words_pt_pt.WORDS,
}


def say(lang: str, words: str, **parts: str) -> str:
    """Return words in a language, with their parts filled in.

    >>> say("en", "staff {handle}", handle="kestrel")
    'staff kestrel'
    """
    found = TRANSLATIONS[lang].get(words, words) if lang in TRANSLATIONS else words
    return found.format(**parts) if parts else found
