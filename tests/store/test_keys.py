"""Wrapped keys of the vault itself, the deployment's one row, and the customers' receipts."""

import secrets
import uuid
from dataclasses import replace

import pytest

from tests.store import rows
from vault.core.errors import ConflictError, StoreDefectError
from vault.store import consent, deployment, kek, receipt, service_key
from vault.store.deployment import DeploymentRow
from vault.store.receipt import ReceiptRow
from vault.store.service_key import ServiceKeyRow

SECOND = replace(rows.KEK, kek_id=uuid.UUID(int=2), epoch=2)


def key(use="index", generation=1, **changes):
    row = ServiceKeyRow(
        use, generation, uuid.uuid4(), rows.KEK.kek_id, secrets.token_bytes(78), None, rows.NOW
    )
    return replace(row, **changes)


async def test_keks_come_back_by_epoch(do, look):
    for row in (SECOND, rows.KEK):
        await do(lambda conn, row=row: kek.add(conn, row))
    assert await look(kek.load_all) == [rows.KEK, SECOND]


async def test_an_epoch_has_one_kek(do):
    await do(lambda conn: kek.add(conn, rows.KEK))
    with pytest.raises(ConflictError):
        await do(lambda conn: kek.add(conn, replace(SECOND, epoch=1)))


async def test_a_destroyed_kek_loses_its_blob(do, look):
    await do(lambda conn: kek.add(conn, rows.KEK))

    def to(state, before, at=None, which=rows.KEK.kek_id):
        return lambda conn: kek.set_state(conn, which, before=before, state=state, destroy_at=at)

    assert await do(to("retiring", "active", rows.LATER))
    assert (await look(kek.load_all))[0].blob == rows.KEK.blob
    assert not await do(to("retiring", "active", rows.LATER))
    assert await do(to("destroying", "retiring"))
    assert (await look(kek.load_all))[0].blob is None
    assert await do(to("destroyed", "destroying", rows.LATER))
    assert await look(kek.load_all) == [
        replace(rows.KEK, state="destroyed", destroy_at=rows.LATER, blob=None)
    ]
    assert not await do(to("active", "made", which=SECOND.kek_id))


async def test_service_keys_come_back_by_use_and_generation(do, look):
    await do(lambda conn: kek.add(conn, rows.KEK))
    keys = [key("index", 1), key("index", 2), key("log", public=b"verifier")]
    for row in keys[::-1]:
        await do(lambda conn, row=row: service_key.add(conn, row))
    assert await look(service_key.load_all) == keys
    with pytest.raises(ConflictError):
        await do(lambda conn: service_key.add(conn, key("index", 2)))


async def test_a_service_key_under_an_unknown_kek_is_refused(do):
    with pytest.raises(StoreDefectError):
        await do(lambda conn: service_key.add(conn, key()))


async def test_a_service_key_moves_to_another_kek_once(do, look):
    for row in (rows.KEK, SECOND):
        await do(lambda conn, row=row: kek.add(conn, row))
    old = key()
    await do(lambda conn: service_key.add(conn, old))
    moved = replace(old, kek_id=SECOND.kek_id, wrapped=b"again")

    def move(conn):
        return service_key.rewrap(conn, moved, old_kek=rows.KEK.kek_id)

    assert await do(move)
    assert not await do(move)
    assert await look(service_key.load_all) == [moved]


async def test_a_generation_is_retired_once(do, look):
    await do(lambda conn: kek.add(conn, rows.KEK))
    row = key()
    await do(lambda conn: service_key.add(conn, row))

    def retire(conn):
        return service_key.retire(conn, row.use, generation=1, at=rows.LATER)

    assert await do(retire)
    assert not await do(retire)
    assert await look(service_key.load_all) == [replace(row, retired_at=rows.LATER)]


async def test_a_database_is_one_deployment(do, look):
    assert await look(deployment.load) is None
    row = DeploymentRow(bytes(16), "https://vault.example", "vault.example/log", rows.NOW)
    assert await do(lambda conn: deployment.create(conn, row))
    assert not await do(lambda conn: deployment.create(conn, replace(row, issuer="https://x")))
    assert await look(deployment.load) == row


async def test_receipts_belong_to_an_event_of_their_customer(do, look, someone):
    event = rows.consent(someone)
    await do(lambda conn: consent.change(conn, event))
    early, late = (
        ReceiptRow(someone, uuid.uuid4(), event.consent_id, 1, b"sealed", at)
        for at in (rows.NOW, rows.LATER)
    )
    for row in (early, late):
        await do(lambda conn, row=row: receipt.add(conn, row))
    assert await look(lambda conn: receipt.load_all(conn, someone)) == [late, early]
    assert await look(lambda conn: receipt.load(conn, someone, early.receipt_id)) == early
    stranger = rows.customer_id()
    assert await look(lambda conn: receipt.load(conn, stranger, early.receipt_id)) is None
    stray = replace(early, receipt_id=uuid.uuid4(), consent_id=uuid.uuid4())
    with pytest.raises(StoreDefectError):
        await do(lambda conn: receipt.add(conn, stray))
