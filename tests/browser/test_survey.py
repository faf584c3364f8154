"""A survey in the browser: from the letter to the thanks, without script, by keyboard too, at 320 px."""

import asyncio
import threading
from pathlib import Path

import pytest

from tests import surveyed
from tests.browser import pictures
from tests.browser.test_erasing import judge
from tests.browser.test_pages import PICTURES
from tests.browser.visit import Visit
from tests.stories.served import Served
from tests.vaults import RunningClock, vault
from vault.store.engine import open_database


async def asked(served):
    """Let somebody be served and asked; return the path of the link."""
    database = open_database(served.database_url)
    async with vault(database, served.home, clock=RunningClock(), issuer=served.issuer) as deps:
        await surveyed.publish(deps)
        await surveyed.served(deps)
        (letter,) = await surveyed.ask(deps)
    await database.dispose()
    return surveyed.path(letter)


@pytest.fixture(scope="module")
def survey(sqlite_template, tmp_path_factory):
    """A served vault whose customer was asked, and the link."""
    folder = tmp_path_factory.mktemp("survey")
    (folder / "vault.db").write_bytes(sqlite_template.read_bytes())
    one = Served(folder / "home", f"sqlite:///{folder / 'vault.db'}")
    one.install()
    found = []
    # In a thread, for Playwright keeps a loop open in this one.
    worker = threading.Thread(target=lambda: found.append(asyncio.run(asked(one))))
    worker.start()
    worker.join()
    one.start()
    yield one, found[0]
    one.stop()


def test_a_survey_is_answered_without_script(survey, chromium):
    served, path = survey
    one = Visit(chromium, served.issuer)
    one.go(path)
    wrong = judge(one)
    keep(one, "survey")
    one.page.get_by_role("button", name="Send my answers").click()
    one.complaints = [said for said in one.complaints if "status of 422" not in said]
    assert one.page.title().startswith("Error: ")
    wrong += judge(one)
    keep(one, "survey-wrong")
    quiet = chromium.new_context(
        base_url=served.issuer, java_script_enabled=False, viewport={"width": 320, "height": 720}
    )
    page = quiet.new_page()
    page.goto(f"{served.issuer}{path}")
    page.get_by_role("group", name="Would you recommend us?").get_by_label("3", exact=True).check()
    page.get_by_label("Milk").check()
    page.get_by_label("What else?").fill("<b>Cold</b>")
    page.get_by_label("What else?").press("Tab")
    page.keyboard.press("Enter")  # the button is what comes next
    page.get_by_role("heading", name="Thank you").wait_for()
    quiet.close()
    one.go(path)
    wrong += judge(one)
    keep(one, "survey-thanks")
    one.close()
    assert one.complaints == []
    assert wrong == []


def keep(one, name):
    if not PICTURES:
        return
    for width in (320, 1280):
        one.show("light", width)
        pictures.keep(one.page, Path(PICTURES) / f"{name}-{width}.png")
