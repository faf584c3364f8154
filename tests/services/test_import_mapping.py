"""A mapping is checked against the code of ethics before the first row."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.errors import CodeErrors
from policies.model import Source
from tests.vaults import RULEBOOK
from vault.cli.demo_vault import SAMPLES
from vault.core.errors import WrongValueError
from vault.core.import_mapping import Join, Moment
from vault.services.import_mapping import parse

GOOD = """
mapping: 1
files: {people: {format: csv, delimiter: tab}}
people:
  identify: {contact.email: email}
  source: told
  fields: {contact.full_name: name, loyalty.points: {column: points, source: observed}}
  consents:
    - {purpose: marketing, when: {letters: "1"}, at: signed, evidence: form}
"""


def read(text: str):
    return parse(text.encode(), RULEBOOK, name="m.yaml").files[0]


def mistakes(text: str) -> list[str]:
    with pytest.raises(CodeErrors) as found:
        read(text)
    return [str(one) for one in found.value.errors]


def test_a_good_mapping_says_what_each_column_becomes():
    mapping = read(GOOD)
    assert mapping.shape.name == "people"
    assert mapping.shape.delimiter == "\t"
    assert mapping.identify == ("contact.email",)
    assert [(one.field, one.column, one.source) for one in mapping.cells] == [
        ("contact.email", "email", Source.TOLD),
        ("contact.full_name", "name", Source.TOLD),
        ("loyalty.points", "points", Source.OBSERVED),
    ]
    assert mapping.columns == {"email", "name", "points", "letters", "signed", "form"}


def test_a_consent_without_names_covers_all_that_the_purpose_uses():
    rule = read(GOOD).consents[0]
    assert rule.names == {use.name for use in RULEBOOK.purposes["marketing"].uses}


def test_the_sample_mapping_fits_the_sample_code_of_ethics():
    mapping = parse((SAMPLES / "mapping.yaml").read_bytes(), RULEBOOK, name="sample").files[0]
    header = (SAMPLES / "customers.csv").read_text(encoding="utf-8").split("\n", 1)[0]
    assert mapping.columns <= set(header.split(","))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("contact.full_name: name", "contact.fullname: name", "no field 'contact.fullname'"),
        ("source: observed", "source: told", "does not let 'loyalty.points' come from told"),
        ("source: told\n", "source: guessed\n", "'guessed' is no word for `source`"),
        ("  source: told\n", "", "'contact.email' has no source"),
        ("contact.email: email", "contact.full_name: email", "identifies nobody"),
        ("{contact.full_name: name,", "{contact.email: x,", "stands under `identify` already"),
        ("purpose: marketing", "purpose: delivery", "does not rest on consent"),
        ("purpose: marketing", "purpose: marketting", "no purpose 'marketting'"),
        (
            "evidence: form",
            "evidence: form, names: [contact.phone]",
            "does not use 'contact.phone'",
        ),
        ("at: signed", "at: {column: signed, zone: Moon/Base}", "no time zone 'Moon/Base'"),
        (", evidence: form", "", "lacks `evidence`"),
        ("mapping: 1", "mapping: 2", "'2' cannot stand for `mapping`"),
        ("delimiter: tab", 'delimiter: "."', "cannot stand for `delimiter`"),
        ("format: csv", "format: xls", "'xls' is no word for `format`"),
        ("source: told\n", "source: told\n  source: told\n", "stands here again"),
        ("people:\n", "poeple:\n", "has no key 'poeple'"),
        ("delimiter: tab}}", "delimiter: tab}, more: {format: csv}}", "lacks `more`"),
        ("{contact.email: email}", "&a {contact.email: email}", "An anchor stands here"),
        ("column: points,", "column: points, region: PT,", "has no key 'region'"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_write(before, after, said):
    assert before in GOOD
    found = mistakes(GOOD.replace(before, after, 1))
    assert any(said in one for one in found), found
    assert all(one.startswith("m.yaml:") for one in found)


SHOP = """
mapping: 1
files:
  reviews: {joins: {order: orders.id}}
  orders: {format: ndjson, joins: {buyer.id: customers.id}, key: id}
  customers: {encoding: latin-1}
