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
from policies.names import FIELD
from policies.section import MAX_TEXT, Entry, Section
from vault.core.import_mapping import (
    Cell,
    ConsentRule,
    EventRule,
    File,
    Join,
    Mapping,
    Moment,
    Shape,
)
from vault.services import import_files, interaction
from vault.services.import_files import COLUMN

_DOCUMENT = {"mapping": "1", "files": "{customers: {format: csv}}"}
_RULES = {
    "identify": "{contact.email: email}",
    "source": "told",
    "gathered_at": '{column: created, format: "%Y-%m-%d", zone: Europe/Lisbon}',
    "fields": "{contact.full_name: name}",
    "consents": '[{purpose: marketing, when: {letters: "1"}, at: signed, evidence: form}]',
}
_EVENT = {
    "interaction": "purchase",
    "source": "observed",
    "at": '{column: ordered, format: "%Y-%m-%d", zone: Europe/Lisbon}',
    "channel": "{always: web shop}",
    "facts": "{total: amount}",
}
_CHANNEL = {"always": "web shop"}
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
_FACT = re.compile(r"[a-z][a-z0-9_]{0,63}")


def parse(data: bytes, rulebook: Rulebook, *, name: str) -> Mapping:
    """Read a mapping for the code of ethics in force; `name` is what errors call the file.

    Raises:
        CodeErrors: with every mistake.
    """
    mistakes = Mistakes(name)
    node = strict.read(data, mistakes)
    mistakes.check()
    titles = dict.fromkeys(_titles(node), "{identify: …, fields: …}")
    root = Section(node, path=(), hints=_DOCUMENT | titles, mistakes=mistakes)
    root.line("mapping", pattern=_ONE)
    shapes = import_files.read(root, mistakes)
    mistakes.check()
    reader = _Reader(rulebook, root, mistakes)
    files: dict[str, File] = {}
    for shape in shapes:
        files[shape.name] = reader.read(shape, files)
        import_files.check_columns(files[shape.name], mistakes)
    mistakes.check()
    return Mapping(tuple(files.values()))


def _titles(node: strict.Node | None) -> list[str]:
    """Return the names of the files, under which their rules stand."""
    if isinstance(node, strict.Mapping):
        for key, value in node.entries:
            if key.text == "files" and isinstance(value, strict.Mapping) and value.entries:
                return [name.text for name, _ in value.entries]
    return ["customers"]


def _is_event(node: strict.Node | None) -> bool:
    return isinstance(node, strict.Mapping) and any(
        key.text == "interaction" for key, _ in node.entries
    )


class _Reader:
    """Reads the rules of one file; every answer has its type, also after a mistake."""

    def __init__(self, rulebook: Rulebook, root: Section, mistakes: Mistakes) -> None:
        self._code = rulebook
        self._root = root
        self._mistakes = mistakes

    def read(self, shape: Shape, before: dict[str, File]) -> File:
        """Read the rules of a file.

        Args:
            shape: from `files`.
            before: those that the file may refer to.
        """
        event = _is_event(self._root.node(shape.name))
        rules = self._root.section(shape.name, _EVENT if event else _RULES)
        owner, parent = self._joined(shape, rules, before, event=event)
        if event:
            rule = self._event(rules)
            return File(shape, (), (), None, (), rule, owner, parent)
        source = rules.pick("source", Source) if rules.has("source") else None
        # Without a join or a key, nothing else could say whose a row is.
        needed = not shape.joins and not shape.key
        identify = [
            self._cell(rules, one, source)
            for one in rules.entries("identify", FIELD, "contact.email", needed=needed)
        ]
        if identify and shape.joins:
            what = f"{quoted(shape.name)} has joins, which say whose its rows are."
            self._at(rules, ("identify",), what, "Write what identifies under `fields`.")
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
        return File(
            shape=shape,
            identify=tuple(cell.field for cell in identify),
            cells=(*identify, *fields),
            gathered_at=(self._moment(rules, "gathered_at") if rules.has("gathered_at") else None),
            consents=tuple(self._consents(rules)),
            event=None,
            owner=owner or parent,
            parent=None,
        )

    def _joined(
        self, shape: Shape, rules: Section, before: dict[str, File], *, event: bool
    ) -> tuple[Join | None, Join | None]:
        """Tell the join that leads to a customer from the one that leads to an event."""
        events = [one for one in shape.joins if (to := before.get(one.file)) and to.event]
        others = [one for one in shape.joins if one not in events]
        if event and not shape.joins:
            what = f"{quoted(shape.name)} does not say whose its rows are."
            advice = f"Write `{shape.name}: {{joins: {{customer: customers.id}}}}` under `files`."
            self._at(rules, ("interaction",), what, advice)
        if len(events) > 1 or len(others) > 1 or (not event and len(shape.joins) > 1):
            what = f"{quoted(shape.name)} refers to too many files."
            self._mistakes.at(("files", shape.name, "joins"), what, "Keep one.")
        return next(iter(others), None), next(iter(events), None)

    def _event(self, rules: Section) -> EventRule:
        kind = rules.line("interaction")
        name = f"interaction.{kind}"
        known = {one.removeprefix("interaction."): one for one in self._code.interactions}
        if kind not in known:
            what = f"The code of ethics has no kind {quoted(kind)}."
            self._at(rules, ("interaction",), what, neighbour(kind, known))
        sources = self._code.sources.get(name, frozenset())
        source = interaction.source_of(self._code, kind)
        if rules.has("source"):
            source = rules.pick("source", Source)
            if kind in known and source not in sources:
                what = f"The code of ethics does not let {quoted(name)} come from {source}."
                self._at(rules, ("source",), what, neighbour(source, sources))
        column = always = ""
        if isinstance(rules.node("channel"), strict.Mapping):
            always = rules.section("channel", _CHANNEL).line("always")
            if len(always) > interaction.MAX_CHANNEL:
                what = f"A channel has {interaction.MAX_CHANNEL} characters at the most."
                self._at(rules, ("channel",), what, "Write a shorter one.")
        else:
            column = rules.line("channel", pattern=COLUMN)
        return EventRule(
            kind=kind,
            source=source,
            at=self._moment(rules, "at"),
            channel=column,
            always=always,
            facts=tuple(
                (one.key, self._word(one, "column", COLUMN))
                for one in rules.entries("facts", _FACT, "total", needed=False)
            ),
        )

    def _cell(self, rules: Section, entry: Entry, source: Source | None) -> Cell:
        """Read `field: column`, or `field: {column: …, source: …}`."""
        if isinstance(entry.node, strict.Mapping):
            section = rules.under(entry, _CELL)
            column = section.line("column", pattern=COLUMN)
            source = section.pick("source", Source) if section.has("source") else source
        else:
            column = self._word(entry, "column", COLUMN)
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
            return Moment(section.line(key, pattern=COLUMN), None, None)
        below = section.section(key, _MOMENT)
        zone = below.line("zone") if below.has("zone") else None
        return Moment(
            column=below.line("column", pattern=COLUMN),
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
                for one in section.entries("when", COLUMN, "letters")
            )
            yield ConsentRule(
                purpose=purpose,
                names=self._names(section, purpose),
                when=when,
                at=self._moment(section, "at"),
                evidence=section.line("evidence", pattern=COLUMN),
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
