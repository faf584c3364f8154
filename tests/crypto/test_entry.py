from typing import Any

import pytest

from tests.crypto.vectors import flips, load, raw
from vault.core import entry as layout
from vault.core.errors import FormatError, OpenError
from vault.crypto import entry

VECTORS = load("entry")
AUDIT = raw(VECTORS["audit_key"])
SEALING = raw(VECTORS["seal_key"])
HEADER = raw(VECTORS["header"])
ORIGIN = VECTORS["origin"]
PAYLOAD = VECTORS["payload"].encode()
SEALED = raw(VECTORS["sealed"])


def header_for(payload: bytes) -> bytes:
    """Return the vector's header with the length of another payload."""
    length = layout.sealed_bytes(layout.padded_bytes(len(payload)))
    return HEADER[:-2] + length.to_bytes(2)


def test_both_keys_come_from_the_audit_key():
    assert entry.tag_key(AUDIT) == raw(VECTORS["tag_key"])
    assert entry.seal_key(AUDIT) == raw(VECTORS["seal_key"])
    assert entry.both_keys(AUDIT) == (raw(VECTORS["tag_key"]), raw(VECTORS["seal_key"]))


def test_the_mask_gives_tag_and_veil():
    mask = entry.mask(
        AUDIT, VECTORS["log_id"], raw(VECTORS["writer"]), VECTORS["seq"], VECTORS["part"]
    )
    assert mask == raw(VECTORS["mask"])
    assert mask[:16] == raw(VECTORS["tag"])
    plain = layout.plain_veil(VECTORS["kind"], VECTORS["epoch"])
    veil = bytes(a ^ b for a, b in zip(plain, mask[16:25], strict=True))
    assert veil == raw(VECTORS["veil"])


def test_the_mask_differs_by_key_log_writer_seq_and_part():
    writer = bytes(16)
    made = {
        entry.mask(AUDIT, 0, writer, 0, 0),
        entry.mask(bytes(32), 0, writer, 0, 0),
        entry.mask(AUDIT, 1, writer, 0, 0),
        entry.mask(AUDIT, 0, bytes(15) + b"\1", 0, 0),
        entry.mask(AUDIT, 0, writer, 1, 0),
        entry.mask(AUDIT, 0, writer, 0, 1),
    }
    assert len(made) == 6


@pytest.mark.parametrize(("log_id", "seq", "part"), [(65_536, 0, 0), (0, -1, 0), (0, 0, 65_536)])
def test_a_place_outside_the_format_has_no_mask(log_id, seq, part):
    with pytest.raises(ValueError, match="place of an entry"):
        entry.mask(AUDIT, log_id, bytes(16), seq, part)


@pytest.mark.parametrize("writer", [b"", bytes(15), bytes(17)], ids=len)
def test_a_writer_that_is_not_16_bytes_has_no_mask(writer):
    with pytest.raises(ValueError, match="place of an entry"):
        entry.mask(AUDIT, 0, writer, 0, 0)


@pytest.mark.parametrize("case", VECTORS["facts"], ids=lambda case: str(case["kind"]))
def test_facts_are_those_of_the_vectors(case):
    members = {name: case[name] for name in case.keys() - {"salt", "facts"}}
    assert entry.facts(raw(case["salt"]), **members) == raw(case["facts"])


@pytest.mark.parametrize(
    "change",
    [
        {"kind": 2},
        {"app": None},
        {"app": "crm"},
        {"purpose": None},
        {"purpose": "crm"},
        {"code": "0b" * 32},
        {"code": ""},
        {"allowed": 5},
        {"withheld": 2},
    ],
    ids=repr,
)
def test_every_fact_is_under_the_hash(change):
    facts: dict[str, Any] = {
        "kind": 1,
        "app": "a",
        "purpose": "p",
        "code": "0a" * 32,
        "allowed": 4,
        "withheld": 1,
    }
    assert entry.facts(bytes(16), **facts) != entry.facts(bytes(16), **(facts | change))
    assert entry.facts(bytes(16), **facts) != entry.facts(b"\1" * 16, **facts)


def test_facts_outside_the_format_are_refused():
    facts: dict[str, Any] = {"app": None, "purpose": None, "code": "", "allowed": 0, "withheld": 0}
    with pytest.raises(ValueError, match="16 bytes"):
        entry.facts(bytes(15), kind=1, **facts)
    with pytest.raises(FormatError):
        entry.facts(bytes(16), kind=1, **(facts | {"code": "0a"}))
    for change in ({"kind": 256}, {"kind": -1}, {"allowed": 65_536}, {"withheld": -1}):
        with pytest.raises(FormatError):
            entry.facts(bytes(16), **(facts | {"kind": 1} | change))


def test_the_vector_opens():
    assert entry.open_payload(AUDIT, HEADER, ORIGIN, SEALED) == PAYLOAD
    header = layout.Header.parse(HEADER)
    assert (header.tag.hex(), header.facts.hex()) == (VECTORS["tag"], VECTORS["facts"][0]["facts"])
    assert header.length == len(SEALED)


@pytest.mark.parametrize("size", [0, 1, 251, 252, 253, 508, 509, 16_000, 17_000, 60_000])
def test_a_payload_opens_and_has_the_length_that_its_header_announces(size):
    payload = b"x" * size
    header = header_for(payload)
    sealed = entry.seal_payload(SEALING, header, ORIGIN, payload)
    assert len(sealed) == int.from_bytes(header[-2:])
    assert entry.open_payload(AUDIT, header, ORIGIN, sealed) == payload


def test_a_header_that_announces_another_length_is_refused():
    with pytest.raises(ValueError, match="another length"):
        entry.seal_payload(SEALING, HEADER, ORIGIN, b"x" * 300)
    with pytest.raises(ValueError, match="112 bytes"):
        entry.seal_payload(SEALING, HEADER[:-1], ORIGIN, PAYLOAD)


def test_a_payload_opens_at_its_own_place_alone():
    for header in flips(HEADER):
        with pytest.raises(OpenError):
            entry.open_payload(AUDIT, header, ORIGIN, SEALED)
    for audit_key, header, origin in (
        (bytes(32), HEADER, ORIGIN),
        (AUDIT, HEADER, ORIGIN + "/1"),
        (AUDIT, HEADER[:-1], ORIGIN),
        (AUDIT, HEADER + b"\0", ORIGIN),
    ):
        with pytest.raises(OpenError):
            entry.open_payload(audit_key, header, origin, SEALED)


def test_no_changed_payload_opens():
    for place in range(0, len(SEALED), 7):
        changed = SEALED[:place] + bytes((SEALED[place] ^ 1,)) + SEALED[place + 1 :]
        with pytest.raises(OpenError):
            entry.open_payload(AUDIT, HEADER, ORIGIN, changed)
    with pytest.raises(OpenError):
        entry.open_payload(AUDIT, HEADER, ORIGIN, SEALED[:-1])
