from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crypto.material import (
    CUSTOMER,
    DEPLOYMENT,
    ELSEWHERE,
    KEK,
    KEKS,
    SOMEONE_ELSE,
    recorded,
)
from tests.crypto.vectors import flips, load, raw
from vault.core.errors import CanonicalError, OpenError, TooLargeError
from vault.crypto import context
from vault.crypto.field import Place, SealedValue, open_each, open_values, seal_value
from vault.crypto.fingerprint import FINGERPRINT_BYTES, fingerprint
from vault.crypto.kek import Keks
from vault.crypto.keys import Kind, WrappedKey, new_key, unwrap
from vault.crypto.sealed import Box

VECTORS = load("field")
VECTOR_KEY = WrappedKey(CUSTOMER, Kind.PROFILE, 1, uuid4(), KEK.kek_id, raw(VECTORS["key_blob"]))
PROFILE = new_key(KEKS, CUSTOMER, Kind.PROFILE)
PLACE = Place(CUSTOMER, "contact.email", uuid4(), 1, 7)

# JSON as the vault keeps it: no floats, integers that every reader keeps exact.
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=40)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="ascii"), max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def stored(place: Place, sealed: bytes) -> SealedValue:
    return SealedValue(place.field, place.value_id, place.schema, place.row_version, sealed)


def sealed_email(value: object = "ana@example.org") -> SealedValue:
    return stored(PLACE, seal_value(KEKS, PROFILE, PLACE, value))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["field"])
def test_the_vectors_open(case):
    name, value_id = case["field"], UUID(case["value_id"])
    row = SealedValue(name, value_id, case["schema"], case["row_version"], raw(case["sealed"]))
    assert open_values(recorded(name), KEKS, VECTOR_KEY, [row]) == {name: case["value"]}
    prefix = context.value_prefix(DEPLOYMENT, CUSTOMER)
    tail = row.sealed[:6] + name.encode()
    made = context.value(prefix, value_id, row.schema, row.row_version, tail)
    assert made == raw(case["context"])


@given(JSON)
def test_every_json_value_comes_back_exactly(value):
    opened = open_values(recorded("contact.email"), KEKS, PROFILE, [sealed_email(value)])
    assert opened == {"contact.email": value}
    assert type(opened["contact.email"]) is type(value)


def test_lengths_are_hidden_in_steps():
    lengths = {len(sealed_email("x" * size).sealed) for size in range(27)}
    assert lengths == {34 + 32}


def test_the_same_value_seals_to_other_bytes():
    assert sealed_email().sealed != sealed_email().sealed


def test_ten_values_open_at_once_in_order():
    places = [Place(CUSTOMER, f"contact.f{n}", uuid4(), 1, n) for n in range(10)]
    rows = [stored(place, seal_value(KEKS, PROFILE, place, n)) for n, place in enumerate(places)]
    proof = recorded(*(place.field for place in places))
    assert open_values(proof, KEKS, PROFILE, rows) == {f"contact.f{n}": n for n in range(10)}
    assert open_each(proof, KEKS, PROFILE, rows[::-1]) == [*range(10)][::-1]


def test_nothing_asked_opens_nothing():
    assert open_values(recorded(), KEKS, PROFILE, []) == {}


def test_interactions_of_one_kind_open_each():
    places = [Place(CUSTOMER, "interaction.call", uuid4(), 1, 1) for _ in range(2)]
    rows = [stored(place, seal_value(KEKS, PROFILE, place, n)) for n, place in enumerate(places)]
    assert open_each(recorded("interaction.call"), KEKS, PROFILE, rows) == [0, 1]
    with pytest.raises(OpenError):
        open_values(recorded("interaction.call"), KEKS, PROFILE, rows)


def test_no_flipped_bit_opens():
    row = sealed_email(1)
    for changed in flips(row.sealed):
        with pytest.raises(OpenError):
            open_values(recorded("contact.email"), KEKS, PROFILE, [row._replace(sealed=changed)])


@pytest.mark.parametrize("end", [0, 1, 5, 6, 17, 33, 34, 65])
def test_no_cut_value_opens(end):
    row = sealed_email()
    with pytest.raises(OpenError):
        open_values(
            recorded("contact.email"), KEKS, PROFILE, [row._replace(sealed=row.sealed[:end])]
        )


@pytest.mark.parametrize(
    "change",
    [
        {"field": "contact.phone"},
        {"value_id": UUID(int=4)},
        {"schema": 2},
        {"row_version": 6},
        {"row_version": 8},
        {"schema": -1},
        {"schema": 2**32},
        {"row_version": 2**64},
    ],
    ids=repr,
)
def test_a_value_moved_to_another_row_does_not_open(change):
    row = sealed_email()._replace(**change)
    with pytest.raises(OpenError):
        open_values(recorded("contact.email", "contact.phone"), KEKS, PROFILE, [row])


