"""Read the parts of a strict document as what they should be, and note each that is not.

A `Section` is a mapping whose keys are known beforehand, each with a hint that shows how it is
written. Every reading answers with a value of its type, so that one mistake does not hide the
next; whoever reads asks `mistakes.check()` before relying on any of it. No schema stands here.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from policies import strict
from policies.durations import Duration
from policies.errors import Mistakes, Path, Place, neighbour, quoted
from policies.kept import Texts
from policies.strict import Node, Scalar

MAX_LINE = 200  # characters of a label, a name, an address
MAX_TEXT = 2_000  # characters of an explanation
_FLAGS = {"yes": True, "no": False}
_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,5}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a mapping whose keys the document itself chooses."""

    key: str
    node: Node
    path: Path


class Section:
    """A mapping with known keys."""

    def __init__(
        self,
        node: Node | None,
        *,
        path: Path,
        hints: Mapping[str, str],
        mistakes: Mistakes,
        languages: tuple[str, ...] = (),
    ) -> None:
        """Take a node, and note it when it is no mapping or has keys without a hint."""
        self.path = path
        self.mistakes = mistakes
        self.languages = languages  # in which texts must be written; one: a text is enough
        self._hints = hints
        self._nodes: dict[str, Node] = {}
        self._place: Place = (1, 1) if node is None else node.place
        self._name = f"`{'.'.join(path)}`" if path else "The document"
        self._readable = isinstance(node, strict.Mapping)
        if isinstance(node, strict.Mapping):
            self._take(node)
        elif node is not None:
            advice = f"Write its keys below it: {', '.join(hints)}."
            mistakes.add(self._place, f"{self._name} should be a mapping.", advice)

    def _take(self, node: strict.Mapping) -> None:
        for key, value in node.entries:
            self.mistakes.places[(*self.path, key.text)] = value.place
            if key.text in self._hints:
                self._nodes[key.text] = value
            elif not self.mistakes.full:
                what = f"{self._name} has no key {quoted(key.text)}."
                self.mistakes.add(key.place, what, neighbour(key.text, self._hints))

    def has(self, key: str) -> bool:
        """Tell whether the document writes this key."""
        return key in self._nodes

    def node(self, key: str) -> Node | None:
        """Return what stands under a key that must be there."""
        if key not in self._nodes and self._readable:
            self.mistakes.add(self._place, f"{self._name} lacks `{key}`.", self._hint(key))
        return self._nodes.get(key)

    def section(self, key: str, hints: Mapping[str, str]) -> "Section":
        """Return the section under a key."""
        return self._below(self.node(key), (*self.path, key), hints)

    def under(self, entry: Entry, hints: Mapping[str, str]) -> "Section":
        """Return the section under an entry."""
        return self._below(entry.node, entry.path, hints)

    def _below(self, node: Node | None, path: Path, hints: Mapping[str, str]) -> "Section":
        return Section(
            node, path=path, hints=hints, mistakes=self.mistakes, languages=self.languages
        )

    def items(self, key: str) -> tuple[Node, ...]:
        """Return the items of a list that must not be empty, nor hold a word twice."""
        return self._items_of(self.node(key), key)

    def entries(
        self, key: str, pattern: re.Pattern[str], example: str, *, needed: bool = True
    ) -> Iterator[Entry]:
        """Give the items of a mapping that must not be empty and whose keys follow a pattern."""
        node = self.node(key) if needed else self._nodes.get(key)
        if node is not None:
            yield from self._entries(node, (*self.path, key), key, pattern, example)

    def entries_of(self, entry: Entry, pattern: re.Pattern[str], example: str) -> Iterator[Entry]:
        """Give the items of the mapping that stands under an entry, as `entries` does."""
        key = entry.path[len(self.path)]
        yield from self._entries(entry.node, entry.path, key, pattern, example)

    def _entries(
        self, node: Node, at: Path, key: str, pattern: re.Pattern[str], example: str
    ) -> Iterator[Entry]:
        if not isinstance(node, strict.Mapping) or not node.entries:
            self.mistakes.add(node.place, f"`{key}` should be a mapping.", self._hint(key))
            return
        for name, value in node.entries:
            path = (*at, name.text)
            self.mistakes.places[path] = name.place
            if not pattern.fullmatch(name.text):
                what = f"{quoted(name.text)} is no name that `{key}` may hold."
                self.mistakes.add(name.place, what, f"Write it like `{example}`.")
            yield Entry(name.text, value, path)

    def line(
        self, key: str, *, pattern: re.Pattern[str] | None = None, limit: int = MAX_LINE
    ) -> str:
        """Return one line of text; with a higher limit it may hold line breaks."""
        node = self.node(key)
        text = self._text(node, key, limit=limit)
        if text and pattern is not None and not pattern.fullmatch(text):
            self._wrong(node, key, text)
        return text

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of single lines."""
        return self.words_of(self.node(key), key)

    def words_of(self, node: Node | None, key: str) -> tuple[str, ...]:
        """Return what stands at a node as a list of single lines."""
        return tuple(self._text(item, key, limit=MAX_LINE) for item in self._items_of(node, key))

    def texts(self, key: str, *, limit: int = MAX_TEXT) -> Texts:
        """Return a text in each language of the document."""
        return self.texts_of(self.node(key), key, limit=limit)

    def texts_of(self, node: Node | None, key: str, *, limit: int = MAX_TEXT) -> Texts:
        """Return what stands at a node as a text in each language of the document."""
        if not isinstance(node, strict.Mapping):
            text = self._text(node, key, limit=limit)
            if text and len(self.languages) > 1:
                what = f"`{key}` is in one language only."
                advice = f"Write it in each: {', '.join(self.languages)}."
                self.mistakes.add(self._place if node is None else node.place, what, advice)
            return Texts(tuple((language, text) for language in self.languages))
        hints = dict.fromkeys(self.languages, self._hints.get(key, "…"))
        below = self._below(node, (*self.path, key), hints)
        return Texts(
            tuple((language, below.line(language, limit=limit)) for language in self.languages)
        )

    def pick(self, key: str, kind: type[E]) -> E:
        """Return one word of a closed set."""
        return self._member(self.node(key), key, kind)

    def picks(self, key: str, kind: type[E]) -> tuple[E, ...]:
        """Return several words of a closed set."""
        return self.picks_of(self.node(key), key, kind)

    def picks_of(self, node: Node | None, key: str, kind: type[E]) -> tuple[E, ...]:
        """Return what stands at a node as several words of a closed set."""
        return tuple(self._member(item, key, kind) for item in self._items_of(node, key))

    def flag(self, key: str) -> bool:
        """Return yes or no; no where the document says nothing."""
        word = self.line(key) if self.has(key) else "no"
        if word and word not in _FLAGS:
            self._wrong(self.node(key), key, word)
        return _FLAGS.get(word, False)

    def number(self, key: str) -> int:
        """Return a whole number above zero."""
        word = self.line(key, pattern=_NUMBER)
        return int(word) if _NUMBER.fullmatch(word) else 1

    def number_of(self, node: Node | None, key: str) -> int:
        """Return what stands at a node as a whole number, which may be zero."""
        word = self._text(node, key, limit=MAX_LINE)
        if word and not _WHOLE.fullmatch(word):
            self._wrong(node, key, word)
        return int(word) if _WHOLE.fullmatch(word) else 0

    def date(self, key: str) -> str:
        """Return a day that the calendar has, as YYYY-MM-DD."""
        word = self.line(key, pattern=_DATE)
        try:
            date.fromisoformat(word)
        except ValueError:
            if _DATE.fullmatch(word):
                self._wrong(self.node(key), key, word)
        return word

    def duration(self, key: str) -> str:
        """Return an ISO 8601 duration as it is written."""
        word = self.line(key)
        if word and Duration.parse(word) is None:
            self._wrong(self.node(key), key, word)
        return word

    def _items_of(self, node: Node | None, key: str) -> tuple[Node, ...]:
        if node is None:
            return ()
        if not isinstance(node, strict.Sequence) or not node.items:
            self.mistakes.add(node.place, f"`{key}` should be a list.", self._hint(key))
            return ()
        seen: set[str] = set()
        for item in node.items:
            if isinstance(item, Scalar) and item.text in seen:
                what = f"{quoted(item.text)} stands twice in `{key}`."
                self.mistakes.add(item.place, what, "Keep one of the two.")
            elif isinstance(item, Scalar):
                seen.add(item.text)
        return node.items

    def _text(self, node: Node | None, key: str, *, limit: int) -> str:
        """Return a text in Unicode's NFC; empty when it is none, and then a mistake is noted."""
        if node is None:
            return ""
        what = None
        text = ""
        if isinstance(node, Scalar):
            text = unicodedata.normalize("NFC", node.text.strip())
        if not isinstance(node, Scalar):
            what = f"`{key}` should be a text."
        elif not text:
            what = f"`{key}` is empty."
        elif len(text) > limit:
            what = f"`{key}` is longer than {limit} characters."
        elif any(unicodedata.category(one) in {"Cc", "Cs"} and one != "\n" for one in text):
            what = f"`{key}` holds a control character."
        elif limit == MAX_LINE and "\n" in text:
            what = f"`{key}` has more than one line."
        if what is None:
            return text
        self.mistakes.add(node.place, what, self._hint(key))
        return ""

    def _member(self, node: Node | None, key: str, kind: type[E]) -> E:
        members = {member.value: member for member in kind}
        word = self._text(node, key, limit=MAX_LINE)
        if node is not None and word and word not in members:
            what = f"{quoted(word)} is no word for `{key}`."
            self.mistakes.add(node.place, what, neighbour(word, members))
        return members.get(word, next(iter(members.values())))

    def _wrong(self, node: Node | None, key: str, text: str) -> None:
        place = self._place if node is None else node.place
        self.mistakes.add(place, f"{quoted(text)} cannot stand for `{key}`.", self._hint(key))

    def _hint(self, key: str) -> str:
        return f"Write `{key}: {self._hints.get(key, '…')}`."
