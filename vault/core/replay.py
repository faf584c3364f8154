"""Write what a replay of the log came to: the text of the note that is signed.

The first line is the name of the key that signs, and the second is no number, so that no checkpoint
passes for it and it for no checkpoint.
Source: access-log note, 10; docs/formats.md, replay.
"""

import base64
from dataclasses import dataclass

NAME = "/replay"  # behind the log's origin: whose key it is


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided again, and what came of it."""

    origin: str
    start: int  # the first index
    size: int  # of the log; the index after the last one
    root: bytes  # of the log at this size
    replayed: int
    unreadable: int
    undecidable: int
    disagreeing: int
    codes: tuple[str, ...]  # digests of the codes of ethics, in hex
    evaluator: int  # version of what decided again


def key_name(origin: str) -> str:
    """Return the name under which replays of a log are signed."""
    return origin + NAME


def body(said: Outcome) -> bytes:
    """Return the text of the note."""
    lines = [
        key_name(said.origin),
        f"from {said.start}",
        f"to {said.size}",
        f"root {base64.b64encode(said.root).decode()}",
        f"replayed {said.replayed}",
        f"unreadable {said.unreadable}",
        f"undecidable {said.undecidable}",
        f"disagreements {said.disagreeing}",
        f"evaluator {said.evaluator}",
        *(f"code {code}" for code in said.codes),
    ]
    return "".join(f"{line}\n" for line in lines).encode()
