"""Say what the checker found, in plain sentences: refuted, or not decidable.

`BadError` ends with exit code 1: what was checked is not what it claims. `CannotTellError` ends
with 2: the question itself could not be put, for want of a file or a usable key.
Source: docs/formats.md; access-log note, 12.
"""

from uuid import UUID


class BadError(ValueError):
    """What was checked is refuted."""


class CannotTellError(Exception):
    """There is nothing to decide on."""


class ProofError(BadError):
    """Hashes do not prove what they are shown for."""


class EntryError(BadError):
    """An entry of the log is not what it must be."""

    def __init__(self, index: int, place: tuple[bytes, int, int] | None, what: str) -> None:
        """Name the entry.

        Args:
            index: its place in the log.
            place: its writer, seq and part; None where they cannot be read.
            what: the sentence that says what is wrong, and what that means.
        """
        writer = (
            f" (writer {UUID(bytes=place[0])}, seq {place[1]}, part {place[2]})" if place else ""
        )
        super().__init__(f"Entry {index}{writer}: {what}")
        self.index = index
        self.place = place


class StaleError(BadError):
    """Entries were decided on too old a view of the log; all else holds."""

    def __init__(self, first: EntryError, count: int) -> None:
        """Name the first of them."""
        others = f" So were {count - 1} more." if count > 1 else ""
        super().__init__(f"{first}{others} All else that was checked holds.")


class BrokenPromiseError(BadError):
    """An entry that a receipt promised is not in the log, or came too late."""


class RollbackError(BadError):
    """A log became shorter than it was."""


class MissingError(BadError):
    """A file of the log is missing; its path is the first argument."""

    def __str__(self) -> str:
        return (
            f"{self.args[0]} is missing. Fetch it again; if the publisher does not serve it, "
            "they hold back what they signed."
        )


class NoteError(BadError):
    """A signed note is malformed, or nobody known has signed it."""


class KeyFormatError(NoteError):
    """A verifier key is missing, malformed or of another kind: the reader's own, so exit code 2."""
