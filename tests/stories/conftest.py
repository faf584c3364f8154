"""Served vaults on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import database_url, postgresql_template, sqlite_template
from tests.stories.served import Served

__all__ = ["database_url", "postgresql_template", "sqlite_template"]


@pytest.fixture
def installed(database_url: str, tmp_path: Path) -> Iterator[Served]:
    """A vault with the sample code of ethics, not served yet."""
    served = Served(tmp_path / "home", database_url)
    served.install()
    yield served
    served.stop()


@pytest.fixture
def served(installed: Served) -> Served:
    """A vault that is served."""
    installed.start()
    return installed
