"""A served vault with customers and an app, and the system's Chromium before it.

Both are made once for all tests of this folder in a process, and each is signed in to once. The
database is SQLite: the pages are the same on both, and other tests compare the two.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.shop import Shop
from tests.browser.staff import Staff
from tests.browser.visit import Visit
from tests.databases import sqlite_template

__all__ = ["sqlite_template"]

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder as one that drives the browser."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def shop(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A vault that is served, with the sample code of ethics and one app."""
    folder = tmp_path_factory.mktemp("shop")
    shutil.copyfile(sqlite_template, folder / "vault.db")
    one = Shop(folder / "home", f"sqlite:///{folder / 'vault.db'}")
    one.open()
    yield one
    one.stop()


@pytest.fixture(scope="package")
def chromium(shop: Shop) -> Iterator[Browser]:
    """The system's browser as people have it; a missing one fails and is never skipped.

    It comes after the vault, for Playwright keeps an event loop open in which no other may run.
    """
    del shop
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail(MISSING)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=path,
            args=FLAGS,
            # With it a page could be shown again after signing out, and no test would see it.
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def ana(shop: Shop, chromium: Browser) -> str:
    """The file of a browser that is signed in as a customer who has used the portal a while."""
    return shop.regular(chromium)


@pytest.fixture(scope="package")
def staff(shop: Shop, chromium: Browser) -> Staff:
    """Members of staff, one for each role, who enrol when they are first asked for."""
    return Staff(shop, chromium)


@pytest.fixture
def visit(shop: Shop, chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Give a function that opens a page in a context of its own; at the end none may complain."""
    opened: list[Visit] = []

    def open_one(**options: object) -> Visit:
        one = Visit(chromium, shop.issuer, **options)
        opened.append(one)
        return one

    yield open_one
    for one in opened:
        one.close()
    assert [complaint for one in opened for complaint in one.complaints] == []
