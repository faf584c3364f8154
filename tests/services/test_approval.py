"""Two persons decide: who proposed decides nothing, under no name, and what was shown is what is done."""

import asyncio
import json
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from policies.model import StaffRole
from tests.api.oauth.party import Party
from tests.services import mailbox
from tests.services.colleague import join, told
from tests.services.decisions import allow, ana, clock, deps, readable
from tests.services.publishing import one_clock, text
from vault.core.approval import LIFE, SENTENCES, Kind, Obstacle, State
from vault.core.entry import Kind as LogKind
from vault.core.errors import ConflictError, NotAvailableError, NotFreshError, RefusedError
from vault.core.staff import OPERATOR
from vault.services import app as apps
from vault.services import (
    approval,
    proposal,
    proposing,
    publication,
    staff,
    staff_change,
    staff_enrol,
    unit,
)
from vault.services.staff_change import Do, Wish
from vault.store import commit
from vault.store import proposal as store

__all__ = ["ana", "clock", "deps", "one_clock"]

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def kim(deps):
    """Compliance: approves."""
    return await join(deps, "kim")


@pytest.fixture
async def sam(deps):
    """A steward: proposes."""
    return await join(deps, "sam", StaffRole.STEWARD)


async def proposed(deps, session, *swaps, **head):
    """Propose the next code of ethics as a member."""
    document = text(*swaps, **head)

    async def work(it):
        from policies.compile import compile_

        book = compile_(document, name="next")
        planned = await publication.weigh(deps, it.conn, book, now=it.now)
        return await publication.propose(it, planned, document, by=session.member.handle)

    return (await unit.run(deps, work))[0]


async def wished(deps, session, wish):
    made, _ = await unit.run(
        deps, lambda it: staff_change.propose(it, wish, by=session.member.handle)
    )
    return made


async def approve(deps, session, made):
    await approval.approve(deps, session, made.number, digest=made.digest)


async def state(deps, made):
    return (await approval.show(deps, made.number)).state


async def versions(deps):
    return [row.version for row in await publication.history(deps)]


# --- what is approved is done -------------------------------------------------------------------


async def test_a_code_that_two_persons_want_decides_the_next_read(deps, ana, sam, kim):
    await allow(deps, ana)
    made = await proposed(deps, sam)
    assert await readable(deps, ana) != set()
    assert await versions(deps) == ["2026-11"]
    await approve(deps, kim, made)
    assert await readable(deps, ana) == set()
    assert await state(deps, made) is State.APPROVED
    entries = await told(deps, LogKind.CODE)
    assert [one["change"] for one in entries] == ["proposed", "approved"]
    done = entries[-1]
    assert (done["by"], done["approved_by"]) == (sam.member.handle, kim.member.handle)
    assert (done["effect"], done["proposal"]) == ("published", made.digest)
    assert "bootstrap" not in done


async def test_an_app_is_registered_changed_and_thawed_by_two(deps, clock, sam, kim):
    party = Party(clock)
    asked = await apps.add(deps, party.metadata())
    assert asked.waits
    assert await apps.list_(deps) == []
    again = await apps.add(deps, party.metadata())
    assert again.waits == asked.waits  # the same again is the one that waits
    await approve(deps, kim, asked.waits)
    assert not (await apps.show(deps, "delivery")).frozen
    await apps.freeze(deps, "delivery", by=sam.member.handle)
    thaw = await apps.thaw(deps, "delivery")
    assert thaw.waits
    assert (await apps.show(deps, "delivery")).frozen
    await approve(deps, kim, thaw.waits)
    assert not (await apps.show(deps, "delivery")).frozen
    found = [
        (one["change"], one.get("effect"), one["by"])
        for one in await told(deps, LogKind.REGISTRATION)
    ]
    assert found == [
        ("proposed", None, OPERATOR),
        ("approved", "added", OPERATOR),
        ("frozen", None, sam.member.handle),
        ("proposed", None, OPERATOR),
        ("approved", "thawed", OPERATOR),
    ]


async def test_who_is_invited_by_two_gets_the_link_by_mail_alone(deps, kim):
    ada = await join(deps, "ada", StaffRole.ADMIN)
    wish = Wish(Do.INVITE, email="lee@example.org", role=StaffRole.SUPPORT)
    made = await wished(deps, ada, wish)
    async with deps.database.connect() as conn:
        rows = await conn.exec_driver_sql("SELECT * FROM proposal")
        assert "lee@" not in repr(rows.all())
    await approve(deps, kim, made)
    letter = await mailbox.sent(deps, holding="/console/enrol/")
    assert letter["To"] == "lee@example.org"
    assert "24 hours" in mailbox.text(letter)
    async with deps.database.connect() as conn:
        lee = (await staff.all_(deps, conn))[-1]
    assert (lee.role, lee.made_by) == (StaffRole.SUPPORT, ada.member.handle)
    entries = json.dumps(await told(deps, LogKind.STAFF_ROLE))
    assert "lee@" not in entries
    assert lee.handle in entries


