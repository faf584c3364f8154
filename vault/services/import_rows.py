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
from policies.names import FieldType
from policies.values import ValueRefused, from_text
from vault.core.errors import WrongValueError
from vault.core.import_mapping import ConsentRule, File, Join, Moment
from vault.services import identifier, import_refs, interaction
from vault.services.deps import Deps
from vault.services.identifier import Identity
from vault.services.import_refs import Ref
from vault.services.import_table import Refused, Row

AHEAD = 100  # years that a day of a field may lie ahead
_NO_IDENTIFIER: dict[Identifier | None, str] = {
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
    key: Ref | None = None  # its own, by which other files refer to it
    owner: Ref | None = None  # the row of another file whose customer this one is about

    @property
    def touches(self) -> set[object]:
        """What no two rows of a batch may have in common."""
        found: set[object] = {one.key for one in self.identities}
        return found | {one.idx for one in (self.key, self.owner) if one}

    @property
    def names(self) -> tuple[str, ...]:
        """Every field that the row writes."""
        return tuple(name for several in self.values.values() for name in several)

    def form(self, rulebook: Rulebook) -> str:
        """Return the names and types of what the row holds, without a value."""
        parts = [f"{name} ({rulebook.fields[name].type})" for name in self.names]
        parts += [f"consent to {one.purpose}" for one in self.evidence]
        return f"line {self.line}: {', '.join(parts)}"

    @property
    def entries(self) -> int:
        """How many entries of the access log the row may need."""
        return max(1, len(self.values)) + len(self.evidence)


class BadCellError(Exception):
    """A cell that refuses its row: which column and why, never the value."""

    def __init__(self, column: str, reason: str) -> None:
        self.column = column
        self.reason = reason
        super().__init__(reason)


class Planner:
    """Reads rows by one mapping: what it and the code of ethics say is looked up once."""

    def __init__(self, deps: Deps, rulebook: Rulebook, mapping: File) -> None:
        """Prepare."""
        self._deps, self._rulebook, self._mapping = deps, rulebook, mapping
        self._cells = [
            (cell.column, cell.source, field.name, field, field.identifies is not None)
            for cell in mapping.cells
            for field in (rulebook.fields[cell.field],)
        ]
        self._columns = {cell.field: cell.column for cell in mapping.cells}

    def plan(self, row: Row) -> Plan | Refused:
        """Read a row; the plan says what it would change, or the refusal why it cannot."""
        try:
            return self._plan(row)
        except BadCellError as error:
            return Refused(row.line, error.column, error.reason)

    def _plan(self, row: Row) -> Plan:
        deps, mapping, cells, now = self._deps, self._mapping, row.cells, self._deps.clock.now()
        values: dict[Source, dict[str, object]] = {}
        identities: list[Identity] = []
        for column, source, name, field, identifies in self._cells:
            text = cells[column]
            if not text:  # an empty cell says nothing; it deletes nothing
                continue
            try:
                value = from_text(field, text)
            except ValueRefused as error:
                raise BadCellError(column, error.reason.value) from None
            if field.type is FieldType.DATE:
                _check_day(column, str(value), now)
            if identifies and isinstance(value, str):
                identities.append(_identity(deps, self._rulebook, field, column, value))
            if source in values:
                values[source][name] = value
            else:
                values[source] = {name: value}
        finders = tuple(
            [one for name in mapping.identify for one in identities if one.field == name]
        )
        key = own_key(deps, mapping, row)
        owner = joined(deps, mapping.owner, row) if mapping.owner else None
        if not finders and key is None and owner is None:
            raise BadCellError(self._columns[mapping.identify[0]], "no-identifier")
        gathered = time_of(row, mapping.gathered_at, now) if mapping.gathered_at else None
        return Plan(
            line=row.line,
            values=values,
            columns=self._columns,
            identities=tuple(identities),
            finders=finders,
            gathered_at=gathered,
            evidence=tuple(_evidence(mapping, row, now)),
            key=key,
            owner=owner,
        )


def _check_day(column: str, day: str, now: datetime) -> None:
    """Refuse a day that no living person has to do with: a slip, or a placeholder of some program."""
    if day < f"{interaction.EARLIEST.year}":
        raise BadCellError(column, "before-1900")
    if int(day[:4]) > now.year + AHEAD:
        raise BadCellError(column, "in-the-future")


def own_key(deps: Deps, file: File, row: Row) -> Ref | None:
    """Return how other files refer to a row; None where the file has no key, or the row none.

    Raises:
        BadCellError: what stands there is no key.
    """
    column = file.shape.key
    if column is None or (not row.cells[column] and file.event is None):
        return None
    return _key(deps, file.shape.name, column, row.cells[column])


def joined(deps: Deps, join: Join, row: Row) -> Ref:
    """Return the row of another file that a row refers to.

    Raises:
        BadCellError: the cell is empty, or no key.
    """
    return _key(deps, join.file, join.column, row.cells[join.column])


def _key(deps: Deps, file: str, column: str, text: str) -> Ref:
    try:
        return import_refs.of_key(deps, file, column=column, text=text)
    except WrongValueError:
        raise BadCellError(column, "not-a-key" if text else "no-key") from None


def _identity(deps: Deps, rulebook: Rulebook, field: Field, column: str, value: str) -> Identity:
    try:
        found = identifier.identity(deps, rulebook, field=field.name, value=value)
    except WrongValueError:
        found = None
    if found is None:
        raise BadCellError(column, _NO_IDENTIFIER[field.identifies])
    return found


def time_of(row: Row, moment: Moment, now: datetime) -> datetime | None:
    """Return the time in a cell; None for an empty one.

    Raises:
        BadCellError: it is none, lies in the future, or before all that is remembered.
    """
    text = row.cells[moment.column]
    if not text:
        return None
    try:
        found = moment.read(text).astimezone(UTC)
    except WrongValueError:
        raise BadCellError(moment.column, "not-a-time") from None
    if found > now:
        raise BadCellError(moment.column, "in-the-future")
    if found < interaction.EARLIEST:
        raise BadCellError(moment.column, "before-1900")
    return found


def _evidence(mapping: File, row: Row, now: datetime) -> Iterator[Evidence]:
    """Give the consents that the row has evidence for; the first rule of a purpose counts."""
    seen: set[str] = set()
    for rule in mapping.consents:
        if rule.purpose in seen or not _holds(rule, row):
            continue
        seen.add(rule.purpose)
        at = time_of(row, rule.at, now)
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
