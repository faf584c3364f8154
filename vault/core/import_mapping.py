"""Hold an import mapping as data: which column becomes which field, source and consent.

Decides nothing and reads nothing: `vault/services/import_mapping.py` makes one from YAML, checked
against the code of ethics in force, and `vault/services/import_rows.py` applies it.
Source: ecosystem note, 9.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from policies.model import Source
from vault.core.errors import WrongValueError


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
        try:
            if self.format is None:
                moment = datetime.fromisoformat(text)
            else:
                moment = datetime.strptime(text, self.format)  # noqa: DTZ007  the zone comes next
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=self.zone or UTC)
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
class Mapping:
    """How one file is imported."""

    file: str  # the name that the mapping gives it
    delimiter: str
    identify: tuple[str, ...]  # fields that find the customer, the first first
    cells: tuple[Cell, ...]
    gathered_at: Moment | None  # None: at the moment of the import
    consents: tuple[ConsentRule, ...]

    @property
    def columns(self) -> frozenset[str]:
        """Every column that the mapping names."""
        found = {cell.column for cell in self.cells}
        if self.gathered_at:
            found.add(self.gathered_at.column)
        for rule in self.consents:
            found |= {rule.at.column, rule.evidence, *(column for column, _ in rule.when)}
        return frozenset(found)
