"""The server starts on its own vault alone, ends in order, and never outlives its supervisor."""

import http.client
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import SAMPLE, Home, only_sqlite
from tests.keeper import alive, free_port


def get(port: int, path: str = "/readyz", *, host: str | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait_ready(process: "subprocess.Popen[str]", port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[0]
        try:
            if get(port)[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail("the server did not become ready")


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_closed(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return True
    return False


def eventually(holds, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return holds()


@pytest.fixture
def port(home: Home) -> int:
    chosen = free_port()
    home.settings["OWNSHIP_ISSUER"] = f"http://localhost:{chosen}"
    assert home.run("init").code == 0
    assert home.run("code", "publish", str(SAMPLE)).code == 0
    return chosen


@pytest.fixture
def server(home: Home, port: int) -> Iterator["subprocess.Popen[str]"]:
    process = home.start("serve")
    wait_ready(process, port)
    yield process
    for pid in children(process.pid) if process.poll() is None else []:
        os.kill(pid, signal.SIGKILL)
    process.kill()
    process.communicate()


def test_it_serves_the_issuers_host_alone_and_ends_in_order(server, port, home):
    assert get(port, "/", host=f"localhost:{port}")[0] == 200
    assert get(port, "/", host="other.example")[0] == 421
    assert home.run("health").out == "ready\n"
    server.send_signal(signal.SIGTERM)
    said, _ = server.communicate(timeout=30)
    assert (server.returncode, said) == (0, "")
    done = home.run("health")
    assert (done.code, "ownship serve" in done.err) == (3, True)


@only_sqlite
def test_a_worker_does_not_outlive_its_supervisor(server, port):
    workers = children(server.pid)
    assert workers
    server.kill()
    server.wait()
    assert eventually(lambda: not any(alive(pid) for pid in workers), 2)
    assert eventually(lambda: is_closed(port), 2)


def test_commands_write_beside_a_running_server(server, port, home):
    """Several processes write; each gets its turn and the log stays one."""
    addresses = [f"p{number}@example.org" for number in range(4)]
    running = [
        home.start("customer", "add", "--email", address, "--source", "told")
        for address in addresses
    ]
    ended = [(one.communicate(timeout=120)[0], one.returncode) for one in running]
    assert [code for _, code in ended] == [0] * 4, ended
    assert len({out for out, _ in ended}) == 4
    assert get(port)[0] == 200
    assert home.run("customer", "add", "--email", addresses[0], "--source", "told").code == 4


@only_sqlite
def test_a_port_in_use_is_said_with_what_to_do(home, port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        used = taken.getsockname()[1]
        done = home.run("serve", "--port", str(used))
    assert (done.code, "--port" in done.err) == (3, True)


@only_sqlite
def test_tables_of_another_release_are_said_with_what_to_run(home):
    done = home.run("serve")
    assert (done.code, "ownship migrate" in done.err) == (3, True)


@only_sqlite
def test_another_port_does_not_change_the_issuer(home, port):
    other = free_port()
    process = home.start("serve", "--port", str(other))
    try:
        wait_ready(process, other)
        assert get(other, "/", host=f"localhost:{port}")[0] == 200
        assert get(other, "/", host=f"localhost:{other}")[0] == 421
    finally:
        process.terminate()
        process.communicate(timeout=30)


def wait_until_it_catches(process: "subprocess.Popen[str]", wanted: int) -> None:
    """Wait until a process has a handler of its own for a signal, as it has once it works."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()[0]
        status = Path(f"/proc/{process.pid}/status").read_text()
        found = re.search(r"^SigCgt:\s*([0-9a-f]+)", status, re.MULTILINE)
        assert found
        if int(found[1], 16) & 1 << wanted - 1:
            return
        time.sleep(0.1)
    raise AssertionError("it never worked")


def test_jobs_run_without_http_until_told_to_stop(home, port):
    process = home.start("jobs")
    wait_until_it_catches(process, signal.SIGTERM)
    process.terminate()
    said, _ = process.communicate(timeout=30)
    assert (process.returncode, said) == (0, "")
    with pytest.raises(OSError):
        get(port)


@only_sqlite
def test_half_open_clients_are_closed_and_do_not_keep_others_out(server, port):
    """A header that never ends is closed after its ten seconds; long ones get 431."""
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: local")
        assert get(port)[0] == 200
        slow.settimeout(15)
        start = time.monotonic()
        slow.recv(1000)
        assert time.monotonic() - start < 14
    with socket.create_connection(("127.0.0.1", port)) as long:
        long.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 9_000 + b"\r\n\r\n")
        long.settimeout(5)
        assert long.recv(100).startswith(b"HTTP/1.1 431")
