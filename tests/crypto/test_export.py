"""A package opens for its customer, its order and its key alone, whole, and against a record."""

import base64
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from tests.crypto.material import CUSTOMER, DEPLOYMENT, KEK, KEKS, SOMEONE_ELSE, recorded
from tests.crypto.vectors import load, raw
from vault.core.errors import OpenError
from vault.crypto import context
from vault.crypto.export import Opening, seal_export
from vault.crypto.keys import Kind, WrappedKey, new_key

KEY = new_key(KEKS, CUSTOMER, Kind.EXPORT)
EXPORT = uuid4()
TEXT = bytes(range(256)) * 200


def sealed(text=TEXT, *, key=KEY, export_id=EXPORT, step=5_000):
    head, sealer = seal_export(KEKS, key, export_id)
    parts = [sealer.add(text[place : place + step]) for place in range(0, len(text), step)]
    return b"".join((head, *parts, sealer.end()))


def opened(file, *, key=KEY, export_id=EXPORT, step=5_000, proof=None):
    opening = Opening(proof or recorded(), KEKS, key, export_id)
    parts = [opening.add(file[place : place + step]) for place in range(0, len(file), step)]
    return b"".join((*parts, opening.end()))


def test_the_export_of_the_vectors_opens():
    vector = load("export")
    blob, file = raw(vector["key_blob"]), raw(vector["file"])
    key = WrappedKey(CUSTOMER, Kind.EXPORT, 1, uuid4(), KEK.kek_id, blob)
    export_id = UUID(vector["export_id"])
    assert opened(file, key=key, export_id=export_id).decode() == vector["text"]
    assert file[:20] == b"OEX1" + export_id.bytes
    assert context.export(DEPLOYMENT, CUSTOMER, file[:20]) == raw(vector["context"])
    assert base64.b32decode(vector["key_base32"] + "====") == raw(vector["key"])


@pytest.mark.parametrize("size", [0, 1, 16_383, 16_384, 16_385, 51_200])
@pytest.mark.parametrize("step", [1_000, 40_000])
def test_a_package_comes_back_exactly_however_it_is_cut(size, step):
    text = TEXT[:size]
    file = sealed(text, step=step)
    assert len(file) == 20 + 56 + size + 16 * (size // 16_384 + 1)
    assert opened(file, step=step) == text


def test_a_package_opens_when_it_comes_byte_by_byte():
    assert opened(sealed(b"own ship"), step=1) == b"own ship"


def test_a_package_opens_for_its_customer_order_and_key_alone():
    file = sealed()
    theirs = new_key(KEKS, SOMEONE_ELSE, Kind.EXPORT)
    for changed in (
        {"export_id": uuid4()},
        {"key": new_key(KEKS, CUSTOMER, Kind.EXPORT)},
        {"key": theirs, "proof": recorded(customer=SOMEONE_ELSE)},
        {"key": replace(theirs, customer=CUSTOMER)},
        {"key": theirs},
        {"proof": recorded(customer=SOMEONE_ELSE)},
    ):
        with pytest.raises(OpenError):
            opened(file, **changed)


def test_only_a_key_of_an_export_seals_or_opens_one():
    for key in (new_key(KEKS, CUSTOMER, Kind.PROFILE), new_key(KEKS, CUSTOMER, Kind.AUDIT)):
        with pytest.raises(OpenError):
            seal_export(KEKS, key, EXPORT)
        with pytest.raises(OpenError):
            opened(sealed(), key=key)
    with pytest.raises(OpenError):
        seal_export(KEKS, replace(KEY, customer=None), EXPORT)


def test_a_changed_byte_anywhere_is_found():
    file = sealed(TEXT[:100])
    for place in range(len(file)):
        with pytest.raises(OpenError):
            opened(file[:place] + bytes((file[place] ^ 1,)) + file[place + 1 :], step=37)


def test_a_cut_or_longer_file_is_found():
    file = sealed()
    for other in (b"", file[:10], file[:20], file[:60], file[:-1], file + b"\0", file[:16_476]):
        with pytest.raises(OpenError):
            opened(other)
