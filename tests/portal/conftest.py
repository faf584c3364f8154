"""A whole vault with the portal in front of it, and somebody who visits."""

import pytest

from policies.model import Source
from portal import app as portal_app
from tests.databases import database, database_url, postgresql_template, sqlite_template
from tests.integrated import clock, deps
from tests.portal.person import Person
from tests.vaults import ISSUER
from vault.guard import Guard
from vault.services import customer

__all__ = ["clock", "database", "database_url", "deps", "postgresql_template", "sqlite_template"]

ANA = "ana@example.org"
VALUES = {
    "contact.full_name": "Ána O'Brien-Conceição {{7*7}} <script>alert(1)</script>",
    "contact.email": ANA,
    "contact.postal_address": "12 Quay Street\nCork",
    "contact.birth_date": "1980-02-29",
    "preferences.coffee": "flat_white",
    "preferences.topics": ["coffee", "tea"],
}


@pytest.fixture
def app(deps):
    return Guard(portal_app.create(deps), issuer=ISSUER)


@pytest.fixture
async def ana(deps):
    """A customer with values of every kind."""
    return await customer.add(deps, VALUES, source=Source.TOLD)


@pytest.fixture
def visitor(app):
    """Somebody who is not signed in."""
    return Person(app)


@pytest.fixture
async def person(app, deps, ana):
    """Ana, signed in."""
    somebody = Person(app)
    await somebody.sign_in(deps, ANA)
    return somebody