@ONE
async def test_a_role_changes_and_a_member_ends_by_two(deps, kim, sam):
    ada = await join(deps, "ada", StaffRole.ADMIN)
    to_support = Wish(Do.ROLE, sam.member.handle, role=StaffRole.SUPPORT)
    await approve(deps, kim, await wished(deps, ada, to_support))
    await approve(deps, kim, await wished(deps, ada, Wish(Do.END, sam.member.handle)))
    async with deps.database.connect() as conn:
        known = await staff.by_handle(deps, conn, sam.member.handle)
    assert known
    assert (known.role, known.state.value) == (StaffRole.SUPPORT, "ended")


# --- who does not decide ------------------------------------------------------------------------


async def refused(deps, session, made, why):
    with pytest.raises(RefusedError) as caught:
        await approve(deps, session, made)
    assert caught.value.detail == SENTENCES[why]
    assert (await approval.show(deps, made.number, member=session.member)).obstacle is why
    assert await state(deps, made) is State.OPEN


async def test_who_proposed_does_not_approve_even_in_another_role(deps, sam, kim):
    made = await proposed(deps, sam)
    await refused(deps, sam, made, Obstacle.ROLE)
    await unit.run(
        deps, lambda it: staff.set_role(it, sam.member, StaffRole.COMPLIANCE, by=OPERATOR)
    )
    with pytest.raises(NotAvailableError):  # the session is of another role
        await approve(deps, sam, made)
    member = replace(sam.member, role=StaffRole.COMPLIANCE)
    await refused(deps, replace(sam, member=member), made, Obstacle.SELF)
    assert await versions(deps) == ["2026-11"]


@ONE
async def test_an_account_that_the_proposer_made_does_not_approve_for_seven_days(
    deps, sam, kim, clock
):
    other = await join(deps, "sam2", by=sam.member.handle)
    clock.turn(days=6, hours=23)
    made = await proposed(deps, sam, effective="2026-12-24")
    fresh = replace(other, auth_time=clock.now())
    await refused(deps, fresh, made, Obstacle.MADE)
    clock.turn(hours=1)
    await approve(deps, replace(other, auth_time=clock.now()), made)


@ONE
async def test_an_invitation_of_long_ago_is_as_new_as_who_asked_for_it_anew(deps, clock, sam):
    await staff_enrol.invite(deps, "eve@example.org", StaffRole.SUPPORT, by="operator")
    clock.turn(days=8)
    sam = await join(deps, "sol", StaffRole.STEWARD)
    made = await proposed(deps, sam, effective="2026-12-24")
    eve = await join(deps, "eve", by=sam.member.handle)
    await refused(deps, eve, made, Obstacle.MADE)


@ONE
async def test_an_account_made_while_the_proposal_waits_never_approves_it(deps, sam, clock):
    made = await proposed(deps, sam, effective="2026-12-24")
    other = await join(deps, "sam2", by=sam.member.handle)
    clock.turn(days=10)
    await refused(deps, replace(other, auth_time=clock.now()), made, Obstacle.MADE)


@ONE
async def test_one_mailbox_is_one_person(deps, sam, kim):
    ada = await join(deps, "ada", StaffRole.ADMIN)
    wish = Wish(Do.INVITE, email="Sam+2@example.org", role=StaffRole.COMPLIANCE)
    with pytest.raises(RefusedError, match="mailbox"):
        await wished(deps, ada, wish)
    late = await wished(deps, ada, replace(wish, email="lee+2@example.org"))
    await join(deps, "lee", StaffRole.SUPPORT)  # the mailbox is taken while it waits
    with pytest.raises(RefusedError, match="mailbox"):
        await approve(deps, kim, late)


async def test_whom_the_shell_invited_afterwards_does_not_approve_what_it_proposed(
    deps, kim, clock
):
    asked = await apps.add(deps, Party(clock).metadata())
    assert asked.waits
    late = await join(deps, "late")
    await refused(deps, late, asked.waits, Obstacle.SHELL)
    clock.turn(days=8)
    await refused(deps, replace(late, auth_time=clock.now()), asked.waits, Obstacle.SHELL)
    await approve(deps, replace(kim, auth_time=clock.now()), asked.waits)


@ONE
async def test_nobody_decides_on_their_own_account(deps, kim):
    ada = await join(deps, "ada", StaffRole.ADMIN)
    made = await wished(deps, ada, Wish(Do.END, kim.member.handle))
    await refused(deps, kim, made, Obstacle.SUBJECT)


