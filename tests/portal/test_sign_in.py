"""Signing in and out as a browser does it."""

from policies.model import Source
from portal import app as portal_app
from tests.portal.conftest import ANA
from tests.portal.person import SAME, Person, forms
from tests.services import mailbox
from tests.vaults import FakeClock, vault
from vault.guard import Guard
from vault.services import customer, sign_in

LINK = "/sign-in/link/"


async def signed_in(somebody):
    return (await somebody.get("/home")).status_code == 200


async def opens(somebody, cookie):
    """Say whether a browser with this session's cookie alone sees the customer's page."""
    somebody.http.cookies.clear()
    answer = await somebody.get("/home", cookie=f"ownship={cookie}")
    return answer.status_code == 200


async def test_the_code_leads_home(visitor, deps, ana):
    answer = await visitor.sign_in(deps, ANA)
    assert answer.headers["location"] == "/home"
    assert await signed_in(visitor)


async def test_the_way_in_leads_back_to_the_page_that_was_asked_for(visitor, deps, ana):
    wanted = (await visitor.get("/privacy/marketing")).headers["location"]
    assert wanted == "/sign-in?next=/privacy/marketing"
    sent = await visitor.send(wanted, "/sign-in", ("email", ANA))
    assert sent.headers["location"] == "/sign-in/code?next=/privacy/marketing"
    code = mailbox.code(await mailbox.sent(deps))
    there = await visitor.send(sent.headers["location"], "/sign-in/code", ("code", code))
    assert there.headers["location"] == "/privacy/marketing"


async def test_the_way_in_leads_nowhere_else(visitor, deps, ana):
    for wish in ("https://evil.example", "//evil.example", "/\\evil.example", "/home?x=1", "/x"):
        mail = await visitor.ask_for_code(deps, ANA)
        hidden = forms((await visitor.get("/sign-in/code")).text)["/sign-in/code"]
        answer = await visitor.post(
            "/sign-in/code", *hidden, ("code", mailbox.code(mail)), ("next", wish)
        )
        assert answer.headers["location"] == "/home", wish


async def test_a_known_and_an_unknown_address_get_the_same_answer(app, deps, ana):
    answers = []
    for email in (ANA, "nobody@example.org"):
        somebody = Person(app)
        answer = await somebody.send("/sign-in", "/sign-in", ("email", email))
        page = await somebody.get("/sign-in/code")
        hidden = dict(forms(page.text)["/sign-in/code"])["csrf"]
        headers = {name: len(value) for name, value in answer.headers.items()}
        answers.append((answer.status_code, answer.text, headers, page.text.replace(hidden, "")))
    assert answers[0] == answers[1]


async def test_what_is_no_address_is_shown_again_with_what_was_typed(visitor):
    answer = await visitor.send("/sign-in", "/sign-in", ("email", '"><script>'))
    assert answer.status_code == 422
    assert "<title>Error: Sign in" in answer.text
    assert 'value="&#34;&gt;&lt;script&gt;"' in answer.text
    assert 'aria-invalid="true"' in answer.text


async def test_a_wrong_code_is_told_and_the_sixth_try_is_refused(visitor, deps, ana):
    code = mailbox.code(await visitor.ask_for_code(deps, ANA))
    other = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        answer = await visitor.send("/sign-in/code", "/sign-in/code", ("code", other))
        assert answer.status_code == 422
    last = await visitor.send("/sign-in/code", "/sign-in/code", ("code", code))
    assert last.status_code == 422
    assert not await signed_in(visitor)


async def test_a_code_that_is_too_old_or_used_is_refused(visitor, app, deps, ana, clock):
    code = mailbox.code(await visitor.ask_for_code(deps, ANA))
    clock.turn(minutes=11)
    answer = await visitor.send("/sign-in/code", "/sign-in/code", ("code", code))
    assert answer.status_code == 422


async def test_the_digits_are_asked_for_as_phones_expect(visitor, deps, ana):
    await visitor.ask_for_code(deps, ANA)
    page = (await visitor.get("/sign-in/code")).text
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page


async def test_the_code_page_is_for_the_browser_that_asked(visitor):
    answer = await visitor.get("/sign-in/code")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


