"""Witnesses with ML-DSA-44 count like those with Ed25519, and nothing else passes for one."""

import base64

import pytest
from cryptography.exceptions import UnsupportedAlgorithm

from tests.verifier.loggen import ORIGIN, checkpoint_text, cosignature, honest, key_of, root
from tests.verifier.post_quantum import line, verifier_key
from vault.verifier import witness
from vault.verifier.errors import BadError, CannotTellError, KeyFormatError
from vault.verifier.witness import Witnessed, check

LOG = honest(300)
TEXT = checkpoint_text(300, root(LOG.leaves))
SIGNED = LOG.checkpoint()
NAME, SEED = "pq.example/w", bytes((3,)) * 32
KEY = verifier_key(NAME, SEED)


def test_a_witness_with_ml_dsa_44_counts():
    assert check(SIGNED + line(TEXT, NAME, SEED), [KEY], quorum=1) == [
        Witnessed(NAME, 1_764_000_000)
    ]


def test_it_counts_beside_one_with_ed25519():
    other = bytes((1,)) * 32
    note = SIGNED + cosignature(TEXT, "a.example/w", other) + line(TEXT, NAME, SEED)
    found = check(note, [key_of("a.example/w", other, 4), KEY], quorum=2)
    assert [one.name for one in found] == ["a.example/w", NAME]


def test_one_that_nobody_named_does_not_count():
    note = SIGNED + line(TEXT, NAME, bytes(32))
    with pytest.raises(BadError, match="0 of the 1 witnesses"):
        check(note, [KEY], quorum=1)


@pytest.mark.parametrize(
    "odd",
    [
        {"signer": "other.example/w"},  # its signature under another name of the same key
        {"origin": f"{ORIGIN}/1"},
        {"size": 299},
        {"start": 1},
        {"root_hash": bytes(32)},
        {"signed_at": 1_764_000_001},
    ],
)
def test_a_signature_over_anything_else_refuses_the_checkpoint(odd):
    with pytest.raises(BadError, match=r"cosignature of pq\.example/w is wrong"):
        check(SIGNED + line(TEXT, NAME, SEED, **odd), [KEY], quorum=1)


def test_every_part_of_the_line_counts():
    blob = base64.b64decode(line(TEXT, NAME, SEED).decode().split(" ")[2])
    for at in (4, 11, 12, 13, len(blob) - 1):
        changed = blob[:at] + bytes((blob[at] ^ 1,)) + blob[at + 1 :]
        note = SIGNED + f"— {NAME} {base64.b64encode(changed).decode()}\n".encode()
        with pytest.raises(BadError, match="cosignature of"):
            check(note, [KEY], quorum=1)
    for changed in (blob[:-1], blob + b"\0"):
        note = SIGNED + f"— {NAME} {base64.b64encode(changed).decode()}\n".encode()
        with pytest.raises(BadError, match="malformed"):
            check(note, [KEY], quorum=1)


def test_one_without_a_time_may_have_seen_a_larger_tree_and_does_not_count():
    with pytest.raises(BadError, match="0 of the 1 witnesses"):
        check(SIGNED + line(TEXT, NAME, SEED, at=0), [KEY], quorum=1)


def test_a_time_beyond_all_times_is_refused():
    with pytest.raises(BadError, match="of no time"):
        check(SIGNED + line(TEXT, NAME, SEED, at=2**63), [KEY], quorum=1)


def test_a_name_that_no_message_can_hold_is_refused():
    long = f"{'a' * 256}.example/w"
    fitting = line(TEXT, NAME, SEED).decode()
    key_id = bytes.fromhex(verifier_key(long, SEED).split("+")[1])
    blob = key_id + base64.b64decode(fitting.split(" ")[2])[4:]
    note = SIGNED + f"— {long} {base64.b64encode(blob).decode()}\n".encode()
    with pytest.raises(BadError, match="1 to 255 bytes"):
        check(note, [verifier_key(long, SEED)], quorum=1)


def test_a_key_that_is_cut_is_none():
    data = base64.b64decode(KEY.split("+", 2)[2])
    cut = f"{NAME}+{KEY.split('+')[1]}+{base64.b64encode(data[:-3]).decode()}"
    with pytest.raises(KeyFormatError, match="1312 bytes of type 6"):
        check(SIGNED, [cut], quorum=1)


def test_a_machine_that_does_not_know_ml_dsa_says_so(monkeypatch):
    class Unknown:
        @staticmethod
        def from_public_bytes(_):
            raise UnsupportedAlgorithm("no")

    monkeypatch.setattr(witness, "MLDSA44PublicKey", Unknown)
    with pytest.raises(CannotTellError, match="ML-DSA-44"):
        check(SIGNED + line(TEXT, NAME, SEED), [KEY], quorum=1)
