"""Who takes the key of a list is its customer, and nobody else, when it is decided again."""

import pytest

from tests.verifier.test_replay import NOON, Shop
from vault.core.entry import Kind


@pytest.mark.parametrize(
    ("actor", "said"),
    [("customer", None), ("operator", "not-recipient"), ("app:newsletter", "not-recipient")],
)
def test_only_the_customer_takes_the_key_of_the_list(actor, said):
    shop = Shop()
    draft = shop.book.draft(Kind.EXPORT, actor=actor, allowed=(("audit", "own"),))
    shop.place = shop.book.add(draft, at=NOON)
    assert shop.said() == said
