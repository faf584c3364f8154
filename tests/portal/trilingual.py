"""A code of ethics in three languages, made from a sample: each text gets a number in Portuguese.

The numbers are no language, so that whatever English stands on a Portuguese page is the portal's.
"""

from pathlib import Path

import yaml

from tests.vaults import LATER

LANGUAGES = ("en", "pt-BR", "pt-PT")
# Before the machine's day, which the database goes by, and after the first sample's.
IN_FORCE = {"version": "2026-11-9", "effective": "2026-11-02"}
TEXTS = frozenset(
    {
        *("title", "label", "what", "why", "benefit", "without", "until", "law", "balancing"),
        *("name", "team"),
    }
)
LISTS = frozenset({"promises"})
MAPPINGS = frozenset({"sources", "choices"})  # where they are mappings, of texts
WITHOUT_LANGUAGE = frozenset({"publisher"})


def write(folder: Path, sample: Path = LATER) -> Path:
    """Write a sample in three languages to a folder; return where."""
    read = yaml.load(sample.read_text(encoding="utf-8"), yaml.BaseLoader)
    made = _Numbers().all_of(read) | {"languages": list(LANGUAGES)} | IN_FORCE
    path = folder / f"trilingual-{sample.name}"
    path.write_text(yaml.safe_dump(made, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


class _Numbers:
    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def all_of(self, node):
        """Return a mapping with its texts in each language."""
        return {key: self._one(key, value) for key, value in node.items()}

    def _one(self, key, value):
        if key in WITHOUT_LANGUAGE:
            return value
        if key in LISTS:
            return [self._text(one) for one in value]
        if key in MAPPINGS and isinstance(value, dict):
            return {name: self._text(one) for name, one in value.items()}
        if key in TEXTS and isinstance(value, str):
            return self._text(value)
        return self.all_of(value) if isinstance(value, dict) else value

    def _text(self, english):
        number = self._given.setdefault(english, len(self._given) + 1)
        return {
            "en": english,
            "pt-BR": f"Texto {number} do Brasil",
            "pt-PT": f"Texto {number} de Portugal",
        }
