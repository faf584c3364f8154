"""A real PostgreSQL for the tests: one server a run, one database a test.

`start` is called by each worker of a run and starts the server once. There is no skipping: a test
that wants PostgreSQL fails when it cannot be had, with a sentence that says what to install.
"""

import fcntl
import json
import os
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.keeper import START_SECONDS

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """The server of this run; its superuser is `postgres`, without a password."""

    port: int
    bin: Path

    def url(self, database: str, user: str = "postgres") -> str:
        """Return the URL of a database, in the form that OWNSHIP_DATABASE_URL takes."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def create_database(self, template: str | None = None) -> str:
        """Make a database, empty or copied from a template, and return its name.

        Precondition: nobody is connected to the template.
        """
        name = f"test_{uuid.uuid4().hex}"
        # Copying files is faster than copying through the log for databases as small as ours.
        copied = f'TEMPLATE "{template}" STRATEGY file_copy' if template else "TEMPLATE template0"
        self.run_sql(f'CREATE DATABASE "{name}" {copied}')
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, connections and all."""
        self.run_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def postmaster(self) -> int:
        """Return the process id of the server."""
        folder = Path(self.run_sql("SHOW data_directory"))
        return int((folder / "postmaster.pid").read_text().split()[0])

    def run_sql(self, sql: str, database: str = "postgres", user: str = "postgres") -> str:
        """Run SQL and return what psql prints, one row a line, unaligned.

        A child process, so that it works in and outside of an event loop.
        """
        command = [str(self.bin / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        command += ["-d", self.url(database, user), "-c", sql]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{sql}: {done.stderr}")
        return done.stdout.rstrip("\n")


def start(shared: Path) -> PostgresServer:
    """Return the run's server, started by whichever worker comes first.

    Args:
        shared: a folder that all workers of this run share, and no other run.
    """
    state = shared / "postgresql.json"
    with (shared / "postgresql.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not state.exists():
            _launch(state)
    content = json.loads(state.read_text())
    if "error" in content:
        pytest.fail(content["error"], pytrace=False)
    return PostgresServer(port=content["port"], bin=Path(content["bin"]))


def _launch(state: Path) -> None:
    # A worker's parent is the run; without workers the run is this process.
    run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.keeper", str(run), str(state)],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a signal to the run's group must not end the keeper first
    )
    deadline = time.monotonic() + 2 * START_SECONDS
    while not state.exists():
        if keeper.poll() is not None and not state.exists():
            pytest.fail("The keeper of PostgreSQL ended: python -m tests.keeper", pytrace=False)
        if time.monotonic() > deadline:
            keeper.terminate()
            pytest.fail("PostgreSQL took too long to start.", pytrace=False)
        time.sleep(0.05)
    # The keeper ends after us by design; without this Python warns of a child left behind.
    keeper.returncode = 0
