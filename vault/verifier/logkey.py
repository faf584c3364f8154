"""Read a log key: what finds, and perhaps opens, every entry about one person in a log.

    ownship-logkey@v1
    origin example.org/log
    key example.org/log+98af023b+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4
    generation 1
    tag <32 bytes in base64>
    seal <32 bytes in base64>         only where payloads may be opened

Decides what a log key is. Its `origin` and `key` only say for which log it was made: whoever checks
a log brings both from elsewhere, and a log key of another log is refused.
Source: docs/formats.md, log keys; access-log note, 8.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vault.verifier import strict_json
from vault.verifier.errors import BadError, CannotTellError
from vault.verifier.note import VerifierKey

FIRST_LINE: Final = "ownship-logkey@v1"
KEY_BYTES: Final = 32
MAX_BYTES: Final = 4_096

_NUMBER: Final = re.compile("[1-9][0-9]{0,8}")
_NAMES: Final = ("origin", "key", "generation", "tag", "seal")
_WRONG: Final = "This is no log key: "


@dataclass(frozen=True, slots=True, repr=False)
class EntryKeys:
    """The keys of one person's entries, of one generation."""

    generation: int
    tag: bytes  # 32 bytes: finds entries, reads kind and epoch
    seal: bytes | None  # 32 bytes: opens payloads; None where it was not given


@dataclass(frozen=True, slots=True, repr=False)
class LogKey:
    """A log key and the log that it is for."""

    origin: str
    verifier_key: str
    keys: EntryKeys


def parse(text: bytes) -> LogKey:
    """Read a log key.

    Raises:
        CannotTellError: it is none; the file is the reader's own, so nothing is refuted.
    """
    if len(text) > MAX_BYTES or not text.isascii():
        raise CannotTellError(f"{_WRONG}it is too long, or not plain ASCII.")
    lines = text.decode().split("\n")
    if lines[0] != FIRST_LINE or lines[-1] != "":
        raise CannotTellError(f"{_WRONG}it begins with {FIRST_LINE} and ends with a new line.")
    pairs = [line.partition(" ") for line in lines[1:-1]]
    if tuple(name for name, _, _ in pairs) not in {_NAMES, _NAMES[:-1]}:
        raise CannotTellError(f"{_WRONG}its lines are {', '.join(_NAMES)}, in this order.")
    found = {name: value for name, _, value in pairs}
    try:
        key = VerifierKey.parse(found["key"])
    except BadError as error:
        raise CannotTellError(f"{_WRONG}{error}") from None
    if key.name != found["origin"]:
        raise CannotTellError(f"{_WRONG}its verifier key is of another origin.")
    if not _NUMBER.fullmatch(found["generation"]):
        raise CannotTellError(f"{_WRONG}its generation is no number from 1.")
    return LogKey(found["origin"], found["key"], _keys(found, int(found["generation"])))


def parse_line(line: bytes) -> EntryKeys:
    """Read one line of `keys.ndjson`: canonical JSON with `generation`, `tag` and perhaps `seal`.

    Raises:
        CannotTellError: it is none.
    """
    try:
        said = strict_json.read(line)
    except BadError:
        said = None
    if not isinstance(said, dict) or said.keys() not in (
        {"generation", "tag", "seal"},
        {"generation", "tag"},
    ):
        raise CannotTellError(f"{_WRONG}a line has generation, tag and perhaps seal, in JSON.")
    number = said["generation"]
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise CannotTellError(f"{_WRONG}its generation is no number.")
    return _keys(said, number)


def _keys(found: Mapping[str, object], generation: int) -> EntryKeys:
    return EntryKeys(
        generation, _key(found["tag"]), _key(found["seal"]) if "seal" in found else None
    )


def _key(text: object) -> bytes:
    try:
        data = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except binascii.Error:
        data = b""
    # Decoding ignores spare bits, so only what encodes to the very same text was written by us.
    if len(data) != KEY_BYTES or base64.b64encode(data).decode() != text:
        raise CannotTellError(f"{_WRONG}a key in it is not 32 bytes in base64.")
    return data
