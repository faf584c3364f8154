"""Name what is wrong with a document, where it stands, and what to write instead.

A document is written by a person, so all that is wrong is collected and told at once. Nothing
here knows what a document may hold.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

MAX_ERRORS = 100  # nobody mends more at once, and a hostile file costs no more
_MAX_WORD = 80  # characters compared when a neighbour is looked for

Path = tuple[str, ...]
Place = tuple[int, int]  # line and column, from 1


@dataclass(frozen=True, slots=True)
class CodeError:
    """One mistake in a document."""

    file: str
    line: int
    column: int
    what: str
    advice: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.what} {self.advice}"


class CodeErrors(Exception):
    """All the mistakes of a document, by line."""

    def __init__(self, errors: Iterable[CodeError]) -> None:
        """Keep the errors in the order of their places."""
        self.errors = tuple(sorted(errors, key=lambda one: (one.line, one.column)))
        super().__init__("\n".join(str(one) for one in self.errors))


class Mistakes:
    """Collects the mistakes of one document, and remembers where its parts stand."""

    def __init__(self, file: str) -> None:
        """Begin without mistakes; `file` is a name to show, never opened."""
        self._file = file
        self._errors: list[CodeError] = []
        self._warnings: list[CodeError] = []
        self.places: dict[Path, Place] = {}

    def add(self, place: Place, what: str, advice: str) -> None:
        """Note a mistake at a place; those beyond `MAX_ERRORS` are not kept."""
        if len(self._errors) < MAX_ERRORS:
            self._errors.append(CodeError(self._file, *place, what, advice))

    def at(self, path: Path, what: str, advice: str) -> None:
        """Note a mistake at a part of the document, or at the nearest part that holds it."""
        self.add(self._place(path), what, advice)

    def warn(self, path: Path, what: str, advice: str) -> None:
        """Note something to look at, which is no mistake."""
        if len(self._warnings) < MAX_ERRORS:
            self._warnings.append(CodeError(self._file, *self._place(path), what, advice))

    @property
    def warnings(self) -> tuple[CodeError, ...]:
        """What is to be looked at, by line."""
        return tuple(sorted(self._warnings, key=lambda one: (one.line, one.column)))

    def _place(self, path: Path) -> Place:
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    @property
    def full(self) -> bool:
        """Whether further mistakes would not be kept."""
        return len(self._errors) >= MAX_ERRORS

    def check(self) -> None:
        """Go on only when there is no mistake.

        Raises:
            CodeErrors: with all of them.
        """
        if self._errors:
            raise CodeErrors(self._errors)


def quoted(word: str) -> str:
    """Return a word as an error shows it: short, and without control characters."""
    return repr(word if len(word) <= _MAX_WORD else word[:_MAX_WORD] + "…")


def neighbour(word: str, known: Iterable[str]) -> str:
    """Return advice that names the nearest known word, else all of them.

    >>> neighbour("whi", ["label", "why"])
    "Did you mean 'why'?"
    """
    words = list(known)
    near = get_close_matches(word[:_MAX_WORD], words, n=1)
    if near:
        return f"Did you mean '{near[0]}'?"
    if not words:
        return "None is declared: declare one first, or leave this out."
    return f"Write one of: {', '.join(words)}."
