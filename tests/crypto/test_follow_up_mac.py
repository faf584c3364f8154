"""Each member of a follow-up's row is in the bytes of its MAC, and none can be moved to another."""

from typing import Any
from uuid import UUID

import pytest

from vault.core.errors import FormatError
from vault.core.ids import DeploymentId
from vault.crypto.follow_up_mac import follow_up_row

DEPLOYMENT = DeploymentId(bytes(range(16)))
CUSTOMER = UUID("018f0000-0000-7000-8000-000000000001")
ROW: dict[str, Any] = {
    "follow_up_id": UUID("018f0000-0000-7000-8000-000000000002"),
    "event": UUID("018f0000-0000-7000-8000-000000000003"),
    "number": "F0123456789",
    "kind": "complaint",
    "within": "P5D",
    "owner": "support",
    "state": "offered",
    "outcome": "solved",
    "refusals": 1,
    "begun_ms": 1_793_523_600_000,
    "due_ms": 1_793_955_600_000,
    "since_ms": 1_793_523_600_001,
    "version": 3,
}
OTHERS: dict[str, Any] = {
    "follow_up_id": CUSTOMER,
    "event": CUSTOMER,
    "number": "F0123456780",
    "kind": "call",
    "within": "P6D",
    "owner": "steward",
    "state": "settled",
    "outcome": "",
    "refusals": 2,
    "begun_ms": 0,
    "due_ms": 0,
    "since_ms": 0,
    "version": 4,
}


def test_the_bytes_are_those_of_the_format():
    row = follow_up_row(DEPLOYMENT, CUSTOMER, **ROW)
    ids = CUSTOMER.bytes + ROW["follow_up_id"].bytes + ROW["event"].bytes
    head = b"ownship/follow-up/v1\0" + DEPLOYMENT + ids
    numbers = (3).to_bytes(8) + (1).to_bytes(4)
    for name in ("begun_ms", "due_ms", "since_ms"):
        numbers += ROW[name].to_bytes(8)
    words = b"F0123456789\0complaint\0P5D\0support\0offered\0solved"
    assert row == head + numbers + words


@pytest.mark.parametrize("name", OTHERS)
def test_each_member_is_in_the_bytes(name):
    assert follow_up_row(DEPLOYMENT, CUSTOMER, **ROW) != follow_up_row(
        DEPLOYMENT, CUSTOMER, **{**ROW, name: OTHERS[name]}
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "comp\0laint"),  # would move the words after it
        ("kind", "réclamation"),
        ("refusals", -1),
        ("refusals", 2**32),
        ("version", -1),
        ("due_ms", 2**63),
    ],
)
def test_what_has_no_place_in_the_format_is_refused(name, value):
    with pytest.raises(FormatError):
        follow_up_row(DEPLOYMENT, CUSTOMER, **{**ROW, name: value})