def test_a_value_of_another_customer_does_not_open():
    theirs = new_key(KEKS, SOMEONE_ELSE, Kind.PROFILE)
    place = PLACE._replace(customer=SOMEONE_ELSE)
    row = stored(place, seal_value(KEKS, theirs, place, "bo@example.org"))
    proof = recorded("contact.email")
    with pytest.raises(OpenError):  # their key against a record about us
        open_values(proof, KEKS, theirs, [row])
    with pytest.raises(OpenError):  # our key for their row
        open_values(proof, KEKS, PROFILE, [row])
    with pytest.raises(OpenError):  # their key copied into our row
        open_values(proof, KEKS, replace(theirs, customer=CUSTOMER), [row])
    # Even when both have the same secret, the row is theirs.
    secret = unwrap(KEKS, PROFILE)
    header = bytes.fromhex("f10100000001")
    where = context.value_prefix(DEPLOYMENT, SOMEONE_ELSE)
    where = context.value(where, PLACE.value_id, 1, 7, header + b"contact.email")
    foreign = stored(PLACE, header + Box(secret).seal(where, bytes(32)))
    with pytest.raises(OpenError):
        open_values(proof, KEKS, PROFILE, [foreign])


def test_a_field_that_the_record_does_not_name_is_not_opened():
    with pytest.raises(OpenError):
        open_values(recorded("contact.phone"), KEKS, PROFILE, [sealed_email()])
    with pytest.raises(OpenError):
        open_values(recorded(), KEKS, PROFILE, [sealed_email()])


def test_one_bad_value_refuses_all():
    phone = Place(CUSTOMER, "contact.phone", uuid4(), 1, 1)
    good = stored(phone, seal_value(KEKS, PROFILE, phone, "1"))
    bad = sealed_email()._replace(row_version=1)
    with pytest.raises(OpenError):
        open_values(recorded("contact.email", "contact.phone"), KEKS, PROFILE, [good, bad])


def test_a_value_of_another_generation_does_not_open():
    newer = new_key(KEKS, CUSTOMER, Kind.PROFILE, 2)
    with pytest.raises(OpenError):
        open_values(recorded("contact.email"), KEKS, newer, [sealed_email()])


def test_a_value_does_not_open_in_another_deployment():
    there = Keks(ELSEWHERE, KEK)
    with pytest.raises(OpenError):
        open_values(recorded("contact.email"), there, PROFILE, [sealed_email()])


@pytest.mark.parametrize("kind", [Kind.AUDIT, Kind.EXPORT])
def test_another_kind_of_key_seals_and_opens_no_value(kind):
    key = new_key(KEKS, CUSTOMER, kind)
    with pytest.raises(OpenError):
        seal_value(KEKS, key, PLACE, 1)
    with pytest.raises(OpenError):
        open_values(recorded("contact.email"), KEKS, key, [])


def test_a_retained_value_opens_under_its_key():
    key = new_key(KEKS, CUSTOMER, Kind.RETAINED)
    row = stored(PLACE, seal_value(KEKS, key, PLACE, "kept by law"))
    opened = open_values(recorded("contact.email"), KEKS, key, [row])
    assert opened == {"contact.email": "kept by law"}


def test_a_value_is_not_sealed_under_someone_elses_key():
    with pytest.raises(OpenError):
        seal_value(KEKS, new_key(KEKS, SOMEONE_ELSE, Kind.PROFILE), PLACE, 1)


def test_a_value_is_at_most_32_kib():
    open_values(recorded("contact.email"), KEKS, PROFILE, [sealed_email("x" * 32_766)])
    with pytest.raises(TooLargeError):
        sealed_email("x" * 32_767)


@pytest.mark.parametrize("value", [1.5, "\ud800", 2**53, {"é": 1}, b"x"], ids=repr)
def test_what_is_no_json_of_ours_is_not_sealed(value):
    with pytest.raises(CanonicalError):
        sealed_email(value)


def test_sealed_text_that_is_no_json_does_not_open():
    header = bytes.fromhex("f10100000001")
    where = context.value_prefix(DEPLOYMENT, CUSTOMER)
    where = context.value(where, PLACE.value_id, 1, 7, header + b"contact.email")
    padded = (1).to_bytes(4) + b"{" + bytes(27)
    row = stored(PLACE, header + Box(unwrap(KEKS, PROFILE)).seal(where, padded))
    with pytest.raises(OpenError):
        open_values(recorded("contact.email"), KEKS, PROFILE, [row])


@pytest.mark.parametrize("case", load("fingerprint")["cases"], ids=lambda case: case["field"])
def test_fingerprints_are_those_of_the_vectors(case):
    made = fingerprint(KEKS, VECTOR_KEY, case["field"], case["value"])
    assert made == raw(case["fingerprint"])
    assert len(made) == FINGERPRINT_BYTES


def test_a_fingerprint_is_of_one_customer_field_and_value():
    made = {
        fingerprint(KEKS, key, field, value)
        for key in (PROFILE, new_key(KEKS, SOMEONE_ELSE, Kind.PROFILE))
        for field in ("contact.email", "contact.phone")
        for value in ("1", 1)
    }
    assert len(made) == 8
    assert fingerprint(KEKS, PROFILE, "contact.email", "1") in made
