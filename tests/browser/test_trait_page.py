"""The page of a detail that the vault works out: how, from what, and that a press ends it."""

import os
import shutil
from pathlib import Path

import pytest

from tests import traits
from tests.browser import axe, pictures
from tests.browser.shop import Shop
from tests.browser.visit import THEMES, WIDTHS, Visit

PICTURES = os.environ.get("OWNSHIP_PICTURES")
GROUP = "/home/traits.group"
ANA = "ana@example.org"


@pytest.fixture(scope="module")
def working(sqlite_template, tmp_path_factory):
    """A served vault whose code of ethics works traits out."""
    folder = tmp_path_factory.mktemp("traits")
    shutil.copyfile(sqlite_template, folder / "vault.db")
    one = Shop(folder / "home", f"sqlite:///{folder / 'vault.db'}")
    one.home.mkdir()
    one.run("init")
    (one.home / "code.yaml").write_text(traits.TEXT)
    one.run("code", "publish", str(one.home / "code.yaml"))
    one.start()
    yield one
    one.stop()


def faults(visit, name):
    """What stands in anybody's way on the page, in each theme and width."""
    found = []
    for theme in THEMES:
        for width in WIDTHS:
            visit.show(theme, width)
            found += [(theme, width, one) for one in (*visit.faults(), *axe.violations(visit.page))]
    if PICTURES:
        for width in WIDTHS:
            visit.show("light", width)
            pictures.keep(visit.page, Path(PICTURES) / f"{name}-{width}.png")
        visit.page.reload()
    return found


def test_what_is_worked_out_is_explained_and_ended_by_a_press(working, chromium):
    who = working.customer(ANA, "preferences.coffee=espresso")
    visit = Visit(chromium, working.issuer, java_script_enabled=True)
    working.sign_in(visit.page, who)
    page = visit.page
    visit.go("/privacy/rewards")
    page.get_by_role("button", name="Allow", exact=True).click()
    working.run("traits", "run")
    visit.go(GROUP)
    assert page.get_by_text("Purist").first.is_visible()
    part = page.locator("section[aria-labelledby=trait]")
    assert "We take the first of these groups that fits" in part.inner_text()
    assert "Purist: Coffee is Espresso" in part.inner_text()
    assert part.get_by_role("link", name="Coffee").get_attribute("href") == (
        "/home/preferences.coffee"
    )
    assert faults(visit, "trait") == []
    page.get_by_role("button", name="This is wrong").click()
    assert page.get_by_role("status").inner_text().startswith("Noted: you say that this is wrong.")
    assert page.get_by_text("We do not know this.").is_visible()
    assert faults(visit, "trait-contested") == []
    page.get_by_role("button", name="Take back that it is wrong").click()
    visit.go("/home/traits.spent")
    assert faults(visit, "trait-unknown") == []
    assert visit.complaints == []
    visit.close()
