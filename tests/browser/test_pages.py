"""Every page in every theme and width: nothing in anybody's way, nothing that no page may have.

Pictures: `OWNSHIP_PICTURES=docs/portal pytest tests/browser/test_pages.py -n 0` takes them anew.
"""

import os
from pathlib import Path

import pytest

from tests.browser import axe
from tests.browser.pages import SIGHTS, Sight
from tests.browser.visit import THEMES, WIDTHS, Visit

PICTURES = os.environ.get("OWNSHIP_PICTURES")


def arrive(visit: Visit, sight: Sight) -> None:
    """Go to a page."""
    visit.go(sight.path, status=sight.status)
    for selector in sight.then:
        visit.page.locator(selector).first.click()
    if sight.then:
        visit.page.wait_for_load_state()
        # A refused form answers 4xx, which the browser says too.
        visit.complaints = [one for one in visit.complaints if "status of 422" not in one]


def keep(visit: Visit, name: str) -> None:
    """Keep a picture."""
    assert PICTURES
    visit.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True, scale="css")


@pytest.mark.parametrize("sight", SIGHTS, ids=lambda sight: sight.name)
def test_a_page_stands_in_nobodys_way(sight, visit, request):
    state = request.getfixturevalue("ana") if sight.signed_in else None
    one = visit(storage_state=state)
    arrive(one, sight)
    wrong: list[tuple[str, int, str]] = []
    for theme in THEMES:
        for width in WIDTHS:
            one.show(theme, width)
            found = [*one.faults(), *axe.violations(one.page)]
            wrong.extend((theme, width, fault) for fault in found)
            if PICTURES and (theme == "light" or (theme == "dark" and sight.dark)):
                keep(one, f"{sight.name}-{width}{'-dark' if theme == 'dark' else ''}")
    assert wrong == []
