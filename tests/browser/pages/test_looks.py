"""How pages look: no sideways scroll, both answers alike, in every theme and width."""

import pytest

from tests.browser.pages.conftest import sign_in

pytestmark = pytest.mark.browser

SIGNED_IN = ("/home", "/privacy", "/privacy/marketing", "/privacy/loyalty.rewards?view=grid")
PAGES = (*SIGNED_IN, "/who-looked", "/receipts", "/code", "/", "/nowhere")
THEMES = (
    {"color_scheme": "light"},
    {"color_scheme": "dark"},
    {"color_scheme": "dark", "forced_colors": "active"},
)
# What must be equal on Allow and Do not allow, or one of them would be pushed.
STYLE = """element => {
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    const names = ["fontFamily", "fontSize", "fontWeight", "color", "backgroundColor", "opacity",
        "borderTopColor", "borderTopWidth", "paddingLeft", "paddingTop", "textDecorationLine"];
    return [...names.map(name => style[name]), box.width, box.height, box.top];
}"""


def faults(page):
    """Return what no page may have."""
    return page.evaluate(
        """() => [
            ...(document.documentElement.scrollWidth > innerWidth ? ["scrolls sideways"] : []),
            ...[...document.querySelectorAll("*")].flatMap(element =>
                [...element.attributes]
                    .filter(one => one.name === "style" || one.name.startsWith("on"))
                    .map(one => `${element.tagName} has ${one.name}`)),
            ...(document.querySelectorAll("h1").length === 1 ? [] : ["not one h1"]),
            ...[...document.querySelectorAll("a, button, summary, input:not([type=hidden])")]
                .filter(one => one.getClientRects().length && !one.closest("p, li, td, dd, nav"))
                .filter(one => one.getBoundingClientRect().height < 24)
                .map(one => `${one.tagName} ${one.textContent.trim()} is too small`),
        ]"""
    )


def views():
    return [
        {"viewport": {"width": width, "height": 720}, **theme}
        for width in (320, 1280)
        for theme in THEMES
    ]


def test_every_page_fits_in_every_theme(served, ana, open_page):
    first = open_page()
    sign_in(first, served, ana)
    state = first.context.storage_state()
    for view in views():
        page = open_page(storage_state=state, **view)
        for path in PAGES:
            if path == "/nowhere":
                # The browser reports the 404 itself; the page is looked at without its console.
                page.route(
                    "**/nowhere",
                    lambda route: route.fulfill(
                        status=200, body=route.fetch().text(), content_type="text/html"
                    ),
                )
            page.goto(path)
            assert faults(page) == [], (path, view)


def test_both_answers_look_the_same_and_stand_in_one_view(served, ana, open_page):
    first = open_page()
    sign_in(first, served, ana)
    state = first.context.storage_state()
    for view in views():
        page = open_page(storage_state=state, **view)
        page.goto("/privacy/marketing")
        answers = [
            page.get_by_role("button", name=name, exact=True) for name in ("Allow", "Do not allow")
        ]
        allow, refuse = (one.evaluate(STYLE) for one in answers)
        assert allow == refuse, view
        answers[0].scroll_into_view_if_needed()
        boxes = [one.bounding_box() for one in answers]
        assert all(box["y"] >= 0 and box["y"] + box["height"] <= 720 for box in boxes), view


def test_a_fault_is_found(open_page):
    page = open_page(viewport={"width": 320, "height": 720})
    page.set_content('<h1>One</h1><h1>Two</h1><p style="width:900px" onclick="x">Wide</p>')
    assert set(faults(page)) == {
        "scrolls sideways",
        "P has style",
        "P has onclick",
        "not one h1",
    }
