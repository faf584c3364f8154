"""One key for a whole write: its bytes are those of the functions for one value."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.crypto.material import CUSTOMER, KEKS, SOMEONE_ELSE, recorded
from vault.core import canonical
from vault.core.errors import OpenError, TooLargeError
from vault.crypto.field import MAX_VALUE, Place, SealedValue, open_each
from vault.crypto.fingerprint import fingerprint
from vault.crypto.keys import Kind, new_key
from vault.crypto.profile_key import ProfileKey

PROFILE = new_key(KEKS, CUSTOMER, Kind.PROFILE)
PLACE = Place(CUSTOMER, "contact.email", uuid4(), 1, 7)


@given(st.lists(st.text(max_size=40) | st.integers(0, 99), max_size=5))
def test_what_it_seals_opens_each_in_its_place(values):
    places = [PLACE._replace(value_id=uuid4(), row_version=n) for n, _ in enumerate(values)]
    sealed = ProfileKey(KEKS, PROFILE).seal(places, [canonical.dumps(one) for one in values])
    rows = [
        SealedValue(place.field, place.value_id, place.schema, place.row_version, one)
        for place, one in zip(places, sealed, strict=True)
    ]
    assert open_each(recorded("contact.email"), KEKS, PROFILE, rows) == values
    assert len({one[6:18] for one in sealed}) == len(values)  # no nonce twice


@given(st.text(max_size=40))
def test_its_fingerprints_are_those_of_one_value(value):
    key = ProfileKey(KEKS, PROFILE)
    assert key.fingerprint("contact.email", canonical.dumps(value)) == fingerprint(
        KEKS, PROFILE, "contact.email", value
    )


def test_a_place_of_somebody_else_is_refused():
    with pytest.raises(OpenError):
        ProfileKey(KEKS, PROFILE).seal([PLACE._replace(customer=SOMEONE_ELSE)], [b"1"])


def test_a_value_that_is_too_large_is_refused():
    with pytest.raises(TooLargeError):
        ProfileKey(KEKS, PROFILE).seal([PLACE], [b"x" * (MAX_VALUE + 1)])


@pytest.mark.parametrize("kind", [Kind.AUDIT, Kind.EXPORT])
def test_a_key_of_another_kind_is_refused(kind):
    with pytest.raises(OpenError):
        ProfileKey(KEKS, new_key(KEKS, CUSTOMER, kind))
