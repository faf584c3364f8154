"""The overview counts what waits for the role that looks, and names nobody."""

from policies.model import Source
from tests.portal.conftest import ANA, VALUES
from tests.portal.person import Person
from tests.portal.test_requests import made
from vault.services import customer


async def test_what_waits_is_counted_for_whom_it_concerns(app, deps, support, admin, clock):
    assert "Nothing waits for you." in (await support.get("/console")).text
    await customer.add(deps, VALUES, source=Source.TOLD)
    person = Person(app)
    await person.sign_in(deps, ANA)
    await made(person)
    page = (await support.get("/console")).text
    assert "1 request is owed an answer." in page
    assert ANA not in page
    assert "Nothing waits for you." in (await admin.get("/console")).text
    clock.turn(days=32)
    await support.sign_in(deps)
    assert "1 request is overdue." in (await support.get("/console")).text
