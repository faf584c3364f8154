"""Find every entry about one person in a log, and judge what that person was told of it.

1. the checkpoint is signed, and the entries lead to its root: they are what the publisher signed;
2. each entry is tried with the tag key, in one pass: nobody can make one that it does not find;
3. the epochs show whether a change is hidden and whether an ended consent was used (`barrier.py`);
4. with the seal key each entry is opened, and says what its header says;
5. the list that the publisher shows has each of them, with its leaf hash, and nothing else.

What was never written into the log it cannot find.
Source: access-log note, 8 and 10 (C1 to C3); docs/formats.md.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from vault.verifier import entry as entries_
from vault.verifier import merkle, payload, system_entry, tile
from vault.verifier.barrier import ERASED, Entry, Judged, judge
from vault.verifier.checkpoint import Checkpoint
from vault.verifier.errors import BadError, CannotTellError
from vault.verifier.folder import Folder
from vault.verifier.listed import Listed
from vault.verifier.logkey import LogKey
from vault.verifier.progress import Progress
from vault.verifier.tree import Tree

OWN: Final = frozenset({4, 6})  # own look, export: what the person did
_ORIGIN: Final = 71  # the first entry of a log that follows another
_LABEL: Final = b"ownship/tag/v1\0"
_CLASS: Final = 6
_PLACE: Final = slice(16, 42)  # writer, seq and part
_TAG: Final = slice(52, 68)


@dataclass(frozen=True, slots=True)
class Found:
    """One entry about the person."""

    entry: Entry
    leaf: bytes
    said: Mapping[str, Any] | None = None  # the payload; None without the seal key


@dataclass(slots=True)
class Report:
    """What a scan found."""

    checkpoint: Checkpoint
    first: int  # index of the first entry that is there: those before it were pruned
    newest_at: int  # unix ms of the newest entry
    found: list[Found]
    judged: Judged
    missing: list[Found] = field(default_factory=list)  # in the log, not on the list
    newer: list[Found] = field(default_factory=list)  # integrated after the list was made
    older: list[Found] = field(default_factory=list)  # before the first line of a list that is cut
    foreign: list[int] = field(default_factory=list)  # on the list, and not about the person
    changed: list[int] = field(default_factory=list)  # on the list with another leaf hash


def scan(
    folder: Folder,
    key: LogKey,
    *,
    verifier_key: str,
    origin: str,
    listed: Listed | None = None,
) -> Report:
    """Return what the log holds about the person of a log key.

    Args:
        folder: the log.
        key: the person's.
        verifier_key: of the log, from elsewhere than the folder.
        origin: of the log, likewise.
        listed: what the publisher lists; None to compare with nothing.

    Raises:
        CannotTellError: the log key is of another log, or the folder has none.
        BadError: the entries are not what was signed, or one of the person's is damaged.
    """
    if (key.origin, key.verifier_key) != (origin, verifier_key):
        raise CannotTellError("The log key is for another log, or for another key of this one.")
    newest = folder.checkpoint(verifier_key, origin)
    walk = _Walk(key.keys.tag, folder, newest)
    hits = list(walk.hits())
    walk.check(newest.root)
    found = [_found(key, origin, index, entry) for index, entry in hits]
    report = Report(
        checkpoint=newest,
        first=walk.first,
        newest_at=walk.newest_at,
        found=found,
        judged=judge(
            [one.entry for one in found],
            first=0 if walk.first or walk.follows else 1,
            newest_at=walk.newest_at,
        ),
    )
    if listed is not None:
        _compare(report, listed)
    return report


class _Walk:
    """One pass over the entries: tags, leaf hashes, and what the log says of itself."""

    def __init__(self, tag_key: bytes, folder: Folder, newest: Checkpoint) -> None:
        padded = tag_key + bytes(32)
        # HMAC by its definition (RFC 2104): the key is taken in once, and not a million times.
        self._inner = hashlib.sha256(bytes(one ^ 0x36 for one in padded) + _LABEL)
        self._outer = hashlib.sha256(bytes(one ^ 0x5C for one in padded))
        self._folder = folder
        self._size = newest.size
        self._tree = Tree(folder)
        self.first = folder.first_bundle(newest.size) * tile.WIDTH
        self.newest_at = 0  # unix ms
        self.follows = False  # the log begins behind another one
        self._minimum = 0  # below it entries need not be served

    def hits(self) -> Iterator[tuple[int, bytes]]:
        """Give the entries that the tag key finds, with their index."""
        inner, outer = self._inner.copy, self._outer.copy
        for n in range(self.first // tile.WIDTH):
            self._tree.add(self._folder.hashes(0, n))
        with Progress("looking for you", self._size) as progress:
            for first, several in self._folder.bundles(self.first, self._size):
                self._tree.add(b"".join(map(merkle.leaf, several)))
                for index, one in enumerate(several, first):
                    inside = inner()
                    inside.update(one[4:6] + one[_PLACE])
                    mask = outer()
                    mask.update(inside.digest())
                    if mask.digest()[:16] == one[_TAG]:
                        yield index, one
                    elif one[_CLASS] == entries_.SYSTEM:
                        self._system(index, one)
                # The time stands at the same bytes of every entry.
                self.newest_at = max(
                    self.newest_at, *(int.from_bytes(one[8:16]) for one in several)
                )
                progress.at(first + len(several))

    def check(self, root: bytes) -> None:
        """Compare with what was signed.

        Raises:
            BadError: it is something else, or a part of it is held back.
        """
        self._tree.finish()
        if self._tree.root() != root:
            raise BadError("The entries do not lead to the root that the checkpoint signs.")
        if self._minimum < self.first:
            raise BadError(
                f"The entries before {self.first} are missing, and no entry of the log says that "
                "they were pruned: the publisher holds back what they signed."
            )

    def _system(self, index: int, data: bytes) -> None:
        header, said = system_entry.read(index, data)
        kind = said.get("kind")
        if kind == entries_.PRUNE:
            self._minimum = max(self._minimum, system_entry.minimum(index, header, said))
        if index == 0:
            self.follows = kind == _ORIGIN


def _found(key: LogKey, origin: str, index: int, data: bytes) -> Found:
    """Read an entry of the person.

    Raises:
        BadError: naming it.
    """
    try:
        header = entries_.parse(data)
        kind_epoch = payload.kind_and_epoch(key.keys.tag, data)
        if kind_epoch is None or header.entry_class != entries_.CUSTOMER:
            raise BadError("It is no entry about a person.")
        kind, epoch = kind_epoch
        said = None
        if key.keys.seal is not None:
            said = payload.open_(key.keys.seal, data, origin)
            payload.check(said, data, kind, epoch)
    except BadError as error:
        raise BadError(f"Entry {index}, which is about you: {error}") from None
    return Found(Entry(index, header.at, kind, epoch, header.seen), merkle.leaf(data), said)


def _compare(report: Report, listed: Listed) -> None:
    """Compare list and log, within what both can know."""
    by_index = {one.entry.place: one for one in report.found}
    for index, one in by_index.items():
        if index in listed.hashes:
            if listed.hashes[index] != one.leaf:
                report.changed.append(index)
        elif one.entry.kind == ERASED:
            continue  # the last entry of all is on no list: with it the list was deleted
        elif index > listed.newest:
            report.newer.append(one)
        elif index < listed.oldest and not listed.whole:
            report.older.append(one)
        else:
            report.missing.append(one)
    report.foreign = sorted(
        index
        for index in listed.hashes
        if report.first <= index < report.checkpoint.size and index not in by_index
    )
