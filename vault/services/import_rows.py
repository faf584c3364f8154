"""Make of a row what it asks for: values by source, identifiers, and evidence of consents.

Here a row is judged by itself, before anything is looked up: form of each value, of times and of
identifiers. Whose row it is and what may be written is for `vault/services/importing.py`. A
refusal names line, column and reason, never a value.
Source: ecosystem note, 9.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from policies.model import Field, Identifier, Rulebook, Source
from policies.values import ValueRefused, from_text
from vault.core.errors import WrongValueError
from vault.core.import_mapping import ConsentRule, Mapping, Moment
from vault.services import identifier
from vault.services.deps import Deps
from vault.services.identifier import Identity
from vault.services.import_table import Refused, Row

_NO_IDENTIFIER = {
    Identifier.EMAIL: "not-an-email",
    Identifier.PHONE: "not-a-phone",
    Identifier.CARD: "not-a-card",
    Identifier.EXTERNAL: "not-an-id",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a row says about a consent that was given elsewhere."""

    purpose: str
    names: frozenset[str]
    at: datetime
    form: str
    wording: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A row that can be imported, if its customer and the code of ethics allow it."""

    line: int
    values: dict[Source, dict[str, object]]  # source -> field -> value
    columns: dict[str, str]  # field -> its column, for refusals
    identities: tuple[Identity, ...]
    finders: tuple[Identity, ...]  # those of `identify`, the first first
    gathered_at: datetime | None  # None: at the moment of the import
    evidence: tuple[Evidence, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every field that the row writes."""
        return tuple(name for several in self.values.values() for name in several)

    @property
    def entries(self) -> int:
        """How many entries of the access log the row may need."""
        return max(1, len(self.values)) + len(self.evidence)


class _BadCellError(Exception):
    def __init__(self, column: str, reason: str) -> None:
        self.column = column
        self.reason = reason
        super().__init__(reason)


def plan(deps: Deps, rulebook: Rulebook, mapping: Mapping, row: Row) -> Plan | Refused:
    """Read a row; the plan says what it would change, or the refusal why it cannot."""
    try:
        return _plan(deps, rulebook, mapping, row)
    except _BadCellError as error:
        return Refused(row.line, error.column, error.reason)


def _plan(deps: Deps, rulebook: Rulebook, mapping: Mapping, row: Row) -> Plan:
    values: dict[Source, dict[str, object]] = {}
    columns: dict[str, str] = {}
    identities: list[Identity] = []
    for cell in mapping.cells:
        text = row.cells[cell.column]
        columns[cell.field] = cell.column
        if not text:  # an empty cell says nothing; it deletes nothing
            continue
        field = rulebook.fields[cell.field]
        try:
            value = from_text(field, text)
        except ValueRefused as error:
            raise _BadCellError(cell.column, error.reason.value) from None
        found = _identity(deps, rulebook, field, cell.column, value)
        if found is not None:
            identities.append(found)
        values.setdefault(cell.source, {})[cell.field] = value
    finders = tuple(one for name in mapping.identify for one in identities if one.field == name)
    if not finders:
        raise _BadCellError(columns[mapping.identify[0]], "no-identifier")
    gathered = _time(row, mapping.gathered_at, deps.clock.now()) if mapping.gathered_at else None
    return Plan(
        line=row.line,
        values=values,
        columns=columns,
        identities=tuple(identities),
        finders=finders,
        gathered_at=gathered,
        evidence=tuple(_evidence(mapping, row, deps.clock.now())),
    )


def _identity(
    deps: Deps, rulebook: Rulebook, field: Field, column: str, value: object
) -> Identity | None:
    if field.identifies is None or not isinstance(value, str):
        return None
    try:
        return identifier.identity(deps, rulebook, field=field.name, value=value)
    except WrongValueError:
        raise _BadCellError(column, _NO_IDENTIFIER[field.identifies]) from None


def _time(row: Row, moment: Moment, now: datetime) -> datetime | None:
    text = row.cells[moment.column]
    if not text:
        return None
    try:
        found = moment.read(text).astimezone(UTC)
    except WrongValueError:
        raise _BadCellError(moment.column, "not-a-time") from None
    if found > now:
        raise _BadCellError(moment.column, "in-the-future")
    return found


def _evidence(mapping: Mapping, row: Row, now: datetime) -> Iterator[Evidence]:
    """Give the consents that the row has evidence for; the first rule of a purpose counts."""
    seen: set[str] = set()
    for rule in mapping.consents:
        if rule.purpose in seen or not _holds(rule, row):
            continue
        seen.add(rule.purpose)
        at = _time(row, rule.at, now)
        form = row.cells[rule.evidence]
        if at is None or not form:  # no evidence, no consent
            continue
        yield Evidence(
            purpose=rule.purpose,
            names=rule.names,
            at=at,
            form=form,
            wording=rule.wording,
        )


def _holds(rule: ConsentRule, row: Row) -> bool:
    return all(row.cells[column] == text for column, text in rule.when)
