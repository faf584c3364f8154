from typing import Any

import pytest

from tests.crypto.material import DEPLOYMENT, ELSEWHERE
from tests.crypto.vectors import load
from vault.core import canonical
from vault.core.errors import UnwrapFailedError
from vault.crypto.providers import ring as rings
from vault.crypto.providers.ring import EpochKey, Passphrase, Ring

VECTORS = load("ring")
RING = VECTORS["ring"].encode()
SEALED = VECTORS["under_passphrase"].encode()


@pytest.fixture(scope="module")
def passphrase() -> Passphrase:
    # One for all tests: it remembers the last key, and each derivation takes half a second.
    return Passphrase(VECTORS["passphrase"])


def edited(data: bytes, **change: Any) -> bytes:
    return canonical.dumps(canonical.loads(data) | change)


def secret_of(key: EpochKey | None) -> bytes | None:
    assert key is not None
    return key.secret


def one_key(**change: Any) -> bytes:
    key = {"epoch": 1, "key": "A" * 43, "ref": "00"} | change
    return edited(RING, keys=[key])


def test_the_vector_is_read_and_written_again():
    ring = rings.loads(RING, DEPLOYMENT, None)
    assert rings.dumps(ring, None) == RING
    assert [key.epoch for key in ring.keys] == [1, 2]
    assert ring.of_epoch(1) == ring.of_ref(VECTORS["destroyed_ref"])
    assert secret_of(ring.of_epoch(1)) is None
    assert secret_of(ring.of_ref(VECTORS["ref"])) == bytes(range(0x80, 0xA0))
    assert ring.of_epoch(3) is None
    assert ring.of_ref("") is None


def test_the_vector_under_a_passphrase_is_read(passphrase):
    assert rings.loads(SEALED, DEPLOYMENT, passphrase) == rings.loads(RING, DEPLOYMENT, None)


def test_a_passphrase_may_be_typed_in_any_unicode_form(passphrase):
    decomposed = Passphrase("own ship e\u0301")
    assert "e\u0301" not in VECTORS["passphrase"]
    assert decomposed.key(bytes(range(16))) == passphrase.key(bytes(range(16)))


def test_a_ring_under_a_passphrase_shows_no_key():
    passphrase = Passphrase("own ship")
    ring = Ring(DEPLOYMENT).with_key(1)
    data = rings.dumps(ring, passphrase)
    envelope = canonical.loads(data)
    assert envelope.keys() == {"v", "kdf", "salt", "sealed"}
    assert rings.loads(data, DEPLOYMENT, passphrase) == ring
    again = canonical.loads(rings.dumps(ring, passphrase))
    assert again["salt"] == envelope["salt"]  # of the passphrase; the committing form has its own
    assert again["sealed"] != envelope["sealed"]
    assert Passphrase("own ship").salt != bytes.fromhex(envelope["salt"])


def test_another_passphrase_does_not_open(passphrase):
    with pytest.raises(UnwrapFailedError):
        rings.loads(SEALED, DEPLOYMENT, Passphrase("own ship e"))


def test_a_ring_under_a_passphrase_is_not_taken_without_nor_the_other_way_round(passphrase):
    with pytest.raises(UnwrapFailedError):
        rings.loads(SEALED, DEPLOYMENT, None)
    with pytest.raises(UnwrapFailedError):
        rings.loads(RING, DEPLOYMENT, passphrase)


def test_an_empty_passphrase_is_none():
    with pytest.raises(ValueError, match="not empty"):
        Passphrase("")


def test_a_ring_of_another_deployment_is_refused(passphrase):
    with pytest.raises(UnwrapFailedError, match="another deployment"):
        rings.loads(RING, ELSEWHERE, None)
    with pytest.raises(UnwrapFailedError):
        rings.loads(SEALED, ELSEWHERE, passphrase)


@pytest.mark.parametrize(
    "change",
    [
        {"kdf": "scrypt-10-8-1"},
        {"kdf": "none"},
        {"salt": "zz"},
        {"salt": 1},
        {"sealed": "!"},
        {"sealed": 1},
        {"extra": 1},
    ],
    ids=str,
)
def test_a_damaged_envelope_is_refused(passphrase, change):
    with pytest.raises(UnwrapFailedError):
        rings.loads(edited(SEALED, **change), DEPLOYMENT, passphrase)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        RING[:-1],
        RING.replace(b'"v":1', b'"v":1,"v":1'),
        edited(RING, v=2),
        edited(RING, extra=1),
        edited(RING, deployment="zz"),
        edited(RING, deployment=1),
        edited(RING, keys=None),
        edited(RING, keys=[1]),
        edited(RING, keys=[{}]),
        edited(RING, keys=["abc"]),
        one_key(extra=1),
        one_key(epoch="1"),
        one_key(epoch=True),
        one_key(ref=1),
        one_key(key=1),
        one_key(key="A" * 42),
        one_key(key="A" * 44),
        one_key(key="!"),
        edited(RING, keys=[{"epoch": 1, "key": None, "ref": text} for text in "ab"]),
        edited(RING, keys=[{"epoch": epoch, "key": None, "ref": "a"} for epoch in (1, 2)]),
    ],
    ids=lambda data: data[:70].decode(),
)
def test_a_damaged_ring_is_refused(data):
    with pytest.raises(UnwrapFailedError) as caught:
        rings.loads(data, DEPLOYMENT, None)
    assert caught.value.__cause__ is None


def test_a_destroyed_key_is_gone_and_known():
    ring = Ring(DEPLOYMENT).with_key(1).with_key(2)
    ref = ring.keys[0].ref
    after = ring.without_secret(ref)
    assert secret_of(after.of_ref(ref)) is None
    assert after.of_epoch(2) == ring.of_epoch(2)
    assert secret_of(ring.of_epoch(1)) != secret_of(ring.of_epoch(2))


def test_no_secret_is_shown():
    assert "secret" not in repr(Ring(DEPLOYMENT).with_key(1))
