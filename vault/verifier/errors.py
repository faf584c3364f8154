"""Say what the checker found, in plain sentences: refuted, or not decidable.

`BadError` ends with exit code 1: what was checked is not what it claims. `CannotTellError` ends
with 2: the question itself could not be put, for want of a file or a usable key.
Source: docs/formats.md; access-log note, 12.
"""


class BadError(ValueError):
    """What was checked is refuted."""


class CannotTellError(Exception):
    """There is nothing to decide on."""


class ProofError(BadError):
    """Hashes do not prove what they are shown for."""


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
