"""A later code of ethics decides at the very next look, and what it ended is written down once."""

import json

import pytest
from sqlalchemy import text as sql

from policies.diff import Outcome
from policies.model import ConsentState, Source
from tests.services import decisions, mailbox
from tests.services.decisions import (
    ANA,
    SESSION,
    allow,
    ana,
    clock,
    deps,
    readable,
    reasons,
    served,
)
from tests.services.publishing import NEXT, PHONE, one_clock, publish, text, work
from vault.core.entry import Kind
from vault.core.errors import ConflictError, RefusedError
from vault.services import consent, consent_later, customer, publication, receipts
from vault.services.audit import audit_key
from vault.services.choices import choices, look
from vault.services.deps import MAIN_LOG
from vault.services.entries import list_entries
from vault.services.integrator import Integrator

__all__ = ["ana", "clock", "deps", "one_clock"]

S = ConsentState
NO_PHONE = (PHONE, "    recipients: [newsletter]")  # marketing asks no more than in 2026-11
# Whoever has an address alone is concerned by nothing: no other business gets it.
NO_MORE_THAN_ASKED = (
    ("    recipients: [delivery, carrier]", "    recipients: [delivery]"),
    ("  carrier: {name: Parcel carrier, team: Quayside Parcels, country: IE, external: yes}\n", ""),
)
NO_NAME = (
    "      contact.full_name: [read]\n      contact.language: [read]\n",
    "      contact.language: [read]\n",
)


async def states(deps, who):
    return {one.purpose.id: one.state for one in await choices(deps, who)}


async def events(deps, who):
    """Return what was decided, by purpose and state: within a millisecond there is no order."""
    return sorted((one.purpose, one.state) for one in await receipts.list_(deps, who))


async def epoch(deps, who):
    found = (await look(deps, who)).found
    return found.standing.epoch if found and found.standing else None


async def count(deps, table):
    async with deps.database.connect() as conn:
        return (await conn.execute(sql(f"SELECT count(*) FROM {table}"))).scalar_one()


# --- what may be published ----------------------------------------------------------------------


async def test_a_dry_run_says_what_would_happen_and_does_nothing(deps, ana):
    await allow(deps, ana)
    await allow(deps, ana, "loyalty.rewards")
    done = await publication.publish(deps, text(), name="next", dry_run=True)
    assert not done.made
    assert done.plan
    fates = {one.clause.purpose: one for one in done.plan.clauses}
    assert fates["marketing"].clause.outcome is Outcome.WIDER
    assert (fates["marketing"].ended, fates["marketing"].narrowed) == (1, 0)
    assert (fates["loyalty.rewards"].ended, fates["loyalty.rewards"].narrowed) == (0, 1)
    assert done.plan.customers == 1
    assert await readable(deps, ana) == set(ANA)
    assert await count(deps, "code") == 1


@pytest.mark.parametrize(
    ("swaps", "head", "said"),
    [
        ([], {"version": "2026-11"}, "Write a new version"),
        ([], {"effective": "2026-11-30"}, "before it is published"),
        ([("basis: contract", "basis: vital-interest")], {}, "The basis of delivery"),
    ],
)
async def test_what_may_not_be_published_is_refused(deps, swaps, head, said):
    with pytest.raises(RefusedError, match=said):
        await publish(deps, *swaps, **head)
    assert await count(deps, "code") == 1


async def test_a_basis_does_not_move_by_way_of_a_version_without_the_purpose(deps):
    menu = (
        NEXT.read_text(encoding="utf-8").partition("  menu:")[2].partition("  loyalty.rewards:")[0]
    )
    diet = (
        NEXT.read_text(encoding="utf-8")
        .partition("  preferences.diet:")[2]
        .partition("interactions:")[0]
    )
    kitchen = "  kitchen: {name: Kitchen board, team: Shops, country: IE}\n"
    gone = ((f"  menu:{menu}", ""), (f"  preferences.diet:{diet}", ""), (kitchen, ""))
    await publish(deps)
    await publish(deps, *gone, version="2026-12-2", effective="2026-12-02")
    moved = (
        (
            "    basis: consent\n    explicit: yes\n    expiry: P6M\n",
            "    basis: contract\n    until: Until you leave.\n",
        ),
        ("sensitivity: special", "sensitivity: ordinary"),
    )
    with pytest.raises(RefusedError, match="The basis of menu"):
        await publish(deps, *moved, version="2026-12-3", effective="2026-12-03")


async def test_no_code_comes_before_one_that_waits(deps):
    await publish(deps, effective="2026-12-24")
    with pytest.raises(RefusedError, match="takes effect later"):
        await publish(deps, NO_PHONE, version="2026-12-2", effective="2026-12-20")


async def test_the_same_code_again_is_nothing_new(deps):
    assert (await publish(deps)).made
    assert not (await publish(deps)).made


