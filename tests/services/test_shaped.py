"""Rows in the shape of a mapping: what a file says comes back, and what it cannot say is left out."""

import io
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.vaults import RULEBOOK
from vault.core import shaped
from vault.core.shaped import Event, Left, Person, Value
from vault.services import audience_file
from vault.services.import_form import look
from vault.services.import_mapping import parse
from vault.services.import_reader import reader
from vault.services.import_table import MAX_ROW, Row

SHOP = """
mapping: 1
files:
  people: {FORM, key: UID}
  orders: {format: ndjson, key: number, joins: {customer.id: people.UID}}
  reviews: {format: ndjson, joins: {order: orders.number}}
  points: {format: ndjson, joins: {customer: people.UID}}
people:
  identify: {contact.email: EMAIL}
  source: told
  gathered_at: REV
  fields: {contact.full_name: FN, contact.phone: TEL.cell, contact.postal_address: ADR.home,
           preferences.topics: LANG}
  consents: [{purpose: marketing, when: {TEL.fax: "1"}, at: BDAY, evidence: N}]
orders:
  interaction: purchase
  at: {column: at, format: "%Y-%m-%d %H:%M:%S", zone: Europe/Lisbon}
  channel: where
  facts: {total: total, items: items}
reviews: {interaction: survey_answer, at: at, channel: {always: e-mail}, facts: {stars: stars}}
points: {source: observed, fields: {loyalty.points: points}}
"""
FORMS = ["format: csv, formulas: marked", "format: ndjson", "format: vcard", "format: xlsx"]
AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
ONE, TWO = UUID(int=1), UUID(int=2)


def mapping(form: str = FORMS[1], text: str = SHOP):
    return parse(text.replace("FORM", form).encode(), RULEBOOK, name="m")


def person(*events: Event, **values: object) -> Person:
    named = {name.replace("__", "."): Value(one, AT) for name, one in values.items()}
    return Person("p1", named, events)


def order(own: UUID = ONE, **content: object) -> Event:
    return Event(f"e{own.int}", "purchase", "observed", AT, "shop", content, own, None)


def review(own: UUID = TWO, parent: UUID | None = ONE, **content: object) -> Event:
    return Event(f"e{own.int}", "survey_answer", "told", AT, "e-mail", content, own, parent)


def rows(who: Person, form: str = FORMS[1]):
    return [(file.shape.name, one) for file, one in shaped.rows(mapping(form), who)]


def test_a_customer_with_an_order_and_a_review_is_a_row_of_each_file():
    who = person(
        order(total="12.50", items=["a", 2], deep={"x": 1}),
        review(stars=5),
        contact__email="ana@x.org",
        preferences__topics=["tea", "coffee"],
        loyalty__points=7,
    )
    found = dict(rows(who))
    assert found["people"] == {
        "UID": "p1", "EMAIL": "ana@x.org", "FN": "", "TEL.cell": "", "ADR.home": "",
        "LANG": "tea;coffee", "REV": "2026-03-01T09:30:00+00:00",
        "TEL.fax": "", "BDAY": "", "N": "",
    }  # fmt: skip
    assert found["orders"] == {
        "number": "e1", "customer.id": "p1", "at": "2026-03-01 09:30:00", "where": "shop",
        "total": "12.50", "items": "a;2",
    }  # fmt: skip
    assert found["reviews"] == {"order": "e1", "at": "2026-03-01T09:30:00+00:00", "stars": "5"}
    assert found["points"] == {"customer": "p1", "points": "7"}


def test_what_a_file_cannot_say_is_left_out_with_the_reason_of_the_import():
    assert rows(person()) == []
    assert rows(person(preferences__topics=["a;b"], contact__email="a@x.org")) == [
        ("people", Left("not-a-text"))
    ]
    alone = rows(person(review(parent=None), contact__email="a@x.org"))
    assert alone[1] == ("reviews", Left("unknown-reference"))
    elsewhere = Event("e9", "call", "told", AT, "phone", {}, UUID(int=9), None)
    assert [name for name, _ in rows(person(elsewhere, contact__email="a@x.org"))] == ["people"]
    text = SHOP.replace("key: number", "key: total")
    found = [
        one
        for file, one in shaped.rows(
            mapping(text=text.replace("orders.number", "orders.total")),
            person(order(), loyalty__points=1),
        )
    ]
    assert Left("no-key") in found


