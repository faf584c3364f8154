"""Compare the catalogues with what the portal says: `python -m tests.portal.catalogues`.

For each language beside English: what is missing, fuzzy, no sentence of ours any more, translated
twice in two ways, or has other placeholders than its sentence.
"""

import re
import sys
from dataclasses import dataclass, field

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from portal import catalogues as portal_catalogues
from portal.catalogues import files
from portal.language import LANGUAGES

# Babel reads over a quotation mark that is missing, and what it held is gone.
LINE = re.compile(r'(#.*|\s*|(msg[a-z_]+(\[\d\])? )?"([^"\\]|\\.)*"\s*)')
PLACES = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")
ORIGINAL = "en"
POT = portal_catalogues.FOLDER / "portal.pot"

Key = tuple[str | None, object]  # context, sentence or its two forms


@dataclass
class Findings:
    """What is wrong with one language."""

    missing: list[str] = field(default_factory=list)
    fuzzy: list[str] = field(default_factory=list)
    obsolete: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """Return what is wrong however far the work is."""
        return [*self.fuzzy, *self.obsolete, *self.twice, *self.broken]


def sentences() -> set[Key]:
    """Return all that the portal says."""
    with POT.open("rb") as file:
        return {(one.context, one.id) for one in read_po(file) if one.id}


def forms(of: object) -> tuple[str, ...]:
    """Return the forms of a sentence or of its translation."""
    return (of,) if isinstance(of, str) else tuple(of)  # type: ignore[arg-type]


def same_places(one: Message) -> bool:
    """Say whether each form of a translation has the placeholders of a form of its sentence."""
    wanted = [sorted(set(PLACES.findall(form))) for form in forms(one.id)]
    return all(sorted(set(PLACES.findall(form))) in wanted for form in forms(one.string))


def judge(locale: str, said: set[Key]) -> Findings:
    """Return what is wrong with a language."""
    found = Findings()
    known: dict[Key, tuple[str, ...]] = {}
    for name, catalog in files(locale):
        lines = (portal_catalogues.FOLDER / locale / name).read_text(encoding="utf-8").splitlines()
        found.broken += [f"{name}: {one}" for one in lines if not LINE.fullmatch(one)]
        for one in catalog:
            if not one.id:
                continue
            key = (one.context, one.id)
            where = f"{name}: {forms(one.id)[0]}"
            translated = forms(one.string)
            if one.fuzzy:
                found.fuzzy.append(where)
            if key not in said:
                found.obsolete.append(where)
            if not all(translated):
                continue
            if known.setdefault(key, translated) != translated:
                found.twice.append(where)
            if not same_places(one):
                found.broken.append(where)
    found.missing = sorted(forms(sentence)[0] for context, sentence in said - known.keys())
    return found


def main() -> int:
    """Print what is wrong; the exit code says whether anything is."""
    said = sentences()
    bad = False
    for language in LANGUAGES.values():
        if language.tag == ORIGINAL:
            continue
        found = judge(language.locale, said)
        print(f"{language.locale}: {len(said) - len(found.missing)} of {len(said)} sentences")
        for kind in ("missing", "fuzzy", "obsolete", "twice", "broken"):
            for line in getattr(found, kind):
                print(f"  {kind}: {line}")
                bad = True
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