customers: {identify: {contact.email: email}, source: told}
orders:
  interaction: purchase
  at: {column: at, zone: Europe/Lisbon}
  channel: shop
  facts: {total: amount}
reviews: {interaction: survey_answer, at: at, channel: {always: web}, facts: {score: stars}}
"""


def test_files_stand_in_the_order_of_their_joins():
    files = parse(SHOP.encode(), RULEBOOK, name="m").files
    assert [one.shape.name for one in files] == ["customers", "orders", "reviews"]
    customers, orders, reviews = files
    assert (customers.shape.key, customers.shape.encoding) == ("id", "iso8859-1")
    assert orders.columns == {"buyer.id", "id", "at", "shop", "amount"}
    assert orders.owner == Join("buyer.id", "customers")
    assert (reviews.owner, reviews.parent) == (None, Join("order", "orders"))
    assert orders.event
    assert reviews.event
    assert (orders.event.source, reviews.event.source) == (Source.OBSERVED, Source.TOLD)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "customers: {encoding: latin-1}",
            "customers: {joins: {x: reviews.id}}",
            "Circular references",
        ),
        (
            "customers: {encoding: latin-1}",
            "customers: {joins: {x: customers.id}}",
            "Circular references",
        ),
        ("orders.id", "order.id", "no file 'order'. Did you mean 'orders'?"),
        ("orders.id", "orders", "names no column of another file"),
        ("orders.id", "orders.number", "are named by 'id'. Write `orders.id`."),
        ("encoding: latin-1", "encoding: klingon", "'klingon' cannot stand for `encoding`"),
        ("encoding: latin-1", "joints: {a: b.c}", "has no key 'joints'. Did you mean 'joins'?"),
        (
            "interaction: purchase",
            "interaction: purchases",
            "no kind 'purchases'. Did you mean 'purchase'?",
        ),
        (
            "interaction: purchase",
            "interaction: purchase\n  source: told",
            "does not let 'interaction.purchase' come",
        ),
        ("  channel: shop\n", "", "lacks `channel`"),
        ("{always: web}", "{always: " + "w" * 65 + "}", "A channel has 64 characters"),
        ("facts: {total:", "facts: {Total Amount:", "no name that `facts` may hold"),
        (", joins: {buyer.id: customers.id}", "", "does not say whose its rows are"),
        (
            "{order: orders.id}",
            "{order: orders.id, a: customers.id, b: customers.id}",
            "too many files",
        ),
        (
            "customers: {identify: {contact.email: email}, source: told}",
            "customers: {source: told, fields: {contact.email: email, contact.fax: fax}}",
            "no field 'contact.fax'",
        ),
    ],
)
def test_a_mistake_between_files_is_told_with_its_place(before, after, said):
    assert before in SHOP
    found = mistakes(SHOP.replace(before, after, 1))
    assert any(said in one for one in found), found


def test_a_joined_file_cannot_identify_anew():
    text = """
mapping: 1
files: {customers: {key: id}, points: {joins: {who: customers.id}}}
customers: {identify: {contact.email: email}, source: told}
points: {identify: {loyalty.card: card}, source: told}
"""
    assert any("has joins" in one for one in mistakes(text))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_mapping_or_told_mistakes(data):
    with pytest.raises(CodeErrors):
        parse(data, RULEBOOK, name="m.yaml")


def test_a_time_without_a_zone_is_utc():
    assert Moment("c", None, None).read("2026-03-01T10:30:00") == datetime(
        2026, 3, 1, 10, 30, tzinfo=UTC
    )


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "9999-12-31T23:59:59-14:00"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(WrongValueError):
        Moment("c", None, None).read(text)
