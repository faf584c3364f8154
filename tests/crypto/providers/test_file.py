import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.crypto.material import DEPLOYMENT, ELSEWHERE, KEK
from tests.crypto.vectors import flips, load, raw
from vault.core.errors import OpenError, ProviderDownError, RefusedError, UnwrapFailedError
from vault.crypto import base64url, context
from vault.crypto.kek import Keks, new_kek, open_kek
from vault.crypto.keys import Kind, new_key, rewrap, unwrap
from vault.crypto.providers.file import FileProvider
from vault.crypto.providers.provider import KeyProvider, KeyRef, KeyState
from vault.crypto.random import uuid4

VECTORS = load("ring")
NAMES = {"deployment": DEPLOYMENT.hex(), "kek": "1", "use": "kek"}
SECRET = bytes(range(32))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys" / "ring.json"


@pytest.fixture
def provider(path) -> KeyProvider:
    return FileProvider.make(path, DEPLOYMENT)


def test_the_vector_unwraps(path):
    path.parent.mkdir(mode=0o700)
    path.touch(mode=0o600)
    path.write_text(VECTORS["ring"], encoding="utf-8")
    provider = FileProvider(path, DEPLOYMENT)
    ref = KeyRef("file", VECTORS["ref"], "1")
    assert context.kek(VECTORS["names"]) == raw(VECTORS["context"])
    assert provider.unwrap(ref, VECTORS["names"], raw(VECTORS["blob"])) == raw(VECTORS["kek"])
    opened = open_kek(
        provider,
        ref,
        deployment=DEPLOYMENT,
        kek_id=KEK.kek_id,
        epoch=2,
        blob=raw(VECTORS["blob"]),
    )
    assert (opened.secret, opened.kek_id, opened.epoch) == (KEK.secret, KEK.kek_id, 2)
    gone = KeyRef("file", VECTORS["destroyed_ref"], "1")
    assert provider.state(gone) is KeyState.DESTROYED


def test_a_new_ring_is_the_owners_alone(path, provider):
    provider.create(1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    provider.probe()


def test_a_ring_is_never_made_over_another(path, provider):
    ref = provider.create(1)
    before = path.read_bytes()
    with pytest.raises(RefusedError):
        FileProvider.make(path, DEPLOYMENT)
    assert path.read_bytes() == before
    assert provider.state(ref) is KeyState.ENABLED


def test_a_missing_ring_is_not_made_anew(path, provider):
    ref = provider.create(1)
    path.unlink()
    for call in (
        provider.probe,
        lambda: provider.create(1),
        lambda: provider.wrap(ref, NAMES, SECRET),
        lambda: provider.destroy(ref),
    ):
        with pytest.raises(ProviderDownError):
            call()
    assert not path.exists()


def test_a_ring_that_vanishes_during_a_change_is_not_made_anew(path, provider, monkeypatch):
    ring = provider._read()
    path.unlink()
    monkeypatch.setattr(provider, "_read", lambda: ring)
    with pytest.raises(ProviderDownError):
        provider.create(1)
    assert not path.exists()


def test_a_wrapped_key_unwraps_in_another_process(path, provider):
    ref = provider.create(1)
    blob = provider.wrap(ref, NAMES, SECRET)
    assert SECRET not in blob
    assert FileProvider(path, DEPLOYMENT).unwrap(ref, NAMES, blob) == SECRET


def test_each_epoch_has_a_key_of_its_own(provider):
    first, second = provider.create(1), provider.create(2)
    assert first != second
    with pytest.raises(UnwrapFailedError):
        provider.unwrap(second, NAMES, provider.wrap(first, NAMES, SECRET))


def test_asked_twice_an_epoch_gets_one_key(path, provider):
    first = provider.create(1)
    before = path.read_bytes()
    assert provider.create(1) == first
    assert path.read_bytes() == before


def test_processes_that_create_at_once_agree_and_lose_nothing(path, provider):
    def create(number):
        return FileProvider(path, DEPLOYMENT).create(number % 5)

    with ThreadPoolExecutor(8) as pool:
        refs = list(pool.map(create, range(40)))
    assert len(set(refs)) == 5
    assert all(provider.state(ref) is KeyState.ENABLED for ref in refs)


def test_a_blob_opens_under_its_own_context_alone(provider):
    ref = provider.create(1)
    blob = provider.wrap(ref, NAMES, SECRET)
    for names in (
        {**NAMES, "deployment": ELSEWHERE.hex()},
        {**NAMES, "kek": "2"},
        {**NAMES, "use": "other"},
        {**NAMES, "more": ""},
        {},
    ):
        with pytest.raises(UnwrapFailedError):
            provider.unwrap(ref, names, blob)


def test_no_changed_blob_opens(provider):
    ref = provider.create(1)
    blob = provider.wrap(ref, NAMES, SECRET)
    for changed in (*flips(blob)[::7], b"", blob[:-1], blob + b"\0"):
        with pytest.raises(UnwrapFailedError) as caught:
            provider.unwrap(ref, NAMES, changed)
        assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "ref", [KeyRef("file", "00", "1"), KeyRef("pkcs11", "{}", "1"), KeyRef("file", "", "")], ids=str
)
def test_an_unknown_key_is_refused(provider, ref):
    known = provider.create(1)
    ref = KeyRef(ref.provider, ref.ref.replace("{}", known.ref), ref.version)
    for call in (
        lambda: provider.wrap(ref, NAMES, SECRET),
        lambda: provider.unwrap(ref, NAMES, bytes(60)),
        lambda: provider.state(ref),
        lambda: provider.destroy(ref),
    ):
        with pytest.raises(UnwrapFailedError):
            call()


