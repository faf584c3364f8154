"""Each role meets each route of the console: what it may do is there, and nothing else is."""

import pytest

from policies.model import StaffRole
from portal.console.ways import WAYS
from tests.portal.console.member import Member
from vault.core.staff import RIGHTS, Right

# Rights do not depend on the database.
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FILLED = "x" * 43


def address(way):
    """Return the path of a way with something that is not there in the place of each part."""
    parts = (FILLED if part.startswith("{") else part for part in way.path.split("/"))
    return "/".join(parts)


@ONE
@pytest.mark.parametrize("role", StaffRole)
async def test_a_role_opens_the_ways_of_its_rights_and_no_other(app, deps, role):
    member = await Member(app).join(deps, f"{role}@example.org", role)
    for way in WAYS:
        if not way.signed_in or way.get is None:
            continue
        answer = await member.get(address(way))
        may = way.right is None or way.right in RIGHTS[role]
        if not may:
            assert answer.status_code == 404, (role, way.path)
        elif "{" not in way.path:
            assert answer.status_code in {200, 303}, (role, way.path, answer.text)


@ONE
@pytest.mark.parametrize("role", StaffRole)
async def test_a_role_sends_the_forms_of_its_rights_and_no_other(app, deps, role):
    member = await Member(app).join(deps, f"{role}@example.org", role)
    for way in WAYS:
        if not way.signed_in or way.post is None:
            continue
        answer = await member.post(address(way))
        right = way.post_right or way.right
        if right is not None and right not in RIGHTS[role]:
            assert answer.status_code == 404, (role, way.path)
        else:  # the form has no token, or is not there
            assert answer.status_code in {303, 403, 404}, (role, way.path)


@ONE
async def test_nobody_comes_in_without_signing_in(stranger, person_of_the_portal):
    for who in (stranger, person_of_the_portal):
        for way in WAYS:
            if not way.signed_in:
                continue
            for answer in (await who.get(address(way)), await who.post(address(way))):
                if answer.status_code != 405:
                    assert answer.headers["location"].startswith("/console/sign-in"), way.path


@ONE
async def test_a_menu_leads_to_what_the_role_may(app, deps):
    for role in StaffRole:
        member = await Member(app).join(deps, f"{role}@example.org", role)
        page = (await member.get("/console")).text
        for way in WAYS:
            if way.entry:
                shown = f'href="{way.path}"' in page
                assert shown is (way.right is None or way.right in RIGHTS[role]), (role, way.path)


def test_the_table_is_that_of_the_security_note():
    rights = {role: RIGHTS[role] for role in StaffRole}
    assert {role for role in rights if Right.SEE_VALUES in rights[role]} == {
        StaffRole.SUPPORT,
        StaffRole.STEWARD,
    }
    assert {role for role in rights if Right.SEARCH_LOG in rights[role]} == {StaffRole.COMPLIANCE}
    assert {role for role in rights if Right.PROPOSE_CODE in rights[role]} == {StaffRole.STEWARD}
    assert {role for role in rights if Right.APPROVE_CODE in rights[role]} == {StaffRole.COMPLIANCE}
    assert {role for role in rights if Right.PROPOSE_STAFF in rights[role]} == {StaffRole.ADMIN}
    assert {role for role in rights if Right.APPROVE_STAFF in rights[role]} == {
        StaffRole.COMPLIANCE
    }
    assert {role for role in rights if Right.FREEZE_APP not in rights[role]} == {StaffRole.SUPPORT}
    assert Right.SEE_REQUESTS not in rights[StaffRole.ADMIN]
    assert Right.WORK_REQUESTS not in rights[StaffRole.COMPLIANCE]


@pytest.fixture
async def person_of_the_portal(app, deps, ana):
    """A customer who is signed in to the portal: a session of another kind."""
    from tests.portal.conftest import ANA

    somebody = Member(app)
    await super(Member, somebody).sign_in(deps, ANA)
    return somebody
