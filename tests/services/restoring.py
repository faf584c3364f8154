"""A vault whose database is copied, used and put back, as a restore does it, with its mirror kept."""

import contextlib
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.postgres import PostgresServer
from tests.services.mirroring import sign
from tests.vaults import FakeClock, vault
from vault.services import mirror, recovery
from vault.services.deps import Deps
from vault.services.integrator import Integrator
from vault.store.engine import open_database


@dataclass
class Place:
    """Where a vault's database is, and its copies."""

    url: str
    home: Path
    server: PostgresServer | None
    clock: FakeClock = field(default_factory=FakeClock)

    def back_up(self) -> str:
        """Copy the database, and return what `put_back` takes; nobody may be connected."""
        if self.url.startswith("sqlite"):
            copy = f"{self._file}.{len(list(self._file.parent.iterdir()))}"
            shutil.copyfile(self._file, copy)
            return copy
        assert self.server
        return self.server.create_database(self._name)

    def put_back(self, copy: str) -> None:
        if self.url.startswith("sqlite"):
            for end in ("-wal", "-shm"):
                Path(f"{self._file}{end}").unlink(missing_ok=True)
            shutil.copyfile(copy, self._file)
            return
        assert self.server
        self.server.drop_database(self._name)
        self.server.run_sql(f'CREATE DATABASE "{self._name}" TEMPLATE "{copy}"')

    @asynccontextmanager
    async def opened(self, **options) -> AsyncIterator[Deps]:
        """Open the vault; on leaving, all that was recorded is integrated."""
        database = open_database(self.url, slack=10)
        try:
            async with vault(database, self.home, clock=self.clock, **options) as deps:
                yield deps
            if not options:
                await integrate(deps)
        finally:
            await database.dispose()

    async def publish(self) -> None:
        """Sign and mirror what stands, as a server's last turn does."""
        async with self.opened() as deps:
            pass
        database = open_database(self.url, slack=10)
        try:
            async with vault(database, self.home, clock=self.clock) as deps:
                await integrate(deps)
                await sign(deps)
                await mirror.copy(deps, database)
        finally:
            await database.dispose()

    async def recover(self, *, dry_run: bool = False):
        async with self.opened(recovering=True) as deps:
            return await recovery.recover(deps, dry_run=dry_run)

    @property
    def _file(self) -> Path:
        return Path(self.url.removeprefix("sqlite:///"))

    @property
    def _name(self) -> str:
        return self.url.rpartition("/")[2]


async def integrate(deps: Deps) -> None:
    integrator = Integrator(deps.database, log_id=deps.log_id)
    while await integrator.integrate():
        pass
    await integrator.close()


@pytest.fixture
def place(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    postgres = database_url.startswith("postgresql")
    server = request.getfixturevalue("postgres_server") if postgres else None
    here = Place(database_url, tmp_path, server)
    copies: list[str] = []
    real = here.back_up

    def kept() -> str:
        copies.append(real())
        return copies[-1]

    here.back_up = kept  # type: ignore[method-assign]
    yield here
    if server:
        for copy in copies:
            with contextlib.suppress(RuntimeError):
                server.drop_database(copy)
