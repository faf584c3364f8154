"""Say in words how one detail stands: where it came from, what it is used for, until when.

Home and the page of a field say the same, so it is said here once.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from policies.model import Sensitivity, Source
from portal.labels import Labels
from portal.language import N_, translate
from portal.state import Badge
from portal.words import day, lasting
from vault.core import retention
from vault.services.own import Held
from vault.services.restriction import Restriction

SOURCES: Final = {
    Source.TOLD: N_("You told us"),
    Source.OBSERVED: N_("We observed it"),
    Source.INFERRED: N_("We inferred it"),
    Source.THIRD_PARTY: N_("Somebody else told us"),
}


@dataclass(frozen=True, slots=True)
class Origin:
    """How a value was gathered."""

    words: str
    how: str  # the code's own words; "" where they would say nothing new


def origin(one: Held, labels: Labels) -> Origin:
    """Return where a value came from; of a damaged one nothing is believed."""
    if one.source is None:
        return Origin("", "")
    how = next(
        (rule.how for rule in labels.rulebook.code.sources if rule.source is one.source), None
    )
    said = how.get(labels.lang) if how and one.source is not Source.TOLD else ""
    return Origin(translate(labels.lang, SOURCES[one.source]), said)


def lines(one: Held, labels: Labels) -> tuple[str, ...]:
    """Return the value as lines of text."""
    if one.damaged:
        return (translate(labels.lang, N_("This did not pass its check and was not opened.")),)
    return labels.lines(one.field, one.value)


def is_hidden(one: Held) -> bool:
    """Say whether a value stands in a closed box: somebody may be looking over a shoulder."""
    return one.field.sensitivity is not Sensitivity.ORDINARY and not one.damaged


def until(one: Held, lang: str) -> str:
    """Return until when a value is kept, as the sweep counts it."""
    lasts = lasting(one.field.retention, lang)
    if one.since is None:
        return lasts
    end = retention.end(one.field.retention, retention.counts_from(one.since, one.verified))
    date = day(end, lang).text
    if one.verified is not None and one.verified > one.since:
        said = N_("{date} ({time} since you said that it is right)")
        return translate(lang, said, date=date, time=lasts)
    return translate(lang, N_("{date} ({time} in all)"), date=date, time=lasts)


def badges(one: Held, restricted: Restriction, lang: str) -> tuple[Badge, ...]:
    """Return what is special about a value, in words."""
    found = []
    if one.untold:
        found.append(Badge(translate(lang, N_("New, from somebody else")), "info", "open"))
    if one.disputed:
        said = N_("You said on {date} that it is wrong")
        found.append(_dated(said, "open", "open", one.disputed, lang))
    if one.verified:
        said = N_("You said on {date} that it is right")
        found.append(_dated(said, "on", "on", one.verified, lang))
    if one.kept and (restricted.whole or one.field.name in restricted.fields):
        found.append(Badge(translate(lang, N_("Restricted: no app reads it")), "off", "off"))
    return tuple(found)


def _dated(said: str, icon: str, tone: str, at: datetime, lang: str) -> Badge:
    return Badge(translate(lang, said, date=day(at, lang).text), icon, tone)
