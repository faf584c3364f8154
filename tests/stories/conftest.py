"""Served vaults on both databases: one that stories share, and fresh ones for rough handling."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import database_url, postgresql_template, sqlite_template
from tests.postgres import PostgresServer
from tests.stories.served import Served

__all__ = ["database_url", "postgresql_template", "sqlite_template"]


@pytest.fixture
def installed(database_url: str, tmp_path: Path) -> Iterator[Served]:
    """A vault of its own with the sample code of ethics, not served yet."""
    served = Served(tmp_path / "home", database_url)
    served.install()
    yield served
    served.stop()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A vault that is served for all stories of this process; each uses addresses of its own."""
    folder = tmp_path_factory.mktemp("served")
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "vault.db")
        url = f"sqlite:///{folder / 'vault.db'}"
    else:
        template: str = request.getfixturevalue("postgresql_template")
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.url(server.create_database(template))
    one = Served(folder / "home", url)
    one.install()
    one.start()
    yield one
    one.stop()
