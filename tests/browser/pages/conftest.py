"""A served vault with one customer, and pages that say what they complain of.

The database is SQLite: the pages are the same on both.
"""

import shutil
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import FLAGS
from tests.services import mailbox
from tests.stories.served import Served

ANA = "ana@example.org"
NAME = "Ána O'Brien-Conceição"


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a migrated, empty SQLite database."""
    shutil.copyfile(sqlite_template, tmp_path / "vault.db")
    return f"sqlite:///{tmp_path / 'vault.db'}"


@pytest.fixture
def served(installed: Served) -> Served:
    """A vault that is served."""
    installed.start()
    return installed


@pytest.fixture
def ana(served: Served) -> str:
    """The id of a customer with a name, an address and two wishes."""
    return served.run(
        *("customer", "add", "--email", ANA, "--source", "told"),
        *("--set", f"contact.full_name={NAME}", "--set", "preferences.topics=coffee;tea"),
    )


@pytest.fixture
def browser(served: Served) -> Iterator[Browser]:
    """The system's browser with its back/forward cache on, as people have it."""
    del served  # it comes first: Playwright keeps an event loop open
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is missing. Install it with: apt-get install chromium"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=path,
            args=FLAGS,
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield opened
        opened.close()


@pytest.fixture
def open_page(served: Served, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a page in a context of its own; at the end none may complain."""
    complaints: list[str] = []

    def opened(**options: object) -> Page:
        context = browser.new_context(base_url=served.issuer, **options)  # type: ignore[arg-type]
        page = context.new_page()
        page.on(
            "console",
            # That a cache was emptied is said as information.
            lambda message: complaints.append(message.text) if message.type != "info" else None,
        )
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith(served.issuer) else complaints.append(request.url)
            ),
        )
        return page

    yield opened
    # A console error, a report of the content security policy, a request to anywhere else.
    assert complaints == []


def newest_code(served: Served) -> str:
    """Return the digits of the newest mail."""
    files = sorted((served.home / "mail").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    return mailbox.code(message_from_bytes(files[-1].read_bytes(), policy=policy.default))


def sign_in(page: Page, served: Served, customer: str) -> None:
    """Sign in by a link of the command, which no limit of mails stops."""
    page.goto(served.run("customer", "link", customer))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/home")