# --- what it makes of consents, before any job --------------------------------------------------


async def test_a_wider_clause_stops_the_very_next_read(deps, ana):
    await allow(deps, ana)
    await publish(deps)
    assert await readable(deps, ana) == set()
    assert await reasons(deps, ana) == {"revoked"}
    assert (await states(deps, ana))["marketing"] is S.REVOKED
    assert (await served(deps, ana)).state is S.REVOKED


async def test_a_narrower_clause_leaves_what_both_allow(deps, ana):
    await allow(deps, ana)
    await publish(deps, NO_PHONE, NO_NAME)
    assert await readable(deps, ana) == {"contact.email"}
    (choice,) = [one for one in await choices(deps, ana) if one.purpose.id == "marketing"]
    assert choice.state is S.GIVEN
    assert "contact.full_name" not in choice.allowed


async def test_other_words_change_nothing(deps, ana):
    await allow(deps, ana)
    await publish(deps, NO_PHONE)
    assert await readable(deps, ana) == set(ANA)
    await work(deps)
    assert await events(deps, ana) == [("marketing", S.GIVEN)]


async def test_a_code_of_a_later_day_waits_for_its_day(deps, ana, clock):
    await allow(deps, ana)
    await publish(deps, effective="2026-12-03")
    await work(deps)
    assert await readable(deps, ana) == set(ANA)
    clock.turn(days=2)
    assert await readable(deps, ana) == set()
    (choice,) = [one for one in await choices(deps, ana) if one.purpose.id == "marketing"]
    assert choice.since_ms == 1_796_256_000_000  # the day itself, not the moment of the look


@pytest.mark.parametrize("swept", [False, True])
async def test_several_versions_between_all_count(deps, ana, clock, swept):
    await allow(deps, ana)
    for version, day, swaps in (
        ("2026-12", "2026-12-01", [NO_PHONE, NO_NAME]),
        ("2026-12-2", "2026-12-02", [NO_PHONE]),  # as it was accepted: wider than what is left
    ):
        await publish(deps, *swaps, version=version, effective=day)
        if swept:
            await work(deps)
    assert await readable(deps, ana) == {"contact.email"}
    clock.turn(days=1)
    assert await readable(deps, ana) == set()
    assert await reasons(deps, ana) == {"revoked"}
    await work(deps)
    assert (await states(deps, ana))["marketing"] is S.REVOKED


async def test_what_is_allowed_anew_under_the_new_code_counts(deps, ana):
    await allow(deps, ana)
    stale = await served(deps, ana)
    await publish(deps)
    with pytest.raises(ConflictError):
        await allow(deps, ana, asked=stale)
    assert (await allow(deps, ana)).state is S.GIVEN
    assert await readable(deps, ana) == set(ANA)


async def test_withdrawing_what_the_rules_ended_changes_nothing(deps, ana):
    await allow(deps, ana)
    await publish(deps)
    outcome = await consent.withdraw(deps, ana, "marketing")
    assert (outcome.state, outcome.changed) == (S.REVOKED, False)


async def test_a_consent_under_a_code_that_never_was_counts_for_nothing(deps, ana):
    await publish(deps, effective="2026-12-24")
    await allow(deps, ana)
    await decisions.execute(deps, "DELETE FROM code WHERE version = '2026-11'")
    deps.codes._passages.clear()
    deps.clock.turn(days=30)
    assert await readable(deps, ana) == set()
    assert await reasons(deps, ana) == {"consent-broken"}


# --- the job ------------------------------------------------------------------------------------


async def test_the_job_writes_down_what_was_decided_already_and_only_once(deps, ana):
    await allow(deps, ana)
    await allow(deps, ana, "loyalty.rewards")
    await publish(deps)
    before = (await states(deps, ana), await readable(deps, ana), await reasons(deps, ana))
    await work(deps)
    assert (await states(deps, ana), await readable(deps, ana), await reasons(deps, ana)) == before
    done = await events(deps, ana)
    assert done == [
        ("loyalty.rewards", S.GIVEN),
        ("loyalty.rewards", S.GIVEN),
        ("marketing", S.GIVEN),
        ("marketing", S.REVOKED),
    ]
    assert await epoch(deps, ana) == 4
    async with deps.database.connect() as conn:
        (row,) = await conn.execute(sql("SELECT count(*) FROM job"))
    assert row[0] == 0
    await publish(
        deps,
        ("what: We write or", "what: We write, or"),
        version="2026-12-2",
        effective="2026-12-02",
    )
    deps.clock.turn(days=1)
    await work(deps)
    assert await events(deps, ana) == done


