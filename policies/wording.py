"""Say the fixed words around a code of ethics: headings, bases, sources, rights, durations.

What a publisher writes stands in the document; these are the words around it, in each language that
a document may be written in, so that no page is in two languages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from policies import wording_en, wording_pt_br, wording_pt_pt
from policies.durations import Duration
from policies.worded import Closed


@dataclass(frozen=True, slots=True)
class Wording:
    """The fixed words in one language."""

    words: Mapping[str, str]
    members: Mapping[Closed, str]
    rights: Mapping[str, str]
    units: tuple[tuple[str, str], ...]  # one and many: years, months, days

    def say(self, key: str, **held: str) -> str:
        """Return a fixed text with what it holds."""
        return self.words[key].format(**held)

    def name(self, member: Closed) -> str:
        """Return the word for a member of a closed set."""
        return self.members[member]

    def right(self, name: str) -> str:
        """Return what a right of GDPR lets a customer do."""
        return self.rights[name]

    def covers(self, some: Sequence[str], but: Sequence[str]) -> str:
        """Return what a right covers: some purposes, or all but some."""
        if some:
            return ", ".join(some)
        return self.say("all_but", purposes=", ".join(but)) if but else self.say("everything")

    def lasts(self, duration: str) -> str:
        """Return an ISO 8601 duration in words.

        >>> of("en").lasts("P1Y6M"), of("pt-PT").lasts("P1Y6M")
        ('1 year, 6 months', '1 ano, 6 meses')
        """
        parsed = Duration.parse(duration)
        if parsed is None:
            return duration
        counts = (*divmod(parsed.months, 12), parsed.days)
        return ", ".join(
            f"{count} {one if count == 1 else many}"
            for count, (one, many) in zip(counts, self.units, strict=True)
            if count
        )


_LANGUAGES: Final = {
    "en": wording_en,
    "pt-BR": wording_pt_br,
    "pt-PT": wording_pt_pt,
}


def of(lang: str) -> Wording:
    """Return the words in one of `policies.names.LANGUAGES`."""
    held = _LANGUAGES[lang]
    return Wording(held.WORDS, held.MEMBERS, held.RIGHTS, held.UNITS)
