"""authorization_details: what is read, and that nothing is repaired."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.model import Permission
from policies.names import Action
from vault.core import details
from vault.core.errors import DetailsError

ITEM = {
    "type": "profile_access",
    "purpose": "delivery",
    "actions": ["read"],
    "datatypes": ["contact.postal_address", "contact.full_name"],
}


def text(*items: object) -> str:
    return json.dumps(list(items))


def test_an_item_stands_for_each_triple():
    (detail,) = details.parse(text(ITEM | {"actions": ["write", "read"], "retention": "P30D"}))
    assert detail.actions == (Action.READ, Action.WRITE)
    assert detail.permissions() == {
        Permission("delivery", action, name)
        for action in (Action.READ, Action.WRITE)
        for name in ("contact.full_name", "contact.postal_address")
    }


def test_a_document_reads_back_as_itself():
    item = ITEM | {"retention": "P30D", "code_version": "2026-11"}
    (detail,) = details.parse(text(item))
    assert details.read([detail.document()]) == (detail,)
    assert detail.document()["datatypes"] == ["contact.full_name", "contact.postal_address"]


def test_interactions_are_datatypes():
    item = ITEM | {"actions": ["append"], "datatypes": ["interaction.survey_answer"]}
    assert details.parse(text(item))[0].datatypes == ("interaction.survey_answer",)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "payment"},
        {"type": None},
        {"purpose": "Delivery"},
        {"purpose": "a.b.c.d"},
        {"purpose": "delivery\n"},
        {"purpose": ["delivery"]},
        {"actions": []},
        {"actions": "read"},
        {"actions": ["read", "read"]},
        {"actions": ["delete"]},
        {"actions": [["read"]]},
        {"datatypes": []},
        {"datatypes": ["contact.*"]},
        {"datatypes": ["*"]},
        {"datatypes": ["contact"]},
        {"datatypes": ["contact.email", "contact.email"]},
        {"datatypes": ["contact.email", 1]},
        {"datatypes": [f"contact.f{n}" for n in range(65)]},
        {"retention": "30 days"},
        {"retention": "P0D"},
        {"retention": 30},
        {"retention": None},
        {"code_version": ""},
        {"code_version": 2026},
        {"code_version": "../2026"},
        {"subject": "me"},
    ],
    ids=str,
)
def test_an_item_that_is_not_to_the_letter_is_refused_by_its_index(change):
    with pytest.raises(DetailsError) as caught:
        details.parse(text(ITEM, ITEM | change))
    assert caught.value.detail.startswith("Item 1 ")


@pytest.mark.parametrize("member", ["type", "purpose", "actions", "datatypes"])
def test_an_item_without_a_member_is_refused(member):
    with pytest.raises(DetailsError, match="Item 0 "):
        details.parse(text({name: ITEM[name] for name in ITEM if name != member}))


@pytest.mark.parametrize(
    "given_text",
    [
        "",
        "null",
        "{}",
        "[]",
        "[1]",
        "[[]]",
        json.dumps(ITEM),
        text(*[ITEM] * 11),
        (
            '[{"type":"profile_access","type":"profile_access","purpose":"delivery",'
            '"actions":["read"],"datatypes":["contact.email"]}]'
        ),
        "[" * 40 + "]" * 40,
        text(ITEM) + " " * 16_384,
        "\ud800",
        "[NaN]",
    ],
    ids=range(13),
)
def test_what_is_no_list_of_items_is_refused(given_text):
    with pytest.raises(DetailsError):
        details.parse(given_text)


def test_sixty_four_datatypes_and_ten_items_are_read():
    item = ITEM | {"datatypes": [f"a.f{n}" for n in range(64)]}
    assert len(details.parse(text(*[item] * 10))) == 10


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists) | st.text())
def test_nothing_but_details_and_the_one_error_comes_out(value):
    with contextlib.suppress(DetailsError):
        details.parse(value if isinstance(value, str) else json.dumps(value))


def test_an_approval_has_neither_type_nor_code_version():
    plain = {name: ITEM[name] for name in ITEM if name != "type"}
    assert details.approved(3, plain).purpose == "delivery"
    for wrong in (ITEM, plain | {"code_version": "2026-11"}, "delivery", plain | {"purpose": 1}):
        with pytest.raises(DetailsError, match="Item 3 "):
            details.approved(3, wrong)
