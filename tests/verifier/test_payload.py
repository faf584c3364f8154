"""The checker finds, reads and refuses entries as the vault's own code writes and reads them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.core import canonical
from vault.core.entry import EntryClass, Header, Suite, padded_bytes, plain_veil, sealed_bytes
from vault.core.errors import FormatError, OpenError
from vault.crypto import committed, padding
from vault.crypto import entry as cipher
from vault.verifier import payload
from vault.verifier.errors import BadError

VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "entry.json").read_text())
TAG_KEY, SEAL_KEY = bytes.fromhex(VECTOR["tag_key"]), bytes.fromhex(VECTOR["seal_key"])
AUDIT_KEY = bytes.fromhex(VECTOR["audit_key"])
ENTRY = bytes.fromhex(VECTOR["header"] + VECTOR["sealed"])
ORIGIN = VECTOR["origin"]


def written(said, *, epoch=3, kind=1):
    """An entry with this payload, as the vault writes one."""
    text = canonical.dumps(said)
    mask = cipher.mask(AUDIT_KEY, 0, bytes(16), 7, 0)
    header = Header(
        log_id=0,
        entry_class=EntryClass.CUSTOMER,
        suite=Suite.COMMITTED,
        at=1,
        writer=bytes(16),
        seq=7,
        part=0,
        parts=1,
        seen=0,
        tag=mask[:16],
        veil=bytes(a ^ b for a, b in zip(plain_veil(kind, epoch), mask[16:25], strict=True)),
        facts=cipher.facts(
            bytes.fromhex(said["salt"]),
            kind=said["kind"],
            app=said["app"],
            purpose=said["purpose"],
            code=said["code"],
            allowed=len(said["allowed"]),
            withheld=len(said["withheld"]),
        ),
        length=sealed_bytes(padded_bytes(len(text))),
    ).pack()
    return header + cipher.seal_payload(SEAL_KEY, header, ORIGIN, text)


def saying(**changes):
    said = {
        "salt": "00" * 16,
        "kind": 1,
        "epoch": 3,
        "app": "shop",
        "purpose": "delivery",
        "code": "ab" * 32,
        "allowed": [["contact.email", "delivery"]],
        "withheld": [],
    }
    return said | changes


def test_the_vector_is_found_and_opens():
    assert payload.kind_and_epoch(TAG_KEY, ENTRY) == (VECTOR["kind"], VECTOR["epoch"])
    said = payload.open_(SEAL_KEY, ENTRY, ORIGIN)
    assert said == json.loads(VECTOR["payload"])


def test_the_hash_of_facts_is_that_of_the_vectors():
    for one in VECTOR["facts"]:
        counted = {name: [["x", "x"]] * one[name] for name in ("allowed", "withheld")}
        assert payload.facts({**one, **counted}).hex() == one["facts"]


def test_another_key_finds_nothing_and_opens_nothing():
    assert payload.kind_and_epoch(bytes(32), ENTRY) is None
    for key in (bytes(32), SEAL_KEY[:31], b""):
        with pytest.raises(BadError):
            payload.open_(key, ENTRY, ORIGIN)
    with pytest.raises(BadError):
        payload.open_(SEAL_KEY, ENTRY, f"{ORIGIN}/1")


def test_every_changed_byte_is_found():
    for place in range(len(ENTRY)):
        changed = ENTRY[:place] + bytes([ENTRY[place] ^ 1]) + ENTRY[place + 1 :]
        with pytest.raises(BadError):
            payload.open_(SEAL_KEY, changed, ORIGIN)


@pytest.mark.parametrize("size", [0, 55, 56, 71, 72, len(ENTRY) - 112 - 1])
def test_a_cut_payload_is_refused(size):
    with pytest.raises(BadError):
        payload.open_(SEAL_KEY, ENTRY[: 112 + size], ORIGIN)


@given(
    name=st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    many=st.integers(0, 600),
    epoch=st.integers(0, 2**53 - 1),
)
def test_it_reads_what_the_vault_writes_of_any_size(name, many, epoch):
    said = saying(
        epoch=epoch, purpose=name, withheld=[[f"a.b{n}", "no-consent"] for n in range(many)]
    )
    entry = written(said, epoch=epoch)
    assert payload.kind_and_epoch(TAG_KEY, entry) == (1, epoch)
    opened = payload.open_(SEAL_KEY, entry, ORIGIN)
    assert opened == said
    payload.check(opened, entry, 1, epoch)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": 2},
        {"epoch": 4},
        {"allowed": []},
        {"withheld": [["a.b", "x"]]},
        {"app": None},
        {"purpose": "orders"},
        {"code": ""},
        {"salt": "00" * 15 + "01"},
    ],
)
def test_a_payload_that_says_another_kind_epoch_or_count_is_refused(changes):
    entry = written(saying())
    good = payload.open_(SEAL_KEY, entry, ORIGIN)
    payload.check(good, entry, 1, 3)
    with pytest.raises(BadError):
        payload.check(good | changes, entry, 1, 3)


@pytest.mark.parametrize(
    "changes",
    [{"salt": "0"}, {"salt": None}, {"kind": 256}, {"kind": True}, {"app": 3}, {"code": "AB" * 32},
     {"allowed": None}, {"withheld": [[]] * 65_536}],
)  # fmt: skip
def test_facts_of_what_is_no_payload_are_refused(changes):
    with pytest.raises(BadError):
        payload.facts(saying(**changes))
    with pytest.raises(BadError):
        payload.facts({})


def test_both_openers_refuse_the_same_padding():
    text = canonical.dumps(saying())
    with pytest.raises(OpenError):
        padding.unpad_payload(text)
    with pytest.raises(FormatError):
        cipher.facts(bytes(16), kind=256, app=None, purpose=None, code="", allowed=0, withheld=0)
    for plain in (text, (len(text)).to_bytes(4) + text, b"\0" * 255, b"\xff" * 256):
        sealed = committed.seal(
            SEAL_KEY, b"ownship/entry/v1\0" + ENTRY[:112] + ORIGIN.encode(), plain
        )
        with pytest.raises(BadError):
            payload.open_(SEAL_KEY, ENTRY[:112] + sealed, ORIGIN)


@pytest.mark.parametrize(
    "text", [b"[]", b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1,"a":1}', b"\xff", b"1"]
)
def test_a_payload_that_is_no_canonical_object_is_refused(text):
    sealed = committed.seal(
        SEAL_KEY, b"ownship/entry/v1\0" + ENTRY[:112] + ORIGIN.encode(), padding.pad_payload(text)
    )
    with pytest.raises(BadError):
        payload.open_(SEAL_KEY, ENTRY[:112] + sealed, ORIGIN)
