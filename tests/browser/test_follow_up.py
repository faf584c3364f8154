"""A complaint is told, answered, not settled, answered again and settled: both in their browsers."""

import re

import pytest

from tests.browser.colleague import Colleague
from tests.browser.shop import VALUES
from tests.browser.walk import WAYS, Walk

TEXT = "The cup was <b>broken</b> \u202eagain, קפה"
FOLLOWS = "What follows what you told us"


@pytest.fixture(params=WAYS)
def way(request):
    return WAYS[request.param]


@pytest.fixture
def customer(shop, visit, way):
    one = Walk(visit, way)
    email = f"tells.{way.width}@example.org"
    shop.sign_in(one.page, shop.customer(email, *VALUES))
    return one


def offer(support, outcome, text):
    support.hand.turn(support.page.locator("summary", has_text="Say that it is settled"))
    support.page.locator("#outcome").select_option(label=outcome)
    support.write("What the customer is told, if anything", text)
    support.button("Offer it")
    assert "Offered. The customer says whether it is settled." in support.main


def test_a_complaint_stays_open_until_the_customer_agrees(shop, visit, way, customer):
    customer.link("Tell us something")
    customer.hand.turn(customer.page.get_by_role("radio", name="Complaint"))
    customer.write("In your own words", TEXT)
    customer.button("Send it")
    assert "Noted. Here you see what is done about it" in customer.main
    assert "Open: we owe you something" in customer.main
    assert "The cup was <b>broken</b>" in customer.main
    [number] = re.findall(r"F[0-9A-Z]{10}", customer.main)

    support = Colleague(visit, shop, way).join(f"follows.{way.width}@example.org", "support")
    support.menu("Follow-ups")
    assert "broken" not in support.main
    support.link(number)
    assert "broken" not in support.main
    support.link("Answering you and putting things right")
    assert "The cup was <b>broken</b>" in support.main
    offer(support, "Solved", "Here is a new cup.")

    customer.go("/home")
    customer.link("Read it, and say yes or no")
    assert "We say that it is settled. Do you?" in customer.main
    assert "Here is a new cup." in customer.main
    sizes = [
        customer.page.get_by_role("button", name=re.compile(words)).first.bounding_box()
        for words in ("^It is settled", "^It is not settled")
    ]
    weights = [(round(one["width"]), round(one["height"])) for one in sizes]
    assert abs(weights[0][0] - weights[1][0]) <= 60
    assert weights[0][1] == weights[1][1]
    customer.write("Say more, if you wish", "It is broken too.")
    customer.button(re.compile("^It is not settled"))
    assert "It is open again, and we see to it." in customer.main

    support.menu("Follow-ups")
    support.link(number)
    support.link("Answering you and putting things right")
    assert "It is broken too." in support.main
    support.write("What the customer is told", "We come to you with two.")
    support.button("Say it")
    assert "Said. The customer gets a letter with a link." in support.main
    offer(support, "Solved, and more than that", "All done.")

    customer.go("/home")
    customer.link(FOLLOWS)
    assert "We come to you with two." in customer.main
    customer.button(re.compile("^It is settled"))
    assert "Settled. Thank you for saying so." in customer.main
    assert "Settled: you said so" in customer.main
    support.menu("Follow-ups")
    assert number not in support.main
    assert support.fine()
    assert customer.fine()