@ONE
@pytest.mark.parametrize("role", [StaffRole.SUPPORT, StaffRole.ADMIN])
async def test_who_may_not_decide_does_not_see_it(deps, sam, role):
    other = await join(deps, "other", role)
    made = await proposed(deps, sam)
    with pytest.raises(NotAvailableError):
        await approve(deps, other, made)
    assert await proposal.list_(deps, other.member) == ()


@ONE
async def test_a_sign_in_of_six_minutes_approves_and_refuses_nothing(deps, sam, kim, clock):
    made = await proposed(deps, sam)
    clock.turn(minutes=5, seconds=1)
    for decide in (approval.approve, approval.refuse):
        with pytest.raises(NotFreshError):
            await decide(deps, kim, made.number, digest=made.digest)
    assert await state(deps, made) is State.OPEN


@ONE
async def test_what_was_not_shown_is_not_approved(deps, sam, kim):
    made = await proposed(deps, sam)
    other = await proposed(deps, sam, version="2026-12-2")
    with pytest.raises(ConflictError):
        await approval.approve(deps, kim, made.number, digest=other.digest)
    assert await versions(deps) == ["2026-11"]


@ONE
async def test_an_account_that_ended_decides_nothing_and_proposes_nothing(deps, sam, kim):
    made = await proposed(deps, sam)
    await unit.run(deps, lambda it: staff.end(it, sam.member, by=OPERATOR))
    with pytest.raises(RefusedError, match="may not propose it any more"):
        await approve(deps, kim, made)
    await unit.run(deps, lambda it: staff.end(it, kim.member, by=OPERATOR))
    with pytest.raises(NotAvailableError):
        await approve(deps, kim, made)


# --- once, in time, and only while it fits ------------------------------------------------------


async def test_of_many_approvals_at_once_one_counts(deps, sam, kim):
    lou = await join(deps, "lou")
    made = await proposed(deps, sam)
    done = await asyncio.gather(
        *(approve(deps, one, made) for one in (kim, lou, kim, lou)), return_exceptions=True
    )
    assert done.count(None) == 1
    assert {type(one) for one in done if one} <= {ConflictError}
    assert (await versions(deps)).count("2026-12") == 1
    changes = [one["change"] for one in await told(deps, LogKind.CODE)]
    assert sorted(changes) == ["approved", "proposed"]


async def test_of_approval_and_withdrawal_at_once_one_counts(deps, sam, kim):
    made = await proposed(deps, sam)
    done = await asyncio.gather(
        approve(deps, kim, made),
        proposal.withdraw(deps, made.number, by=sam.member.handle),
        return_exceptions=True,
    )
    assert done.count(None) == 1
    published = "2026-12" in await versions(deps)
    assert published is ((await state(deps, made)) is State.APPROVED)
    changes = {one["change"] for one in await told(deps, LogKind.CODE)}
    assert changes == {"proposed", "approved" if published else "withdrawn"}


@ONE
async def test_what_was_decided_or_is_over_is_decided_no_more(deps, sam, kim, clock):
    made = await proposed(deps, sam)
    await approval.refuse(deps, kim, made.number, digest=made.digest)
    late = await proposed(deps, sam, effective="2026-12-24")
    clock.turn(seconds=LIFE.total_seconds())
    now = replace(kim, auth_time=clock.now())
    for one in (made, late):
        with pytest.raises(ConflictError):
            await approve(deps, now, one)
        with pytest.raises(ConflictError):
            await proposal.withdraw(deps, one.number, by=sam.member.handle)
    assert [await state(deps, one) for one in (made, late)] == [State.REFUSED, State.ENDED]
    assert (await told(deps, LogKind.CODE))[1]["decided_by"] == kim.member.handle


@ONE
async def test_a_code_that_was_compared_with_another_one_is_not_approved(deps, sam, kim):
    first = await proposed(deps, sam)
    second = await proposed(deps, sam, version="2026-12-2", effective="2026-12-02")
    await approve(deps, kim, first)
    with pytest.raises(RefusedError, match="Propose it again"):
        await approve(deps, kim, second)
    shown = await approval.show(deps, second.number, member=kim.member)
    assert (shown.weighed, shown.state) == (None, State.OPEN)
    assert "Propose it again" in shown.problem


@ONE
async def test_a_code_whose_day_has_passed_is_not_approved(deps, sam, kim, clock):
    made = await proposed(deps, sam)
    clock.turn(days=1)
    with pytest.raises(RefusedError, match="before it is published"):
        await approve(deps, replace(kim, auth_time=clock.now()), made)


