"""A PostgreSQL of the bench's own, on a disk, where a commit costs what it costs.

`initdb` in a new folder, a free loopback port, and settings that are asked back by SHOW: a figure
from a server that may forget commits would be none. A folder in memory is refused.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import keeper
from tests.keeper import KeeperError, Server, free_port
from tests.postgres import PostgresServer

PLACE = Path(os.environ.get("OWNSHIP_BENCH_FOLDER", "/var/tmp"))
MUST_BE_ON = ("fsync", "full_page_writes", "synchronous_commit")
IN_MEMORY = {"tmpfs", "ramfs"}
SYNCS = 200


class Cluster(Server):
    """One cluster and its postmaster, a child of this process."""

    def __init__(self) -> None:
        if kind_of(PLACE) in IN_MEMORY:
            raise KeeperError(f"{PLACE} is in memory, where a sync is free. Name a disk.")
        super().__init__(durable=True)

    def serve(self) -> "Bench":
        """Make it, start it, and check that it keeps what it commits."""
        self.make()
        keeper.OPTIONS |= {"max_wal_size": "4GB", "shared_buffers": "256MB"}
        bench = Bench(self.start(), self.bin, self)
        for setting in MUST_BE_ON:
            if bench.run_sql(f"SHOW {setting}") != "on":
                raise KeeperError(f"PostgreSQL runs with {setting} off.")
        return bench


class Bench(PostgresServer):
    """A running server of the bench."""

    def __init__(self, port: int, folder: Path, cluster: Cluster) -> None:
        super().__init__(port, folder)
        object.__setattr__(self, "cluster", cluster)

    __slots__ = ("cluster",)

    @property
    def pid(self) -> int:
        """The postmaster, whose tree is the server."""
        return self.postmaster()

    def settings(self) -> dict[str, str]:
        """Say how it is set."""
        names = (*MUST_BE_ON, "shared_buffers", "max_wal_size", "server_version")
        return {name: self.run_sql(f"SHOW {name}") for name in names}


@contextmanager
def postgresql() -> Iterator[Bench]:
    """Give a server of one's own and take it away at the end."""
    cluster = Cluster()
    try:
        yield cluster.serve()
    finally:
        cluster.remove()


def kind_of(folder: Path) -> str:
    """Return the kind of file system that a folder lies on."""
    command = ["findmnt", "--noheadings", "--output", "FSTYPE", "--target", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def sync_us(folder: Path = PLACE) -> float:
    """Return what one fdatasync behind one page costs here, in microseconds: the median."""
    path = folder / f"ownship-sync-{os.getpid()}"
    file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    took = []
    try:
        for number in range(SYNCS):
            os.pwrite(file, bytes(8192), 8192 * number)
            start = time.perf_counter()
            os.fdatasync(file)
            took.append(time.perf_counter() - start)
    finally:
        os.close(file)
        path.unlink()
    return sorted(took)[SYNCS // 2] * 1e6


def driver(url: str) -> str:
    """Return the URL as SQLAlchemy wants it."""
    return url.replace("postgresql:", "postgresql+asyncpg:")


__all__ = ["Bench", "driver", "free_port", "postgresql", "sync_us"]
