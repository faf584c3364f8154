"""Read the list that a publisher shows to somebody: which entries of which log they call theirs.

A list is `/me/usage.json` or `/who-looked.json` as it was downloaded. Both come in pages, so several
files together are one list. What a line says in words is for people; here only its place in a log
and its leaf hash count.
Source: docs/formats.md, lines of "who looked".
"""

from collections.abc import Iterable
from dataclasses import dataclass

from vault.verifier import strict_base64, strict_json
from vault.verifier.errors import BadError, CannotTellError

MOST_USAGE = 100  # lines of one full page of `/me/usage.json`: more may follow


@dataclass(frozen=True, slots=True)
class Listed:
    """The lines of one log."""

    hashes: dict[int, bytes | None]  # leaf hash by index; None for a line that cannot be read
    whole: bool  # whether the last page is among the files, so that nothing older is left out

    @property
    def oldest(self) -> int:
        """The index of the oldest line; -1 without lines."""
        return min(self.hashes, default=-1)

    @property
    def newest(self) -> int:
        """The index of the newest line; -1 without lines."""
        return max(self.hashes, default=-1)


def read(files: Iterable[bytes], origin: str) -> Listed:
    """Return the lines of a log from the files of a list.

    Raises:
        CannotTellError: a file is no such list.
    """
    hashes: dict[int, bytes | None] = {}
    whole = False
    for data in files:
        lines, ends = _page(data)
        whole = whole or ends
        for line in lines:
            found = _place(line, origin)
            if found is not None:
                hashes[found[0]] = found[1]
    return Listed(hashes, whole)


def _page(data: bytes) -> tuple[list[object], bool]:
    """Return the lines of a file, and whether it is the last page."""
    try:
        said = strict_json.read(data)
    except BadError:
        said = None
    if isinstance(said, list):
        return said, len(said) < MOST_USAGE
    if isinstance(said, dict) and isinstance(said.get("lines"), list):
        return said["lines"], said.get("older") is None
    raise CannotTellError(
        "The list is neither /me/usage.json nor /who-looked.json: download it again."
    )


def _place(line: object, origin: str) -> tuple[int, bytes | None] | None:
    """Return index and leaf hash of a line; None for a line of another log."""
    try:
        where = line["log"]  # type: ignore[index]
        if where["origin"] != origin:
            return None
        index, text = where["position"], where["hash"]
        if type(index) is not int or index < 0:
            raise TypeError
        return index, None if text is None else strict_base64.read_hash(text)
    except (KeyError, TypeError, BadError):
        raise CannotTellError(
            "A line of the list does not say where in the log it stands: download it again."
        ) from None
