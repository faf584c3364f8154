"""Staff write down what happened; the customer reads it as it was written, and saves the letter."""

import pytest

from tests.browser.colleague import Colleague
from tests.browser.shop import PDF, VALUES
from tests.browser.walk import WAYS, Walk


@pytest.fixture(params=WAYS)
def way(request):
    return WAYS[request.param]


def test_a_visit_under_a_complaint_is_read_by_its_customer(shop, visit, way, tmp_path):
    email = f"visits.{way.width}@example.org"
    who = shop.customer(email, *VALUES)
    shop.contacts(who)
    support = Colleague(visit, shop, way).join(f"writes.{way.width}@example.org", "support")
    support.menu("A customer")
    support.write("Case", "T-2026-9")
    support.hand.turn(support.page.locator("input[value=support]"))
    support.write("Which customer", email)
    support.button("Look")
    support.link("Contacts with this customer")
    assert "1 that belongs to it" in support.main
    assert "a letter.pdf" in support.main
    support.link("Add what belongs to it")
    support.page.locator("#kind").select_option("call")
    support.write("By way of", "in the shop")
    support.write("Who", "Shop team")
    support.page.locator("#outcome").select_option("beyond")
    support.write("What was said or done", "She was given a cup of coffee.\n<b>Twice.</b>")
    support.button("Write it down")
    assert "It is written down." in support.main
    assert "2 that belong to it" in support.main

    customer = Walk(visit, way)
    shop.sign_in(customer.page, who)
    customer.go("/interactions")
    customer.link("Show what belongs together")
    for words in ("<b>Twice.</b>", "Shop team", "More was done than was asked for", "Solved"):
        assert words in customer.main
    assert "Sample Colleague" not in customer.main
    with customer.page.expect_download() as download:
        customer.page.get_by_role("link", name="a letter.pdf").click()  # nothing else loads
    assert download.value.suggested_filename == "a letter.pdf"
    download.value.save_as(tmp_path / "letter.pdf")
    assert (tmp_path / "letter.pdf").read_bytes() == PDF
    assert support.fine()
    assert customer.fine()
