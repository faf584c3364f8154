"""Each member of a proposal's row is under its MAC, and what has no place in it has none."""

import hashlib
from typing import Any
from uuid import UUID

import pytest

from vault.core.errors import FormatError
from vault.core.ids import DeploymentId
from vault.crypto.proposal_mac import proposal_row

DEPLOYMENT = DeploymentId(bytes(range(16)))
ROW: dict[str, Any] = {
    "proposal_id": UUID(int=7),
    "digest": "ab" * 32,
    "words": ("P12345678", "code", "2026-12", "s-12345678", "open", ""),
    "version": 1,
    "made_ms": 1_000,
    "ends_ms": 2_000,
    "decided_ms": None,
}
OTHERS: dict[str, Any] = {
    "proposal_id": UUID(int=8),
    "digest": "cd" * 32,
    "words": ("P12345678", "code", "2026-12", "s-12345678", "approved", ""),
    "version": 2,
    "made_ms": 1_001,
    "ends_ms": 2_001,
    "decided_ms": 0,
}


def test_the_bytes_are_these():
    written = proposal_row(DEPLOYMENT, **ROW)
    assert written.startswith(b"ownship/proposal/v1\0" + DEPLOYMENT + UUID(int=7).bytes)
    assert hashlib.sha256(written).hexdigest() == (
        "89f1574fa474166365c227f144f5bdfc2cbf81a8559a559b5058b7538e651fd0"
    )


@pytest.mark.parametrize("member", ROW)
def test_each_member_changes_them(member):
    assert proposal_row(DEPLOYMENT, **ROW | {member: OTHERS[member]}) != proposal_row(
        DEPLOYMENT, **ROW
    )


@pytest.mark.parametrize(
    "change",
    [{"words": ("a\0b",)}, {"words": ("é",)}, {"version": -1}, {"digest": "AB"}],
    ids=["zero byte", "no ASCII", "below zero", "no digest"],
)
def test_what_has_no_place_is_refused(change):
    with pytest.raises(FormatError):
        proposal_row(DEPLOYMENT, **ROW | change)
