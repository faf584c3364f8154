"""The published schema names every field of the standard, and every receipt is valid under it."""

import copy
import json
from pathlib import Path

import pytest

from policies.compile import compile_
from policies.model import ConsentState
from tests.core.rulebooks import rulebook
from tests.core.schema import faults
from tests.core.test_receipt import FIELDS, ISSUER, a_receipt, places
from vault.core import receipt, receipt_fields, receipt_schema

RULEBOOK = rulebook()
SAYS_ALL = Path(__file__).parents[2] / "policies" / "codes" / "sample-2026-11-3.yaml"
SCHEMA = json.loads(receipt_schema.schema(ISSUER))


def properties(schema):
    """Every name that a schema gives a property, at any depth."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for item in schema.values():
            yield from properties(item)
    if isinstance(schema, list):
        for item in schema:
            yield from properties(item)


def signed(*args, **changes):
    return a_receipt(*args, **changes)


def test_every_field_of_the_standard_is_in_the_list_with_its_need():
    wanted = {(one["section"], one["f"], one["iso"] == "M") for one in FIELDS}
    assert {(one.section, one.name, one.mandatory) for one in receipt_fields.FIELDS} == wanted
    assert len(receipt_fields.FIELDS) == 44


def test_every_field_of_the_standard_is_in_the_schema():
    assert {one["f"] for one in FIELDS} <= set(properties(SCHEMA))


@pytest.mark.parametrize("state", ConsentState)
@pytest.mark.parametrize("purpose_id", ["newsletter", "rewards", "wellbeing"])
def test_every_receipt_is_valid(purpose_id, state):
    fields = [use.name for use in RULEBOOK.purposes[purpose_id].uses]
    assert list(faults(SCHEMA, signed(purpose_id, fields, state=state))) == []


def test_what_a_code_says_of_inferences_and_assessments_leaves_the_schema_as_it_is():
    book = compile_(SAYS_ALL.read_bytes(), name=SAYS_ALL.name)
    document = signed("advice", [use.name for use in book.purposes["advice"].uses], book=book)
    (process,) = document["record"]["pii_processing"]
    assert process["impact_assessment"] == book.purposes["advice"].assessment
    assert "https://w3id.org/dpv#FullAutomation" in process["processing_method"]
    assert list(faults(SCHEMA, document)) == []


def test_a_receipt_without_a_mandatory_field_is_not_valid():
    document = signed()
    mandatory = {one["f"] for one in FIELDS if one["iso"] == "M"}
    gone = 0
    for path in list(places(document)):
        if path[-1] not in mandatory or "@context" in path:
            continue
        made = copy.deepcopy(document)
        holders = [made]
        for step in path[:-1]:
            holders = [
                item
                for holder in holders
                for item in (holder[step] if isinstance(holder[step], list) else [holder[step]])
                if path[-1] in item or step != path[-2]
            ]
        for holder in holders:
            holder.pop(path[-1], None)
        assert list(faults(SCHEMA, made)), path
        gone += 1
    assert gone >= len(mandatory)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("created",), "2026-11-01"),
        (("schema_version",), f"{ISSUER}/schema/consent-receipt/2"),
        (("signature",), "a.b.c"),
        (("log", "seq"), -1),
        (("record", "events"), []),
        (("record", "language"), ""),
        (("@id",), "https://elsewhere.example/receipts/019a0000-0000-7000-8000-0000000000ff"),
    ],
)
def test_what_is_not_so_is_found(place, value):
    document = signed()
    holder = document
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    assert list(faults(SCHEMA, document))


def test_what_a_later_version_adds_is_valid():
    assert list(faults(SCHEMA, signed() | {"later": 1})) == []


def test_every_meaning_of_ours_stands_at_the_address_that_the_context_gives():
    anchors = {one["$anchor"] for one in SCHEMA["$defs"].values()}
    address = f"{receipt.schema_url(ISSUER)}#"
    named = {
        meaning.removeprefix(address)
        for meaning in receipt.context(ISSUER).values()
        if meaning and meaning.startswith(address)
    }
    assert named == anchors
