"""What no page may have is found when it is planted."""

import pytest

from tests.browser import axe

STYLE = "**/ownship.css"


def planted(visit, before, after, path="/"):
    """Return a visit to a page in which some markup was exchanged."""
    one = visit()

    def plant(route):
        was = route.fetch()
        assert before in was.text()
        route.fulfill(response=was, body=was.text().replace(before, after, 1))

    one.page.route(f"**{path}", plant)
    one.go(path)
    return one


def taken(one):
    """Take a visit's complaints, so that the end of the test does not find them."""
    found, one.complaints = one.complaints, []
    return found


def test_a_page_without_its_stylesheet_is_found(visit):
    one = visit()
    one.page.route(STYLE, lambda route: route.fulfill(body="", content_type="text/css"))
    one.go("/")
    assert "no stylesheet" in one.faults()


def test_an_image_within_a_page_is_found(visit):
    image = '<img alt="" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'
    one = planted(visit, "</main>", image + "</main>")
    assert "Content Security Policy" in "\n".join(taken(one))


def test_a_request_to_another_origin_is_found(visit):
    one = planted(visit, "</head>", '<link rel="icon" href="http://localhost:1/i.svg"></head>')
    one.page.wait_for_timeout(100)
    assert "http://localhost:1/i.svg" in "\n".join(taken(one))


def test_a_script_is_found(visit):
    one = planted(visit, "</main>", "<script>document.title = ''</script></main>")
    assert "Content Security Policy" in "\n".join(taken(one))
    assert "has SCRIPT" in one.faults()


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("</main>", "<h1>Two</h1></main>", "not one h1"),
        ("<title>", "<title> </title><title>", "no title"),
        (' lang="en"', "", "no lang"),
        ("</main>", '<pre class="x">' + "a " * 300 + "</pre></main>", None),
        ("</main>", "<table><tr>" + "<td>One</td>" * 30 + "</tr></table></main>", "sideways"),
        ("</main>", '<p onclick="x()">One</p></main>', "P has onclick"),
    ],
)
def test_what_no_page_may_have_is_found(visit, before, after, fault):
    one = planted(visit, before, after)
    one.show("light", 320)
    found = "\n".join(one.faults())
    taken(one)
    assert (fault in found) if fault else not found


def test_a_style_attribute_is_found(visit):
    one = planted(visit, "</main>", '<p style="color: red">One</p></main>')
    assert "P has style" in one.faults()
    assert "Content Security Policy" in "\n".join(taken(one))


@pytest.mark.parametrize(
    ("markup", "rule"),
    [
        ('<input name="x">', "label"),
        ('<a href="/code"></a>', "link-name"),
        ("<h5>Five</h5>", "heading-order"),
        ('<p lang="xx-nowhere-at-all">One</p>', "valid-lang"),
    ],
)
def test_axe_finds_what_stands_in_the_way(visit, markup, rule):
    one = planted(visit, "</main>", markup + "</main>")
    assert any(found.startswith(f"{rule}:") for found in axe.violations(one.page))


def test_axe_finds_a_faint_text(visit):
    one = visit()
    one.page.route(
        STYLE,
        lambda route: route.fulfill(
            response=(was := route.fetch()), body=was.text() + ".lead { color: #bbb !important }"
        ),
    )
    one.go("/")
    one.show("light", 1280)
    assert any(found.startswith("color-contrast:") for found in axe.violations(one.page))
