"""A real Chromium, without JavaScript, before a served vault."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.databases import database_url, postgresql_template, sqlite_template
from tests.stories.conftest import installed
from tests.stories.served import Served

__all__ = ["database_url", "installed", "postgresql_template", "sqlite_template"]

MISSING = "Chromium is missing. Install it with: apt-get install chromium"
FLAGS = [
    "--no-sandbox",  # as root there is no other way
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture
def browser(installed: Served) -> Iterator[Browser]:
    """The system's Chromium; a missing one fails the test and is never skipped.

    It comes after the vault and goes before the next test, for Playwright keeps an event loop open
    in which no other may run.
    """
    del installed
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail(MISSING)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()