def test_a_customer_whom_nothing_identifies_has_no_row_and_neither_has_what_joins_it():
    text = (
        "mapping: 1\nfiles: {people: {format: ndjson, key: id}, points: {format: ndjson, joins: "
        "{who: people.id}}}\npeople: {identify: {account.external_id: {column: id, source: "
        "observed}}, source: told, fields: {contact.full_name: name}}\n"
        "points: {source: observed, fields: {loyalty.points: points}}\n"
    )
    who = person(contact__full_name="Ana", loyalty__points=3)
    found = [one for _, one in shaped.rows(mapping(text=text), who)]
    assert found == [Left("no-identifier"), Left("unknown-reference")]
    events = text.replace(
        "points: {source: observed, fields: {loyalty.points: points}}",
        "points: {interaction: purchase, at: at, channel: {always: web}}",
    )
    bought = Event("e1", "purchase", "observed", AT, "web", {}, ONE, None)
    found = [one for _, one in shaped.rows(mapping(text=events), person(bought))]
    assert found == [Left("no-identifier"), Left("unknown-reference")]


def test_a_value_deeper_than_a_cell_is_written_as_json_of_an_event_alone():
    found = dict(rows(person(order(items={"x": [1]}), contact__email="a@x.org")))
    assert found["orders"]["items"] == '{"x": [1]}'
    assert shaped.written(None) == ""
    assert shaped.written(1.5) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("FORM", "format: csv"), "formulas: marked"),
        (("FORM", "format: ndjson, encoding: windows-1252"), "in UTF-8"),
        (("joins: {customer: people.UID}", "joins: {customer: orders.number}"), "joins events"),
        (("contact.full_name: FN", "contact.full_name: ADR.home.street"), "by its components"),
    ],
)
def test_a_shape_that_could_not_be_imported_again_is_refused(change, words):
    text = SHOP.replace(*change)
    found = shaped.hindrance(mapping("format: vcard", text))
    assert found is not None
    assert words in found
    assert shaped.hindrance(mapping("format: vcard")) is None


# What a reader trims is no part of a value; what XML and vCard write as one line end is one.
CELL = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=60)
CELLS = st.dictionaries(
    st.sampled_from(["UID", "EMAIL", "FN", "TEL.cell", "ADR.home", "LANG", "REV"]),
    (CELL | st.sampled_from(["=1+1", "'+44", "_x000D_", "a;b,c\\n", '"', "]]>&lt;"])).map(
        str.strip
    ),
)


@pytest.mark.parametrize("form", FORMS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(given_=st.lists(CELLS, min_size=1, max_size=4))
def test_cells_come_back_from_a_file_as_they_were(tmp_path_factory, form, given_):
    (rules, *_) = mapping(form).files
    folder = tmp_path_factory.mktemp("out")
    file = audience_file.writer(folder, rules)
    blank = dict.fromkeys(shaped.columns(rules), "")
    for number, cells in enumerate(given_):
        assert file.row(blank | cells | {"UID": f"u{number}"})
    file.close()
    (path,) = folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    form_ = look(path, rules)
    with path.open("rb") as raw:
        found = [one.cells for one in reader(raw, form_, rules) if isinstance(one, Row)]
    assert found == [blank | one | {"UID": f"u{n}"} for n, one in enumerate(given_)]


@pytest.mark.parametrize("form", FORMS)
def test_a_row_that_an_import_would_refuse_is_not_written(tmp_path: Path, form):
    (rules, *_) = mapping(form).files
    file = audience_file.writer(tmp_path, rules)
    blank = dict.fromkeys(shaped.columns(rules), "")
    assert not file.row(blank | {"FN": "x" * (MAX_ROW + 1)})
    assert file.row(blank | {"FN": "y", "UID": "u"})
    file.close()
    (path,) = tmp_path.iterdir()
    form_ = look(path, rules)
    found = list(reader(io.BytesIO(path.read_bytes()), form_, rules))
    assert [one.cells["FN"] for one in found if isinstance(one, Row)] == ["y"]


def test_members_are_nested_by_their_path_where_none_is_a_text_too(tmp_path: Path):
    rules = mapping().files[1]
    file = audience_file.writer(tmp_path, rules)
    file.row(dict.fromkeys(shaped.columns(rules), "") | {"customer.id": "p1"})
    file.close()
    (path,) = tmp_path.iterdir()
    assert '"customer":{"id":"p1"}' in path.read_text()
