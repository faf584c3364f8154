"""The nightly replay of a whole vault: it agrees, it signs, and it finds what was planted."""

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from policies.model import Source, StaffRole
from tests import followed
from tests.integrated import clock
from tests.services import colleague, opened
from tests.services.decisions import ANA, allow, execute, newsletter, readable
from tests.vaults import vault
from vault.core.entry import Kind
from vault.core.follow_up import Outcome
from vault.core.times import unix_ms
from vault.crypto.signing import SigningKey, verifier_key
from vault.services import (
    alert,
    checkpoints,
    consent,
    customer,
    follow_up_owed,
    follow_up_own,
    follow_up_staff,
    holds,
    jobs,
    objection,
    own_event,
    replay,
    replay_job,
    restriction,
    unit,
)
from vault.services.disclosure import disclose, draft, judge
from vault.services.draft import SystemDraft
from vault.services.follow_up_own import Said
from vault.services.request_row import new_id
from vault.services.standing_change import set_terms
from vault.store import replay as store
from vault.verifier.note import open_note

__all__ = ["clock"]

APPROVED = [
    {
        "purpose": "marketing",
        "actions": ["read"],
        "datatypes": ["contact.email", "contact.full_name", "contact.language"],
    }
]


@pytest.fixture
async def deps(database, tmp_path, clock):
    """A vault whose log says which code is in force, and which app may ask."""
    async with vault(database, tmp_path, clock=clock) as made:

        async def work(it):
            await say_code(it)
            registered = (("registration", DIGEST), ("approved", json.dumps(APPROVED)))
            it.log(
                SystemDraft(
                    Kind.REGISTRATION, (("app", "newsletter"), ("change", "added"), *registered)
                )
            )

        await unit.run(made, work)
        yield made


DIGEST = "ab" * 32


async def say_code(it):
    """Let the log say which code is in force."""
    rulebook = await it.deps.codes.in_force(it.conn, it.now)
    since = unix_ms(it.deps.codes.since(rulebook))
    members = (("version", rulebook.version), ("code", rulebook.digest))
    published = (("effective", since), ("change", "published"))
    it.log(SystemDraft(Kind.CODE, (*members, *published)))


def ask(who):
    return replace(newsletter(who), registration_digest=DIGEST)


async def published(deps):
    """Integrate all, and sign a checkpoint of it."""
    await opened.integrate(deps)
    key = SigningKey(deps.keys.service("log").secret)
    believe = partial(checkpoints.believed, deps)
    now = deps.clock.now()
    await checkpoints.publish(deps.database, key, believe=believe, log_id=deps.log_id, now=now)


async def whole(deps, *, most=10_000):
    """A replay of all that there is, without a note."""
    await published(deps)
    row = await replay_job.begun(deps, start=0)
    assert row is not None
    while row.place != store.DONE:
        row = (await replay.part(deps, row, most=most)).row
    return row


def found(row):
    return [(name, reason) for _, name, _, reason in json.loads(row.found)]


async def live(deps):
    """Let a customer decide this and that, and an app ask in between."""
    ana = await customer.add(deps, ANA, source=Source.TOLD)
    bob = await customer.add(deps, {"contact.email": "bob@example.org"}, source=Source.TOLD)
    await disclose(deps, [ask(ana), ask(bob)])
    await allow(deps, ana)
    await disclose(deps, [ask(ana)])
    await set_terms(deps, ana, lambda stated: replace(stated, paused=True))
    await disclose(deps, [ask(ana)])
    await set_terms(deps, ana, lambda stated: replace(stated, paused=False))
    await objection.object_(deps, ana, "support")
    await restriction.restrict(deps, bob, request=None)
    made = await holds.make(
        deps, bob, ground="law", until=deps.clock.now() + timedelta(days=9), reason="a law"
    )
    await holds.reason(deps, bob, made)
    await disclose(deps, [ask(ana)])
    await consent.withdraw(deps, ana, "marketing", request=None)
    await disclose(deps, [ask(ana), ask(bob)])
    return ana, bob


async def test_a_vault_that_did_right_is_replayed_without_a_disagreement(deps):
    await live(deps)
    row = await whole(deps)
    assert (found(row), row.disagreeing, row.undecidable, row.unreadable) == ([], 0, 0, 0)
    assert row.replayed == 5  # two were added, two reads allowed something, and a hold was read


