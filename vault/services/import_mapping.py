"""Read an import mapping from YAML, and check it against the code of ethics before the first row.

A field, source or purpose that the code does not name is refused here, so that a file is never
half imported because of its mapping. All mistakes are told at once, with line and column and what
to write instead.
Source: ecosystem note, 9; DESIGN 5.
"""

import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from policies import strict
from policies.errors import Mistakes, neighbour, quoted
from policies.model import Basis, Rulebook, Source
from policies.names import FIELD, NAME
from policies.section import MAX_TEXT, Entry, Section
from vault.core.import_mapping import Cell, ConsentRule, Mapping, Moment

_DOCUMENT = {"mapping": "1", "files": "{customers: {format: csv}}"}
_FILE = {"format": "csv", "delimiter": '";"'}
_RULES = {
    "identify": "{contact.email: email}",
    "source": "told",
    "gathered_at": '{column: created, format: "%Y-%m-%d", zone: Europe/Lisbon}',
    "fields": "{contact.full_name: name}",
    "consents": '[{purpose: marketing, when: {letters: "1"}, at: signed, evidence: form}]',
}
_CELL = {"column": "name", "source": "observed"}
_MOMENT = {"column": "created", "format": '"%Y-%m-%d"', "zone": "Europe/Lisbon"}
_CONSENT = {
    "purpose": "marketing",
    "names": "[contact.email]",
    "when": '{letters: "1"}',
    "at": "signed",
    "evidence": "form",
    "wording": "Yes, write to me about new coffees.",
}
_ONE = re.compile("1")
_CSV = re.compile("csv")
_DELIMITER = re.compile(r"[,;|]|tab")
_COLUMN = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


def parse(data: bytes, rulebook: Rulebook, *, name: str) -> Mapping:
    """Read a mapping for the code of ethics in force; `name` is what errors call the file.

    Raises:
        CodeErrors: with every mistake.
    """
    mistakes = Mistakes(name)
    node = strict.read(data, mistakes)
    mistakes.check()
    title = _title(node)
    root = Section(
        node, path=(), hints=_DOCUMENT | {title: "{identify: …, fields: …}"}, mistakes=mistakes
    )
    root.line("mapping", pattern=_ONE)
    files = list(root.entries("files", NAME, "customers"))
    for extra in files[1:]:
        what = "This release imports one file at a time."
        mistakes.at(extra.path, what, "Write a mapping for each file.")
    mistakes.check()
    mapping = _Reader(rulebook, root, mistakes).read(files[0])
    mistakes.check()
    return mapping


def _title(node: strict.Node | None) -> str:
    """Return the name of the first file, under which its rules stand."""
    if isinstance(node, strict.Mapping):
        for key, value in node.entries:
            if key.text == "files" and isinstance(value, strict.Mapping) and value.entries:
                return value.entries[0][0].text
    return "customers"


