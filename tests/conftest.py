"""What every test may ask for: an event loop, hypothesis that does not race the clock, databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import postgres
from tests.postgres import PostgresServer

# A busy machine is no failure of the code: no deadline, and slow generation is not an error.
settings.register_profile(
    "ownship", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ownship")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run async tests on asyncio, the loop that the server uses."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> PostgresServer:
    """The run's PostgreSQL: url(database), create_database(template), drop_database(name)."""
    base = tmp_path_factory.getbasetemp()
    return postgres.start(base if worker_id == "master" else base.parent)


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a new empty database, once for each kind.

    For one kind only: @pytest.mark.parametrize("fresh_database_url", ["sqlite"], indirect=True)
    """
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'vault.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)
