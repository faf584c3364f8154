"""What is grave needs a sign-in of the last minutes, of the same customer, and leads back."""

import asyncio

import pytest
from starlette.routing import Route

from policies.model import Source
from portal import app as portal_app
from portal.answers import Go
from portal.door import Door, Way
from tests.portal.conftest import ANA
from tests.portal.person import Person, forms
from tests.portal.test_sign_in import opens
from tests.services import mailbox
from tests.vaults import ISSUER
from vault.crypto.tokens import csrf
from vault.guard import Guard
from vault.services import customer, reach, session
from vault.services.who_looked import latest

EVE = "eve@example.org"
GRAVE = "/security/address"


async def answer_ok(visit):
    return Go("/home?done=" + (visit.form.one("word") or "nothing"))


@pytest.fixture
def app(deps):
    """The portal with a way that needs a fresh sign-in in the place of a real one."""
    router = portal_app.create(deps)
    grave = Door(Way(GRAVE, answer_ok, answer_ok, fresh=True), deps, proxies=())
    router.routes = [Route(GRAVE, grave), *router.routes]  # the first one counts
    return Guard(router, issuer=ISSUER)


async def confirm(person, deps, where):
    """Press the button that needs no address, and type the code of the mail."""
    sent = await person.send(where, "/sign-in/again")
    assert sent.status_code == 303, sent.text
    code = mailbox.code(await mailbox.sent(deps))
    return await person.send(sent.headers["location"], "/sign-in/code", ("code", code))


async def test_a_sign_in_of_this_minute_is_fresh_and_one_of_eleven_is_not(person, clock):
    assert (await person.get(GRAVE)).headers["location"] == "/home?done=nothing"
    clock.turn(minutes=10)
    assert (await person.get(GRAVE)).headers["location"] == "/home?done=nothing"
    clock.turn(seconds=1)
    answer = await person.get(GRAVE)
    assert answer.headers["location"] == f"/sign-in?fresh=1&next={GRAVE}"


async def test_confirming_needs_no_address_and_leads_back(person, deps, clock):
    clock.turn(minutes=11)
    where = (await person.get(GRAVE)).headers["location"]
    page = await person.get(where)
    assert "Confirm that it is you" in page.text
    before = person.http.cookies["ownship"]
    there = await confirm(person, deps, where)
    assert there.headers["location"] == GRAVE
    assert (await person.get(GRAVE)).headers["location"] == "/home?done=nothing"
    after = person.http.cookies["ownship"]
    assert before != after
    assert not await opens(person, before)
    assert await opens(person, after)


async def test_confirming_by_the_link_leads_back_too(person, deps, clock):
    clock.turn(minutes=11)
    where = (await person.get(GRAVE)).headers["location"]
    await person.send(where, "/sign-in/again")
    path = "/sign-in/link/" + mailbox.link(await mailbox.sent(deps))
    assert (await person.send(path, path)).headers["location"] == GRAVE
    assert (await person.get(GRAVE)).headers["location"] == "/home?done=nothing"


async def test_the_look_at_the_address_is_recorded_and_seen(person, deps, ana, clock):
    clock.turn(minutes=11)
    await confirm(person, deps, (await person.get(GRAVE)).headers["location"])
    await person.get("/home")
    async with asyncio.timeout(10):  # on PostgreSQL a line comes after a moment
        while all(line.actor != "vault" for line in await latest(deps, ana, limit=20)):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_another_customers_code_renews_nobody(person, deps, clock):
    await customer.add(deps, {"contact.email": EVE}, source=Source.TOLD)
    clock.turn(minutes=11)
    where = (await person.get(GRAVE)).headers["location"]
    sent = await person.send(where, "/sign-in", ("email", EVE))
    code = mailbox.code(await mailbox.sent(deps))
    answer = await person.send(sent.headers["location"], "/sign-in/code", ("code", code))
    assert answer.status_code == 422
    assert "another customer" in answer.text
    assert (await person.get(GRAVE)).headers["location"].startswith("/sign-in?fresh=1")
    assert (await person.get("/home")).status_code == 200


async def test_a_stranger_has_nothing_to_confirm(visitor):
    page = await visitor.get("/sign-in?fresh=1")
    assert "/sign-in/again" not in forms(page.text)
    assert "<h1>Sign in</h1>" in page.text
    hidden = forms(page.text)["/sign-in"]
    answer = await visitor.post("/sign-in/again", *hidden)
    assert answer.headers["location"].startswith("/sign-in?late")


