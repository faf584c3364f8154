import inspect
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.crypto.material import CUSTOMER, DEPLOYMENT, ELSEWHERE, SOMEONE_ELSE, service
from tests.crypto.vectors import flips, load, raw
from vault.core.errors import FormatError
from vault.crypto import row_mac
from vault.crypto.row_mac import check_row

KEY = service("row-mac")
VECTORS = load("row_mac")
CONSENT: dict[str, Any] = {
    "consent_id": UUID(int=1),
    "purpose": "delivery",
    "app": None,
    "state": "given",
    "epoch": 3,
    "from_ms": 1_795_426_200_000,
    "until_ms": 1_826_962_200_000,
    "code": "0a" * 32,
    "fields": ["contact.email", "contact.phone"],
    "shown": "0b" * 32,
}
STANDING: dict[str, Any] = {
    "epoch": 3,
    "flags": 0,
    "objections": ["marketing"],
    "terms": b'{"paused":false}',
}


def written(case: dict) -> bytes:
    """Return the row of a vector."""
    members = {
        name: case[name]
        for name in inspect.signature(getattr(row_mac, f"{case['table']}_row")).parameters
        if name in case
    }
    for name in ("customer", "consent_id", "value_id"):
        if name in members:
            members[name] = UUID(members[name])
    if "terms" in members:
        members["terms"] = members["terms"].encode()
    if "idx" in members:
        members["idx"] = raw(members["idx"])
    of: bytes = DEPLOYMENT
    if case["table"] == "value":
        of = row_mac.value_prefix(DEPLOYMENT, UUID(case["customer"]))
    return getattr(row_mac, f"{case['table']}_row")(of, **members)


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["table"])
def test_the_vectors_are_made(case):
    assert raw(VECTORS["key"]) == KEY.secret
    row = written(case)
    assert row == raw(case["row"])
    assert row_mac.row_mac(KEY, case["table"], row) == raw(case["mac"])
    assert check_row(KEY, case["table"], row, raw(case["mac"]))


def test_the_numbers_of_the_states_are_those_of_the_vectors():
    assert VECTORS["states"] == row_mac.STATES


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["table"])
def test_no_flipped_bit_of_row_or_mac_passes(case):
    row, mac = raw(case["row"]), raw(case["mac"])
    assert not any(check_row(KEY, case["table"], changed, mac) for changed in flips(row))
    assert not any(check_row(KEY, case["table"], row, changed) for changed in flips(mac))


@pytest.mark.parametrize("mac", [b"", b"\1", bytes(16), bytes(17), bytes(18)], ids=len)
def test_a_mac_of_another_length_does_not_pass(mac):
    row = row_mac.standing_row(DEPLOYMENT, CUSTOMER, **STANDING)
    assert not check_row(KEY, row_mac.STANDING, row, mac)
    assert not check_row(
        KEY, row_mac.STANDING, row, row_mac.row_mac(KEY, row_mac.STANDING, row)[:16]
    )


def test_a_mac_is_bound_to_table_key_generation_and_deployment():
    row = row_mac.standing_row(DEPLOYMENT, CUSTOMER, **STANDING)
    mac = row_mac.row_mac(KEY, row_mac.STANDING, row)
    assert not check_row(KEY, row_mac.CONSENT, row, mac)
    assert not check_row(service("row-mac", generation=2), row_mac.STANDING, row, mac)
    assert not check_row(service("row-mac", deployment=ELSEWHERE), row_mac.STANDING, row, mac)


@pytest.mark.parametrize(
    "change",
    [
        {"consent_id": UUID(int=2)},
        {"purpose": "marketing"},
        {"app": "delivery"},
        {"state": "renewed"},
        {"epoch": 2},
        {"from_ms": 1_795_426_200_001},
        {"until_ms": None},
        {"until_ms": 1_826_962_200_001},
        {"code": "0c" * 32},
        {"fields": ["contact.email"]},
        {"fields": []},
        {"shown": "0c" * 32},
        {"shown": None},
    ],
    ids=repr,
)
def test_every_member_of_a_consent_is_under_its_mac(change):
    row = row_mac.consent_row(DEPLOYMENT, CUSTOMER, **CONSENT)
    mac = row_mac.row_mac(KEY, row_mac.CONSENT, row)
    edited = row_mac.consent_row(DEPLOYMENT, CUSTOMER, **(CONSENT | change))
    assert len(edited) == len(row)
    assert not check_row(KEY, row_mac.CONSENT, edited, mac)


