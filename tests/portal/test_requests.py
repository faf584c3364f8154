"""Customers ask, are told by when, see what became of it, and nobody else sees a word of it."""

import asyncio
import re
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update

from policies.model import Source
from portal import request_words
from portal.app import WAYS
from tests import richer
from tests.portal import looks
from tests.portal.person import Person, forms
from tests.portal.test_who_looked import shown
from tests.services import mailbox
from vault.core.errors import ConflictError, NotAvailableError, OpenError
from vault.core.request import Ground, Longer
from vault.crypto.tokens import csrf
from vault.services import customer, request_staff
from vault.store import commit
from vault.store.request import request, request_message
from vault.store.request_queue import request_queue

EVE = "eve@example.org"
TEXT = "Please tell me <b>why</b> you\u202e keep my\r\naddress, آنا {{7*7}}"


async def made(person, kind="question", text=TEXT):
    """Make a request as a person does, and return its path."""
    page = f"/requests/new?kind={kind}"
    answer = await person.send(page, "/requests/new", ("text", text))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def number_of(deps, path):
    async with deps.database.connect() as conn:
        of_id = request.c.request_id == UUID(path.rpartition("/")[2])
        return (await conn.execute(select(request.c.number).where(of_id))).scalar_one()


@pytest.fixture
async def eve(app, deps):
    """Somebody else, signed in."""
    await customer.add(deps, {"contact.email": EVE}, source=Source.TOLD)
    somebody = Person(app)
    await somebody.sign_in(deps, EVE)
    return somebody


async def test_a_request_says_what_was_asked_and_by_when_an_answer_is_due(person, deps):
    path = await made(person, "access")
    page = (await person.get(path)).text
    number = await number_of(deps, path)
    assert f"Request {number}" in page
    assert "1 January 2027" in page
    assert "&lt;b&gt;why&lt;/b&gt;" in page
    assert "{{7*7}}" in page
    assert "<b>why" not in page
    listed = (await person.get("/requests")).text
    assert number in listed
    assert "Received" in listed
    assert "keep my" not in listed


async def test_a_letter_says_that_it_was_received_and_holds_a_link_alone(person, deps):
    path = await made(person)
    mail = await mailbox.sent(deps)
    text = mail.get_body(("plain",)).get_content()
    assert f"http://localhost:8000{path}" in text
    for word in ("keep my", "question", "Ána"):
        assert word not in text


async def test_a_form_sent_twice_makes_one_request_and_one_message(person, deps):
    page = (await person.get("/requests/new?kind=object")).text
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    pairs = [pair for pair in fields if pair[0] in {"kind", "request", "message"}]
    token = [value for name, value in fields if name == "csrf"][-1]
    both = [
        await person.post("/requests/new", ("csrf", token), *pairs, ("text", "once"))
        for _ in range(2)
    ]
    assert [answer.status_code for answer in both] == [303, 303]
    path = both[0].headers["location"]
    assert (await person.get(path)).text.count(">once</output>") == 1
    assert len(await request_staff.owed(deps)) == 1
    more = (await person.get(path)).text
    message = re.findall(r'name="message" value="([^"]*)"', more)[0]
    token = re.findall(r'name="csrf" value="([^"]*)"', more)[-1]
    for _ in range(2):
        said = (("csrf", token), ("do", "say"), ("message", message), ("text", "twice"))
        assert (await person.post(path, *said)).status_code == 303
    assert (await person.get(path)).text.count(">twice</output>") == 1


async def test_what_is_too_long_or_no_text_comes_back_with_what_is_wrong(person):
    page = "/requests/new?kind=question"
    for text, status, words in (
        ("x" * 4_000, 303, ""),
        ("x" * 4_001, 422, "longer than 4,000 characters"),
        ("  ", 422, "Write what you want to say."),
        ("a\x00b", 422, "no text"),
        ("a\x1b[2Jb", 422, "no text"),
    ):
        answer = await person.send(page, "/requests/new", ("text", text))
        assert answer.status_code == status, words
        assert words in answer.text
        if status == 422:
            assert "<title>Error:" in answer.text
            assert text.replace("\x00", "").replace("\x1b", "").strip() in answer.text
            assert not {"\x00", "\x1b"} & set(answer.text)


async def test_ten_requests_a_day_and_no_more(person, clock, deps):
    for _ in range(10):
        await made(person)
    answer = await person.send("/requests/new?kind=question", "/requests/new", ("text", "more"))
    assert answer.status_code == 429
    await mailbox.sent(deps)
    clock.turn(hours=24, seconds=1)
    await person.sign_in(deps, "ana@example.org")
    await made(person)


async def test_anothers_request_does_not_exist(person, eve):
    path = await made(person)
    for answer in (
        await eve.get(path),
        await eve.get(f"/requests/{uuid4()}"),
        await eve.get("/requests/x"),
        await eve.get("/requests/new?kind=x"),
        await eve.get("/requests/new"),
    ):
        assert answer.status_code == 404
        assert "keep my" not in answer.text
    own = await made(eve)
    token = re.findall(r'name="csrf" value="([^"]*)"', (await eve.get(own)).text)[-1]
    assert (await eve.post(path, ("csrf", token), ("do", "close"))).status_code == 403


