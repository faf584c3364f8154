"""Find words that press a customer, in every language that a code may be written in.

A refusal must cost nothing, not even a pang. Templates, catalogues and codes of ethics are all
checked with this one list.
Source: EDPB Guidelines 03/2022, emotional steering; portal note, 5.
"""

import re

_GUILT = {
    "en": (
        "are you sure",
        "before it is too late",
        "don't go",
        "last chance",
        "miss out",
        "missing out",
        "sadly",
        "sorry to see you go",
        "unfortunately",
        "we'll miss you",
        "you will lose",
        "you will regret",
    ),
    "pt": (
        "antes que seja tarde",
        "deixar escapar",
        "deixar passar",
        "ficar de fora",
        "infelizmente",
        "lamentavelmente",
        "não perca",
        "não vá embora",
        "perder a oportunidade",
        "que pena",
        "sentiremos a sua falta",
        "sentiremos sua falta",
        "tem a certeza",
        "tem certeza",
        "vai arrepender-se",
        "vai perder",
        "vai se arrepender",
        "você vai perder",
        "última chance",
        "última oportunidade",
    ),
}
_PATTERNS = {
    language: re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)
    for language, words in _GUILT.items()
}


def guilt(text: str, lang: str) -> str | None:
    """Return the first guilt word of a text in a language; None when there is none.

    >>> guilt("Are you sure you want to miss out?", "en")
    'Are you sure'
    """
    pattern = _PATTERNS.get(lang.partition("-")[0])
    found = pattern.search(text.replace("’", "'")) if pattern else None
    return found.group() if found else None
