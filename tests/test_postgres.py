"""The test bed itself: real databases, apart from each other, and gone when the run is gone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import aiosqlite
import asyncpg
import pytest

from tests.keeper import KeeperError, alive, binaries
from tests.postgres import REPOSITORY, PostgresServer


async def test_a_fresh_database_is_empty(fresh_database_url):
    if fresh_database_url.startswith("sqlite:///"):
        async with aiosqlite.connect(fresh_database_url.removeprefix("sqlite:///")) as database:
            rows = await database.execute_fetchall("SELECT count(*) FROM sqlite_master")
        assert list(rows) == [(0,)]
        return
    connection = await asyncpg.connect(fresh_database_url)
    query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    assert await connection.fetchval(query) == 0
    await connection.close()


def test_a_database_is_copied_from_a_template(postgres_server: PostgresServer):
    template = postgres_server.create_database()
    postgres_server.run_sql("CREATE TABLE proof AS SELECT 42 AS answer", template)
    copy = postgres_server.create_database(template)
    try:
        assert postgres_server.run_sql("SELECT answer FROM proof", copy) == "42"
    finally:
        postgres_server.drop_database(copy)
        postgres_server.drop_database(template)


def test_missing_postgresql_fails_with_what_to_install(monkeypatch):
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(KeeperError, match="apt-get install postgresql"):
        binaries()


@pytest.mark.slow
def test_the_server_dies_with_a_killed_run(tmp_path: Path):
    code = (
        "import sys, time, pathlib; from tests.postgres import start;"
        "s = start(pathlib.Path(sys.argv[1])); print(s.postmaster(), flush=True); time.sleep(60)"
    )
    environment = {k: v for k, v in os.environ.items() if k != "PYTEST_XDIST_WORKER"}
    with subprocess.Popen(
        [sys.executable, "-c", code, tmp_path],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
    ) as run:
        assert run.stdout is not None
        server = int(run.stdout.readline())
        assert alive(server)
        run.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while alive(server) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(server)
