"""Say in which languages the portal speaks, and turn an English sentence into one of them.

The English sentence is the key. A language is offered when its catalogue and the code of ethics in
force are complete in it; at present that is English alone.
Source: portal note, 12.
"""

from collections.abc import Mapping
from gettext import NullTranslations
from typing import Final

LANGUAGES: Final = ("en",)
CATALOGUES: Final[Mapping[str, NullTranslations]] = {"en": NullTranslations()}


def N_(sentence: str) -> str:  # noqa: N802  gettext's name, which extraction looks for
    """Mark a sentence for translation where its language is not known yet."""
    return sentence


def translate(lang: str, sentence: str, **parts: object) -> str:
    """Return a marked sentence in a page's language, with its parts in their places."""
    return CATALOGUES[lang].gettext(sentence).format(**parts)
