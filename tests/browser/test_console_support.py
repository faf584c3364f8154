"""Support answers a customer: both in their browsers, and both read the same history.

The customer sees the looks of staff on the list, under the pseudonym and the case, within seconds.
"""

import re
import time

import pytest

from tests.browser.colleague import Colleague
from tests.browser.shop import NAME, VALUES
from tests.browser.walk import WAYS, Walk

SECONDS = 5  # after which a look is on the customer's list
REQUESTS = "Help and requests"


def said(walk):
    """Return the history of a request as a page shows it."""
    articles = walk.page.locator("article.card").all_inner_texts()
    return [" ".join(one.split()) for one in articles]


def until(walk, words):
    """Load the page again until it says the words, as somebody who waits does."""
    deadline = time.monotonic() + SECONDS
    while words not in walk.main:
        assert time.monotonic() < deadline, f"not there after {SECONDS} seconds: {words}"
        walk.page.reload()


@pytest.fixture(params=WAYS)
def way(request):
    return WAYS[request.param]


@pytest.fixture
def customer(shop, visit, way):
    """A customer in a browser of their own, with a request made."""
    one = Walk(visit, way)
    email = f"asks.{way.width}@example.org"
    shop.sign_in(one.page, shop.customer(email, *VALUES))
    one.link(REQUESTS)
    one.go("/requests/new?kind=rectify")
    one.write("What do you ask?", "My street is wrong.")
    one.button("Send it")
    return one


def test_support_answers_and_both_read_the_same(shop, visit, way, customer):
    [number] = re.findall(r"R[0-9A-Z]{10}", customer.page.inner_text("h1"))
    support = Colleague(visit, shop, way).join(f"support.{way.width}@example.org", "support")
    handle = support.handle

    support.menu("Requests")
    assert "My street is wrong" not in support.main
    support.link(number)
    assert "My street is wrong" in support.main
    support.button(re.compile("^Done"))
    assert "Noted." in support.main

    support.link("Look at the details of this customer")
    assert support.field("Case").input_value() == number
    support.hand.turn(support.page.get_by_role("radio").first)
    support.button("Look")
    assert NAME in support.main
    assert "1980" not in support.main  # no clause of support's
    customer.link("Who looked", within="nav.menu")
    until(customer, number)
    assert f"Staff {handle}" in customer.main
    assert "Sample Colleague" not in customer.main

    support.menu("Requests")
    support.link(number)
    support.hand.turn(support.page.locator("summary", has_text="Ask the customer back"))
    support.write("What you need to know", "Which number is it?")
    support.button("Ask")
    customer.link(REQUESTS, within="nav.menu")
    customer.link(number)
    assert "Which number is it?" in customer.main
    assert "Waiting for you" in customer.main
    customer.write("Say more", "Number 14.")
    customer.button("Send it")

    support.menu("Requests")
    support.link(number)
    assert "Number 14." in support.main
    support.write("What the customer is told", "We mended it.")
    support.button("Send the answer")
    assert "Answered" in support.main
    customer.page.reload()
    assert "We mended it." in customer.main
    assert said(customer) == [one.replace("The customer", "You") for one in said(support)]
    assert len(said(customer)) == 4
    support.menu("Your looks")
    assert number in support.main
    assert support.fine()
    assert customer.fine()
