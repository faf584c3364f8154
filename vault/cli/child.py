"""Run `ownship` as a child process of its own: the demonstration's server and its commands."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from vault.settings import PREFIX

START_SECONDS: Final = 20.0
STOP_SECONDS: Final = 25.0  # a little more than the server gives its own requests


def environment(own: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with these settings in the place of all others."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return kept | dict(own)


def command(words: Sequence[str]) -> list[str]:
    """Return the command line of `ownship` under this very interpreter."""
    return [sys.executable, "-m", "vault.cli", *words]


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Say whether nobody listens on a loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def serving(env: Mapping[str, str], *, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """Start the server, wait until it is ready, and stop it in the end.

    Raises:
        TimeoutError: it did not become ready, or ended.
    """
    process = subprocess.Popen(  # noqa: S603  our own command line
        command(["serve", "--port", str(port)]), env=dict(env), stdin=subprocess.DEVNULL
    )
    try:
        _wait(process, port)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    import http.client

    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise TimeoutError("the server did not become ready")
