"""Migrated databases for tests, one of each kind: import `database` into a conftest.

Both are copies: the steps run once for SQLite and once for PostgreSQL in each worker of a run.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests import statements
from tests.postgres import PostgresServer
from vault.store.engine import Database, open_database
from vault.store.migrate import upgrade

statements.watch()  # whoever uses these databases


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the newest schema, closed."""
    path = tmp_path_factory.mktemp("template") / "vault.db"
    asyncio.run(upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgres_server: PostgresServer) -> Iterator[str]:
    """The name of a PostgreSQL database at the newest schema, with nobody connected."""
    name = postgres_server.create_database()
    asyncio.run(upgrade(postgres_server.url(name)))
    yield name
    postgres_server.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a migrated, empty database, once for each kind.

    For one kind only: @pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
    """
    if request.param == "sqlite":
        path = tmp_path / "vault.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template: str = request.getfixturevalue("postgresql_template")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create_database(template)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Give a migrated, empty database, open, once for each kind; a stall of the machine fails nothing."""
    opened = open_database(database_url, slack=10)
    yield opened
    await opened.dispose()
