"""Make of a row what contact event it asks for: kind, time, channel, content, whose, and under which.

Here a row is judged by itself, before anything is looked up. Whose it is and what may be written is
for `vault/services/import_history.py`. A refusal names line, column and reason, never a value.
Source: ecosystem note, 9; DESIGN 2.
"""

from dataclasses import dataclass
from datetime import datetime

from policies.model import Rulebook, Source
from vault.core import canonical
from vault.core.import_mapping import EventRule, File
from vault.services import import_refs, interaction
from vault.services.deps import Deps
from vault.services.import_refs import Ref
from vault.services.import_rows import BadCellError, joined, own_key, time_of
from vault.services.import_table import Refused, Row


@dataclass(frozen=True, slots=True)
class EventPlan:
    """A row that can become an event, if its customer and the code of ethics allow it."""

    line: int
    key: Ref
    owner: Ref | None
    parent: Ref | None
    kind: str
    source: Source
    at: datetime
    channel: str
    content: dict[str, object]

    @property
    def name(self) -> str:
        """The name by which decisions know it."""
        return interaction.name(self.kind)

    def form(self, _: Rulebook) -> str:
        """Return the names of what the row holds, without a value."""
        return f"line {self.line}: {self.name} ({', '.join(('at', 'channel', *self.content))})"

    @property
    def entries(self) -> int:
        """How many entries of the access log the row may need."""
        return 1

    @property
    def touches(self) -> set[object]:
        """What no two rows of a batch may have in common."""
        return {self.key.idx}


def plan(deps: Deps, file: File, rule: EventRule, row: Row) -> EventPlan | Refused:
    """Read a row; the plan says what event it is, or the refusal why it is none."""
    try:
        return _plan(deps, file, rule, row)
    except BadCellError as error:
        return Refused(row.line, error.column, error.reason)


def _plan(deps: Deps, file: File, rule: EventRule, row: Row) -> EventPlan:
    at = time_of(row, rule.at, deps.clock.now())
    if at is None:
        raise BadCellError(rule.at.column, "no-time")
    channel = row.cells[rule.channel] if rule.channel else rule.always
    if not 0 < len(channel) <= interaction.MAX_CHANNEL or not channel.isprintable():
        raise BadCellError(rule.channel, "not-a-channel")
    content: dict[str, object] = {
        name: text for name, column in rule.facts if (text := row.cells[column])
    }
    for name, column in rule.facts:
        if any(one < " " and one not in "\r\n\t" for one in str(content.get(name, ""))):
            raise BadCellError(column, "control-character")
    if len(canonical.dumps(content)) > interaction.MAX_CONTENT:
        raise BadCellError("", "too-long")
    own = own_key(deps, file, row)
    return EventPlan(
        line=row.line,
        key=own or import_refs.of_row(deps, file.shape.name, _said(file, row)),
        owner=joined(deps, file.owner, row) if file.owner else None,
        parent=joined(deps, file.parent, row) if file.parent else None,
        kind=rule.kind,
        source=rule.source,
        at=at,
        channel=channel,
        content=content,
    )


def _said(file: File, row: Row) -> list[str]:
    """Return all that the mapping reads of a row, by which one without a key is known again."""
    return [row.cells[column] for column in sorted(file.columns)]
