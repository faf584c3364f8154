"""A customer finds what the code of ethics no longer names, and lets it go."""

import pytest

from policies.model import Source
from tests.portal.conftest import ANA
from tests.portal.person import Person
from tests.services.publishing import one_clock, publish
from tests.services.test_dropped import BIRTH, swaps, swept
from tests.services.test_retention import fields
from vault.services import customer, holds, restriction, retention

__all__ = ["one_clock"]

LEFT = "No longer in our code of ethics"
PAGE = f"/home/{BIRTH}"


@pytest.fixture
async def born(deps):
    given = {BIRTH: "1980-02-29", "contact.email": ANA}
    return await customer.add(deps, given, source=Source.TOLD)


async def enter(app, deps):
    person = Person(app)
    await person.sign_in(deps, ANA)
    return person


async def test_what_a_restriction_keeps_is_told_and_goes_when_it_is_lifted(app, deps, born, clock):
    await restriction.restrict_field(deps, born, BIRTH, request=None)
    person = await enter(app, deps)
    assert LEFT not in (await person.get("/home")).text
    await publish(deps, *swaps())
    await swept(deps, clock)
    assert BIRTH in await fields(deps, born)
    person = await enter(app, deps)
    page = (await person.get("/home")).text
    assert LEFT in page
    assert "Date of birth" in page
    assert "It stays because you restricted it." in page
    assert "1980" not in page
    answer = await person.send("/home", PAGE, ("do", "lift"))
    assert answer.headers["location"] == "/home?done=let-go"
    page = (await person.get("/home?done=let-go")).text
    assert "Lifted. It is deleted within a day." in page
    assert (await person.get(PAGE)).status_code == 404
    await retention.sweep(deps)
    assert BIRTH not in await fields(deps, born)
    assert LEFT not in (await person.get("/home")).text


async def test_what_else_keeps_it_is_told_without_a_form(app, deps, born, clock):
    await restriction.restrict(deps, born, request=None)
    until = deps.clock.now().replace(year=2028)
    await holds.make(deps, born, ground="law", until=until, reason="Because")
    await publish(deps, *swaps())
    person = await enter(app, deps)
    page = (await person.get("/home")).text
    assert "A legal hold keeps it. Until " in page
    assert "It stays while everything is restricted." in page
    assert f'action="{PAGE}"' not in page
