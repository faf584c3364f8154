"""A line of the journal reads back as it was, and nothing else reads."""

import hashlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core import erasure_journal as form
from vault.core.erasure_journal import Erased, Lifted
from vault.core.errors import FormatError
from vault.core.ids import CustomerId, DeploymentId

HERE = DeploymentId(bytes(range(16)))
KEY = b"k" * 32
ids = st.uuids()
marks = st.lists(st.binary(min_size=16, max_size=16), max_size=4).map(tuple)
times = st.integers(min_value=0, max_value=2**53 - 1)
lines = st.one_of(
    st.builds(Lifted, times, marks),
    st.builds(
        Erased,
        erasure_id=ids,
        at_ms=times,
        customer=ids.map(CustomerId),
        keys=st.lists(ids, max_size=4).map(tuple),
        marks=marks,
        backups_ms=times,
    ),
)
ONE = Erased(UUID(int=1), 5, CustomerId(UUID(int=2)), (UUID(int=3),), (bytes(16),), 9)


def mac(covered):
    return b"\x01" + hashlib.blake2b(covered, key=KEY, digest_size=16).digest()


def check(covered, found):
    return mac(covered) == found


def dump(line, before=None):
    return form.dump(line, deployment=HERE, before=before, mac=mac)


def load(text, before=None):
    return form.load(text, deployment=HERE, before=before, check=check)


@given(lines, st.none() | st.binary(max_size=40))
def test_what_is_written_is_read(line, before):
    text = dump(line, before)
    assert b"\n" not in text
    assert load(text, before) == line
    assert load(text, before=False) == line


@given(st.data())
def test_any_other_byte_is_refused(data):
    text = bytearray(dump(ONE))
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(FormatError):
        load(bytes(text))


@given(st.binary(max_size=200))
def test_bytes_that_are_no_line_are_refused(data):
    with pytest.raises(FormatError):
        load(data)


def test_a_line_stands_behind_one_line_alone():
    first = dump(ONE)
    second = dump(Lifted(6, ()), first)
    assert load(second, first) == Lifted(6, ())
    for other in (None, first + b" ", second):
        with pytest.raises(FormatError):
            load(second, other)


def test_a_line_of_another_deployment_is_refused():
    text = form.dump(ONE, deployment=DeploymentId(bytes(16)), before=None, mac=mac)
    with pytest.raises(FormatError):
        load(text)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "forgotten"},
        {"v": 2},
        {"keys": "x"},
        {"keys": ["x"]},
        {"at": "5"},
        {"at": True},
        {"tombstones": ["zz"]},
        {"customer": 5},
        {"backups_until": None},
    ],
)
def test_members_of_another_form_are_refused_even_under_a_good_mac(change):
    from vault.core import canonical

    members = canonical.loads(dump(ONE))
    del members["mac"]
    members |= change
    text = canonical.dumps(members | {"mac": mac(canonical.dumps(members)).hex()})
    with pytest.raises(FormatError):
        load(text)
