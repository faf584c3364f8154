"""The card on a telephone, without JavaScript: a code that a reader sees, in every theme."""

import pytest

from tests.browser.visit import THEMES

COLOURS = """() => {
    const [rect, path] = document.querySelectorAll("svg[role=img] > *");
    return [getComputedStyle(rect).fill, getComputedStyle(path).fill];
}"""


@pytest.mark.parametrize("theme", THEMES)
def test_the_code_is_dark_on_light_and_whole_on_a_small_screen(visit, ana, theme):
    one = visit(storage_state=ana, java_script_enabled=False)
    one.show(theme, 320)
    one.go("/card")
    code = one.page.get_by_role("img", name="QR code with the number of your card: 7992 7398 713")
    box = code.bounding_box()
    assert box["width"] == box["height"] == 224
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
    assert one.page.evaluate(COLOURS) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    assert one.faults() == []


def test_another_number_is_one_press_and_the_card_is_one_from_home(visit, shop):
    who = shop.customer(
        "card@example.org", "contact.full_name=Cy", "loyalty.card=79927398713000000"
    )
    one = visit(java_script_enabled=False, viewport={"width": 320, "height": 720})
    shop.sign_in(one.page, who)
    one.page.get_by_role("link", name="Your card, your points").click()
    before = one.page.locator(".value.mono").inner_text()
    one.page.get_by_role("button", name="Give me another number").click()
    one.page.wait_for_url("**/card?done=another")
    assert one.page.locator(".value.mono").inner_text() != before
    assert one.page.get_by_role("status").is_visible()
    assert one.faults() == []
