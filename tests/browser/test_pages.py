"""Every page in every theme and width: nothing in anybody's way, nothing that no page may have.

Pictures: `OWNSHIP_PICTURES=docs/portal pytest tests/browser/test_pages.py -n 0` takes them anew.
"""

import os
from pathlib import Path

import pytest

from tests.browser import axe, pictures
from tests.browser.console_pages import CONSOLE
from tests.browser.pages import SIGHTS, Sight
from tests.browser.visit import THEMES, WIDTHS, Visit

ALL = (*SIGHTS, *CONSOLE)
PICTURES = os.environ.get("OWNSHIP_PICTURES")


def arrive(visit: Visit, sight: Sight) -> None:
    """Go to a page."""
    visit.go(sight.path, status=sight.status)
    for selector, text in sight.write:
        visit.page.locator(selector).first.fill(text)
    for selector in sight.then:
        visit.page.locator(selector).first.click()
    if sight.then:
        visit.page.wait_for_load_state()
        # A refused form answers 4xx, which the browser says too.
        visit.complaints = [one for one in visit.complaints if "status of 422" not in one]


def keep(visit: Visit, sight: Sight) -> None:
    """Keep pictures, after all checks: taking one leaves a style attribute behind."""
    for theme in ("light", "dark") if sight.dark else ("light",):
        for width in WIDTHS:
            visit.show(theme, width)
            name = f"{sight.name}-{width}{'-dark' if theme == 'dark' else ''}.png"
            pictures.keep(visit.page, Path(PICTURES or ".") / name)


def test_every_page_stands_once_in_the_list():
    names = [sight.name for sight in ALL]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("sight", ALL, ids=lambda sight: sight.name)
def test_a_page_stands_in_nobodys_way(sight, visit, request):
    state = request.getfixturevalue("ana") if sight.signed_in else None
    if sight.staff:
        state = request.getfixturevalue("staff").browser(sight.staff)
    one = visit(storage_state=state)
    arrive(one, sight)
    wrong: list[tuple[str, int, str]] = []
    for theme in THEMES:
        for width in WIDTHS:
            one.show(theme, width)
            found = [*one.faults(), *axe.violations(one.page)]
            wrong.extend((theme, width, fault) for fault in found)
    if PICTURES:
        keep(one, sight)
        arrive(one, sight)
    one.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for width in WIDTHS:
        one.show("light", width)
        wrong.extend(
            ("opened", width, fault) for fault in (*one.faults(), *axe.violations(one.page))
        )
    assert wrong == []
