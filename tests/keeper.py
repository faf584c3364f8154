"""Keep one PostgreSQL for one test run: `python -m tests.keeper RUN_PID STATE_FILE`.

The keeper makes a cluster in a temporary folder, starts the server as its own child, writes the
port (or what went wrong) to the state file, and takes all of it away when the run's process is
gone, however it went. It is a process of its own because no worker of pytest-xdist lives as long
as the run, and because the run may be killed.

It knows nothing of databases: `tests/postgres.py` makes and drops them.
"""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ATTEMPTS = 3  # another process may take the free port before the server does
START_SECONDS = 60
ROOM = 2 << 30  # bytes; far more than a run has ever taken
INSTALL = "PostgreSQL is not installed: install it (on Debian: apt-get install postgresql)."

# Nothing is made faster at the price of durability: the store refuses a server with fsync off.
OPTIONS = {
    "max_wal_size": "256MB",
    "dynamic_shared_memory_type": "mmap",  # in its folder, so that it goes with it
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "warning",
}


class KeeperError(Exception):
    """The server cannot be had; the text says what to do."""


def binaries() -> Path:
    """Find the newest server that the system offers."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not folders and (initdb := shutil.which("initdb")):
        folders = [Path(initdb).resolve().parent]
    if not folders:
        raise KeeperError(INSTALL)
    return max(folders, key=lambda folder: [int(n) for n in folder.parts if n.isdigit()])


def step_down() -> tuple[str | None, list[str]]:
    """Return a user and the words before a command that make it theirs: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None, []
    for user in ("postgres", "nobody"):
        try:
            group = pwd.getpwnam(user).pw_gid
        except KeyError:
            continue
        return user, ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
    raise KeeperError("There is no user 'postgres' or 'nobody' to run PostgreSQL as.")


def fast_folder() -> Path | None:
    """Return a folder in memory with room for a run, where a sync costs nothing, if there is one.

    Making a database takes 40 ms there and 500 ms on a disk; a container may have too little of it.
    """
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free >= ROOM
    return memory if roomy and os.access(memory, os.W_OK) else None


class Server:
    """One cluster and its postmaster, a child of this process."""

    def __init__(self, *, durable: bool = False) -> None:
        """Make its folder: on a disk when a sync is to cost what it costs."""
        self.bin = binaries()
        user, self.prefix = step_down()
        place = Path("/var/tmp") if durable else fast_folder()
        self.folder = Path(tempfile.mkdtemp(prefix="ownship-postgresql-", dir=place))
        if user:
            shutil.chown(self.folder, user)
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, program: str, *words: str) -> list[str]:
        return [*self.prefix, str(self.bin / program), *words]

    def make(self) -> None:
        """Make an empty cluster; trust is safe on loopback, for it holds made-up data."""
        command = self.command("initdb", "--pgdata", f"{self.folder}/data", "--no-sync")
        command += ["--username", "postgres", "--auth", "trust", "--encoding", "UTF8"]
        command += ["--locale", "C"]
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
        if done.returncode:
            raise KeeperError(f"initdb failed: {done.stderr}")

    def start(self) -> int:
        """Start the server on a free loopback port and return it once it answers."""
        for _ in range(ATTEMPTS):
            port = free_port()
            options = OPTIONS | {"port": str(port), "unix_socket_directories": str(self.folder)}
            command = self.command("postgres", "-D", f"{self.folder}/data")
            command += [word for item in options.items() for word in ("-c", "=".join(item))]
            with (self.folder / "log").open("ab") as log:
                self.process = subprocess.Popen(
                    command, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
            if self.answers(port):
                return port
        log_text = (self.folder / "log").read_text(errors="replace")
        raise KeeperError(f"PostgreSQL did not start: {log_text[-2000:]}")

    def answers(self, port: int) -> bool:
        """Wait until the server takes connections; False when it has ended instead."""
        deadline = time.monotonic() + START_SECONDS
        while self.running() and time.monotonic() < deadline:
            command = [str(self.bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
            if subprocess.run(command, check=False).returncode == 0 and self.running():
                return True
            time.sleep(0.05)
        self.stop()
        return False

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Stop at once: nothing of a test run is worth an orderly end."""
        if self.process is not None and self.running():
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def alive(pid: int) -> bool:
    """Say whether the process is there and not a zombie that nobody has buried."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def write(state: Path, content: dict[str, object]) -> None:
    """Write the state whole or not at all, for workers are waiting to read it."""
    draft = state.with_suffix(".draft")
    draft.write_text(json.dumps(content))
    draft.replace(state)


def main(run: int, state: Path) -> None:
    server = None
    try:
        server = Server()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the run, and ends us by it
        server.make()
        write(state, {"port": server.start(), "bin": str(server.bin)})
        while alive(run) and server.running():
            time.sleep(0.2)
    except KeeperError as error:
        write(state, {"error": str(error)})
    finally:
        if server is not None:
            server.remove()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
