from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from tests.crypto.material import CUSTOMER, DEPLOYMENT, ELSEWHERE, KEK, KEKS, SOMEONE_ELSE
from tests.crypto.vectors import flips, load, raw
from vault.core.errors import OpenError
from vault.core.ids import DeploymentId
from vault.crypto import context, keys
from vault.crypto.kek import Kek, Keks
from vault.crypto.keys import Kind, WrappedKey, new_key, rewrap, unwrap

VECTORS = load("key")
NEXT = Kek(UUID("00000000-0000-4000-8000-000000000002"), 2, bytes(range(0x50, 0x70)))


def wrapped(case: dict) -> WrappedKey:
    customer = UUID(case["customer"]) if case["customer"] else None
    kind, blob = Kind[case["kind"]], raw(case["blob"])
    return WrappedKey(customer, kind, case["generation"], uuid4(), KEK.kek_id, blob, case["use"])


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["kind"] + case["use"])
def test_the_vectors_unwrap(case):
    assert unwrap(KEKS, wrapped(case)) == raw(case["secret"])
    customer = UUID(case["customer"]) if case["customer"] else None
    name = f"service/{case['use']}" if case["use"] else case["kind"].lower()
    made = context.key(DEPLOYMENT, raw(case["blob"])[:18], customer, case["generation"], name)
    assert made == raw(case["context"])


def test_the_material_of_the_tests_is_that_of_the_vectors():
    assert raw(VECTORS["deployment"]) == DEPLOYMENT
    assert raw(VECTORS["kek"]) == KEK.secret
    assert UUID(VECTORS["kek_id"]) == KEK.kek_id


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.SERVICE])
def test_a_new_key_is_random_and_78_bytes_wrapped(kind):
    first, second = (new_key(KEKS, CUSTOMER, kind, 3) for _ in range(2))
    assert unwrap(KEKS, first) != unwrap(KEKS, second)
    assert first.key_id != second.key_id
    assert len(first.blob) == keys.OW1_BYTES
    assert len(unwrap(KEKS, first)) == 32
    assert (first.customer, first.kind, first.generation, first.kek_id) == (
        CUSTOMER,
        kind,
        3,
        KEK.kek_id,
    )


@pytest.mark.parametrize("generation", [-1, 0, 2**32])
def test_a_generation_out_of_range_is_refused(generation):
    with pytest.raises(ValueError, match="generations"):
        new_key(KEKS, CUSTOMER, Kind.PROFILE, generation)


def test_a_service_key_is_not_made_for_a_customer():
    with pytest.raises(ValueError, match="no customer"):
        new_key(KEKS, CUSTOMER, Kind.SERVICE)


def test_no_flipped_bit_unwraps():
    key = new_key(KEKS, CUSTOMER, Kind.PROFILE)
    for changed in flips(key.blob):
        with pytest.raises(OpenError):
            unwrap(KEKS, replace(key, blob=changed))


@pytest.mark.parametrize(
    "change",
    [
        {"customer": SOMEONE_ELSE},
        {"customer": None},
        {"kind": Kind.AUDIT},
        {"kind": Kind.SERVICE},
        {"kind": Kind.SERVICE, "use": "index"},
        {"generation": 2},
        {"generation": 0},
        {"kek_id": NEXT.kek_id},
        {"kek_id": UUID(int=4)},
        {"blob": b""},
    ],
    ids=repr,
)
def test_a_key_moved_to_another_row_does_not_unwrap(change):
    key = new_key(KEKS, CUSTOMER, Kind.PROFILE)
    with pytest.raises(OpenError):
        unwrap(Keks(DEPLOYMENT, KEK, [NEXT]), replace(key, **change))


def test_a_key_does_not_unwrap_in_another_deployment():
    key = new_key(KEKS, CUSTOMER, Kind.PROFILE)
    with pytest.raises(OpenError):
        unwrap(Keks(ELSEWHERE, KEK), key)


@pytest.mark.parametrize("cut", [0, 1, 17, 30, 77])
def test_no_cut_and_no_longer_blob_unwraps(cut):
    key = new_key(KEKS, CUSTOMER, Kind.PROFILE)
    for blob in (key.blob[:cut], key.blob + b"\0"):
        with pytest.raises(OpenError):
            unwrap(KEKS, replace(key, blob=blob))


def test_rewrapping_keeps_the_key_and_changes_the_kek():
    old = new_key(KEKS, CUSTOMER, Kind.PROFILE, 2)
    both = Keks(DEPLOYMENT, NEXT, [KEK])
    new = rewrap(both, old)
    assert unwrap(both, new) == unwrap(both, old)
    assert (new.customer, new.kind, new.generation, new.key_id) == (CUSTOMER, *old_parts(old))
    assert new.kek_id == NEXT.kek_id
    # Rewrapping twice, as after a kill, is harmless; and the old KEK is not needed any more.
    assert unwrap(Keks(DEPLOYMENT, NEXT), rewrap(both, new)) == unwrap(both, old)
    with pytest.raises(OpenError):
        unwrap(Keks(DEPLOYMENT, NEXT), old)


def old_parts(key: WrappedKey) -> tuple:
    return key.kind, key.generation, key.key_id


def test_a_service_key_is_bound_to_its_use():
    index = keys.new_service_key(KEKS, "index")
    opened = keys.unwrap_service(KEKS, index)
    assert (opened.use, opened.generation, opened.deployment) == ("index", 1, DEPLOYMENT)
    assert opened.secret == unwrap(KEKS, index)
    with pytest.raises(OpenError):
        keys.unwrap_service(KEKS, replace(index, use="pairwise"))
    with pytest.raises(OpenError):
        keys.unwrap_service(KEKS, replace(index, generation=2))


def test_a_given_secret_is_wrapped_and_rewrapped_as_a_service_key():
    key = keys.wrap_service(KEKS, "log", secret=bytes(range(32)), generation=255)
    moved = rewrap(Keks(DEPLOYMENT, NEXT, [KEK]), key)
    opened = keys.unwrap_service(Keks(DEPLOYMENT, NEXT), moved)
    assert (opened.secret, opened.use, opened.generation) == (bytes(range(32)), "log", 255)


@pytest.mark.parametrize(
    ("use", "secret", "generation"),
    [("", bytes(32), 1), ("log", bytes(31), 1), ("log", bytes(32), 0), ("log", bytes(32), 256)],
)
def test_a_service_key_of_another_shape_is_not_wrapped(use, secret, generation):
    with pytest.raises(ValueError, match="service key"):
        keys.wrap_service(KEKS, use, secret=secret, generation=generation)


def test_a_customers_key_is_no_service_key():
    with pytest.raises(OpenError):
        keys.unwrap_service(KEKS, new_key(KEKS, CUSTOMER, Kind.AUDIT))


def test_a_kek_that_the_process_does_not_hold_opens_nothing():
    assert KEKS.get(KEK.kek_id) is KEK
    with pytest.raises(OpenError):
        KEKS.get(uuid4())


def test_a_deployment_id_of_another_length_is_refused():
    with pytest.raises(ValueError, match="16 bytes"):
        Keks(DeploymentId(bytes(15)), KEK)


def test_no_secret_is_shown():
    key = new_key(KEKS, CUSTOMER, Kind.PROFILE)
    assert KEK.secret.hex()[:8] not in repr(KEK)
    assert "secret" not in repr(KEK)
    assert "blob" not in repr(key)
