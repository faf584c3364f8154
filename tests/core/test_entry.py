import dataclasses
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core import entry
from vault.core.entry import EntryClass, Header, Kind, Suite
from vault.core.errors import FormatError

U64 = st.integers(0, 2**64 - 1)


@st.composite
def headers(draw):
    parts = draw(st.integers(1, 1_000))
    system = draw(st.booleans())
    return Header(
        log_id=draw(st.integers(0, 2**16 - 1)),
        entry_class=EntryClass.SYSTEM if system else EntryClass.CUSTOMER,
        suite=Suite.CLEAR if system else Suite.COMMITTED,
        at=draw(U64),
        writer=draw(st.binary(min_size=16, max_size=16)),
        seq=draw(U64),
        part=draw(st.integers(0, parts - 1)),
        parts=parts,
        seen=draw(U64),
        tag=bytes(16) if system else draw(st.binary(min_size=16, max_size=16)),
        veil=bytes(9) if system else draw(st.binary(min_size=9, max_size=9)),
        facts=bytes(32) if system else draw(st.binary(min_size=32, max_size=32)),
        length=draw(st.integers(0, entry.MAX_PAYLOAD)),
    )


SAMPLE = Header(
    log_id=1,
    entry_class=EntryClass.CUSTOMER,
    suite=Suite.COMMITTED,
    at=2,
    writer=bytes(range(16)),
    seq=3,
    part=4,
    parts=5,
    seen=6,
    tag=b"t" * 16,
    veil=b"v" * 9,
    facts=b"f" * 32,
    length=7,
)


def test_each_member_stands_at_its_offset():
    packed = SAMPLE.pack()
    assert len(packed) == 112
    assert packed[0:4] == b"OAL1"
    assert packed[4:6] == bytes((0, 1))
    assert packed[6:8] == bytes((1, 1))
    assert packed[8:16] == (2).to_bytes(8)
    assert packed[16:32] == bytes(range(16))
    assert packed[32:40] == (3).to_bytes(8)
    assert packed[40:44] == bytes((0, 4, 0, 5))
    assert packed[44:52] == (6).to_bytes(8)
    assert packed[52:68] == b"t" * 16
    assert packed[68:77] == b"v" * 9
    assert packed[77] == 0
    assert packed[78:110] == b"f" * 32
    assert packed[110:112] == bytes((0, 7))


@given(headers())
def test_a_header_comes_back_from_its_bytes(header):
    assert Header.parse(header.pack()) == header


@given(st.binary(max_size=200))
def test_other_bytes_raise_the_documented_error_only(data):
    with pytest.raises(FormatError):
        entry.parse(data)


@pytest.mark.parametrize(
    ("place", "value", "why"),
    [
        (0, b"OAL2", "unknown version"),
        (6, b"\x03", "unknown class"),
        (7, b"\x02", "unknown suite"),
        (7, b"\x00", "a customer's payload in clear"),
        (6, b"\x02", "a system's entry that is sealed"),
        (40, b"\x00\x05", "a part beyond the parts"),
        (40, b"\x00\x00\x00\x00", "no parts at all"),
        (42, b"\x03\xe9", "more parts than a batch holds"),
        (77, b"\x01", "the zero byte"),
    ],
)
def test_a_header_that_is_not_of_the_format_is_refused(place, value, why):
    packed = bytearray(SAMPLE.pack())
    packed[place : place + len(value)] = value
    with pytest.raises(FormatError):
        Header.parse(bytes(packed))


@pytest.mark.parametrize("place", [52, 68, 78])
def test_an_entry_of_the_system_has_no_tag_veil_or_facts(place):
    system = dataclasses.replace(
        SAMPLE,
        entry_class=EntryClass.SYSTEM,
        suite=Suite.CLEAR,
        tag=bytes(16),
        veil=bytes(9),
        facts=bytes(32),
    )
    packed = bytearray(system.pack())
    packed[place] = 1
    with pytest.raises(FormatError):
        Header.parse(bytes(packed))


@pytest.mark.parametrize(
    "change",
    [
        {"log_id": 2**16},
        {"seq": -1},
        {"at": 2**64},
        {"writer": b"short"},
        {"tag": bytes(15)},
        {"veil": bytes(10)},
        {"facts": bytes(31)},
        {"length": entry.MAX_PAYLOAD + 1},
        {"part": 5},
    ],
)
def test_a_member_without_a_place_is_not_packed(change):
    with pytest.raises(FormatError):
        dataclasses.replace(SAMPLE, **change).pack()


def test_the_payload_must_end_where_its_length_says():
    packed = SAMPLE.pack()
    assert entry.parse(packed + b"payload") == (SAMPLE, b"payload")
    for payload in (b"", b"payloa", b"payload!"):
        with pytest.raises(FormatError):
            entry.parse(packed + payload)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_joined_entries_come_apart_again(entries):
    assert entry.split(entry.join(entries)) == entries


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x01", b"\x00\x02x", b"\x00\x01xy"])
def test_a_row_that_ends_inside_an_entry_is_refused(data):
    with pytest.raises(FormatError):
        entry.split(data)


@given(st.integers(0, 255), U64)
def test_kind_and_epoch_come_back_from_the_veil(kind, epoch):
    assert entry.read_veil(entry.plain_veil(kind, epoch)) == (kind, epoch)
    assert len(entry.plain_veil(kind, epoch)) == entry.VEIL_BYTES


def test_kinds_know_their_class_and_which_of_them_change_the_epoch():
    assert {kind for kind in Kind if kind.is_change} == {Kind(number) for number in range(16, 26)}
    system = {kind for kind in Kind if kind.entry_class is EntryClass.SYSTEM}
    assert system == {Kind(number) for number in range(64, 75)}


def test_sizes_are_known_before_sealing():
    assert [entry.padded_bytes(size) for size in (0, 252, 253)] == [256, 256, 512]
    # 56 for salt and commitment, and a tag for each chunk of 16,384 bytes, the short last included.
    assert entry.sealed_bytes(256) == 56 + 256 + 16
    assert entry.sealed_bytes(16_384) == 56 + 16_384 + 32
    assert struct.calcsize(">4sHBBQ16sQHHQ16s9sB32sH") == entry.HEADER_BYTES
