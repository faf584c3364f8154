"""Nothing personal is left in the browser after signing out, or leaving in a hurry.

Signing out takes a cookie away, and newer browsers drop kept pages for that alone. So the sheet of the
signed-out page is tried where no cookie changes: the session ends from elsewhere.
"""

import pytest

from tests.browser.shop import NAME

EVE = "leaving@example.org"
MINE = NAME.partition(" <b>")[0]


@pytest.fixture(scope="module")
def eve(shop):
    """The id of a customer who leaves."""
    return shop.customer(EVE, f"contact.full_name={MINE}")


@pytest.fixture
def here(shop, visit, eve):
    """A browser that shows her page, with another page of hers before it."""
    one = visit()
    shop.sign_in(one.page, eve)
    one.page.goto("/who-looked")
    one.page.goto("/home")
    assert one.page.get_by_text(MINE).first.is_visible()
    return one


@pytest.fixture
def elsewhere(shop, visit, eve):
    """Another browser of hers."""
    one = visit()
    shop.sign_in(one.page, eve)
    return one.page


def back(page):
    page.wait_for_timeout(500)  # the sheet that empties the cache is read after the page
    page.go_back(wait_until="commit")
    page.wait_for_timeout(500)
    return page.content()


def end_from(elsewhere):
    elsewhere.goto("/security")
    elsewhere.get_by_role("button", name="End all others").click()
    elsewhere.wait_for_url("**/security?done=others")


def test_back_shows_the_last_page_where_no_sheet_emptied_the_cache(here, elsewhere):
    """Without this the next test would prove nothing."""
    end_from(elsewhere)
    here.page.goto("/code")
    assert MINE in back(here.page)


def test_the_sheet_of_the_signed_out_page_empties_the_cache(here, elsewhere):
    end_from(elsewhere)
    here.page.goto("/signed-out")
    shown = back(here.page)
    assert MINE not in shown
    assert EVE not in shown


def test_back_after_signing_out_shows_nothing_personal(here):
    page = here.page
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/signed-out")
    shown = back(page)
    assert MINE not in shown
    assert EVE not in shown


def test_leaving_now_shows_another_page_at_once_and_back_shows_nothing(here):
    page = here.page
    # No test may reach another origin, so that page is given here; that it was asked for is seen.
    neutral = "https://example.org/"
    page.context.route(f"{neutral}**", lambda route: route.fulfill(body="<h1>Weather</h1>"))
    page.get_by_role("button", name="Leave now").click()
    page.get_by_role("heading", name="Weather").wait_for()
    here.complaints.remove(neutral)
    shown = back(page)
    assert MINE not in shown
    assert EVE not in shown
    page.goto("/home")
    assert "/sign-in" in page.url
