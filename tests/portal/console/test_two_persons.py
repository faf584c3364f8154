"""Steward, compliance and administration change what decides, two by two, through the console's pages."""

import re

import pytest

from policies.model import StaffRole
from portal.console.pages.code import MAX_DRAFT
from tests.api.oauth.party import Party
from tests.portal.console.member import Member
from tests.portal.person import forms
from tests.services import mailbox
from tests.services.decisions import allow, readable
from tests.services.publishing import one_clock, text
from vault.services import app as apps
from vault.services import publication
from vault.services.staff_session import FRESH

__all__ = ["one_clock"]

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DRAFT = "/console/code/draft"


async def drafted(steward, document):
    answer = await steward.send(DRAFT, DRAFT, ("source", document.decode()))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def proposed(steward, document):
    page = await drafted(steward, document)
    answer = await steward.send(page, page, ("do", "propose"))
    assert answer.headers["location"] == f"{page}?done=proposed", answer.text
    return page


async def decide(member, page, do="approve"):
    return await member.send(f"{page}/decide", f"{page}/decide", ("do", do))


async def versions(deps):
    return [one.version for one in await publication.history(deps)]


async def test_a_code_of_ethics_goes_from_draft_to_the_customers_next_read(
    deps, ana, steward, compliance
):
    await allow(deps, ana)
    assert await readable(deps, ana) != set()
    page = await drafted(steward, text())
    shown = (await steward.get(page)).text
    assert "Nobody but you sees this draft" in shown
    assert (await compliance.get(page)).status_code == 404
    await steward.send(page, page, ("do", "propose"))
    assert "Your role does not decide on this" in (await steward.get(page)).text
    shown = (await compliance.get(page)).text
    for words in ("Asks for more", "Asks for less", steward.handle, "Consents that end"):
        assert words in shown
    assert await readable(deps, ana) != set()
    answer = await decide(compliance, page)
    assert answer.headers["location"] == f"{page}?done=approved", answer.text
    assert await readable(deps, ana) == set()
    assert "2026-12" in (await compliance.get("/console/code")).text
    assert steward.handle in (await compliance.get("/console/code")).text


@ONE
async def test_each_mistake_of_a_draft_is_told_with_its_line_and_nothing_is_kept(deps, steward):
    document = text(("basis: contract", "basis: whim"), ("sensitivity: special", "sensitivity: x"))
    answer = await steward.send(DRAFT, DRAFT, ("source", document.decode()))
    assert answer.status_code == 422
    lines = [document[: document.index(word)].count(b"\n") + 1 for word in (b"whim", b"ity: x")]
    for line in lines:
        assert f"Line {line}, column" in answer.text
    assert "basis: whim" in answer.text
    assert "Not decided yet" not in (await steward.get("/console/code")).text


@ONE
async def test_what_the_code_may_not_do_is_told_and_lines_of_windows_are_read(deps, steward):
    late = text(effective="2026-11-02").decode()
    answer = await steward.send(DRAFT, DRAFT, ("source", late))
    assert answer.status_code == 422
    assert "before it is published" in answer.text
    page = await drafted(steward, text().replace(b"\n", b"\r\n"))
    assert "version: 2026-12\n" in (await steward.get(f"{DRAFT}?from={page[-9:]}")).text


@ONE
async def test_a_document_of_half_a_megabyte_is_read_and_a_larger_one_is_not(deps, steward):
    long = text() + b"# " + b"x" * 300_000
    assert await drafted(steward, long)
    answer = await steward.send(DRAFT, DRAFT, ("source", "x" * MAX_DRAFT))
    assert answer.status_code == 413


@ONE
async def test_a_draft_is_thrown_away_and_a_proposal_withdrawn(deps, steward, compliance):
    page = await drafted(steward, text())
    await steward.send(page, page, ("do", "discard"))
    assert (await steward.get(page)).status_code == 404
    page = await proposed(steward, text())
    await steward.send(page, page, ("do", "withdraw"))
    assert "Withdrawn" in (await compliance.get(page)).text
    answer = await compliance.get(f"{page}/decide")
    assert f'action="{page}/decide"' not in answer.text


@ONE
async def test_refusing_changes_nothing(deps, steward, compliance):
    page = await proposed(steward, text())
    answer = await decide(compliance, page, "refuse")
    assert answer.headers["location"] == f"{page}?done=refused"
    assert await versions(deps) == ["2026-11"]
    assert "Refused" in (await steward.get("/console/proposals")).text


@ONE
async def test_deciding_needs_a_sign_in_of_the_last_minutes(deps, clock, steward, compliance):
    page = await proposed(steward, text(effective="2026-12-24"))
    held = forms((await compliance.get(f"{page}/decide")).text)[f"{page}/decide"]
    clock.turn(seconds=FRESH.total_seconds() + 1)
    assert (await compliance.get(page)).status_code == 200
    for answer in (
        await compliance.get(f"{page}/decide"),
        await compliance.post(f"{page}/decide", *held, ("do", "approve")),
    ):
        assert answer.headers["location"] == f"/console/sign-in?fresh=1&next={page}/decide"
    assert await versions(deps) == ["2026-11"]
    await compliance.confirm(deps, f"{page}/decide")
    assert (await decide(compliance, page)).status_code == 303
    assert "2026-12" in await versions(deps)