def test_a_destroyed_key_is_gone_from_the_file_at_once(path, provider):
    kept, lost = provider.create(1), provider.create(2)
    blob = provider.wrap(lost, NAMES, SECRET)
    secret = provider._key(lost).secret
    before = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    when = provider.destroy(lost)
    assert before <= when == datetime.fromtimestamp(path.stat().st_mtime, UTC)
    assert provider.state(lost) is KeyState.DESTROYED
    assert provider.state(kept) is KeyState.ENABLED
    assert secret is not None
    assert base64url.encode(secret).encode() not in path.read_bytes()
    assert [entry.name for entry in path.parent.iterdir()] == ["ring.json"]
    for call in (
        lambda: provider.unwrap(lost, NAMES, blob),
        lambda: provider.wrap(lost, NAMES, SECRET),
        lambda: provider.create(2),
    ):
        with pytest.raises(UnwrapFailedError):
            call()
    assert provider.destroy(lost) >= when  # asked again after a crash


def test_a_ring_of_another_deployment_is_refused(path, provider):
    provider.create(1)
    other = FileProvider(path, ELSEWHERE)
    for call in (other.probe, lambda: other.create(1), lambda: other.create(2)):
        with pytest.raises(UnwrapFailedError, match="another deployment"):
            call()


@pytest.mark.parametrize("mode", [0o644, 0o640])
def test_a_ring_that_others_can_read_is_refused(path, provider, mode):
    provider.create(1)
    path.chmod(mode)
    with pytest.raises(UnwrapFailedError, match="0600"):
        provider.probe()
    with pytest.raises(UnwrapFailedError, match="0600"):
        provider.create(2)


def test_a_ring_under_a_passphrase_works_and_opens_with_no_other(path):
    provider = FileProvider.make(path, DEPLOYMENT, passphrase="own ship")
    ref = provider.create(1)
    blob = provider.wrap(ref, NAMES, SECRET)
    again = FileProvider(path, DEPLOYMENT, passphrase="own ship")
    assert again.unwrap(ref, NAMES, blob) == SECRET
    with pytest.raises(UnwrapFailedError, match="passphrase"):
        FileProvider(path, DEPLOYMENT).probe()
    with pytest.raises(UnwrapFailedError, match="passphrase"):
        FileProvider(path, DEPLOYMENT, passphrase="other").probe()


def test_a_kek_opens_in_its_own_deployment_and_row_alone(provider):
    ref = provider.create(1)
    kek, blob = new_kek(provider, ref, deployment=DEPLOYMENT, epoch=1)
    row: dict[str, Any] = {"deployment": DEPLOYMENT, "kek_id": kek.kek_id, "epoch": 1, "blob": blob}
    assert open_kek(provider, ref, **row).secret == kek.secret
    for change in ({"deployment": ELSEWHERE}, {"kek_id": uuid4()}, {"blob": blob[:-1]}):
        with pytest.raises(UnwrapFailedError):
            open_kek(provider, ref, **(row | change))


def test_a_kek_of_another_length_is_refused(provider):
    ref, kek_id = provider.create(1), uuid4()
    names = {"deployment": DEPLOYMENT.hex(), "kek": str(kek_id), "use": "kek"}
    blob = provider.wrap(ref, names, bytes(31))
    with pytest.raises(UnwrapFailedError):
        open_kek(provider, ref, deployment=DEPLOYMENT, kek_id=kek_id, epoch=1, blob=blob)


def test_key_tables_are_dead_once_their_epochs_key_is_gone(provider):
    # 1. A customer's key under the first epoch, as a backup of the tables has it.
    old_ref = provider.create(1)
    old, old_blob = new_kek(provider, old_ref, deployment=DEPLOYMENT, epoch=1)
    customer = uuid4()
    backup = new_key(Keks(DEPLOYMENT, old), customer, Kind.PROFILE)
    # 2. The next epoch begins, and the key is wrapped again.
    new_ref = provider.create(2)
    new, new_blob = new_kek(provider, new_ref, deployment=DEPLOYMENT, epoch=2)
    current = rewrap(Keks(DEPLOYMENT, new, [old]), backup)
    # 3. The old epoch's key dies.
    provider.destroy(old_ref)
    row: dict[str, Any] = {
        "deployment": DEPLOYMENT,
        "kek_id": new.kek_id,
        "epoch": 2,
        "blob": new_blob,
    }
    living = Keks(DEPLOYMENT, open_kek(provider, new_ref, **row))
    assert len(unwrap(living, current)) == 32
    with pytest.raises(OpenError):
        unwrap(living, backup)
    with pytest.raises(UnwrapFailedError):
        open_kek(
            provider,
            old_ref,
            deployment=DEPLOYMENT,
            kek_id=old.kek_id,
            epoch=1,
            blob=old_blob,
        )
