"""A vault served for real: its own home, database and port, the commands as processes.

Nothing of the vault is imported here but what an operator has: the command, and the settings.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

SAMPLE = Path(__file__).parents[2] / "policies" / "codes" / "sample-2026-11.yaml"
COMMAND = (str(Path(sys.executable).with_name("ownship")),)
READY_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Served:
    """One vault, its files, and the server's process when it runs."""

    home: Path
    database_url: str
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    clients: list[httpx2.Client] = field(default_factory=list)  # closed at the end of the test

    @property
    def issuer(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name[:8] != "OWNSHIP_"}
        return {
            **kept,
            "OWNSHIP_HOME": str(self.home),
            "OWNSHIP_ISSUER": self.issuer,
            "OWNSHIP_DATABASE_URL": self.database_url,
        }

    def run(self, *words: str, status: int = 0) -> str:
        """Run a command and return what it prints; another exit status fails the test."""
        done = subprocess.run(
            [*COMMAND, *words],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == status, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()

    def client(self) -> httpx2.Client:
        """Return an HTTP client with cookies of its own."""
        one = httpx2.Client(base_url=self.issuer, trust_env=False, timeout=30)
        self.clients.append(one)
        return one

    def install(self) -> None:
        self.home.mkdir(exist_ok=True)
        self.run("init")
        self.run("code", "publish", str(SAMPLE))

    def start(self) -> None:
        with (self.home / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "serve"], env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            if self.get("/readyz") == 200:
                return
            time.sleep(0.05)
        raise AssertionError(f"not ready: {(self.home / 'serve.log').read_text()}")

    def get(self, path: str) -> int:
        """Return the status of a GET; 0 when nobody answers."""
        conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            conn.request("GET", path, headers={"Host": f"localhost:{self.port}"})
            return conn.getresponse().status
        except OSError:
            return 0
        finally:
            conn.close()

    def kill(self) -> None:
        """Kill the server and all its processes outright."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self) -> int:
        """Ask the server to end, and return its exit status."""
        while self.clients:
            self.clients.pop().close()
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=30)
        finally:
            if self.process.poll() is None:
                self.kill()
            self.process = None
