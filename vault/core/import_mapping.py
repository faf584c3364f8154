"""Hold an import mapping as data: which column becomes which field, source, consent or event.

Decides nothing and reads nothing: `vault/services/import_mapping.py` makes one from YAML, checked
against the code of ethics in force, and `vault/services/import_rows.py` applies it.
Source: ecosystem note, 9.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from policies.model import Source
from vault.core.errors import WrongValueError


class Format(StrEnum):
    """How the rows of a file are written."""

    CSV = "csv"
    NDJSON = "ndjson"
    VCARD = "vcard"  # RFC 2426 and RFC 6350
    XLSX = "xlsx"  # ECMA-376


@dataclass(frozen=True, slots=True)
class Moment:
    """A column that holds a time."""

    column: str
    format: str | None  # as strptime reads it; None for ISO 8601
    zone: ZoneInfo | None  # of times without an offset; None for UTC

    def read(self, text: str) -> datetime:
        """Return the time in a cell, aware.

        Raises:
            WrongValueError: the cell holds no such time.

        >>> Moment("joined", "%d.%m.%Y", ZoneInfo("Europe/Lisbon")).read("01.07.2026").isoformat()
        '2026-07-01T00:00:00+01:00'
        """
        return _moment(text, self.format, self.zone)

    def write(self, at: datetime) -> str:
        """Return the cell that `read` takes for a time, as exactly as the format says it.

        >>> Moment("joined", "%d.%m.%Y", ZoneInfo("Europe/Lisbon")).write(
        ...     datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
        ... )
        '01.07.2026'
        """
        there = at.astimezone(self.zone or UTC)
        return there.isoformat() if self.format is None else there.strftime(self.format)


@lru_cache(maxsize=4096)  # rows have the same days over and over, and one row has one thrice
def _moment(text: str, format_: str | None, zone: ZoneInfo | None) -> datetime:
    try:
        if format_ is None:
            moment = datetime.fromisoformat(text)
        else:
            moment = datetime.strptime(text, format_)  # noqa: DTZ007  the zone comes next
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone or UTC)
        moment.astimezone(UTC)  # the first and last days of the calendar have no UTC
    except (ValueError, OverflowError):
        raise WrongValueError from None
    return moment


@dataclass(frozen=True, slots=True)
class Cell:
    """A column whose cells become values of a field."""

    field: str
    column: str
    source: Source


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """When a row is evidence that its customer consented."""

    purpose: str
    names: frozenset[str]  # fields and kinds of interaction that the consent covers
    when: tuple[tuple[str, str], ...]  # (column, text), all of which must hold
    at: Moment
    evidence: str  # the column with the number of the form
    wording: str  # what the form said; empty when nobody knows any more


@dataclass(frozen=True, slots=True)
class EventRule:
    """What contact event a row is."""

    kind: str  # "purchase"
    source: Source
    at: Moment
    channel: str  # a column; empty: the same for all rows
    always: str  # the channel of all rows
    facts: tuple[tuple[str, str], ...]  # (member of the content, column)


@dataclass(frozen=True, slots=True)
class Join:
    """A column that holds the key of a row of another file."""

    column: str
    file: str


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is written, and what its rows are called."""

    name: str  # that the mapping gives it
    format: Format
    delimiter: str | None  # None: to be found out
    encoding: str | None  # likewise
    key: str | None  # the column that names its rows for other files and for the next run
    joins: tuple[Join, ...]
    sheet: str | None = None  # of a spreadsheet; None: the only one
    marked: bool = False  # an apostrophe in front of what a spreadsheet would run is no part of it


@dataclass(frozen=True, slots=True)
class File:
    """How one file is imported."""

    shape: Shape
    identify: tuple[str, ...]  # fields that find the customer, the first first
    cells: tuple[Cell, ...]
    gathered_at: Moment | None  # None: at the moment of the import
    consents: tuple[ConsentRule, ...]
    event: EventRule | None  # None: its rows are customers, or fields of them
    owner: Join | None  # where the customer of a row is found; None: by what identifies
    parent: Join | None  # the event that a row belongs to

    @property
    def columns(self) -> frozenset[str]:
        """Every column that the mapping names."""
        found = {cell.column for cell in self.cells} | {one.column for one in self.shape.joins}
        found |= {self.shape.key} if self.shape.key else set()
        if self.gathered_at:
            found.add(self.gathered_at.column)
        for rule in self.consents:
            found |= {rule.at.column, rule.evidence, *(column for column, _ in rule.when)}
        if self.event:
            found |= {self.event.at.column, *(column for _, column in self.event.facts)}
            found |= {self.event.channel} if self.event.channel else set()
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Mapping:
    """How files that refer to each other are imported, in the order of their joins."""

    files: tuple[File, ...]
