"""Say in one line what happened to a detail: who wrote it, said what of it, or looked at it."""

from dataclasses import dataclass
from typing import Final

from policies.model import Source
from portal import ended, looks
from portal.labels import Labels
from portal.language import N_, translate
from portal.words import Moment, moment, of_ms
from vault.core.entry import Kind
from vault.services.entries import Line
from vault.services.marks import Mark

_WRITTEN: Final = {
    Source.TOLD: N_("Written, as you told it"),
    Source.OBSERVED: N_("Written, as it was observed"),
    Source.INFERRED: N_("Written, as it was inferred"),
    Source.THIRD_PARTY: N_("Written, as somebody else told it"),
}
_MARKED: Final = {
    Mark.TOLD: N_("Shown to you for the first time"),
    Mark.DISPUTED: N_("You said that it is wrong"),
    Mark.UNDISPUTED: N_("You took back that it is wrong"),
    Mark.CONFIRMED: N_("You said that it is right"),
}
_OTHER: Final = {
    Kind.RESTRICTED: N_("Restricted"),
    Kind.LIFTED: N_("Restriction lifted"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the past of a detail."""

    at: Moment
    what: str
    who: str
    purpose: str
    request: str


def event(line: Line, name: str, labels: Labels) -> Event:
    """Return an entry as a line about one detail."""
    return Event(
        at=moment(of_ms(line.at or 0), labels.lang),
        what=ended.what(line, labels, name) or translate(labels.lang, _what(line, name)),
        who=looks.who(line, labels),
        purpose=labels.purpose(line.purpose) if line.purpose else "",
        request=line.request or "",
    )


def _what(line: Line, name: str) -> str:
    if line.kind is Kind.MARKED:
        mark = dict(line.allowed).get(name, "")
        return _MARKED[Mark(mark)] if mark in set(Mark) else N_("Marked")
    if line.kind is Kind.WRITTEN:  # what was deleted is the one thing that has no source
        source = dict(line.sources).get(name)
        return _WRITTEN[Source(source)] if source in set(Source) else N_("Deleted")
    return _OTHER.get(line.kind, N_("Read")) if line.kind else N_("Cannot be read")
