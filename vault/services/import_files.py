"""Read the `files` of a mapping: how each is written, what names its rows, and who refers to whom.

Files are put in the order of their joins, so that what is referred to comes first; files that refer
to each other in a circle have no such order. The rules of a file are `import_mapping.py`.
Source: ecosystem note, 9.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from policies import strict
from policies.errors import Mistakes, neighbour, quoted
from policies.names import NAME
from policies.section import Entry, Section
from vault.core import vcard
from vault.core.import_mapping import File, Format, Join, Shape

COLUMN: Final = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
_FILE: Final = {
    "format": "csv",
    "delimiter": '";"',
    "encoding": "windows-1252",
    "formulas": "marked",
    "sheet": "Customers",
    "key": "id",
    "joins": "{customer: customers.id}",
}
_DELIMITER: Final = re.compile(r"[,;|]|tab")
_ENCODINGS: Final = {
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "windows-1252": "cp1252",
    "latin-1": "iso8859-1",
    "iso-8859-1": "iso8859-1",
}
_ENCODING: Final = re.compile("|".join(_ENCODINGS))
_FORMULAS: Final = re.compile("marked|plain")
# Which formats have which of these words.
_WORDS: Final = {
    "delimiter": (Format.CSV,),
    "encoding": (Format.CSV, Format.NDJSON, Format.VCARD),
    "formulas": (Format.CSV,),
    "sheet": (Format.XLSX,),
}


def read(root: Section, mistakes: Mistakes) -> list[Shape]:
    """Return the files of a mapping, those that others refer to first."""
    entries = list(root.entries("files", NAME, "customers"))
    shapes: dict[str, Shape] = {}
    words: dict[str, dict[str, str]] = {}
    for entry in entries:
        form = root.under(entry, _FILE)
        several = form.entries("joins", COLUMN, "customer", needed=False)
        words[entry.key] = {one.key: _word(one, mistakes) for one in several}
        shapes[entry.key] = _shape(form, entry.key, words[entry.key])
        for word, formats in _WORDS.items():
            if form.has(word) and shapes[entry.key].format not in formats:
                what = f"Of a file in {shapes[entry.key].format} nothing is said by {quoted(word)}."
                mistakes.at((*entry.path, word), what, "Delete it.")
    wanted: dict[str, str] = {}
    for entry in entries:
        for join, column in _targets(entry, shapes, words[entry.key], mistakes):
            key = shapes[join.file].key or wanted.setdefault(join.file, column)
            if column != key:
                path = (*entry.path, "joins", join.column)
                what = f"The rows of {quoted(join.file)} are named by {quoted(key)}."
                mistakes.at(path, what, f"Write `{join.file}.{key}`.")
    for name, key in wanted.items():
        shapes[name] = replace(shapes[name], key=key)
    return _ordered(entries, shapes, mistakes)


def check_columns(file: File, mistakes: Mistakes) -> None:
    """Note columns that no card has; those of other files are known when they are looked at."""
    if file.shape.format is Format.VCARD:
        for name in sorted(one for one in file.columns if one and vcard.column(one) is None):
            what = f"No vCard has {quoted(name)}."
            advice = neighbour(name.partition(".")[0].upper(), vcard.PROPERTIES)
            mistakes.at((file.shape.name,), what, advice)


def _shape(form: Section, name: str, words: dict[str, str]) -> Shape:
    encoding = form.line("encoding", pattern=_ENCODING) if form.has("encoding") else ""
    return Shape(
        name=name,
        format=form.pick("format", Format) if form.has("format") else Format.CSV,
        delimiter=_delimiter(form),
        encoding=_ENCODINGS.get(encoding),
        key=form.line("key", pattern=COLUMN) if form.has("key") else None,
        joins=tuple(Join(column, word.partition(".")[0]) for column, word in words.items()),
        sheet=form.line("sheet", pattern=COLUMN) if form.has("sheet") else None,
        marked=form.has("formulas") and form.line("formulas", pattern=_FORMULAS) == "marked",
    )


def _targets(
    entry: Entry, shapes: dict[str, Shape], words: dict[str, str], mistakes: Mistakes
) -> Iterator[tuple[Join, str]]:
    """Give the joins of a file that lead somewhere, each with the column that it names there."""
    for join in shapes[entry.key].joins:
        path = (*entry.path, "joins", join.column)
        name, _, column = words[join.column].partition(".")
        if not column:
            what = f"{quoted(words[join.column])} names no column of another file."
            mistakes.at(path, what, "Write it like `customers.id`.")
        elif name not in shapes:
            mistakes.at(path, f"There is no file {quoted(name)}.", neighbour(name, shapes))
        else:
            yield join, column


def _ordered(entries: list[Entry], shapes: dict[str, Shape], mistakes: Mistakes) -> list[Shape]:
    """Put what is referred to first; the order of the document stands otherwise."""
    done: list[Shape] = []
    waiting = {entry.key: entry for entry in entries}
    while waiting:
        names = {one.name for one in done}
        ready = [
            name
            for name in waiting
            if all(join.file in names or join.file not in shapes for join in shapes[name].joins)
        ]
        if not ready:
            entry = next(iter(waiting.values()))
            ring = ", ".join(waiting)
            what = f"Circular references: {ring} wait for each other."
            mistakes.at((*entry.path, "joins"), what, "Take one of their joins away.")
            return done
        done += [shapes[name] for name in ready]
        for name in ready:
            del waiting[name]
    return done


def _word(entry: Entry, mistakes: Mistakes) -> str:
    """Return what stands beside a key that the document itself chooses."""
    place = entry.node.place
    alone = strict.Mapping(place, ((strict.Scalar(place, "join"), entry.node),))
    section = Section(alone, path=entry.path, hints={"join": "customers.id"}, mistakes=mistakes)
    return section.line("join", pattern=COLUMN)


def _delimiter(form: Section) -> str | None:
    if not form.has("delimiter"):
        return None
    node = form.node("delimiter")
    if isinstance(node, strict.Scalar) and node.text == "\t":  # a line is trimmed of it
        return node.text
    word = form.line("delimiter", pattern=_DELIMITER)
    return "\t" if word == "tab" else word or None