@ONE
async def test_another_digest_than_what_was_shown_decides_nothing(deps, steward, compliance):
    page = await proposed(steward, text())
    other = await proposed(steward, text(version="2026-12-2"))
    found = forms((await compliance.get(f"{page}/decide")).text)[f"{page}/decide"]
    digests = [
        dict(forms((await compliance.get(f"{one}/decide")).text)[f"{one}/decide"])["digest"]
        for one in (page, other)
    ]
    assert digests[0] != digests[1]
    pairs = [pair for pair in found if pair[0] != "digest"]
    for wrong in (digests[1], "", "0" * 64):
        answer = await compliance.post(
            f"{page}/decide", *pairs, ("digest", wrong), ("do", "approve")
        )
        assert answer.status_code == 409
    assert await versions(deps) == ["2026-11"]


@ONE
async def test_a_second_press_and_a_second_person_come_too_late(deps, app, steward, compliance):
    other = await Member(app).join(deps, "second@example.org", StaffRole.COMPLIANCE)
    page = await proposed(steward, text())
    held = forms((await other.get(f"{page}/decide")).text)[f"{page}/decide"]
    await decide(compliance, page)
    answer = await other.post(f"{page}/decide", *held, ("do", "approve"))
    assert answer.status_code == 409
    assert "Somebody decided on this" in answer.text


@ONE
async def test_an_account_that_the_proposer_made_does_not_approve(deps, app, steward):
    puppet = await Member(app).join(
        deps, "puppet@example.org", StaffRole.COMPLIANCE, by=steward.handle
    )
    page = await proposed(steward, text())
    shown = (await puppet.get(f"{page}/decide")).text
    assert "Somebody else decides" in shown
    assert f'action="{page}/decide"' not in shown
    assert await versions(deps) == ["2026-11"]


async def test_an_app_is_proposed_by_a_steward_and_approved(deps, clock, steward, compliance):
    where = "/console/proposals"
    document = Party(clock).metadata().decode()
    found = forms((await steward.get(where)).text)[where]
    csrf = next(pair for pair in found if pair[0] == "csrf")
    bad = await steward.post(where, csrf, ("do", "app"), ("document", "{}"))
    assert bad.status_code == 422
    answer = await steward.post(where, csrf, ("do", "app"), ("document", document))
    page = answer.headers["location"].partition("?")[0]
    shown = (await compliance.get(page)).text
    assert "It is a new app" in shown
    assert "delivery: read contact.full_name" in shown
    await decide(compliance, page)
    await apps.freeze(deps, "delivery")
    unknown = await steward.post(where, csrf, ("do", "thaw"), ("app", "no-such-app"))
    assert unknown.status_code == 422
    thaw = await steward.post(where, csrf, ("do", "thaw"), ("app", "delivery"))
    assert (await apps.show(deps, "delivery")).frozen
    await decide(compliance, thaw.headers["location"].partition("?")[0])
    assert not (await apps.show(deps, "delivery")).frozen


async def test_somebody_is_invited_by_two_and_enrols_by_the_mailed_link(
    deps, app, clock, admin, compliance
):
    where = "/console/staff"
    for email, role in (("no address", "support"), ("lee@example.org", "king")):
        answer = await admin.send(where, where, ("email", email), ("role", role))
        assert answer.status_code == 422
    again = await admin.send(where, where, ("email", compliance.email), ("role", "admin"))
    assert "mailbox already" in again.text
    answer = await admin.send(where, where, ("email", "lee@example.org"), ("role", "support"))
    page = answer.headers["location"].partition("?")[0]
    assert "Invite lee@example.org to the role Support" in (await compliance.get(page)).text
    done = await decide(compliance, page)
    assert "enrol/" not in (await compliance.get(done.headers["location"])).text
    letter = await mailbox.sent(deps, holding="/console/enrol/")
    link = re.search(r"/console/enrol/\S+", mailbox.text(letter))
    assert link
    clock.turn(hours=23)
    lee = Member(app)
    answer = await lee.send(link.group(), link.group(), ("name", "Lee Sample"))
    assert answer.status_code == 303
    await lee.enter(deps)
    assert "Lee Sample" in (await lee.get("/console")).text


@ONE
async def test_a_role_and_an_end_are_proposed_on_a_members_page(deps, support, admin, compliance):
    where = f"/console/staff/{support.handle}"
    found = forms((await admin.get(where)).text)[where]
    csrf = next(pair for pair in found if pair[0] == "csrf")
    assert (await admin.post(where, csrf, ("do", "role"), ("role", "king"))).status_code == 422
    assert (await admin.post(where, csrf, ("do", "role"), ("role", "support"))).status_code == 422
    assert (await admin.post(where, csrf, ("do", "hire"))).status_code == 400
    for pairs in ([("do", "role"), ("role", "steward")], [("do", "end")]):
        answer = await admin.post(where, csrf, *pairs)
        assert answer.status_code == 303, answer.text
        assert (await decide(compliance, answer.headers["location"].partition("?")[0])).status_code
    assert (await support.get("/console")).status_code == 303
    assert (await support.known(deps)).state.value == "ended"
    assert (await admin.get(where)).status_code == 404


@ONE
async def test_a_code_of_a_day_to_come_is_listed_as_waiting_for_it(
    deps, ana, clock, steward, compliance
):
    await allow(deps, ana)
    page = await proposed(steward, text(effective="2026-12-02"))
    await decide(compliance, page)
    assert "Waits for its day" in (await compliance.get("/console/code")).text
    assert await readable(deps, ana) != set()
    clock.turn(days=1)
    assert await readable(deps, ana) == set()