def test_a_row_of_another_customer_or_deployment_has_another_mac():
    for row_of, members in ((row_mac.consent_row, CONSENT), (row_mac.standing_row, STANDING)):
        rows = {
            row_of(DEPLOYMENT, CUSTOMER, **members),
            row_of(DEPLOYMENT, SOMEONE_ELSE, **members),
            row_of(ELSEWHERE, CUSTOMER, **members),
        }
        assert len(rows) == 3


@pytest.mark.parametrize(
    "change", [{"epoch": 4}, {"flags": 1}, {"objections": []}, {"terms": b"{}"}], ids=repr
)
def test_every_member_of_the_standing_row_is_under_its_mac(change):
    row = row_mac.standing_row(DEPLOYMENT, CUSTOMER, **STANDING)
    mac = row_mac.row_mac(KEY, row_mac.STANDING, row)
    edited = row_mac.standing_row(DEPLOYMENT, CUSTOMER, **(STANDING | change))
    assert not check_row(KEY, row_mac.STANDING, edited, mac)


def test_the_order_of_fields_and_objections_does_not_matter():
    turned = CONSENT | {"fields": reversed(CONSENT["fields"])}
    assert row_mac.consent_row(DEPLOYMENT, CUSTOMER, **turned) == row_mac.consent_row(
        DEPLOYMENT, CUSTOMER, **CONSENT
    )


def test_an_identifier_led_to_another_customer_is_found():
    ours = row_mac.lookup_row(DEPLOYMENT, CUSTOMER, idx=bytes(17), kind=1)
    mac = row_mac.row_mac(KEY, row_mac.LOOKUP, ours)
    for edited in (
        row_mac.lookup_row(DEPLOYMENT, SOMEONE_ELSE, idx=bytes(17), kind=1),
        row_mac.lookup_row(DEPLOYMENT, CUSTOMER, idx=bytes(16) + b"\1", kind=1),
        row_mac.lookup_row(DEPLOYMENT, CUSTOMER, idx=bytes(17), kind=2),
    ):
        assert not check_row(KEY, row_mac.LOOKUP, edited, mac)


def test_an_edited_registration_is_found():
    ours = row_mac.app_row(DEPLOYMENT, app="delivery", registration="0a" * 32)
    mac = row_mac.row_mac(KEY, row_mac.APP, ours)
    for app, registration in (("delivery", "0b" * 32), ("crm", "0a" * 32)):
        edited = row_mac.app_row(DEPLOYMENT, app=app, registration=registration)
        assert not check_row(KEY, row_mac.APP, edited, mac)


STATE: dict[str, Any] = {
    "app": "delivery",
    "registration": "0a" * 32,
    "version": 2,
    "frozen": True,
    "valid_from_ms": 1_795_426_200_000,
}


@pytest.mark.parametrize(
    "change",
    [
        {"app": "newsletter"},
        {"registration": "0b" * 32},
        {"version": 3},
        {"frozen": False},
        {"valid_from_ms": 0},
    ],
    ids=repr,
)
def test_every_member_of_an_apps_state_is_under_its_mac(change):
    mac = row_mac.row_mac(KEY, row_mac.APP_STATE, row_mac.app_state_row(DEPLOYMENT, **STATE))
    edited = row_mac.app_state_row(DEPLOYMENT, **(STATE | change))
    assert not check_row(KEY, row_mac.APP_STATE, edited, mac)


@pytest.mark.parametrize(
    "change", [{"registration": "0a"}, {"version": -1}, {"valid_from_ms": 2**63}], ids=repr
)
def test_a_state_that_has_no_place_in_the_format_is_refused(change):
    with pytest.raises(FormatError):
        row_mac.app_state_row(DEPLOYMENT, **(STATE | change))


