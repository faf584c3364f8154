"""The pages of somebody who has everything erased: asked, taken back, asked again, and the proof."""

from tests.browser import axe
from tests.browser.shop import VALUES
from tests.browser.visit import THEMES, WIDTHS

EVE = "eve@example.org"


def judge(one):
    """Return what is wrong with the page in any theme and width."""
    wrong: list[tuple[str, str, int, str]] = []
    for theme in THEMES:
        for width in WIDTHS:
            one.show(theme, width)
            found = (*one.faults(), *axe.violations(one.page))
            wrong.extend((one.page.url, theme, width, fault) for fault in found)
    return wrong


def test_erasing_and_its_certificate_stand_in_nobodys_way(shop, visit):
    who = shop.customer(EVE, *VALUES)
    one = visit()
    shop.sign_in(one.page, who)
    one.go("/your-data/erase-everything")
    one.page.locator("main form button").first.click()
    wrong = judge(one)
    one.go("/your-data/erasing")
    wrong += judge(one)
    one.go("/home")
    wrong += judge(one)
    one.go("/your-data/erasing")
    one.page.locator("main form button").first.click()
    wrong += judge(one)
    address = shop.run("customer", "erase", who, "--now", "--yes").splitlines()[-1]
    one.go(address.removeprefix(shop.issuer))
    wrong += judge(one)
    assert "backup" in one.page.inner_text("main")
    assert wrong == []
