"""Sessions, the history of the ways in, and leaving."""

import re

from policies.model import Source
from tests.portal.conftest import ANA
from tests.portal.person import Person, forms
from tests.portal.test_sign_in import signed_in
from tests.services import mailbox
from vault.crypto.base64url import encode
from vault.crypto.tokens import token_hash
from vault.services import customer, jobs

EVE = "eve@example.org"
ENDS = re.compile(r'name="end" value="([^"]+)"')


async def another(app, deps, email=ANA):
    somebody = Person(app)
    await somebody.sign_in(deps, email)
    return somebody


async def ids(person):
    return ENDS.findall((await person.get("/security")).text)


async def test_every_session_is_listed_and_this_one_is_marked(person, app, deps):
    await another(app, deps)
    page = (await person.get("/security")).text
    assert len(ENDS.findall(page)) == 2
    assert page.count("This one</span>") == 1
    assert page.count("Sign out here") == 1
    assert page.count("End this one") == 1


async def test_one_session_is_ended_and_the_others_live(person, app, deps, clock):
    clock.turn(seconds=1)
    other, third = await another(app, deps), await another(app, deps)
    page = (await person.get("/security")).text
    here = page.index("Sign out here")
    mine = ENDS.findall(page[:here])[-1]
    ended = next(one for one in ENDS.findall(page) if one != mine)
    answer = await person.send("/security", "/security/sessions", ("end", ended))
    assert answer.headers["location"] == "/security?done=ended"
    assert "That sign-in is over." in (await person.get("/security?done=ended")).text
    assert await signed_in(person)
    assert sorted([await signed_in(other), await signed_in(third)]) == [False, True]
    again = await person.send("/security", "/security/sessions", ("end", ended))
    assert again.status_code == 404


async def test_all_others_end_at_once(person, app, deps):
    others = [await another(app, deps) for _ in range(3)]
    answer = await person.send("/security", "/security/sessions", ("others", "1"))
    assert answer.headers["location"] == "/security?done=others"
    assert await signed_in(person)
    assert [await signed_in(one) for one in others] == [False] * 3
    again = await person.post(
        "/security/sessions",
        *forms((await person.get("/security")).text)["/security/sessions"],
        ("others", "1"),
    )
    assert again.headers["location"] == "/security?done=others"


async def test_another_customers_session_is_not_there(person, app, deps):
    await customer.add(deps, {"contact.email": EVE}, source=Source.TOLD)
    eve = await another(app, deps, EVE)
    theirs = (await ids(eve))[0]
    for name in (theirs, "x", "x" * 100, "\u00e9", "0" * 23):
        answer = await person.send("/security", "/security/sessions", ("end", name))
        assert answer.status_code == 404, name
    assert await signed_in(eve)


async def test_a_form_that_names_both_or_neither_is_refused(person):
    for fields in ((), (("end", "x"), ("others", "1"))):
        answer = await person.send("/security", "/security/sessions", *fields)
        assert answer.status_code == 400


async def test_no_page_holds_a_token_or_its_hash(person):
    cookie = person.http.cookies["ownship"]
    secret = cookie.partition(".")[0]
    page = (await person.get("/security")).text
    assert secret not in page
    for one in (
        token_hash(secret).hex(),
        encode(token_hash(secret)),
        encode(token_hash(secret))[:20],
    ):
        assert one not in page


async def test_ending_this_one_signs_out(person):
    (mine,) = await ids(person)
    answer = await person.send("/security", "/security/sessions", ("end", mine))
    assert answer.headers["location"] == "/signed-out"
    assert not await signed_in(person)


async def test_a_longer_time_without_a_click_may_be_chosen(person, clock):
    answer = await person.send("/security", "/security/idle", ("minutes", "720"))
    assert answer.headers["location"] == "/security?done=idle"
    clock.turn(hours=11)
    assert await signed_in(person)
    clock.turn(hours=1, seconds=1)  # the longest stands, whatever was chosen
    assert not await signed_in(person)


async def test_the_choice_holds_for_later_sign_ins_and_no_other_length_does(person, deps, clock):
    for typed, status in (("31", 422), ("1440", 422), ("0", 422), ("x", 400), ("-30", 422)):
        answer = await person.send("/security", "/security/idle", ("minutes", typed))
        assert answer.status_code == status, typed
    await person.send("/security", "/security/idle", ("minutes", "60"))
    clock.turn(minutes=61)
    assert not await signed_in(person)
    await person.sign_in(deps, ANA)
    clock.turn(minutes=59)
    assert await signed_in(person)


async def test_the_history_tells_what_happened_and_no_value(person, app, deps, clock):
    other = Person(app)
    await other.ask_for_code(deps, ANA)
    for _ in range(2):
        await other.send("/sign-in/code", "/sign-in/code", ("code", "000000"))
    clock.turn(minutes=1)
    await another(app, deps)
    await person.send("/security", "/security/sessions", ("others", "1"))
    page = (await person.get("/security")).text
    assert "Wrong codes before this sign-in: 2" in page
    assert page.count("<strong>Signed in</strong>") == 2
    assert "Other sign-ins ended: 1" in page
    assert ANA not in page


async def test_the_frame_tells_of_the_sign_in_before_this_one(person, deps, clock):
    assert "This is your first sign-in" in (await person.get("/home")).text
    clock.turn(days=2)
    await person.sign_in(deps, ANA)
    for path in ("/home", "/privacy", "/security"):
        page = (await person.get(path)).text
        assert "1 December 2026, 12:00 UTC" in page.partition("<footer")[2], path


async def test_leave_now_ends_the_session_and_leads_to_a_neutral_page(person, clock):
    hidden = forms((await person.get("/home")).text)["/leave"]
    answer = await person.post("/leave", *hidden)
    assert answer.status_code == 200
    assert answer.headers["refresh"] == "0; url=https://example.org"
    assert "/signed-out.css" in answer.text
    for word in ("Quay", "Ownship", "sign", "Harbour"):
        assert word not in answer.text.replace("/signed-out.css", ""), word
    assert "ownship" not in person.http.cookies
    assert not await signed_in(person)
    # Pressed twice, or when the session was over already: it leaves all the same.
    assert (await person.post("/leave", *hidden)).headers["refresh"]
    assert (await person.post("/sign-out", *hidden)).headers["location"] == "/signed-out"


async def test_leave_now_is_on_every_page(person):
    for path in ("/", "/home", "/privacy", "/who-looked", "/receipts", "/code", "/security"):
        assert "/leave" in forms((await person.get(path)).text), path


async def test_leaving_needs_a_page_of_ours(person):
    hidden = forms((await person.get("/home")).text)["/leave"]
    for path in ("/leave", "/sign-out"):
        away = await person.post(path, *hidden, headers={"sec-fetch-site": "cross-site"})
        assert away.status_code == 403
        assert (await person.post(path, ("csrf", "x"))).status_code == 403
    assert await signed_in(person)


async def test_a_sign_in_on_another_kind_of_device_is_told_by_letter(person, app, deps, clock):
    def told():
        return [one for one in mailbox.mails(deps) if "another device" in one["Subject"]]

    other = Person(app)
    await other.sign_in(deps, ANA)
    await jobs.round_once(deps)
    assert told() == []
    other.http.headers["user-agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"
    for _ in range(2):  # the second time it is known
        clock.turn(minutes=30)
        await other.sign_in(deps, ANA)
        await jobs.round_once(deps)
    (letter,) = told()
    assert letter["To"] == ANA
