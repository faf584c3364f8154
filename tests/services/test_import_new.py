"""A new customer comes with several consents: rows, records and entries as if given one by one."""

from tests.services.test_importing import ANA, MAPPING, clock, deps, file, find, run
from vault.core import canonical
from vault.core.entry import Kind as EntryKind
from vault.crypto.keys import Kind
from vault.crypto.receipt import open_receipt
from vault.services import choices
from vault.services.audit import audit_key
from vault.services.entries import list_entries
from vault.services.load import wrapped
from vault.services.situation import fact, is_intact
from vault.store import receipt
from vault.store.disclosure import load_many

__all__ = ["clock", "deps", "file"]

BOTH = MAPPING + (
    b'    - {purpose: loyalty.rewards, when: {letters: "1"}, at: signed, evidence: form}\n'
)


async def test_a_new_customer_with_two_consents_stands_at_the_epoch_of_the_second(deps, file):
    done = await run(deps, file, ANA, mapping=BOTH)
    assert (done.added, done.consents) == (1, 2)
    who = await find(deps, "ana@example.org")
    async with deps.database.connect() as conn:
        (found,) = await load_many(conn, [who])
    assert found is not None
    assert found.standing is not None
    assert found.standing.epoch == 2
    assert is_intact(deps, who, found.standing)
    assert {one.purpose for one in found.consents} == {"marketing", "loyalty.rewards"}
    assert all(fact(deps, who, one, epoch=2).intact for one in found.consents)
    states = {one.purpose.id: str(one.state) for one in await choices.choices(deps, who)}
    assert states["marketing"] == states["loyalty.rewards"] == "given"


async def test_each_consent_of_a_new_customer_has_its_record_and_its_entry(deps, file):
    await run(deps, file, ANA, mapping=BOTH)
    who = await find(deps, "ana@example.org")
    async with deps.database.connect() as conn:
        (found,) = await load_many(conn, [who])
        kept = await receipt.load_all(conn, who)
    assert found is not None
    audit = next(wrapped(row) for row in found.keys if row.kind == Kind.AUDIT)
    records = [open_receipt(deps.keys.keks, audit, one.receipt_id, one.sealed) for one in kept]
    said = {one["consent_epoch"]: one for one in map(canonical.loads, records)}
    assert sorted(said) == [1, 2]
    assert [canonical.dumps(canonical.loads(one)) for one in records] == records
    evidence = [said[epoch]["privacy_notice"][0]["evidence"] for epoch in (1, 2)]
    assert {one["form"] for one in evidence} == {"F-1"}
    assert [one["wording"] for one in evidence] == ["Write to me.", ""]
    if deps.database.dialect == "sqlite":  # elsewhere the leader lists entries
        load = await deps.loads.ask(who, lane="test")
        lines = await list_entries(deps, *audit_key(deps, load), limit=10)
        told = [(one.kind, one.epoch, one.consent) for one in lines]
        assert sorted(told[:2]) == [(EntryKind.GIVEN, 1, "given"), (EntryKind.GIVEN, 2, "given")]
        assert told[2:] == [(EntryKind.WRITTEN, 0, None)]
