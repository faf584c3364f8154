"""Attached files: each opens for its customer, its event's kind and its own id alone."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from tests.crypto.material import CUSTOMER, DEPLOYMENT, KEK, KEKS, SOMEONE_ELSE, recorded
from tests.crypto.vectors import flips, load, raw
from vault.core.attachment import MAX_BYTES
from vault.core.errors import OpenError, TooLargeError
from vault.crypto import context
from vault.crypto.attachment import open_attachment, seal_attachment
from vault.crypto.keys import Kind, WrappedKey, new_key

PROFILE = new_key(KEKS, CUSTOMER, Kind.PROFILE)
CALL = "interaction.call"


def test_the_file_of_the_vectors_opens():
    vector = load("attachment")
    key = WrappedKey(CUSTOMER, Kind.PROFILE, 1, uuid4(), KEK.kek_id, raw(vector["key_blob"]))
    attachment_id, field = UUID(vector["attachment_id"]), vector["field"]
    sealed = raw(vector["sealed"])
    opened = open_attachment(recorded(field), KEKS, key, attachment_id, field=field, sealed=sealed)
    assert opened == raw(vector["data"])
    made = context.attachment(
        DEPLOYMENT, CUSTOMER, attachment_id=attachment_id, header=sealed[:6], field=field
    )
    assert made == raw(vector["context"])


@pytest.mark.parametrize("size", [0, 1, 1019, 1020, 1021, MAX_BYTES])
def test_a_file_comes_back_exactly(size):
    attachment_id, data = uuid4(), b"\0" * size
    sealed = seal_attachment(KEKS, PROFILE, attachment_id, field=CALL, data=data)
    assert (
        open_attachment(recorded(CALL), KEKS, PROFILE, attachment_id, field=CALL, sealed=sealed)
        == data
    )


def test_a_file_of_one_byte_more_is_not_sealed():
    with pytest.raises(TooLargeError):
        seal_attachment(KEKS, PROFILE, uuid4(), field=CALL, data=b"x" * (MAX_BYTES + 1))


def test_a_file_opens_for_its_customer_kind_and_id_alone():
    attachment_id = uuid4()
    sealed = seal_attachment(KEKS, PROFILE, attachment_id, field=CALL, data=b"%PDF-")
    theirs = new_key(KEKS, SOMEONE_ELSE, Kind.PROFILE)
    later = new_key(KEKS, CUSTOMER, Kind.PROFILE, 2)
    right = (recorded(CALL), PROFILE, attachment_id, CALL, sealed)
    for record, key, its_id, field, data in (
        (recorded("interaction.visit"), *right[1:]),
        (recorded(CALL, customer=SOMEONE_ELSE), *right[1:]),
        (recorded(CALL, customer=SOMEONE_ELSE), theirs, *right[2:]),
        (recorded(CALL), replace(theirs, customer=CUSTOMER), *right[2:]),
        (recorded(CALL), later, *right[2:]),
        (recorded(CALL), new_key(KEKS, CUSTOMER, Kind.AUDIT), *right[2:]),
        (*right[:2], uuid4(), CALL, sealed),
        (recorded("interaction.visit"), PROFILE, attachment_id, "interaction.visit", sealed),
        (*right[:4], b""),
        *((*right[:4], changed) for changed in flips(sealed)[::7]),
    ):
        with pytest.raises(OpenError):
            open_attachment(record, KEKS, key, its_id, field=field, sealed=data)


def test_a_file_is_sealed_under_a_customers_profile_key_alone():
    for key in (new_key(KEKS, CUSTOMER, Kind.AUDIT), replace(PROFILE, customer=None)):
        with pytest.raises(OpenError):
            seal_attachment(KEKS, key, uuid4(), field=CALL, data=b"x")