async def test_an_answer_is_shown_and_the_look_for_it_too(person, deps, ana):
    path = await made(person)
    number = await number_of(deps, path)
    read = await request_staff.show(deps, number.lower())
    assert read.messages[0].text == TEXT.replace("\r\n", "\n")
    assert "In work" in (await person.get(path)).text
    await request_staff.ask_back(deps, number, "Which one?")
    assert "Waiting for you" in (await person.get(path)).text
    token = re.findall(r'name="csrf" value="([^"]*)"', (await person.get(path)).text)[-1]
    sent = await person.post(path, ("csrf", token), ("do", "say"), ("text", "The second one."))
    assert sent.status_code == 303
    await request_staff.answer(deps, number, "Because of <i>tax</i>.")
    page = (await person.get(path)).text
    assert "Answered" in page
    assert "Because of &lt;i&gt;tax&lt;/i&gt;." in page
    assert "<textarea" not in page
    listed = await shown(person, number, path="/who-looked?who=us")
    assert "What was said on a request" in listed
    assert f"<bdi>{number}</bdi>" in listed
    with pytest.raises(ConflictError):
        await request_staff.refuse(deps, number, Ground.EXCESSIVE, "no")


async def test_a_refusal_names_ground_authority_and_courts(person, deps):
    path = await made(person, "erase")
    number = await number_of(deps, path)
    await request_staff.refuse(deps, number, Ground.LAW, "We must keep the bills.")
    page = (await person.get(path)).text
    assert "A law obliges us to keep it" in page
    assert "supervisory authority, and go to court" in page
    assert await request_staff.owed(deps) == ()


async def test_more_time_is_taken_once_and_said(person, deps, clock):
    path = await made(person)
    number = await number_of(deps, path)
    due = await request_staff.extend(deps, number, Longer.COMPLEXITY, "It is complex.")
    assert due.date().isoformat() == "2027-03-01"
    page = (await person.get(path)).text
    assert "1 March 2027" in page
    assert "Your request is complex" in page
    with pytest.raises(ConflictError):
        await request_staff.extend(deps, number, Longer.VOLUME, "again")
    clock.turn(days=91)
    (owed,) = await request_staff.owed(deps)
    assert owed.overdue
    assert await request_staff.overdue(deps) == 1
    await person.sign_in(deps, "ana@example.org")
    assert "Overdue" in (await person.get("/requests")).text


async def test_taking_back_twice_is_once_and_saying_more_then_is_a_conflict(person, deps):
    path = await made(person)
    page = (await person.get(path)).text
    token = re.findall(r'name="csrf" value="([^"]*)"', page)[-1]
    for _ in range(2):
        answer = await person.post(path, ("csrf", token), ("do", "close"))
        assert answer.status_code == 303
    answer = await person.post(path, ("csrf", token), ("do", "say"), ("text", "too late"))
    assert answer.status_code == 409
    assert "This request has ended" in answer.text
    assert "Closed by you" in answer.text
    with pytest.raises(ConflictError):
        await request_staff.answer(deps, await number_of(deps, path), "late")


async def test_why_did_you_look_is_asked_once_a_line(person, deps, ana):
    await looks.by_app(deps, ana, "delivery", "delivery", "contact.email", request="req-1")
    page = await shown(person, "req-1", path="/who-looked?who=app:delivery")
    line = re.findall(r'<form method="post" action="(/who-looked/\d+)">', page)[0]
    first = await person.send("/who-looked", line)
    assert first.status_code == 303
    path = first.headers["location"]
    again = await person.post(line, *forms(page)[line])
    assert (again.status_code, again.headers["location"]) == (303, path)
    number = await number_of(deps, path)
    listed = (await person.get("/who-looked?who=app:delivery")).text
    assert f"You asked why: request {number}" in listed
    assert "1 January 2027" in listed
    assert f'action="{line}"' not in listed
    assert f'href="{line}"' in (await person.get(path)).text


async def own_look(person):
    """Return the place of a look of their own, which on PostgreSQL the log has after a moment."""
    async with asyncio.timeout(30):
        while True:
            for one in (await person.get("/me/usage.json")).json():
                if one["kind"] == "own-look":
                    return one["log"]["position"]
            await asyncio.sleep(0.1)


async def test_an_own_a_sealed_and_anothers_look_cannot_be_asked_about(person, eve, deps, ana):
    await richer.publish(deps)
    await looks.by_app(deps, ana, "ledger", "fraud", "contact.full_name")
    page = await shown(person, "A sealed look")
    page = (await person.get("/who-looked?who=others")).text
    lines = re.findall(r'href="(/who-looked/\d+)"', page)
    asked = re.findall(r'<form method="post" action="(/who-looked/\d+)">', page)
    (sealed,) = set(lines) - set(asked)

    async def press(somebody, path):
        secret = somebody.http.cookies["ownship"].partition(".")[0]
        return await somebody.post(path, ("csrf", csrf(secret, path)))

    assert (await press(person, sealed)).status_code == 409
    own = await own_look(person)
    assert (await press(person, f"/who-looked/{own}")).status_code == 409
    assert (await press(eve, asked[0])).status_code == 404
    assert (await press(person, "/who-looked/999999")).status_code == 404


