"""Put what is known of a customer into rows that an import mapping describes: an import, backwards.

A row has the columns that the mapping names and no others. What a row cannot say is not said half: it is
left out with the reason by which the import would refuse it. Consents are never written: they were given
to this business, and their records stay here.
Source: docs/import.md, exports.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from policies.model import Source
from vault.core import vcard
from vault.core.import_mapping import EventRule, File, Format
from vault.core.import_mapping import Mapping as Rules

NO_IDENTIFIER: Final = "no-identifier"
NO_KEY: Final = "no-key"
UNKNOWN: Final = "unknown-reference"
NOT_A_TEXT: Final = "not-a-text"

Cells = dict[str, str]  # by column


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a customer."""

    value: object
    since: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """A contact event of a customer."""

    id: str  # that the receiver knows it by
    kind: str
    source: str
    at: datetime
    channel: str
    content: Mapping[str, object]
    own: UUID
    parent: UUID | None


@dataclass(frozen=True, slots=True)
class Person:
    """What may be written about one customer."""

    id: str  # that the receiver knows them by
    values: Mapping[str, Value]  # by field
    events: tuple[Event, ...]  # the oldest first


@dataclass(frozen=True, slots=True)
class Left:
    """A row that no file of this mapping can hold, and why."""

    reason: str


def columns(file: File) -> tuple[str, ...]:
    """Return the columns of a file in the order of its rules."""
    named = [file.shape.key or "", *(join.column for join in file.shape.joins)]
    named += [cell.column for cell in file.cells]
    if file.gathered_at:
        named.append(file.gathered_at.column)
    for rule in file.consents:
        named += [*(column for column, _ in rule.when), rule.at.column, rule.evidence]
    if file.event:
        named += [file.event.at.column, file.event.channel]
        named += [column for _, column in file.event.facts]
    return tuple(dict.fromkeys(one for one in named if one))


def hindrance(mapping: Rules) -> str | None:
    """Say why files in the shape of a mapping could not be imported again; None where they can."""
    events = {file.shape.name for file in mapping.files if file.event}
    for file in mapping.files:
        name, shape = file.shape.name, file.shape
        if shape.format is Format.CSV and not shape.marked:
            return (
                f"A spreadsheet runs cells that begin with =, +, - or @. Write `{name}: {{formulas: "
                "marked}` under `files`: they get an apostrophe, and an import takes it away again."
            )
        if shape.encoding not in {None, "utf-8"}:
            return f"Exports are in UTF-8. Delete `encoding` of `{name}`."
        if file.owner and not file.event and file.owner.file in events:
            return f"`{name}` joins events, so nobody can tell which of them a value is of."
        found = [vcard.column(one) for one in columns(file)] if shape.format is Format.VCARD else []
        whole = {(one.name, one.kind) for one in found if one and not one.part}
        if any(one.part and (one.name, one.kind) in whole for one in found if one):
            return f"`{name}` names a property both as a whole and by its components. Keep one."
    return None


def rows(mapping: Rules, person: Person) -> Iterator[tuple[File, Cells | Left]]:
    """Give the rows of a customer, those that others join first."""
    keys: dict[str, str] = {}  # file -> the key of the customer's row in it
    events: dict[UUID, tuple[str, str]] = {}  # event -> its file and its key there
    for file in mapping.files:
        if file.event:
            for one in person.events:
                if one.own not in events and _fits(file.event, one):
                    row = _event(file, file.event, one, keys, events)
                    if isinstance(row, dict):
                        events[one.own] = (file.shape.name, row.get(file.shape.key or "", ""))
                    yield file, row
            continue
        found = _customer(file, person, keys)
        if found is None:
            continue
        if isinstance(found, dict) and file.shape.key:
            keys[file.shape.name] = found[file.shape.key]
        yield file, found


def written(value: object) -> str | None:
    """Return a value as a cell that an import reads back; None for what no cell can hold.

    >>> written(["tea", "coffee"]), written(True), written(7), written(["a;b"])
    ('tea;coffee', 'yes', '7', None)
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, (list, tuple)) and all(isinstance(one, str | int) for one in value):
        items = [written(one) or "" for one in value]
        return None if any(";" in one for one in items) else ";".join(items)
    return None


def _customer(file: File, person: Person, keys: Mapping[str, str]) -> Cells | Left | None:
    """Return the row of a file of customers, or of fields of them; None where there is nothing."""
    known = {
        cell.field: person.values[cell.field] for cell in file.cells if cell.field in person.values
    }
    if not known and (file.owner or not person.events):
        return None
    cells: Cells = dict.fromkeys(columns(file), "")
    for cell in file.cells:
        if cell.field in known:
            text = written(known[cell.field].value)
            if text is None:
                return Left(NOT_A_TEXT)
            cells[cell.column] = text
    if file.gathered_at and known:
        # Of the oldest: no value is said to be younger than it is.
        cells[file.gathered_at.column] = file.gathered_at.write(
            min(one.since for one in known.values())
        )
    if file.owner:
        if not keys.get(file.owner.file):
            return Left(UNKNOWN)
        cells[file.owner.column] = keys[file.owner.file]
    key = file.shape.key
    if key and key not in {cell.column for cell in file.cells}:
        cells[key] = person.id
    finds = any(known.get(field) for field in file.identify)
    if not file.owner and not finds and not (key and cells[key]):
        return Left(NO_IDENTIFIER)
    return cells


def _fits(rule: EventRule, event: Event) -> bool:
    if rule.kind != event.kind or rule.source != Source(event.source):
        return False
    return not rule.always or rule.always == event.channel


def _event(
    file: File,
    rule: EventRule,
    event: Event,
    keys: Mapping[str, str],
    events: Mapping[UUID, tuple[str, str]],
) -> Cells | Left:
    cells: Cells = dict.fromkeys(columns(file), "")
    for name, column in rule.facts:
        value = event.content.get(name)
        text = written(value)
        # What an app noted may be deeper than a cell.
        cells[column] = json.dumps(value, ensure_ascii=False) if text is None else text
    cells[rule.at.column] = rule.at.write(event.at)
    if rule.channel:
        cells[rule.channel] = event.channel
    if file.owner:
        if not keys.get(file.owner.file):
            return Left(UNKNOWN)
        cells[file.owner.column] = keys[file.owner.file]
    if file.parent:
        name, key = events.get(event.parent, ("", "")) if event.parent else ("", "")
        if name != file.parent.file or not key:
            return Left(UNKNOWN)
        cells[file.parent.column] = key
    if file.shape.key:
        if file.shape.key not in {column for _, column in rule.facts}:
            cells[file.shape.key] = event.id
        if not cells[file.shape.key]:
            return Left(NO_KEY)
    return cells
