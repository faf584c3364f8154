"""Read YAML strictly: mappings, lists and words, each with its line and column, and nothing more.

YAML 1.1 reads `no` as false and `1:30` as 90, keeps the last of two equal keys, and can build
objects. Here every scalar stays the text that was written; anchors, aliases, tags, directives, a
second document, equal keys and deep nesting are refused. The reader knows no schema.
Source: ecosystem note, 4; YAML 1.1, which PyYAML's events follow.
"""

from dataclasses import dataclass, field

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from policies.errors import Mistakes, Place, quoted

MAX_BYTES = 1_048_576  # a published code of 200 fields in three languages has a tenth of this
MAX_DEPTH = 20  # of nesting; a code needs five


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word or a text, as written."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    place: Place
    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with what stands under each; no two keys are equal."""

    place: Place
    entries: "tuple[tuple[Scalar, Node], ...]"


Node = Scalar | Sequence | Mapping


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet; a mapping's children are keys and values."""

    place: Place
    is_mapping: bool
    children: list[Node] = field(default_factory=list)


def read(data: bytes, mistakes: Mistakes) -> Node | None:
    """Read one YAML document; None when it has no readable content, and then there are mistakes.

    Precondition: the caller asks `mistakes.check()` before it relies on the answer.
    """
    if len(data) > MAX_BYTES:
        mistakes.add((1, 1), "The file is larger than 1 MB.", "Write a shorter one.")
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place_in(data[: error.start].decode("utf-8", "replace"))
        mistakes.add(place, "This is not UTF-8.", "Save the file as UTF-8.")
        return None
    reader = _Reader(mistakes)
    try:
        for event in yaml.parse(text, Loader=yaml.BaseLoader):
            if not reader.take(event):
                return None
    except yaml.reader.ReaderError as error:
        place = _place_in(text[: error.position])
        mistakes.add(place, "This character has no place in YAML.", "Delete it.")
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else reader.last
        mistakes.add(place, f"This is not YAML: {error.problem}.", "Look at this line and above.")
        return None
    except (ValueError, OverflowError):
        # PyYAML turns the digits of an escape into a character without looking at them.
        mistakes.add(reader.last, "An escape after this names no character.", "Write the text.")
        return None
    if reader.root is None:
        mistakes.add((1, 1), "The document is empty.", "Begin with `format: 1`.")
    return reader.root


def _place_in(before: str) -> Place:
    """Return the place that follows some text."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


class _Reader:
    """Builds nodes from events, in one pass and without recursion."""

    def __init__(self, mistakes: Mistakes) -> None:
        self._mistakes = mistakes
        self._open: list[_Open] = []
        self._documents = 0
        self.root: Node | None = None
        self.last: Place = (1, 1)

    def take(self, event: Event) -> bool:
        """Take one event; False when reading on makes no sense."""
        mark = event.start_mark
        self.last = place = (mark.line + 1, mark.column + 1) if mark else self.last
        if isinstance(event, DocumentStartEvent):
            return self._begin(event, place)
        if isinstance(event, NodeEvent):
            self._refuse_extras(event, place)
        if isinstance(event, AliasEvent):
            self._done(Scalar(place, ""))
        elif isinstance(event, ScalarEvent):
            self._done(Scalar(place, event.value))
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            if len(self._open) >= MAX_DEPTH:
                what = f"This is nested deeper than {MAX_DEPTH} levels."
                self._mistakes.add(place, what, "Write it flatter.")
                return False
            self._open.append(_Open(place, isinstance(event, MappingStartEvent)))
        elif isinstance(event, CollectionEndEvent):
            done = self._open.pop()
            self._done(self._mapping(done) if done.is_mapping else _sequence(done))
        return True

    def _begin(self, event: DocumentStartEvent, place: Place) -> bool:
        self._documents += 1
        if self._documents > 1:
            what, advice = "A second document begins here.", "Delete it, or make it a file."
            self._mistakes.add(place, what, advice)
            return False
        if event.version or event.tags:
            self._mistakes.add(place, "A YAML directive stands here.", "Delete the `%` line.")
        return True

    def _refuse_extras(self, event: NodeEvent, place: Place) -> None:
        if isinstance(event, AliasEvent):
            advice = "Write out what the `*` stands for."
            self._mistakes.add(place, "An alias stands here.", advice)
        elif event.anchor is not None:
            self._mistakes.add(place, "An anchor stands here.", "Delete the word after `&`.")
        if getattr(event, "tag", None) is not None:
            self._mistakes.add(place, "A tag stands here.", "Delete the word after `!`.")

    def _done(self, node: Node) -> None:
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node

    def _mapping(self, done: _Open) -> Mapping:
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(done.children[::2], done.children[1::2], strict=True):
            if not isinstance(key, Scalar):
                what = "A list or mapping stands where a key should."
                self._mistakes.add(key.place, what, "Write one word and a colon.")
            elif key.text in entries:
                first = entries[key.text][0].place[0]
                what = f"The key {quoted(key.text)} stands here again, first in line {first}."
                self._mistakes.add(key.place, what, "Keep one of the two.")
            else:
                entries[key.text] = (key, value)
        return Mapping(done.place, tuple(entries.values()))


def _sequence(done: _Open) -> Sequence:
    return Sequence(done.place, tuple(done.children))
