"""Nothing pushes a customer: equal answers, nothing chosen beforehand, as easy to stop as to allow."""

import pytest

from portal.language import CATALOGUES
from portal.render import TEMPLATES
from tests.browser import patterns
from tests.browser.hand import Mouse
from tests.browser.shop import CODE
from tests.browser.visit import THEMES, WIDTHS

ASK = "main a[href^='/privacy/']"


def asked(one):
    """Return the pages on which consent is asked, in both views."""
    one.go("/privacy")
    found = one.page.locator(ASK).evaluate_all("all => all.map(one => one.getAttribute('href'))")
    pages = []
    for path in sorted({path.partition("?")[0] for path in found}):
        one.go(path)
        if one.page.locator("button[value=give]").count():
            pages += [path, f"{path}?view=grid"]
    return pages


def test_both_answers_look_the_same_and_nothing_is_chosen(visit, ana):
    one = visit(storage_state=ana)
    pages = asked(one)
    assert len(pages) >= 6  # three purposes, two views
    for path in pages:
        one.go(path)
        assert patterns.chosen(one.page) == [], path
        for theme in THEMES:
            for width in WIDTHS:
                one.show(theme, width)
                assert patterns.push(one.page) == [], (path, theme, width)


@pytest.mark.parametrize(
    ("style", "difference"),
    [
        ("[value=give] { font-size: 1.3em !important }", "fontSize"),
        ("[value=refuse] { opacity: .6 }", "opacity"),
        ("[value=give] { background: #0f4c6b !important }", "backgroundColor"),
        ("[value=give] { border-width: 3px !important }", "borderTopWidth"),
        ("[value=refuse] { text-decoration: line-through }", "textDecorationLine"),
        (".choices { grid-template-columns: 1fr !important; gap: 90vh !important }", "one view"),
    ],
)
def test_an_answer_that_stands_out_is_found(visit, ana, style, difference):
    one = visit(storage_state=ana)
    one.page.route(
        "**/ownship.css",
        lambda route: route.fulfill(response=(was := route.fetch()), body=was.text() + style),
    )
    one.go("/privacy/marketing")
    assert difference in "\n".join(patterns.push(one.page))


def test_what_is_chosen_beforehand_is_found(visit, ana):
    one = visit(storage_state=ana)

    def plant(route):
        was = route.fetch()
        body = was.text().replace('<input type="checkbox"', '<input checked type="checkbox"')
        route.fulfill(response=was, body=body.replace("<form", "<form><details open></details", 1))

    one.page.route("**/privacy/marketing?view=grid", plant)
    one.go("/privacy/marketing?view=grid")
    assert "field=contact.email is ticked" in patterns.chosen(one.page)


def test_stopping_takes_no_more_presses_than_allowing(visit, shop):
    who = shop.customer("bo@example.org", "contact.full_name=Bo")
    one = visit()
    shop.sign_in(one.page, who)
    button = one.page.get_by_role("button", name="Allow", exact=True)

    one.go("/home")
    giving = Mouse(one.page)
    giving.press(one.page.get_by_role("link", name="What I allow"))
    giving.press(one.page.locator("#marketing a[href='/privacy/marketing']"))
    giving.press(button)
    assert one.page.get_by_role("status").is_visible()
    assert shop.look(who) == 200

    one.go("/home")
    stopping = Mouse(one.page)
    stopping.press(one.page.get_by_role("link", name="What I allow"))
    stopping.press(one.page.locator("#marketing button[value=withdraw]"))
    assert one.page.get_by_role("status").is_visible()
    assert shop.look(who) == 404
    assert stopping.presses <= giving.presses


def test_no_text_makes_a_no_feel_bad():
    sources = [CODE, *TEMPLATES.glob("*.html"), *sorted((TEMPLATES.parent / "pages").glob("*.py"))]
    texts = {path.name: path.read_text(encoding="utf-8") for path in sources}
    assert {name: found for name, text in texts.items() if (found := patterns.guilt(text))} == {}
    assert CATALOGUES  # each has the sentences of the templates above


def test_a_guilty_word_is_found():
    assert patterns.guilt("Are you sure? You will miss out, sadly.") == [
        "Are you sure",
        "miss out",
        "sadly",
    ]
