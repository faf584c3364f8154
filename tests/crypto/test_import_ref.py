"""A row of a file is known by a keyed hash, and what it became is under a MAC."""

from uuid import uuid4

import pytest

from tests.crypto.material import CUSTOMER, DEPLOYMENT, SOMEONE_ELSE
from vault.core.errors import FormatError
from vault.crypto.import_ref import REF_BYTES, import_ref_row, reference
from vault.crypto.service_key import ServiceKey

KEY = ServiceKey("index", 1, bytes(range(32)), DEPLOYMENT)
OTHER = ServiceKey("index", 2, bytes(range(32)), DEPLOYMENT)


def test_a_reference_is_of_one_file_one_key_and_one_generation():
    made = {
        reference(key, file, text)
        for key in (KEY, OTHER)
        for file in ("customers", "orders")
        for text in ("1", "2")
    }
    assert {len(one) for one in made} == {REF_BYTES}
    assert len({one[1:] for one in made}) == 8
    assert reference(KEY, "orders", "1") == reference(KEY, "orders", "1")


def test_every_part_of_the_row_is_in_its_bytes():
    ref = reference(KEY, "orders", "1")
    event = uuid4()
    made = {
        import_ref_row(DEPLOYMENT, CUSTOMER, ref=ref, interaction=event),
        import_ref_row(DEPLOYMENT, CUSTOMER, ref=ref, interaction=None),
        import_ref_row(DEPLOYMENT, SOMEONE_ELSE, ref=ref, interaction=event),
        import_ref_row(DEPLOYMENT, CUSTOMER, ref=ref[::-1], interaction=event),
    }
    assert len(made) == 4


def test_a_reference_of_another_length_has_no_row():
    with pytest.raises(FormatError):
        import_ref_row(DEPLOYMENT, CUSTOMER, ref=b"x", interaction=None)