async def test_looking_at_a_link_uses_nothing_up(visitor, app, deps, ana):
    path = LINK + mailbox.link(await visitor.ask_for_code(deps, ANA))
    scanner = Person(app)
    for somebody in (scanner, visitor, scanner):
        assert (await somebody.get(path)).status_code == 200
        assert (await somebody.http.head(path)).status_code == 200
    assert (await visitor.send(path, path)).headers["location"] == "/home"
    assert await signed_in(visitor)


async def test_a_link_in_another_browser_says_to_type_the_code(visitor, app, deps, ana):
    path = LINK + mailbox.link(await visitor.ask_for_code(deps, ANA))
    other = Person(app)
    page = await other.get(path)
    assert "Type the code over there" in page.text
    assert path not in forms(page.text)
    # A scanner that submits all the same, with a form token of its own.
    hidden = forms((await other.get("/sign-in")).text)["/sign-in"]
    assert (await other.post(path, *hidden)).status_code == 403
    assert not await signed_in(other)
    assert (await visitor.send(path, path)).status_code == 303


async def test_a_demo_link_works_in_any_browser(app, deps, ana):
    path = (await sign_in.demo_link(deps, ana)).removeprefix("http://localhost:8000")
    somebody = Person(app)
    assert (await somebody.send(path, path)).headers["location"] == "/home"
    assert await signed_in(somebody)


async def test_too_many_mails_are_refused_and_the_page_says_when_again(app, deps, ana):
    for _ in range(5):
        await Person(app).send("/sign-in", "/sign-in", ("email", ANA))
    answer = await Person(app).send("/sign-in", "/sign-in", ("email", ANA))
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "720"


async def test_each_sign_in_has_another_session(visitor, deps, ana):
    await visitor.sign_in(deps, ANA)
    first = visitor.http.cookies["ownship"]
    await visitor.sign_in(deps, ANA)
    second = visitor.http.cookies["ownship"]
    assert first != second
    assert not await opens(visitor, first)
    assert await opens(visitor, second)


async def test_signing_out_ends_the_session_and_empties_the_browser(person):
    cookie = person.http.cookies["ownship"]
    answer = await person.send("/home", "/sign-out")
    assert answer.headers["location"] == "/signed-out"
    assert not await signed_in(person)
    page = await person.get("/signed-out")
    assert 'href="/signed-out.css"' in page.text
    sheet = await person.get("/signed-out.css")
    assert sheet.headers["clear-site-data"] == '"cache"'
    assert sheet.headers["cache-control"] == "no-store"
    assert not await opens(person, cookie)


async def test_an_idle_session_leads_to_sign_in_and_a_late_form_says_so(person, clock):
    hidden = forms((await person.get("/home")).text)["/sign-out"]
    clock.turn(minutes=31)
    assert (await person.get("/home")).headers["location"] == "/sign-in?next=/home"
    late = await person.post("/privacy/marketing", *hidden, ("decision", "refuse"))
    assert late.headers["location"] == "/sign-in?late=1"
    assert "You were signed out meanwhile" in (await person.get("/sign-in?late=1")).text


async def test_on_https_the_cookie_is_for_this_host_alone(database, tmp_path):
    issuer = "https://vault.example"
    async with vault(database, tmp_path, clock=FakeClock(), issuer=issuer) as deps:
        await customer.add(deps, {"contact.email": ANA}, source=Source.TOLD)
        somebody = Person(Guard(portal_app.create(deps), issuer=issuer), base=issuer)
        answer = await somebody.sign_in(deps, ANA)
        cookies = answer.headers.get_list("set-cookie")
        session = next(one for one in cookies if one.startswith("__Host-ownship="))
        for part in ("Path=/", "HttpOnly", "SameSite=Lax", "Secure"):
            assert part in session.split("; ")
        assert "Domain" not in session
        page = await somebody.get("/home")
        assert page.status_code == 200
        assert page.headers["strict-transport-security"].startswith("max-age=31536000")


async def test_a_form_without_its_cookie_is_refused(app):
    hidden = forms((await Person(app).get("/sign-in")).text)["/sign-in"]
    answer = await Person(app).post("/sign-in", *hidden, ("email", ANA), headers=SAME)
    assert answer.status_code == 403
