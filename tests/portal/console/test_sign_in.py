"""Staff enrol by a link of one use and a mailed code, and stay in while the account stands."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from policies.model import StaffRole
from tests.portal.console.member import Member
from tests.portal.person import Person, forms
from tests.services import mailbox
from vault.core.errors import ConflictError, RefusedError
from vault.core.staff import State
from vault.services import staff, staff_enrol, staff_session, staff_sign_in, unit
from vault.services.staff_session import FRESH, IDLE, LONGEST
from vault.store import commit
from vault.store import staff as store

KIM = "kim@example.org"


async def invited(deps, email=KIM, role=StaffRole.SUPPORT):
    found = await staff_enrol.invite(deps, email, role, by="operator")
    return found.link.removeprefix(deps.issuer)


async def test_who_is_invited_names_themselves_and_signs_in_by_the_mailed_code(stranger, deps):
    path = await invited(deps)
    assert "Support" in (await stranger.get(path)).text
    await stranger.join(deps, "lee@example.org", StaffRole.SUPPORT, name="Lee  Sample")
    page = (await stranger.get("/console")).text
    assert "Lee Sample" in page
    assert stranger.handle in page


async def test_a_link_works_once_and_for_half_an_hour(app, deps, clock):
    path = await invited(deps)
    first, second = Member(app), Member(app)
    page = await second.get(path)
    assert (await first.send(path, path, ("name", "Kim"))).status_code == 303
    assert "does not work any more" in (await second.get(path)).text
    again = await second.post(path, *forms(page.text)[path], ("name", "Eve"))
    assert again.status_code == 422

    late = await invited(deps, "late@example.org")
    clock.turn(minutes=30)
    assert "does not work any more" in (await first.get(late)).text


async def test_a_name_that_is_none_is_told_and_uses_nothing_up(stranger, deps):
    path = await invited(deps)
    for name in (" ", "x" * 101, "a\u202eb"):
        answer = await stranger.send(path, path, ("name", name))
        assert answer.status_code == 422
    assert (await stranger.send(path, path, ("name", "Kim"))).status_code == 303


async def test_an_unknown_address_gets_the_same_answer_and_no_mail(app, deps, support):
    stranger, before = Member(app), len(mailbox.mails(deps))
    answer = await stranger.send(
        "/console/sign-in", "/console/sign-in", ("email", "nobody@example.org")
    )
    known = await Member(app).send("/console/sign-in", "/console/sign-in", ("email", support.email))
    assert (answer.status_code, answer.headers["location"]) == (
        known.status_code,
        known.headers["location"],
    )
    await mailbox.sent(deps, holding=mailbox.CODE.pattern)
    assert len(mailbox.mails(deps)) == before + 1


async def test_a_code_works_once_in_its_browser_and_five_tries_end_it(app, deps, support):
    member = Member(app)
    await member.send("/console/sign-in", "/console/sign-in", ("email", support.email))
    code = mailbox.code(await mailbox.sent(deps, holding=mailbox.CODE.pattern))
    stranger = Member(app)
    await stranger.send("/console/sign-in", "/console/sign-in", ("email", "x@example.org"))
    where = "/console/sign-in/code"
    assert (await stranger.send(where, where, ("code", code))).status_code == 422
    for _ in range(5):
        assert (await member.send(where, where, ("code", "000000"))).status_code == 422
    assert (await member.send(where, where, ("code", code))).status_code == 422


async def test_a_session_ends_after_a_quarter_of_an_hour_and_after_eight(support, clock, deps):
    clock.turn(seconds=IDLE.total_seconds())
    assert (await support.get("/console")).status_code == 200
    clock.turn(seconds=IDLE.total_seconds() + 1)
    assert (await support.get("/console")).status_code == 303
    await support.sign_in(deps)
    until = clock.now() + LONGEST
    while clock.now() < until:
        assert (await support.get("/console")).status_code == 200
        clock.turn(minutes=10)
    clock.turn(seconds=1)
    assert (await support.get("/console")).status_code == 303


async def test_an_account_that_ended_or_got_another_role_is_out_at_once(
    support, steward, deps, clock
):
    member = await support.known(deps)
    await unit.run(deps, lambda it: staff.end(it, member, by="operator"))
    assert (await support.get("/console")).status_code == 303
    other = await steward.known(deps)
    await unit.run(deps, lambda it: staff.set_role(it, other, StaffRole.SUPPORT, by="operator"))
    assert (await steward.get("/console")).status_code == 303


async def test_signing_out_ends_it(support):
    answer = await support.send("/console", "/console/sign-out")
    assert answer.headers["location"] == "/console/signed-out"
    assert (await support.get("/console")).status_code == 303


async def test_the_cookie_is_the_consoles_own_and_strict(app, deps, support):
    jar = support.http.cookies.jar
    assert {one.name for one in jar} >= {"ownship-console"}
    again = Member(app)
    await again.send("/console/sign-in", "/console/sign-in", ("email", support.email))
    code = mailbox.code(await mailbox.sent(deps, holding=mailbox.CODE.pattern))
    where = "/console/sign-in/code"
    answer = await again.send(where, where, ("code", code))
    made = next(
        value
        for name, value in answer.headers.multi_items()
        if name == "set-cookie" and value.startswith("ownship-console=")
    )
    assert "SameSite=Strict" in made
    assert "HttpOnly" in made


async def test_a_customers_session_opens_no_console_and_the_other_way_round(
    app, deps, ana, support
):
    token = next(one.value for one in support.http.cookies.jar if one.name == "ownship-console")
    person = Person(app)
    person.http.cookies.set("ownship", token)
    assert (await person.get("/home")).status_code == 303


async def test_a_mailbox_is_one_member_however_it_is_spelled(deps, support):
    for spelling in ("SUPPORT@example.org", "support+two@example.org"):
        with pytest.raises(ConflictError):
            await staff_enrol.invite(deps, spelling, StaffRole.COMPLIANCE, by="operator")


async def test_a_row_that_was_edited_is_nobodys(support, deps):
    async def edit(conn):
        row = await store.find(conn, staff.address_index(deps, support.email)[0])
        assert row is not None
        changed = replace(row, role=StaffRole.COMPLIANCE.value, version=row.version + 1)
        assert await store.save(conn, changed)

    await commit.request(deps.database, edit)
    assert (await support.get("/console")).status_code == 303
    async with deps.database.connect() as conn:
        assert [one.state for one in await staff.all_(deps, conn)] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("edit", ["sealed = 'text'", "role = x'ff'"])
async def test_a_row_with_another_type_of_value_is_nobodys(support, deps, edit):
    statement = text(f"UPDATE staff SET {edit}")  # SQLite takes any
    await commit.request(deps.database, lambda conn: conn.execute(statement))
    assert (await support.get("/console")).status_code == 303


async def test_who_ended_at_the_moment_of_enrolling_stays_ended(deps):
    await invited(deps)
    async with deps.database.connect() as conn:
        (member,) = await staff.all_(deps, conn)
    await unit.run(deps, lambda it: staff.end(it, member, by="operator"))
    enrolled = replace(member, name="Kim", state=State.ACTIVE)
    with pytest.raises(ConflictError):
        await unit.run(deps, lambda it: staff.save(it, enrolled, "enrolled", by=member.handle))


async def fresh(deps, member):
    """Say whether a member's session is."""
    jar = member.http.cookies.jar
    session = await staff_session.check(
        deps, next(one.value for one in jar if one.name == "ownship-console")
    )
    assert session is not None
    return staff_session.is_fresh(deps, session)


