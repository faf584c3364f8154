"""Measure the check of a log: `python -m bench.verify_log`.

A log of 1,000,000 entries of 696 bytes (ten fields) by several writers, with a checkpoint for each
1,000 entries, is written into a folder once; `ownship-verify log` then checks hashes, sequences,
tiles and checkpoints as a process of its own. CPU seconds and memory are that process's.
"""

import hashlib
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from bench import command, table
from vault.core.entry import EntryClass, Header, Suite, join
from vault.core.merkle import Frontier, leaf_hash, root
from vault.crypto.signing import SigningKey, sign_note, verifier_key
from vault.verifier import tile

ENTRIES = 1_000_000
WRITERS = 8
LIFE = 50_000  # entries of a writer, until its process is started anew
EACH = 1_000  # entries between two checkpoints
PAYLOAD = 584  # sealed bytes of ten fields
ORIGIN = "bench.example/log"
KEY = SigningKey(hashlib.sha256(b"bench").digest())
MUST, GOAL = 30.0, 10.0  # CPU seconds for 1,000,000 entries
WIDTH = tile.WIDTH


class Writers:
    """Writers in turn, each from boot to fin."""

    def __init__(self):
        self.turn = 0
        self.places = [self._new(n) for n in range(WRITERS)]

    def entry(self, index):
        """The next entry of the log, at 1 ms a step."""
        n = self.turn = (self.turn + 1) % WRITERS
        writer, seq = self.places[n]
        last = seq == LIFE + n
        self.places[n] = self._new(index) if last else (writer, seq + 1)
        place = {"at": 1_764_000_000_000 + index, "seen": max(0, index - 200)}
        if seq == 0 or last:
            payload = b'{"kind":%d,"v":1}' % (64 if seq == 0 else 65)
            return header(writer, seq, len(payload), EntryClass.SYSTEM, **place) + payload
        seed = hashlib.sha512(struct.pack(">Q", index)).digest()
        payload = (seed * (PAYLOAD // 64 + 1))[:PAYLOAD]
        return header(writer, seq, PAYLOAD, EntryClass.CUSTOMER, tag=seed, **place) + payload

    @staticmethod
    def _new(n):
        return uuid.uuid5(uuid.NAMESPACE_OID, f"writer {n}").bytes, 0


def header(writer, seq, length, entry_class, *, at, seen, tag=bytes(64)):
    """The first 112 bytes of an entry."""
    return Header(
        log_id=0,
        entry_class=entry_class,
        suite=Suite.COMMITTED if entry_class is EntryClass.CUSTOMER else Suite.CLEAR,
        at=at,
        writer=writer,
        seq=seq,
        part=0,
        parts=1,
        seen=seen,
        tag=tag[:16],
        veil=tag[16:25],
        facts=tag[32:],
        length=length,
    ).pack()


def write(folder: Path, entries: int) -> None:
    """Write a log as it is served, and the checkpoints that were seen while it grew."""
    writers, frontier = Writers(), Frontier()
    level: list[bytes] = []
    put(folder, "checkpoint", b"")
    for first in range(0, entries, WIDTH):
        bundle = [writers.entry(index) for index in range(first, min(first + WIDTH, entries))]
        hashes = [leaf_hash(one) for one in bundle]
        n, width = first // WIDTH, len(bundle)
        put(folder, tile.path(tile.ENTRIES, n, width), join(bundle))
        put(folder, tile.path(0, n, width), b"".join(hashes))
        if width == WIDTH:
            level.append(root(hashes))
        for one in hashes:
            frontier.append(one)
            if frontier.size % EACH == 0 or frontier.size == entries:
                text = checkpoint(frontier)
                put(folder, f"checkpoints/{frontier.size}", text)
    put(folder, "checkpoint", checkpoint(frontier))
    number = 1
    while level:
        tiles = [level[at : at + WIDTH] for at in range(0, len(level), WIDTH)]
        for n, hashes in enumerate(tiles):
            put(folder, tile.path(number, n, len(hashes)), b"".join(hashes))
        number, level = number + 1, [root(one) for one in tiles if len(one) == WIDTH]


def checkpoint(frontier: Frontier) -> bytes:
    """A signed checkpoint."""
    import base64

    text = f"{ORIGIN}\n{frontier.size}\n{base64.b64encode(frontier.root()).decode()}\n"
    return sign_note(KEY, ORIGIN, text.encode()).encode()


def put(folder: Path, name: str, data: bytes) -> None:
    """Write a file of the log."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def check(folder: Path) -> dict[str, float]:
    """Run the checker once; seconds of CPU and of the clock, and the most memory it had."""
    command = [sys.executable, "-m", "vault.verifier", "log", str(folder)]
    command += ["--key", verifier_key(ORIGIN, KEY.public), "--origin", ORIGIN]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the log of the bench does not hold: exit code {process.returncode}")
    return {
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "seconds": time.perf_counter() - began,
        "memory_mb": used.ru_maxrss / 1024,
    }


def run(rounds: int = 3, entries: int = ENTRIES, folder: Path | None = None) -> dict[str, object]:
    """Measure, and return the row: the median round by CPU seconds.

    Args:
        rounds: how often the log is checked.
        entries: of the log.
        folder: where the log is written, and kept; None for one that is taken away.
    """
    home = folder or Path(tempfile.mkdtemp(prefix="bench-log-"))
    try:
        if not (home / "checkpoint").exists():
            write(home, entries)
        measured = sorted((check(home) for _ in range(rounds)), key=lambda one: one["cpu_seconds"])
    finally:
        if folder is None:
            shutil.rmtree(home, ignore_errors=True)
    middle = measured[len(measured) // 2]
    return {
        "what": f"verify {entries:,} entries",
        "entries": entries,
        "rounds": rounds,
        **{name: round(value, 2) for name, value in middle.items()},
        "must_cpu_seconds": MUST,
        "goal_cpu_seconds": GOAL,
    }


def document(rounds: int, entries: int = ENTRIES) -> dict[str, object]:
    """Measure, and return the document of `make bench`."""
    row = run(rounds, entries)
    met = table.goal(
        f"verify {entries:,} entries, CPU", row["cpu_seconds"], must=MUST, goal=GOAL, unit=" s"
    )
    return table.document("verify_log", goals=[met], **row)


def main() -> None:
    command.run(document, __doc__.splitlines()[0], quick={"entries": 20_000}, floor=MUST, rounds=3)


if __name__ == "__main__":
    main()