@ONE
async def test_an_app_that_changed_or_went_on_meanwhile_is_not_approved(deps, clock, sam, kim):
    party = Party(clock)
    first = await apps.add(deps, party.metadata())
    other = await apps.add(deps, party.metadata(client_name="Routes"))
    await approve(deps, kim, first.waits)
    with pytest.raises(RefusedError, match="Propose it again"):
        await approve(deps, kim, other.waits)
    with pytest.raises(RefusedError, match="not frozen"):
        await apps.thaw(deps, "delivery")
    await apps.freeze(deps, "delivery")
    thaw = await apps.thaw(deps, "delivery")
    changed = await apps.add(deps, party.metadata(client_name="Routes"), replace=True)
    await approve(deps, kim, changed.waits)
    with pytest.raises(RefusedError, match="Propose it again"):
        await approve(deps, kim, thaw.waits)
    assert (await apps.show(deps, "delivery")).frozen


@ONE
async def test_what_nobody_proposed_is_withdrawn_by_nobody(deps, sam, kim):
    made = await proposed(deps, sam)
    for by in (OPERATOR, kim.member.handle):
        with pytest.raises(NotAvailableError):
            await proposal.withdraw(deps, made.number, by=by)


@ONE
async def test_only_so_many_wait_at_once(deps, sam, monkeypatch):
    monkeypatch.setattr(proposal, "MOST_OPEN", 1)
    await proposed(deps, sam)
    with pytest.raises(RefusedError, match="Too many"):
        await proposed(deps, sam, version="2026-12-2")


# --- rows that somebody edited ------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"by": "s-00000000"},
        {"state": "approved"},
        {"digest": "0" * 64},
        {"kind": "app"},
        {"subject": "2026-13"},
        {"sealed": b"\xf3\x01"},
    ],
    ids=lambda one: next(iter(one)),
)
@ONE
async def test_an_edited_proposal_is_none(deps, sam, kim, change):
    made = await proposed(deps, sam)

    async def edit(conn):
        row = await store.load(conn, made.number)
        assert row
        assert await store.save(conn, replace(row, **{"version": row.version + 1, **change}))

    await commit.request(deps.database, edit)
    with capture_logs() as logs, pytest.raises(NotAvailableError):
        await approve(deps, kim, made)
    assert "proposal-damaged" in {one["event"] for one in logs}
    assert await versions(deps) == ["2026-11"]


@ONE
async def test_the_sealed_matter_of_another_proposal_does_not_open(deps, sam, kim):
    made = await proposed(deps, sam)
    other = await proposed(deps, sam, version="2026-12-2")

    async def swap(conn):
        mine, theirs = [await store.load(conn, one.number) for one in (made, other)]
        assert mine
        assert theirs
        await store.save(conn, replace(mine, sealed=theirs.sealed, version=2))

    await commit.request(deps.database, swap)
    with pytest.raises(NotAvailableError):
        await approve(deps, kim, made)


# --- drafts -------------------------------------------------------------------------------------


@ONE
async def test_a_draft_is_its_authors_alone_until_it_is_proposed(deps, sam, kim):
    first = await proposing.draft_code(deps, sam, text())
    made = await proposing.draft_code(deps, sam, text())
    assert [one.number for one in await proposal.list_(deps, sam.member)] == [made.number]
    assert first.number != made.number
    assert await proposal.list_(deps, kim.member) == ()
    assert await proposal.list_(deps) == ()
    with pytest.raises(NotAvailableError):
        await approve(deps, kim, made)
    assert await told(deps, LogKind.CODE) == []
    await proposing.submit(deps, sam, made.number)
    await approve(deps, kim, made)
    assert (await versions(deps))[0] == "2026-12"


# --- the shell ----------------------------------------------------------------------------------


@ONE
async def test_before_anybody_is_enrolled_the_shell_decides_at_once(deps, clock):
    assert (await apps.add(deps, Party(clock).metadata())).waits is None
    await apps.freeze(deps, "delivery")
    assert (await apps.thaw(deps, "delivery")).waits is None
    assert (await publication.publish(deps, text(), name="next")).made
    for kind in (LogKind.REGISTRATION, LogKind.CODE):
        assert all(one["bootstrap"] is True for one in await told(deps, kind))


@ONE
async def test_afterwards_the_shell_only_proposes(deps, clock, kim):
    done = await publication.publish(deps, text(), name="next")
    assert done.waits
    assert not done.made
    dry = await publication.publish(deps, text(version="2026-12-2"), name="next", dry_run=True)
    assert dry.waits is None
    waits = await staff_change.end_from_shell(deps, kim.member.handle)
    assert waits
    assert {one.kind for one in await proposal.list_(deps)} == {Kind.CODE, Kind.STAFF}
    await approve(deps, kim, done.waits)
    await proposal.withdraw(deps, waits.number, by=OPERATOR)
    for kind in (LogKind.REGISTRATION, LogKind.CODE):
        assert not any("bootstrap" in one for one in await told(deps, kind))