async def test_a_row_that_was_edited_answers_nothing(person, deps, ana):
    path = await made(person)
    number = await number_of(deps, path)
    for change in ({"state": "answered"}, {"state": "nonsense"}, {"mac": b""}, {"version": 7}):

        async def edit(conn, change=change):
            await conn.execute(update(request).where(request.c.customer_id == ana).values(change))

        async with deps.database.connect() as conn:
            mine = select(request).where(request.c.customer_id == ana)
            before = (await conn.execute(mine)).one()._asdict()
        await commit.request(deps.database, edit)
        page = (await person.get(path)).text
        assert "did not pass its check" in page, change
        assert "Answered" not in page
        with pytest.raises(OpenError):
            await request_staff.answer(deps, number, "no")
        (owed,) = await request_staff.owed(deps)
        assert owed.case.request is None

        async def mend(conn, before=before):
            await conn.execute(update(request).where(request.c.customer_id == ana).values(before))

        await commit.request(deps.database, mend)
    assert "did not pass its check" not in (await person.get(path)).text


async def test_a_message_taken_away_or_moved_is_missed(person, deps, ana):
    path, other = await made(person), await made(person, text="another")

    async def move(conn):
        of_id = request_message.c.request_id == UUID(path.rpartition("/")[2])
        mine = request_message.c.customer_id == ana
        await conn.execute(
            update(request_message)
            .where(mine, of_id)
            .values(request_id=UUID(other.rpartition("/")[2]))
        )

    await commit.request(deps.database, move)
    assert "1 message is missing here" in (await person.get(path)).text
    page = (await person.get(other)).text
    assert "was not opened" in page
    assert "keep my" not in page


async def test_a_queue_that_was_edited_leads_nowhere_else(person, eve, deps, ana):
    number = await number_of(deps, await made(person))
    hers = await made(eve, text="hers")

    async def edit(conn):
        async with deps.database.connect() as other:
            of_id = request.c.request_id == UUID(hers.rpartition("/")[2])
            row = (await other.execute(select(request).where(of_id))).one()
        mine = request_queue.c.number == number
        await conn.execute(
            update(request_queue)
            .where(mine)
            .values(customer_id=row.customer_id, request_id=row.request_id)
        )

    await commit.request(deps.database, edit)
    with pytest.raises(NotAvailableError):
        await request_staff.show(deps, number)

    async def forget(conn):
        await conn.execute(delete(request_queue).where(request_queue.c.number == number))

    await commit.request(deps.database, forget)
    for unknown in (number, "R0000000000", "x' OR 1", "", "é" * 20):
        with pytest.raises(NotAvailableError):
            await request_staff.show(deps, unknown)


def test_what_the_portal_does_at_once_is_a_page_that_there_is():
    paths = {way.path for way in WAYS if way.get}
    assert {path for path, _ in request_words.SHORTCUTS.values()} <= paths


async def test_a_request_without_words_and_its_end_are_in_the_log_too(person, deps, ana):
    await looks.by_app(deps, ana, "delivery", "delivery", "contact.email", request="req-1")
    page = await shown(person, "req-1", path="/who-looked?who=app:delivery")
    line = re.findall(r'<form method="post" action="(/who-looked/\d+)">', page)[0]
    path = (await person.send("/who-looked", line)).headers["location"]
    token = re.findall(r'name="csrf" value="([^"]*)"', (await person.get(path)).text)[-1]
    for _ in range(2):
        await person.post(path, ("csrf", token), ("do", "close"))
    after = await number_of(deps, await made(person))
    number = await number_of(deps, path)
    async with asyncio.timeout(10):  # on PostgreSQL a line comes after a moment, in its order
        usage: list[dict[str, object]] = []
        while after not in [one["case"] for one in usage]:
            usage = (await person.get("/me/usage.json")).json()
    assert [one["action"] for one in usage if one["case"] == number] == ["written", "written"]


async def test_fifty_messages_a_day_on_a_request_and_no_more(person, clock, deps):
    path = await made(person)
    answer = await person.get(path)
    for number in range(49):  # the first came with the request
        answer = await person.send(path, path, ("do", "say"), ("text", f"more {number}"))
    assert answer.status_code == 303
    answer = await person.send(path, path, ("do", "say"), ("text", "one too many"))
    assert answer.status_code == 429
    assert "one too many" not in (await person.get(path)).text
    clock.turn(hours=24, seconds=1)
    await person.sign_in(deps, "ana@example.org")
    answer = await person.send(path, path, ("do", "say"), ("text", "the day after"))
    assert answer.status_code == 303
