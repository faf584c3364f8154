"""Replay a log that was exported into a folder, with the keys of those who are in it.

    codes/<digest>.json, registrations/<digest>.json      documents by their SHA-256
    keys.ndjson                                           what finds and opens entries, a key a line
    owners.ndjson                                         [index, line of keys.ndjson]: hints

1. the log itself is checked, as `ownship-verify log` does: what is decided again was signed;
2. the system's entries tell which codes, registrations and roles held;
3. for each key the entries that the hints name are learned, then judged; the tag decides whose an
   entry is, so a wrong hint only makes an entry unreadable, which is counted.
Source: access-log note, 10 and 12; docs/formats.md, export for a replay.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

from vault.verifier import entry as entries
from vault.verifier import log, logkey, strict_json, tile
from vault.verifier.checkpoint import Checkpoint
from vault.verifier.errors import CannotTellError
from vault.verifier.file import open_
from vault.verifier.folder import Folder
from vault.verifier.logkey import EntryKeys
from vault.verifier.progress import Progress
from vault.verifier.replay import Replay, Report
from vault.verifier.replay_system import System

BUNDLES: Final = 64  # that are kept open; a person's entries lie near each other or far apart
MAX_LINE: Final = 1_000_000  # bytes
MAX_DOCUMENT: Final = 50_000_000  # bytes of a code of ethics or a registration

_DIGEST: Final = re.compile("[0-9a-f]{64}")


class Exported:
    """A log with its keys, in a folder."""

    def __init__(self, path: Path, *, key: str, origin: str) -> None:
        """Check the log, and read what its system's entries tell.

        Raises:
            BadError: the log does not hold.
            CannotTellError: something that belongs to an export is not there.
        """
        self.path, self.origin = path, origin
        self.folder = Folder(path)
        self.checkpoint: Checkpoint = log.check(self.folder, key=key, origin=origin).newest
        self.system = System()
        self.customers = 0  # entries about customers, whoever they are
        self._bundle = lru_cache(maxsize=BUNDLES)(self._read_bundle)
        self._learn()

    def entry(self, index: int) -> bytes:
        """Return an entry."""
        return self._bundle(index // tile.WIDTH)[index % tile.WIDTH]

    def entry_keys(self) -> list[EntryKeys]:
        """Return the keys; that of nobody's entries comes first."""
        return [logkey.parse_line(line) for line in self.lines("keys.ndjson")]

    def owners(self) -> dict[int, list[int]]:
        """Return the indexes that hints give to each key, by its line; sorted.

        Raises:
            CannotTellError: a line is no hint.
        """
        found: defaultdict[int, list[int]] = defaultdict(list)
        for line in self.lines("owners.ndjson"):
            said = strict_json.read(line)
            if not isinstance(said, list) or len(said) != 2 or not all(_whole(one) for one in said):
                raise CannotTellError(
                    "A line of owners.ndjson is not [index, line of keys.ndjson]."
                )
            if said[0] < self.checkpoint.size:
                found[said[1]].append(said[0])
        return {line: sorted(set(several)) for line, several in found.items()}

    def origin_of(self, log_id: int) -> str:
        """Return the origin under which entries of this log are sealed."""
        del log_id
        return self.origin

    def _learn(self) -> None:
        for name, take in (
            ("codes", self.system.add_code),
            ("registrations", self.system.add_registration),
        ):
            for one in sorted((self.path / name).glob("*.json")):
                data = self.folder.read(f"{name}/{one.name}", MAX_DOCUMENT)
                if _DIGEST.fullmatch(one.stem) and data is not None:
                    take(data, one.stem)
        first = self.folder.first_bundle(self.checkpoint.size) * tile.WIDTH
        for begin, several in self.folder.bundles(first, self.checkpoint.size):
            for index, data in enumerate(several, begin):
                if data[6] == entries.CUSTOMER:
                    self.customers += 1
                    continue
                header = entries.parse(data)
                place = header.log_id << 48 | index
                self.system.learn(entries.clear(data), place=place, at=header.at)

    def _read_bundle(self, n: int) -> list[bytes]:
        return self.folder.bundle(n, tile.width_of(0, n, self.checkpoint.size))

    def lines(self, name: str) -> Iterator[bytes]:
        """Give the lines of a file.

        Raises:
            CannotTellError: it is not there, or no regular file.
        """
        try:
            with open_(self.path / name, name) as file:
                while line := file.readline(MAX_LINE):
                    yield line.rstrip(b"\n")
        except OSError:
            raise CannotTellError(f"The folder has no {name}: export the log anew.") from None


def replay(exported: Exported, *, start: int = 0) -> Report:
    """Decide again what a log says was permitted, from an index on.

    Raises:
        CannotTellError: the folder is no export.
        BadError: a document is not the one that its digest names.
    """
    report, owners = Report(), exported.owners()
    hinted = sum(len(several) for several in owners.values())
    done = 0
    with Progress("Replaying", max(hinted, exported.customers)) as shown:
        for line, keys in enumerate(exported.entry_keys()):
            mine = owners.pop(line, [])
            if keys.generation == 0:
                continue
            one = Replay(exported.system, report, keys, exported.origin_of)
            for index in mine:
                data = exported.entry(index)
                one.learn(_place(data, index), data)
            for index in mine:
                if index >= start:
                    data = exported.entry(index)
                    one.judge(_place(data, index), data)
            done += len(mine)
            shown.at(done)
        _rest(exported, report, start)
    return report


def _rest(exported: Exported, report: Report, start: int) -> None:
    """Judge what no hint names: entries about nobody, and those that no key opens any more."""
    nobody = next((keys for keys in exported.entry_keys() if keys.generation == 0), None)
    if nobody is None:
        raise CannotTellError("keys.ndjson has no key of entries about nobody.")
    hinted = {index for several in exported.owners().values() for index in several}
    one = Replay(exported.system, report, nobody, exported.origin_of)
    size = exported.checkpoint.size
    first = max(start, exported.folder.first_bundle(size) * tile.WIDTH)
    for begin, several in exported.folder.bundles(first, size):
        for index, data in enumerate(several, begin):
            if data[6] == entries.CUSTOMER and index not in hinted:
                one.judge(_place(data, index), data)


def _place(data: bytes, index: int) -> int:
    return int.from_bytes(data[4:6]) << 48 | index


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
