"""Real processes on a home of their own; the database is a file in it, or a PostgreSQL one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.postgres import PostgresServer

SECONDS = 120
SAMPLE = Path(__file__).parents[2] / "policies" / "codes" / "sample-2026-11.yaml"


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(slots=True)
class Home:
    """A folder with settings of its own, and the commands run on it."""

    path: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("OWNSHIP_")}
        return kept | {"OWNSHIP_HOME": str(self.path)} | self.settings

    def run(self, *words: str, stdin: str | None = None, **settings: str) -> Done:
        """Run `ownship` with these words."""
        done = subprocess.run(
            self.command(words),
            env=self.environment | settings,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str, **settings: str) -> "subprocess.Popen[str]":
        """Start `ownship` with these words."""
        return subprocess.Popen(
            self.command(words),
            env=self.environment | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @staticmethod
    def command(words: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "vault.cli", *words]


ISSUER = "http://localhost:8000"


@pytest.fixture
def home(tmp_path: Path, fresh_database_url: str) -> Home:
    """A home where nothing is made yet, once for each kind of database."""
    return Home(
        tmp_path / "home",
        {"OWNSHIP_DATABASE_URL": fresh_database_url, "OWNSHIP_ISSUER": ISSUER},
    )


@pytest.fixture(scope="session")
def sqlite_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A vault with the sample code of ethics, to be copied."""
    return _make(Home(tmp_path_factory.mktemp("made") / "home", {"OWNSHIP_ISSUER": ISSUER}))


@pytest.fixture(scope="session")
def postgresql_home(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> Iterator[tuple[Home, str]]:
    """The same on PostgreSQL, and the name of its database, to which nobody is connected."""
    name = postgres_server.create_database()
    url = {"OWNSHIP_DATABASE_URL": postgres_server.url(name), "OWNSHIP_ISSUER": ISSUER}
    yield _make(Home(tmp_path_factory.mktemp("made") / "home", url)), name
    postgres_server.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    """A home with a vault and the sample code of ethics in force, once for each kind of database."""
    path = tmp_path / "home"
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_home").path, path)
        url = f"sqlite:///{path / 'vault.sqlite'}"
        yield Home(path, {"OWNSHIP_DATABASE_URL": url, "OWNSHIP_ISSUER": ISSUER})
        return
    template, name = request.getfixturevalue("postgresql_home")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    shutil.copytree(template.path, path)
    copy = server.create_database(name)
    yield Home(path, {"OWNSHIP_DATABASE_URL": server.url(copy), "OWNSHIP_ISSUER": ISSUER})
    server.drop_database(copy)


def _make(home: Home) -> Home:
    for words in (("init",), ("code", "publish", str(SAMPLE))):
        done = home.run(*words)
        assert done.code == 0, done.err
    return home


only_sqlite = pytest.mark.parametrize("fresh_database_url", ["sqlite"], indirect=True)
only_sqlite_made = pytest.mark.parametrize("made", ["sqlite"], indirect=True)
