"""Say in which languages the portal speaks, choose one for a request, and translate a sentence.

The English sentence is the key. A language is offered when its catalogue is complete and the code
of ethics in force is written in it, so that no page is ever in two languages. What decides, in this
order: the address, the customer's saved choice, the browser's cookie, `Accept-Language`.
Babel takes a bare `pt` for Portugal and finds nothing for `pt-AO`; so the table is our own.
Source: portal note, 12; RFC 9110, 12.5.4.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from gettext import NullTranslations
from typing import Final
from urllib.parse import quote

from policies.model import Rulebook
from portal.catalogues import load


@dataclass(frozen=True, slots=True)
class Language:
    """A language as pages name it, and as its dates and catalogue are found."""

    tag: str  # BCP 47: of `lang`, of the code of ethics, of what is stored
    name: str  # in itself
    locale: str  # of dates and numbers; its catalogue's folder


LANGUAGES: Final[Mapping[str, Language]] = {
    one.tag: one
    for one in (
        Language("en", "English", "en_GB"),  # day before month
        Language("pt-BR", "Português (Brasil)", "pt_BR"),
        Language("pt-PT", "Português (Portugal)", "pt_PT"),
    )
}
# Whose catalogues are complete; a test is strict for each that stands here.
COMPLETE: Final = ("en", "pt-BR", "pt-PT")
CATALOGUES: Final[Mapping[str, NullTranslations]] = {
    tag: load(one.locale) for tag, one in LANGUAGES.items()
}
_ACCEPTED: Final = 20  # entries of a header that are read; browsers send a handful


def N_(sentence: str) -> str:  # noqa: N802  gettext's name, which extraction looks for
    """Mark a sentence for translation where its language is not known yet."""
    return sentence


def translate(lang: str, sentence: str, **parts: object) -> str:
    """Return a marked sentence in a page's language, with its parts in their places.

    >>> translate("pt-BR", "Sign in"), translate("pt-BR", "")
    ('Entrar', '')
    """
    if not sentence:
        return ""  # under which a catalogue keeps what it is
    return CATALOGUES[lang].gettext(sentence).format(**parts)


def offered(rulebook: Rulebook | None) -> tuple[Language, ...]:
    """Return the languages that a visitor may choose from; English alone where none is whole.

    Args:
        rulebook: the code of ethics in force; None before there is one.
    """
    written = COMPLETE if rulebook is None else rulebook.code.languages
    found = tuple(one for one in LANGUAGES.values() if one.tag in COMPLETE and one.tag in written)
    return found or (LANGUAGES["en"],)


def choose(
    languages: Sequence[Language],
    *,
    asked: str = "",
    saved: str = "",
    cookie: str = "",
    accepted: str = "",
) -> str:
    """Return the language of an answer.

    Args:
        languages: from `offered`.
        asked: what the address asks for.
        saved: the signed-in customer's choice.
        cookie: this browser's.
        accepted: the header `Accept-Language`.

    >>> choose(tuple(LANGUAGES.values()), accepted="pt-AO, en;q=0.8")
    'pt-PT'
    """
    tags = [one.tag for one in languages]
    for wish in (asked, saved, cookie):
        if wish in tags:
            return wish
    for range_ in _ranges(accepted):
        found = _nearest(range_, tags)
        if found:
            return found
    return "en" if "en" in tags else tags[0]


def of_address(path: str, query: str) -> tuple[str, str]:
    """Return the language that an address asks for, and the address without that wish.

    >>> of_address("/code", "lang=pt-PT&x=1")
    ('pt-PT', '/code?x=1')
    """
    pairs = query.split("&") if query else []
    rest = "&".join(pair for pair in pairs if not pair.startswith("lang="))
    asked = next((pair for pair in pairs if pair.startswith("lang=")), "").removeprefix("lang=")
    return asked, f"{quote(path)}?{rest}" if rest else quote(path)


def _ranges(header: str) -> Iterator[str]:
    """Give the ranges of a header, the most wanted first; what cannot be read is left out."""
    found = []
    for place, entry in enumerate(header.split(",")[:_ACCEPTED]):
        range_, _, weight = entry.partition(";")
        name, _, number = weight.strip().partition("=")
        try:
            q = float(number) if weight.strip() else 1.0
        except ValueError:
            continue
        if name.strip().lower() in {"", "q"} and 0 < q <= 1:
            found.append((-q, place, range_.strip().lower()))
    return (range_ for _, _, range_ in sorted(found))


def _nearest(range_: str, tags: Sequence[str]) -> str:
    """Return the offered language for one range: its own, else its sister; "" for neither."""
    primary = range_.partition("-")[0]
    wanted: tuple[str, ...]
    if primary == "en":
        wanted = ("en",)
    elif range_ in {"pt", "pt-br"}:
        wanted = ("pt-BR", "pt-PT")
    elif primary == "pt":  # Angola, Mozambique, … write as Portugal does
        wanted = ("pt-PT", "pt-BR")
    else:
        return ""
    return next((tag for tag in wanted if tag in tags), "")