def test_a_code_of_another_name_document_or_time_is_found():
    said: dict[str, Any] = {"version": "2026-11", "digest": "0a" * 32, "effective_ms": 0}
    mac = row_mac.row_mac(KEY, row_mac.CODE, row_mac.code_row(DEPLOYMENT, **said))
    for change in ({"version": "2026-12"}, {"digest": "0b" * 32}, {"effective_ms": -1}):
        edited = row_mac.code_row(DEPLOYMENT, **(said | change))
        assert not check_row(KEY, row_mac.CODE, edited, mac)


@pytest.mark.parametrize("change", [{"digest": "sha256"}, {"effective_ms": 2**63}], ids=repr)
def test_a_code_that_has_no_place_in_the_format_is_refused(change):
    said: dict[str, Any] = {"version": "2026-11", "digest": "0a" * 32, "effective_ms": 0}
    with pytest.raises(FormatError):
        row_mac.code_row(DEPLOYMENT, **(said | change))


@pytest.mark.parametrize(
    "change",
    [
        {"state": "granted"},
        {"epoch": -1},
        {"epoch": 2**64},
        {"from_ms": 2**63},
        {"until_ms": -(2**63) - 1},
        {"code": "0a"},
        {"shown": "zz" * 32},
    ],
    ids=repr,
)
def test_a_consent_that_has_no_place_in_the_format_is_refused(change):
    with pytest.raises(FormatError):
        row_mac.consent_row(DEPLOYMENT, CUSTOMER, **(CONSENT | change))


@pytest.mark.parametrize("change", [{"epoch": -1}, {"flags": 256}, {"flags": -1}], ids=repr)
def test_a_standing_row_that_has_no_place_in_the_format_is_refused(change):
    with pytest.raises(FormatError):
        row_mac.standing_row(DEPLOYMENT, CUSTOMER, **(STANDING | change))


@pytest.mark.parametrize(("idx", "kind"), [(bytes(16), 1), (bytes(17), 256), (bytes(17), -1)])
def test_a_lookup_that_has_no_place_in_the_format_is_refused(idx, kind):
    with pytest.raises(FormatError):
        row_mac.lookup_row(DEPLOYMENT, uuid4(), idx=idx, kind=kind)


def test_a_registration_without_a_digest_is_refused():
    with pytest.raises(FormatError):
        row_mac.app_row(DEPLOYMENT, app="delivery", registration="sha256")


VALUE: dict[str, Any] = {
    "field": "contact.email",
    "value_id": UUID(int=1),
    "row_version": 3,
    "source": "third-party",
    "gathered_ms": 1_795_426_200_000,
    "told_ms": None,
    "disputed_ms": 1_795_426_200_000,
    "verified_ms": None,
}


@pytest.mark.parametrize(
    "change",
    [
        {"field": "contact.emai1"},
        {"value_id": UUID(int=2)},
        {"row_version": 2},
        {"source": "told"},
        {"source": "third-party\0"},
        {"gathered_ms": 1_795_426_200_001},
        {"told_ms": 1_795_426_200_000},
        {"disputed_ms": None},
        {"disputed_ms": 0},
        {"verified_ms": 0},
        {"told_ms": 1_795_426_200_000, "disputed_ms": None},
    ],
    ids=repr,
)
def test_every_member_of_a_values_row_is_under_its_mac(change):
    prefix = row_mac.value_prefix(DEPLOYMENT, CUSTOMER)
    mac = row_mac.row_mac(KEY, row_mac.VALUE, row_mac.value_row(prefix, **VALUE))
    edited = row_mac.value_row(prefix, **(VALUE | change))
    assert not check_row(KEY, row_mac.VALUE, edited, mac)


@pytest.mark.parametrize("change", [{"row_version": -1}, {"told_ms": 2**63}], ids=repr)
def test_a_value_that_has_no_place_in_the_format_is_refused(change):
    with pytest.raises(FormatError):
        row_mac.value_row(row_mac.value_prefix(DEPLOYMENT, CUSTOMER), **(VALUE | change))