async def test_the_customer_gets_one_letter_that_names_no_purpose(deps, ana):
    await allow(deps, ana)
    await allow(deps, ana, "loyalty.rewards")
    await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    await publish(deps, *NO_MORE_THAN_ASKED)
    await work(deps)
    (letter,) = [one for one in mailbox.mails(deps) if "receipt" not in one["Subject"]]
    assert letter["To"] == ANA["contact.email"]
    assert letter["Subject"] == "Our code of ethics has a new version"
    said = letter.as_string()
    for word in ("marketing", "Letters about", "Loyalty", "contact."):
        assert word not in said
    assert "/privacy" in said


async def test_the_records_say_who_ended_it_and_on_which_notice_it_rested(deps, ana):
    integrator = Integrator(deps.database, log_id=MAIN_LOG)
    integrator.start()
    asked = await served(deps, ana, "loyalty.rewards")
    await allow(deps, ana, "loyalty.rewards", asked=asked)
    await allow(deps, ana)
    await publish(deps)
    deps.clock.turn(seconds=90)
    await work(deps)
    await integrator.close()
    lines = await receipts.list_(deps, ana)
    (revoked,) = [one for one in lines if one.state is S.REVOKED]
    of_card = [one for one in lines if one.purpose == "loyalty.rewards"]
    narrowed, first = sorted(of_card, key=lambda one: len(one.fields))
    documents = [
        json.loads(await receipts.open_(deps, ana, one.receipt_id))["record"]
        for one in (revoked, narrowed)
    ]
    publisher = f"{deps.issuer}/"
    for document in documents:
        (event,) = document["events"]
        assert event["entity_id"] != document["pii_principal_id"]
        assert event["entity_id"].startswith(publisher)
        assert event["indication_method"] == "new code of ethics"
        assert event["event_time"] == "2026-12-01T12:01:30.250Z"
    (notice,) = documents[1]["privacy_notice"]
    assert (notice["sha256"], notice["code"]) == (asked.sha256, first.code)
    names = {
        one["pii_attribute_id"] for one in documents[1]["pii_processing"][0]["pii_information"]
    }
    assert names == narrowed.fields
    assert "contact.email" not in names
    load = await look(deps, ana)
    entries = await list_entries(deps, ana, audit_key(deps, load)[1], limit=9)
    assert [(one.kind, one.actor, one.consent) for one in entries if one.actor == "publisher"] == [
        (Kind.WITHDRAWN, "publisher", "revoked"),
        (Kind.GIVEN, "publisher", "given"),
    ]


async def test_what_was_carried_over_can_be_withdrawn_with_its_own_notice(deps, ana):
    asked = await served(deps, ana, "loyalty.rewards")
    await allow(deps, ana, "loyalty.rewards", asked=asked)
    await publish(deps)
    await work(deps)
    outcome = await consent.withdraw(deps, ana, "loyalty.rewards")
    assert outcome.state is S.WITHDRAWN
    lines = await receipts.list_(deps, ana)
    assert [one.notice for one in lines if one.state is S.WITHDRAWN] == [asked.sha256]


async def test_a_sweep_that_was_cut_goes_on(deps, ana, monkeypatch):
    monkeypatch.setattr("vault.services.code_sweep.PAGE", 1)
    others = [
        await customer.add(deps, {"contact.full_name": name}, source=Source.TOLD) for name in "abc"
    ]
    for who in (ana, *others):
        await allow(deps, who)
    await publish(deps)
    await work(deps)
    for who in (ana, *others):
        assert await events(deps, who) == [("marketing", S.GIVEN), ("marketing", S.REVOKED)]


async def test_a_broken_customer_is_passed_over(deps, ana):
    other = await customer.add(deps, {"contact.full_name": "Bo"}, source=Source.TOLD)
    await allow(deps, ana)
    await allow(deps, other)
    await decisions.execute(deps, "UPDATE standing SET flags = 2 WHERE customer_id = :ana", ana=ana)
    await publish(deps)
    await work(deps)
    assert await events(deps, other) == [("marketing", S.GIVEN), ("marketing", S.REVOKED)]
    assert len(await receipts.list_(deps, ana)) == 1


# --- putting off --------------------------------------------------------------------------------


async def test_not_now_is_kept_and_asks_no_more(deps, ana):
    await allow(deps, ana)
    await publish(deps)
    outcome = await consent_later.defer(deps, ana, "marketing", session=SESSION)
    assert (outcome.state, outcome.changed) == (S.DEFERRED, True)
    again = await consent_later.defer(deps, ana, "marketing", session=SESSION)
    assert (again.changed, again.epoch) == (False, outcome.epoch)
    assert await reasons(deps, ana) == {"not-asked"}
    await work(deps)
    assert (await states(deps, ana))["marketing"] is S.DEFERRED
    assert (await allow(deps, ana)).state is S.GIVEN


async def test_not_now_undoes_nothing(deps, ana):
    await allow(deps, ana)
    outcome = await consent_later.defer(deps, ana, "marketing", session=SESSION)
    assert (outcome.state, outcome.changed) == (S.GIVEN, False)
    assert await readable(deps, ana) == set(ANA)
