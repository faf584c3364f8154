"""A vault with the console in front of it, and members of staff who visit."""

import pytest

from policies.model import Source, StaffRole
from portal import app as portal_app
from tests.databases import database, database_url, postgresql_template, sqlite_template
from tests.integrated import clock, deps
from tests.portal.console.member import Member
from tests.vaults import ISSUER
from vault.guard import Guard
from vault.services import customer

__all__ = ["clock", "database", "database_url", "deps", "postgresql_template", "sqlite_template"]

ANA = "ana@example.org"


@pytest.fixture
def app(deps):
    return Guard(portal_app.create(deps), issuer=ISSUER)


@pytest.fixture
async def ana(deps):
    """A customer."""
    values = {"contact.email": ANA, "contact.full_name": "Ana Example"}
    return await customer.add(deps, values, source=Source.TOLD)


@pytest.fixture
def stranger(app):
    """Somebody who is not signed in to the console."""
    return Member(app)


@pytest.fixture
async def compliance(app, deps):
    return await Member(app).join(deps, "compliance@example.org", StaffRole.COMPLIANCE)


@pytest.fixture
async def steward(app, deps):
    return await Member(app).join(deps, "steward@example.org", StaffRole.STEWARD)


@pytest.fixture
async def support(app, deps):
    return await Member(app).join(deps, "support@example.org", StaffRole.SUPPORT)


@pytest.fixture
async def admin(app, deps):
    return await Member(app).join(deps, "admin@example.org", StaffRole.ADMIN)