async def test_parts_come_to_what_the_whole_does(deps):
    await live(deps)
    one, many = await whole(deps), await whole(deps, most=1)
    assert replace(many, began_at=one.began_at) == one


async def plant(deps, who, **changes):
    """Record a decision that allows what the newsletter's app asked, right or not."""
    with deps.appender.looking() as seen:
        ((decided, _),) = await judge(deps, [ask(who)])
        given = draft(deps, decided, seen=seen)
        wrong = given._replace(
            kind=Kind.READ,
            allowed=(("contact.email", "marketing"),),
            withheld=(),
            **changes,
        )
        await deps.appender.record([wrong])


async def test_what_was_permitted_after_a_withdrawal_is_an_incident(deps):
    ana, bob = await live(deps)
    await plant(deps, ana)
    await plant(deps, bob)
    await published(deps)
    assert await replay_job.daily(deps)
    while await jobs.round_once(deps, frozenset({replay_job.KIND})):
        pass
    async with deps.database.connect() as conn:
        (row,) = await store.signed(conn, deps.log_id, limit=5)
    assert sorted(found(row)) == [("contact.email", "restricted"), ("contact.email", "withdrawn")]
    assert row.disagreeing == 2
    assert await alert.count_open(deps) == 1


async def test_the_certificate_is_signed_kept_named_in_the_log_and_made_once_a_day(deps, clock):
    await live(deps)
    await published(deps)
    assert await replay_job.daily(deps)
    assert not await replay_job.daily(deps)
    while await jobs.round_once(deps, frozenset({replay_job.KIND})):
        pass
    async with deps.database.connect() as conn:
        (row,) = await store.signed(conn, deps.log_id, limit=5)
    name = f"{deps.origin}/replay"
    key = SigningKey(deps.keys.service("replay").secret)
    said = (
        open_note((row.text or "").encode(), [verifier_key(name, key.public)]).decode().splitlines()
    )
    assert said[:3] == [name, "from 0", f"to {row.size}"]
    assert {"replayed 5", "disagreements 0", "undecidable 0", "unreadable 0"} <= set(said)
    assert await alert.count_open(deps) == 0
    await published(deps)
    again = await replay_job.begun(deps)
    assert again is not None
    assert again.start == row.size  # the entry of the certificate itself, at least
    async with deps.database.connect() as conn:
        leaves = await store.system_leaves(conn, deps.log_id, row.size, again.size)
    assert any(b'"what":"replay"' in entry for _, entry in leaves)


async def test_an_erased_customer_is_counted_as_unreadable(deps):
    ana, _ = await live(deps)
    await opened.integrate(deps)
    await execute(deps, "DELETE FROM customer_key WHERE customer_id = :who", who=ana)
    row = await whole(deps)
    assert (row.disagreeing, row.undecidable) == (0, 0)
    assert row.unreadable > 3


async def test_a_code_that_the_log_does_not_tell_is_undecidable_not_good(database, tmp_path, clock):
    async with vault(database, tmp_path, clock=clock) as deps:
        ana = await customer.add(deps, ANA, source=Source.TOLD)
        await allow(deps, ana)
        assert await readable(deps, ana)
        row = await whole(deps)
        assert (row.replayed, row.undecidable) == (0, 2)


async def test_what_follows_a_contact_is_judged_too(deps, tmp_path):
    await followed.put_in_force(deps, tmp_path)
    await unit.run(deps, say_code)
    ana = await customer.add(deps, ANA, source=Source.TOLD)
    sam = (await colleague.join(deps, "sam", StaffRole.SUPPORT)).member
    event = new_id(deps.clock.now())
    await own_event.append(deps, ana, "complaint", event_id=event, text="Late.", request="r")
    (owed,) = await follow_up_owed.owed(deps)
    await follow_up_staff.offer(deps, sam, owed.case.number, Outcome.SOLVED, None, request="r")
    said = Said(new_id(deps.clock.now()))
    await follow_up_own.agree(deps, ana, owed.case.follow_up_id, version=1, said=said, request="r")
    row = await whole(deps)
    assert (found(row), row.disagreeing, row.undecidable, row.unreadable) == ([], 0, 0, 0)
    assert row.replayed == 4
