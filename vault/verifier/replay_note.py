"""Read the signed note of a replay: what was decided again by the publisher, and what came of it.

It is the publisher's own word, under the publisher's own key, about an evaluator that anybody may
run: whoever doubts it replays the log. What the note cannot do is to be taken back unseen.
Source: access-log note, 10; docs/formats.md, replay.
"""

import re
from dataclasses import dataclass
from typing import Final

from vault.verifier import strict_base64
from vault.verifier.errors import NoteError
from vault.verifier.note import open_note

_NAMES: Final = (
    "from",
    "to",
    "root",
    "replayed",
    "unreadable",
    "undecidable",
    "disagreements",
    "evaluator",
)
_NUMBER: Final = re.compile("0|[1-9][0-9]{0,18}")
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_WRONG: Final = "This is no note of a replay: "


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a note says."""

    start: int
    size: int
    root: bytes
    replayed: int
    unreadable: int
    undecidable: int
    disagreements: int
    evaluator: int
    codes: tuple[str, ...]


def check(text: bytes, *, key: str, origin: str) -> Outcome:
    """Return what a note says.

    Args:
        text: the note.
        key: verifier key of replays, whose name is the origin with `/replay` behind it.
        origin: of the log.

    Raises:
        NoteError: it is malformed, forged, or of another log.
    """
    body = open_note(text, [key]).decode()
    lines = body.split("\n")
    if lines[0] != f"{origin}/replay" or lines[-1] != "":
        raise NoteError(f"{_WRONG}it is of another log, or of something else.")
    pairs = [line.partition(" ") for line in lines[1:-1]]
    head, tail = pairs[: len(_NAMES)], pairs[len(_NAMES) :]
    if tuple(name for name, _, _ in head) != _NAMES or any(name != "code" for name, _, _ in tail):
        raise NoteError(f"{_WRONG}its lines are {', '.join(_NAMES)}, then the codes.")
    said = {name: value for name, _, value in head}
    numbers = {name: value for name, value in said.items() if name != "root"}
    if not all(_NUMBER.fullmatch(value) for value in numbers.values()):
        raise NoteError(f"{_WRONG}one of its numbers is none.")
    if not all(_DIGEST.fullmatch(value) for _, _, value in tail):
        raise NoteError(f"{_WRONG}a code is not named by a digest.")
    root = strict_base64.read(said["root"])
    if root is None or len(root) != 32:
        raise NoteError(f"{_WRONG}its root is not 32 bytes.")
    found = {name: int(value) for name, value in numbers.items()}
    if found["from"] >= found["to"]:
        raise NoteError(f"{_WRONG}it ends before it begins.")
    return Outcome(
        start=found["from"],
        size=found["to"],
        root=root,
        replayed=found["replayed"],
        unreadable=found["unreadable"],
        undecidable=found["undecidable"],
        disagreements=found["disagreements"],
        evaluator=found["evaluator"],
        codes=tuple(value for _, _, value in tail),
    )