async def test_fresh_is_five_minutes(support, deps, clock):
    assert await fresh(deps, support)
    clock.turn(seconds=FRESH.total_seconds() + 1)
    assert not await fresh(deps, support)
    await support.confirm(deps, "/console")
    assert await fresh(deps, support)


async def test_who_was_invited_and_did_not_enrol_may_be_invited_again(deps, stranger):
    first = await invited(deps)
    second = await invited(deps, role=StaffRole.STEWARD)
    assert "Data steward" in (await stranger.get(second)).text
    assert "Data steward" in (await stranger.get(first)).text  # both lead to the one member
    async with deps.database.connect() as conn:
        (member,) = await staff.all_(deps, conn)
    assert (member.role, member.state) == (StaffRole.STEWARD, State.INVITED)


async def test_a_link_of_the_demonstration_signs_in_once_on_ones_own_machine(app, deps, support):
    link = await staff_sign_in.demo_link(deps, await support.known(deps))
    path = link.removeprefix(deps.issuer)
    first, second = Member(app), Member(app)
    page = await second.get(path)
    assert (await first.send(path, path)).headers["location"] == "/console"
    assert support.handle in (await first.get("/console")).text
    assert (await second.post(path, *forms(page.text)[path])).status_code == 422
    assert "does not work any more" in (await second.get(path)).text


async def test_no_such_link_is_made_for_another_host(deps, support):
    elsewhere = replace(deps, issuer="https://vault.example.org")
    with pytest.raises(RefusedError):
        await staff_sign_in.demo_link(elsewhere, await support.known(deps))
