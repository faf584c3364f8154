"""The vault's check of receipts that people bring, with the keys in its database."""

import json
from dataclasses import replace

from tests.services.decisions import allow, ana, clock, deps, execute
from vault.core.receipt_check import Flaw
from vault.services import receipt_check, receipts
from vault.services.receipt_check import Verdict

__all__ = ["ana", "clock", "deps"]


async def a_receipt(deps, ana):
    outcome = await allow(deps, ana)
    assert outcome.receipt_id
    return await receipts.open_(deps, ana, outcome.receipt_id)


async def test_a_receipt_of_ours_is_good_and_its_notice_is_kept(deps, ana):
    body = await a_receipt(deps, ana)
    found = await receipt_check.check(deps, body)
    assert found.verdict is Verdict.GOOD
    assert found.claimed
    assert found.claimed.state == "ConsentGiven"
    assert found.kept == found.claimed.notices != ()


async def test_a_receipt_of_another_vault_cannot_be_told(deps, ana):
    body = await a_receipt(deps, ana)
    elsewhere = replace(deps, issuer="https://elsewhere.example")
    assert (await receipt_check.check(elsewhere, body)).verdict is Verdict.CANNOT_TELL


async def test_a_changed_receipt_is_bad(deps, ana):
    document = json.loads(await a_receipt(deps, ana))
    document["record"]["language"] = "pt"
    found = await receipt_check.check(deps, json.dumps(document).encode())
    assert (found.verdict, found.flaw, found.kept) == (Verdict.BAD, Flaw.SIGNATURE, ())


async def test_a_key_that_is_retired_still_proves_what_it_signed_before(deps, ana):
    body = await a_receipt(deps, ana)
    zone = "+00" if deps.database.dialect == "postgresql" else ""
    later = f"2027-01-01 00:00:00.000000{zone}".replace(":", r"\:")
    earlier = f"2026-12-01 00:00:00.000000{zone}".replace(":", r"\:")
    await execute(deps, f"UPDATE service_key SET retired_at = '{later}' WHERE use = 'receipts'")
    assert (await receipt_check.check(deps, body)).verdict is Verdict.GOOD
    await execute(deps, f"UPDATE service_key SET retired_at = '{earlier}' WHERE use = 'receipts'")
    assert (await receipt_check.check(deps, body)).flaw is Flaw.AFTER_KEY
    await execute(deps, f"UPDATE service_key SET made_at = '{later}', retired_at = NULL")
    assert (await receipt_check.check(deps, body)).flaw is Flaw.BEFORE_KEY


async def test_only_keys_for_receipts_sign_receipts(deps, ana):
    body = await a_receipt(deps, ana)
    await execute(deps, "DELETE FROM service_key WHERE use = 'receipts'")
    assert (await receipt_check.check(deps, body)).flaw is Flaw.SIGNER


async def test_a_damaged_key_is_no_key(deps, ana):
    body = await a_receipt(deps, ana)
    await execute(deps, "UPDATE service_key SET public = NULL WHERE use = 'receipts'")
    assert (await receipt_check.check(deps, body)).flaw is Flaw.SIGNER


async def test_a_notice_that_is_gone_is_not_said_to_be_kept(deps, ana):
    body = await a_receipt(deps, ana)
    await execute(deps, "DELETE FROM notice")
    found = await receipt_check.check(deps, body)
    assert (found.verdict, found.kept) == (Verdict.GOOD, ())
