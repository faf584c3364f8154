"""Show the customer's contact events by time or as a tree, with what was said as text.

The address alone holds view, kind and period, so a page can be kept; what is none of ours is left
out, and the page says so. What was said is shown as it was written, name and text, never as markup.
Source: portal note, 2; GDPR 15.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from policies.model import Rulebook, Source
from portal import event_words, survey_words
from portal.answers import Page
from portal.details import SOURCES
from portal.event_words import Attached
from portal.labels import Labels
from portal.language import N_, translate
from portal.look_filter import Option
from portal.visit import Visit
from portal.words import Moment, moment
from vault.services import interaction, published
from vault.services import timeline as service
from vault.services.contact_tree import Node
from vault.services.interaction import Told
from vault.services.timeline import Timeline, Wanted

HERE: Final = "/interactions"
TREE: Final = "tree"
_MENU: Final = "/home"  # entry of the menu that the page belongs to
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAMES: Final = ("view", "kind", "from", "to")


@dataclass(frozen=True, slots=True)
class Said:
    """One part of what was said."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One contact event, and those under it."""

    kind: str
    at: Moment
    who: str
    source: str
    channel: str
    purpose: str
    said: tuple[Said, ...]
    speaker: str
    outcome: str
    files: tuple[Attached, ...]
    damaged: bool
    above: str  # what it belongs to; "" for nothing, and in the tree
    under: tuple["Event", ...]


@dataclass(frozen=True, slots=True)
class InteractionsPage:
    """Everything of `/interactions`."""

    title: str
    tree: bool
    kinds: tuple[Option, ...]
    start: str
    end: str
    filtered: bool
    left_out: bool  # something in the address was no filter
    by_time: str  # addresses of both views, with the same filter
    as_tree: str
    events: tuple[Event, ...]
    cut: bool
    older: str  # address of the next page; "" on the last


async def show(visit: Visit) -> Page:
    """Show a page of events, and record that the customer looked."""
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    wanted, given, left_out = read(visit, labels.rulebook)
    found = await service.timeline(
        visit.deps,
        visit.customer,
        wanted,
        cursor=visit.query.get("before") or None,
        request=visit.request_id,
    )
    page = InteractionsPage(
        title=translate(visit.lang, N_("Our contacts with you")),
        tree=wanted.tree,
        kinds=tuple(
            Option(one.kind, one.label.get(visit.lang), one.kind == wanted.kind)
            for one in labels.rulebook.interactions.values()
        ),
        start=given.get("from", ""),
        end=given.get("to", ""),
        filtered=bool(given.keys() - {"view"}),
        left_out=left_out,
        by_time=_address({**given, "view": ""}),
        as_tree=_address({**given, "view": TREE}),
        events=tuple(_event(node, labels) for node in found.nodes),
        cut=found.cut,
        older=_older(given, found),
    )
    return Page("interactions.html", page, _MENU)


def read(visit: Visit, rulebook: Rulebook) -> tuple[Wanted, dict[str, str], bool]:
    """Return the filter, the parts that were understood, and whether something was left out."""
    wanted, given, left_out = Wanted(), {}, False
    for name in _NAMES:
        text = visit.query.get(name, "").strip()
        found = _part(wanted, name, text, rulebook) if text else None
        if found is not None:
            wanted = found
            given[name] = text
        left_out = left_out or bool(text and found is None)
    return wanted, given, left_out


def _part(wanted: Wanted, name: str, text: str, rulebook: Rulebook) -> Wanted | None:
    if name == "view":
        return replace(wanted, tree=True) if text == TREE else None
    if name == "kind":
        known = interaction.name(text) in rulebook.interactions
        return replace(wanted, kind=text) if known else None
    if not _DATE.fullmatch(text):
        return None
    try:
        start = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        if name == "from":
            return replace(wanted, start=start)
        return replace(wanted, end=start + timedelta(days=1))  # the day itself is in it
    except (ValueError, OverflowError):
        return None


def _event(node: Node, labels: Labels) -> Event:
    one = node.told
    above = ""
    if node.above:
        kind, at = node.above
        above = f"{labels.of(interaction.name(kind))}, {moment(at, labels.lang).text}"
    return Event(
        kind=labels.of(interaction.name(one.kind)),
        at=moment(one.at, labels.lang),
        who=event_words.noted(one, labels),
        source=translate(labels.lang, SOURCES[Source(one.source)])
        if one.source in set(Source)
        else "",  # a row that somebody edited
        channel=one.channel,
        purpose=labels.purpose(one.purpose) if one.purpose else "",
        said=tuple(_said(one, labels)),
        speaker=event_words.who(one.who, labels.lang, you=True),
        outcome=event_words.outcome(one.outcome, labels.lang),
        files=event_words.attached(
            one.files, f"{HERE}/{one.interaction_id}/attachments", labels.lang
        ),
        damaged=one.damaged,
        above=above,
        under=tuple(_event(child, labels) for child in node.under),
    )


def _said(one: Told, labels: Labels) -> Iterator[Said]:
    answers = survey_words.answers(labels.rulebook, one.content, labels.lang)
    if answers is not None:
        for question, lines in answers:
            yield Said(question, lines)
        return
    if isinstance(one.content, dict):
        for name, value in one.content.items():
            yield Said(name, tuple(_lines(value)))


def _lines(value: object) -> Iterator[str]:
    """Return a member of what was said as text; what is no text, number or list as JSON."""
    if isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value):
        for item in value:
            yield from _lines(item)
        return
    yield value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _older(given: dict[str, str], found: Timeline) -> str:
    return _address({**given, "before": found.cursor}) if found.cursor else ""


def _address(given: dict[str, str]) -> str:
    query = urlencode([(name, text) for name, text in given.items() if text])
    return f"{HERE}?{query}" if query else HERE
