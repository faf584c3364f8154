"""Whatever of a survey's link is changed, its bytes are others."""

from typing import Any
from uuid import UUID

import pytest

from tests.crypto.material import CUSTOMER, DEPLOYMENT, ELSEWHERE, SOMEONE_ELSE
from vault.core.errors import FormatError
from vault.crypto.survey_mac import survey_link_row

GIVEN: dict[str, Any] = {
    "link": bytes(31) + b"\1",
    "survey": "visit",
    "about": UUID(int=1),
    "code": "0a" * 32,
    "expires_ms": 1_826_962_200_000,
}


def test_every_member_is_in_the_bytes():
    changes: tuple[dict[str, Any], ...] = (
        {"link": bytes(32)},
        {"survey": "delivery"},
        {"about": UUID(int=2)},
        {"code": "0b" * 32},
        {"expires_ms": 1},
    )
    rows = {survey_link_row(DEPLOYMENT, CUSTOMER, **GIVEN | change) for change in changes}
    rows |= {
        survey_link_row(DEPLOYMENT, SOMEONE_ELSE, **GIVEN),
        survey_link_row(ELSEWHERE, CUSTOMER, **GIVEN),
    }
    assert survey_link_row(DEPLOYMENT, CUSTOMER, **GIVEN) not in rows
    assert len(rows) == len(changes) + 2


def test_the_bytes_are_those_of_the_document():
    row = survey_link_row(DEPLOYMENT, CUSTOMER, **GIVEN)
    head = b"ownship/survey-link/v1\0" + DEPLOYMENT + CUSTOMER.bytes + GIVEN["link"]
    assert row.startswith(head + bytes(15) + b"\1" + b"\x0a" * 32)
    assert len(row) == len(head) + 16 + 32 + 8 + 16


@pytest.mark.parametrize(
    "wrong", [{"link": b"short"}, {"code": "zz"}, {"expires_ms": 2**63}], ids=repr
)
def test_what_has_no_place_is_refused(wrong):
    with pytest.raises(FormatError):
        survey_link_row(DEPLOYMENT, CUSTOMER, **GIVEN | wrong)
