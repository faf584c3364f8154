"""Whatever of a legal hold's row is changed, its bytes are others."""

from typing import Any
from uuid import UUID

import pytest

from tests.crypto.material import CUSTOMER, DEPLOYMENT, ELSEWHERE, SOMEONE_ELSE
from vault.core.errors import FormatError
from vault.crypto.hold_mac import hold_row

GIVEN: dict[str, Any] = {
    "hold_id": UUID(int=1),
    "ground": "law",
    "names": ["contact.email"],
    "until_ms": 1_826_962_200_000,
    "made_ms": 1_795_426_200_000,
    "made_by": "operator",
    "reason": b"sealed",
}


def test_every_member_is_in_the_bytes():
    changes: tuple[dict[str, Any], ...] = (
        {"hold_id": UUID(int=2)},
        {"ground": "authority"},
        {"names": []},
        {"until_ms": 1},
        {"made_ms": 1},
        {"made_by": "staff:heron"},
        {"reason": b"other"},
    )
    rows = {hold_row(DEPLOYMENT, CUSTOMER, **GIVEN | change) for change in changes}
    rows |= {hold_row(DEPLOYMENT, SOMEONE_ELSE, **GIVEN), hold_row(ELSEWHERE, CUSTOMER, **GIVEN)}
    assert hold_row(DEPLOYMENT, CUSTOMER, **GIVEN) not in rows
    assert len(rows) == len(changes) + 2


def test_the_bytes_are_those_of_the_document():
    row = hold_row(DEPLOYMENT, CUSTOMER, **GIVEN)
    assert row.startswith(b"ownship/hold/v1\0" + DEPLOYMENT + CUSTOMER.bytes + bytes(15) + b"\1")
    assert row.endswith(b"law\0operator\0sealed")


@pytest.mark.parametrize(
    "wrong", [{"ground": "a\0b"}, {"made_by": "ã"}, {"until_ms": 2**63}], ids=repr
)
def test_what_has_no_place_is_refused(wrong):
    with pytest.raises(FormatError):
        hold_row(DEPLOYMENT, CUSTOMER, **GIVEN | wrong)