class _Reader:
    """Reads the rules of one file; every answer has its type, also after a mistake."""

    def __init__(self, rulebook: Rulebook, root: Section, mistakes: Mistakes) -> None:
        self._code = rulebook
        self._root = root
        self._mistakes = mistakes

    def read(self, file: Entry) -> Mapping:
        form = self._root.under(file, _FILE)
        form.line("format", pattern=_CSV)
        rules = self._root.section(file.key, _RULES)
        source = rules.pick("source", Source) if rules.has("source") else None
        identify = [
            self._cell(rules, one, source)
            for one in rules.entries("identify", FIELD, "contact.email")
        ]
        fields = [
            self._cell(rules, one, source)
            for one in rules.entries("fields", FIELD, "contact.email", needed=False)
        ]
        for cell in identify:
            known = self._code.fields.get(cell.field)
            if known is not None and known.identifies is None:
                what = f"{quoted(cell.field)} identifies nobody."
                able = [one.name for one in self._code.code.fields if one.identifies]
                self._at(rules, ("identify", cell.field), what, neighbour(cell.field, able))
        for cell in fields:
            if cell.field in {one.field for one in identify}:
                what = f"{quoted(cell.field)} stands under `identify` already."
                self._at(rules, ("fields", cell.field), what, "Delete it here.")
        return Mapping(
            file=file.key,
            delimiter=_delimiter(form),
            identify=tuple(cell.field for cell in identify),
            cells=(*identify, *fields),
            gathered_at=(self._moment(rules, "gathered_at") if rules.has("gathered_at") else None),
            consents=tuple(self._consents(rules)),
        )

    def _cell(self, rules: Section, entry: Entry, source: Source | None) -> Cell:
        """Read `field: column`, or `field: {column: …, source: …}`."""
        if isinstance(entry.node, strict.Mapping):
            section = rules.under(entry, _CELL)
            column = section.line("column", pattern=_COLUMN)
            source = section.pick("source", Source) if section.has("source") else source
        else:
            column = self._word(entry, "column", _COLUMN)
        self._check_source(entry, source)
        return Cell(entry.key, column, source or Source.TOLD)

    def _word(self, entry: Entry, key: str, pattern: re.Pattern[str] | None = None) -> str:
        """Return what stands beside a key that the document itself chooses."""
        place = entry.node.place
        alone = strict.Mapping(place, ((strict.Scalar(place, key), entry.node),))
        hints = _CELL | {"when": '"1"'}
        section = Section(alone, path=entry.path, hints=hints, mistakes=self._mistakes)
        return section.line(key, pattern=pattern)

    def _check_source(self, entry: Entry, source: Source | None) -> None:
        known = self._code.fields.get(entry.key)
        if known is None:
            what = f"The code of ethics has no field {quoted(entry.key)}."
            self._mistakes.at(entry.path, what, neighbour(entry.key, self._code.fields))
        elif source is None:
            what = f"{quoted(entry.key)} has no source."
            self._mistakes.at(entry.path, what, "Write `source: told` for the file or here.")
        elif source not in known.sources:
            what = f"The code of ethics does not let {quoted(entry.key)} come from {source}."
            self._mistakes.at(entry.path, what, neighbour(source, known.sources))

    def _moment(self, section: Section, key: str) -> Moment:
        """Read `key: column`, or `key: {column: …, format: …, zone: …}`."""
        if not isinstance(section.node(key), strict.Mapping):
            return Moment(section.line(key, pattern=_COLUMN), None, None)
        below = section.section(key, _MOMENT)
        zone = below.line("zone") if below.has("zone") else None
        return Moment(
            column=below.line("column", pattern=_COLUMN),
            format=below.line("format") if below.has("format") else None,
            zone=self._zone(below, zone) if zone else None,
        )

    def _zone(self, section: Section, name: str) -> ZoneInfo | None:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            what = f"There is no time zone {quoted(name)}."
            self._at(section, ("zone",), what, "Write it like `Europe/Lisbon`.")
            return None

    def _consents(self, rules: Section) -> Iterator[ConsentRule]:
        if not rules.has("consents"):
            return
        for number, node in enumerate(rules.items("consents")):
            path = (*rules.path, "consents", str(number))
            section = Section(node, path=path, hints=_CONSENT, mistakes=self._mistakes)
            purpose = section.line("purpose")
            when = tuple(
                (one.key, self._word(one, "when"))
                for one in section.entries("when", _COLUMN, "letters")
            )
            yield ConsentRule(
                purpose=purpose,
                names=self._names(section, purpose),
                when=when,
                at=self._moment(section, "at"),
                evidence=section.line("evidence", pattern=_COLUMN),
                wording=section.line("wording", limit=MAX_TEXT) if section.has("wording") else "",
            )

    def _names(self, section: Section, purpose: str) -> frozenset[str]:
        """Return what a consent covers: what is named, else all that the purpose uses."""
        found = self._code.purposes.get(purpose)
        if found is None:
            what = f"The code of ethics has no purpose {quoted(purpose)}."
            self._at(section, ("purpose",), what, neighbour(purpose, self._code.purposes))
            return frozenset()
        if found.basis is not Basis.CONSENT:
            what = f"The purpose {quoted(purpose)} does not rest on consent."
            with_consent = [one.id for one in self._code.consent_purposes()]
            self._at(section, ("purpose",), what, neighbour(purpose, with_consent))
        used = [use.name for use in found.uses]
        if not section.has("names"):
            return frozenset(used)
        names = section.words("names")
        for name in names:
            if name and name not in used:
                what = f"The purpose {quoted(purpose)} does not use {quoted(name)}."
                self._at(section, ("names",), what, neighbour(name, used))
        return frozenset(names)

    def _at(self, section: Section, below: tuple[str, ...], what: str, advice: str) -> None:
        self._mistakes.at((*section.path, *below), what, advice)


def _delimiter(form: Section) -> str:
    if not form.has("delimiter"):
        return ","
    node = form.node("delimiter")
    if isinstance(node, strict.Scalar) and node.text == "\t":  # a line is trimmed of it
        return node.text
    word = form.line("delimiter", pattern=_DELIMITER)
    return "\t" if word == "tab" else word or ","
