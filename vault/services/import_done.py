"""Count what became of a batch of rows, and keep what an import knows of its other files.

Source: ecosystem note, 9.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from vault.services.import_table import Refused


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a batch; of a dry run, what would."""

    added: int = 0  # customers
    changed: int = 0
    unchanged: int = 0  # rows
    consents: int = 0
    events_added: int = 0
    events_changed: int = 0
    values: Mapping[str, int] = field(default_factory=dict)  # field -> values written
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """What one import knows of the files that it has read, by reference."""

    dry: bool = False  # everything but writing
    erased: set[bytes] = field(default_factory=set)  # rows of people who were erased
    would: set[bytes] = field(default_factory=set)  # rows that a dry run would have written


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is; sums are of this run."""

    lines: int  # of the file, about as many as rows
    line: int  # reached
    rows: int = 0  # read, with those of an earlier run that was cut
    added: int = 0  # customers
    changed: int = 0
    unchanged: int = 0
    consents: int = 0
    events_added: int = 0
    events_changed: int = 0
    refused: int = 0
    complete: bool = False
    values: Mapping[str, int] = field(default_factory=dict)  # field -> values written
    reasons: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # -> rows, first line
    preview: tuple[str, ...] = ()  # the forms of the first rows, without a value

    def after(self, done: Done, *, rows: int, line: int, refused: int, last: bool) -> "Progress":
        """Return how far it is behind one more batch."""
        reasons = dict(self.reasons)
        for one in done.refused:
            count, first = reasons.get(one.reason, (0, one.line))
            reasons[one.reason] = (count + 1, first)
        return Progress(
            lines=self.lines,
            line=line,
            rows=self.rows + rows,
            added=self.added + done.added,
            changed=self.changed + done.changed,
            unchanged=self.unchanged + done.unchanged,
            consents=self.consents + done.consents,
            events_added=self.events_added + done.events_added,
            events_changed=self.events_changed + done.events_changed,
            refused=refused,
            complete=last,
            values=Counter(self.values) + Counter(done.values),
            reasons=reasons,
            preview=self.preview,
        )
