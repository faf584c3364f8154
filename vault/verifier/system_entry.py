"""Read the entries that the vault makes about itself, as far as a check of the log needs them.

They are in clear. `close` may name the `writer` that it ends, which is its own where it names none;
`prune` names the `minimum`: the index below which bundles need not be served any more.
Source: access-log note, 2, 4 and 11; docs/formats.md, OAL1.
"""

from collections.abc import Mapping
from uuid import UUID

from vault.verifier import entry
from vault.verifier.entry import Header
from vault.verifier.errors import BadError, CannotTellError, EntryError
from vault.verifier.tile import WIDTH


def read(index: int, data: bytes) -> tuple[Header, Mapping[str, object]]:
    """Return the header of an entry, and what it says when it is one of the system.

    Raises:
        EntryError: it is malformed.
        CannotTellError: its kind is newer than this checker.
    """
    try:
        header = entry.parse(data)
    except BadError as error:
        raise EntryError(index, None, str(error)) from None
    if header.entry_class != entry.SYSTEM:
        return header, {}
    try:
        return header, entry.clear(data)
    except BadError as error:
        raise EntryError(index, (header.writer, header.seq, header.part), str(error)) from None
    except CannotTellError as error:
        raise CannotTellError(f"Entry {index}: {error}") from None


def closed(index: int, header: Header, members: Mapping[str, object]) -> bytes:
    """Return the writer that a `close` ends.

    Raises:
        EntryError: it names something else.
    """
    named = members.get("writer")
    if named is None:
        return header.writer
    try:
        return UUID(str(named)).bytes
    except ValueError:
        raise _error(index, header, "It closes what is no writer.") from None


def minimum(index: int, header: Header, members: Mapping[str, object]) -> int:
    """Return the index below which a `prune` takes away bundles.

    Raises:
        EntryError: it is no index of a whole bundle before this entry.
    """
    named = members.get("minimum")
    if type(named) is not int or not 0 <= named <= index or named % WIDTH:
        raise _error(index, header, "It prunes what is no number of whole bundles before it.")
    return named


def _error(index: int, header: Header, what: str) -> EntryError:
    return EntryError(index, (header.writer, header.seq, header.part), what)