async def test_confirming_is_limited_before_the_address_is_opened(person, deps, clock, monkeypatch):
    opened = []
    real = reach.address

    async def counted(*args, **options):
        opened.append(args)
        return await real(*args, **options)

    monkeypatch.setattr(reach, "address", counted)
    clock.turn(minutes=61)
    await person.sign_in(deps, ANA)
    statuses = [
        (await person.send("/sign-in?fresh=1", "/sign-in/again")).status_code for _ in range(7)
    ]
    # The mail that signed in counts too; and what is over the limit opens nothing.
    assert statuses == [303] * 4 + [429] * 3
    assert len(opened) == 5


async def test_a_session_is_fresh_by_its_sign_in_and_not_by_its_use(person, deps, clock):
    cookie = person.http.cookies["ownship"]
    for _ in range(3):
        clock.turn(minutes=4)
        assert await session.check(deps, cookie)
    found = await session.check(deps, cookie)
    assert found is not None
    assert not session.is_fresh(deps, found)


async def late_form(person, clock, word="typed & kept", **span):
    hidden = [("csrf", csrf_of(person, GRAVE)), ("word", word)]
    clock.turn(**span)
    return await person.post(GRAVE, *hidden)


def csrf_of(person, path):
    return csrf(person.http.cookies["ownship"].partition(".")[0], path)


async def test_a_form_that_was_not_fresh_goes_on_after_confirming(person, deps, clock):
    answer = await late_form(person, clock, minutes=11)
    assert answer.headers["location"] == f"/sign-in?fresh=1&next={GRAVE}"
    there = await confirm(person, deps, answer.headers["location"])
    assert there.headers["location"] == f"/go-on?next={GRAVE}"
    page = await person.get("/go-on")
    assert 'value="typed &amp; kept"' in page.text
    sent = await person.post(GRAVE, *forms(page.text)[GRAVE])
    assert sent.headers["location"] == "/home?done=typed%20&%20kept"
    assert (await person.get("/go-on")).headers["location"] == "/home"


async def test_a_form_of_a_session_that_is_over_goes_on_after_signing_in(person, deps, clock):
    answer = await late_form(person, clock, minutes=31)
    assert answer.headers["location"] == "/sign-in?late=kept"
    assert "What you sent is kept" in (await person.get("/sign-in?late=kept")).text
    assert (await person.sign_in(deps, ANA)).headers["location"] == "/go-on?next=/home"
    page = await person.get("/go-on")
    sent = await person.post(GRAVE, *forms(page.text)[GRAVE])
    assert sent.headers["location"].startswith("/home?done=typed")


async def test_a_kept_form_is_sealed_and_another_customer_does_not_get_it(person, deps, clock):
    await customer.add(deps, {"contact.email": EVE}, source=Source.TOLD)
    await late_form(person, clock, minutes=31)
    assert "typed" not in person.http.cookies["ownship-kept"]
    await person.sign_in(deps, EVE)
    answer = await person.get("/go-on")
    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert "ownship-kept" not in person.http.cookies


async def test_a_kept_form_is_over_after_half_an_hour(person, deps, clock):
    await late_form(person, clock, minutes=31)
    clock.turn(minutes=30, seconds=1)
    await person.sign_in(deps, ANA)
    assert (await person.get("/go-on")).headers["location"] == "/home"


async def test_a_large_form_is_not_kept_and_the_page_says_so(person, clock):
    answer = await late_form(person, clock, word="x" * 5_000, minutes=31)
    assert answer.headers["location"] == "/sign-in?late=1"
    assert "ownship-kept" not in person.http.cookies


async def test_a_form_that_was_not_made_for_the_session_is_not_kept(person, clock):
    clock.turn(minutes=31)
    answer = await person.post(GRAVE, ("csrf", "x" * 43), ("word", "planted"))
    assert answer.headers["location"] == "/sign-in?late=1"
    assert "ownship-kept" not in person.http.cookies


async def test_a_form_of_an_ended_session_is_not_kept(person, app, deps, clock):
    token = csrf_of(person, GRAVE)
    other = Person(app)
    await other.sign_in(deps, ANA)
    await other.send("/security", "/security/sessions", ("others", "1"))
    answer = await person.post(GRAVE, ("csrf", token), ("word", "x"))
    assert answer.headers["location"] == "/sign-in?late=1"
