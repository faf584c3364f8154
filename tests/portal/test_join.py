"""Becoming a customer: by oneself, and as a child with a parent's word."""

import pytest

from policies.model import Source
from tests.portal.conftest import ANA
from tests.portal.person import Person, forms
from tests.portal.test_sign_in import signed_in
from tests.services import mailbox
from tests.services.publishing import one_clock, publish
from vault.core.errors import ErasedError, NotAvailableError
from vault.services import choices, customer, erase, jobs, own, session
from vault.store import sweeps

__all__ = ["one_clock"]

NEW = "new@example.org"
MUM = "mum@example.org"
CHILD_BORN = "2010-12-02"  # sixteen a day after the clock's start
ADULT_BORN = "2010-12-01"


async def letters(deps, to):
    await jobs.round_once(deps)
    return [one for one in mailbox.mails(deps) if one["To"] == to]


async def ask(person, *fields, email=NEW):
    return await person.send("/join", "/join", ("email", email), *fields)


async def code_of(deps, email=NEW):
    return mailbox.code((await letters(deps, email))[-1])


async def join(person, deps, *fields, email=NEW):
    assert (await ask(person, *fields, email=email)).headers["location"] == "/join/code"
    code = await code_of(deps, email)
    return await person.send("/join/code", "/join/code", ("code", code))


async def who(person, deps):
    found = await session.check(deps, person.http.cookies["ownship"])
    assert found is not None
    return found.customer


async def known(deps, customer_id):
    """Return what is stored, by field."""
    answer = await own.look(deps, customer_id, request="r")
    return {one.name: (one.value, one.source) for one in answer.opened}


async def count(deps):
    async with deps.database.connect() as conn:
        return await sweeps.count_customers(conn)


async def test_a_person_joins_and_lands_at_home_signed_in(visitor, deps):
    answer = await join(visitor, deps, ("name", "Ána O'Brien"))
    assert answer.headers["location"] == "/home"
    assert await signed_in(visitor)
    page = (await visitor.get("/home")).text
    assert NEW in page
    assert "Ána O&#39;Brien" in page
    me = await who(visitor, deps)
    assert await known(deps, me) == {
        "contact.email": (NEW, "told"),
        "contact.full_name": ("Ána O'Brien", "told"),
    }
    assert "You became a customer" in (await visitor.get("/security")).text


async def test_joining_gives_no_consent_and_asks_for_none(visitor, deps):
    for path in ("/join", "/join/code"):
        page = (await visitor.get(path)).text
        for word in ("checked", 'name="decision"', "marketing", "consent"):
            assert word not in page, word
    await join(visitor, deps)
    for one in await choices.choices(deps, await who(visitor, deps)):
        assert one.since_ms is None
        assert not one.allowed


async def test_a_known_and_an_unknown_address_get_the_same_answer(app, deps, ana):
    answers = []
    for email in (ANA, NEW):
        somebody = Person(app)
        answer = await ask(somebody, email=email)
        page = await somebody.get("/join/code")
        hidden = dict(forms(page.text)["/join/code"])["csrf"]
        headers = {name: len(value) for name, value in answer.headers.items()}
        answers.append((answer.status_code, answer.text, headers, page.text.replace(hidden, "")))
    assert answers[0] == answers[1]
    (told,) = await letters(deps, ANA)
    assert told["Subject"].startswith("You are a customer of")
    assert mailbox.CODE.findall(mailbox.text(told)) == []


async def test_nobody_is_merged_and_nobody_sees_anothers_data(app, deps, ana):
    somebody = Person(app)
    await ask(somebody, ("name", "Somebody else"), email=ANA)
    for guess in ("000000", "123456"):
        answer = await somebody.send("/join/code", "/join/code", ("code", guess))
        assert answer.status_code == 422
        assert "use another one, or write to us" in answer.text
    assert not await signed_in(somebody)
    assert (await known(deps, ana))["contact.full_name"][0].startswith("Ána O'Brien")
    assert await count(deps) == 1


async def test_two_who_join_with_one_address_become_one_customer_not_two(app, deps):
    first, second = Person(app), Person(app)
    await ask(first)
    code = await code_of(deps)
    await ask(second)
    other = await code_of(deps)
    answers = [
        await one.send("/join/code", "/join/code", ("code", given))
        for one, given in ((first, code), (second, other))
    ]
    assert [one.status_code for one in answers] == [303, 422]
    assert await count(deps) == 1


async def test_a_code_joins_once_and_in_its_browser(visitor, app, deps):
    await ask(visitor)
    code = await code_of(deps)
    other = Person(app)
    assert (await other.get("/join/code")).headers["location"] == "/join"
    await ask(other, email="other@example.org")
    wrong = await other.send("/join/code", "/join/code", ("code", code))
    assert wrong.status_code == 422
    joining = visitor.http.cookies["ownship-joining"]
    assert (await visitor.send("/join/code", "/join/code", ("code", code))).status_code == 303
    visitor.http.cookies.set("ownship-joining", joining, domain="localhost.local", path="/")
    again = await visitor.send("/join/code", "/join/code", ("code", code))
    assert again.status_code == 422
    assert await count(deps) == 1


async def test_a_code_is_over_after_ten_minutes_and_five_tries(visitor, app, deps, clock):
    await ask(visitor)
    code = await code_of(deps)
    clock.turn(minutes=10)
    assert (await visitor.send("/join/code", "/join/code", ("code", code))).status_code == 422
    other = Person(app)
    await ask(other)
    code = await code_of(deps)
    for _ in range(5):
        await other.send("/join/code", "/join/code", ("code", "x"))
    assert (await other.send("/join/code", "/join/code", ("code", code))).status_code == 422
    assert await count(deps) == 0


@pytest.mark.parametrize("email", ["", "ana", '"><script>', "a@b@c", "x" * 300 + "@example.org"])
async def test_what_is_no_address_is_shown_again_with_what_was_typed(visitor, deps, email):
    answer = await ask(visitor, ("name", "Ana <b>"), email=email)
    assert answer.status_code == 422
    assert "<title>Error: Become a customer" in answer.text
    assert 'value="Ana &lt;b&gt;"' in answer.text
    assert "<script" not in answer.text
    assert await letters(deps, email) == []


async def test_a_name_of_any_script_is_taken_and_one_that_is_too_long_is_not(visitor, deps):
    assert (await ask(visitor, ("name", "x" * 900))).status_code == 422
    name = "\u202eآنا {{7*7}} <i>"
    await join(visitor, deps, ("name", name))
    assert (await known(deps, await who(visitor, deps)))["contact.full_name"][0] == name.strip()


async def test_a_network_may_join_ten_times_at_once_and_an_address_gets_five_mails(app, deps):
    statuses = [
        (await ask(Person(app), email=f"n{number}@example.org")).status_code for number in range(11)
    ]
    assert statuses == [303] * 10 + [429]


async def test_an_address_gets_five_mails_for_joining_and_signing_in_together(app, deps):
    for _ in range(3):
        assert (await ask(Person(app))).status_code == 303
    for _ in range(2):
        await Person(app).send("/sign-in", "/sign-in", ("email", NEW))
    assert (await ask(Person(app))).status_code == 429


async def test_whoever_is_signed_in_has_joined(person):
    assert (await person.get("/join")).headers["location"] == "/home"


async def test_who_was_erased_may_come_again_and_only_in_person(visitor, deps, ana):
    await erase.erase(deps, ana)
    await letters(deps, ANA)  # the last one leaves
    with pytest.raises(ErasedError):
        await customer.add(deps, {"contact.email": ANA}, source=Source.TOLD)
    answer = await join(visitor, deps, email=ANA)
    assert answer.headers["location"] == "/home"
    assert await who(visitor, deps) != ana
    assert set(await known(deps, await who(visitor, deps))) == {"contact.email"}
    with pytest.raises(NotAvailableError):
        await choices.choices(deps, ana)


# --- children -------------------------------------------------------------------------------


@pytest.fixture
async def ruled(deps):
    """A code of ethics under which one decides alone from sixteen."""
    await publish(deps)


async def child_waits(person, deps):
    answer = await join(person, deps, ("born", CHILD_BORN), ("name", "Kim"))
    assert answer.headers["location"] == "/join/parent"


async def parent_link(person, deps):
    answer = await person.send("/join/parent", "/join/parent", ("email", MUM))
    assert answer.headers["location"] == "/join/answered?done=asked"
    text = mailbox.text((await letters(deps, MUM))[-1])
    return next(line for line in text.splitlines() if "/join/parent/" in line).partition("8000")[2]


async def test_an_age_is_asked_only_under_such_a_rule(visitor, deps):
    assert 'name="born"' not in (await visitor.get("/join")).text
    await publish(deps)
    page = (await visitor.get("/join")).text
    assert 'name="born"' in page
    assert "checked" not in page


@pytest.mark.parametrize("born", ["", "x", "2026-12-02", "1890-01-01", "2001-02-30", "0000-00-00"])
async def test_what_is_no_date_of_birth_is_refused(visitor, ruled, born):
    answer = await ask(visitor, ("born", born))
    assert answer.status_code == 422
    assert 'id="born-wrong"' in answer.text


async def test_who_is_old_enough_joins_and_the_date_is_not_kept(visitor, deps, ruled):
    await join(visitor, deps, ("born", ADULT_BORN))
    assert set(await known(deps, await who(visitor, deps))) == {"contact.email"}


async def test_the_date_is_kept_where_the_person_chose_that(visitor, deps, ruled):
    await join(visitor, deps, ("born", "1980-02-29"), ("keep", "1"))
    assert (await known(deps, await who(visitor, deps)))["contact.birth_date"][0] == "1980-02-29"


async def test_a_child_has_no_account_before_a_parent_agrees(visitor, app, deps, ruled):
    await child_waits(visitor, deps)
    assert not await signed_in(visitor)
    assert await count(deps) == 0
    path = await parent_link(visitor, deps)
    assert await count(deps) == 0
    parent, page = Person(app), ""
    for _ in range(2):  # a scanner looks too
        page = (await parent.get(path)).text
        assert "May your child join?" in page
        for private in (NEW, "Kim", MUM, "2010"):
            assert private not in page
    answer = await parent.send(path, path, ("answer", "agree"))
    assert answer.headers["location"] == "/join/answered?done=agreed"
    assert await count(deps) == 1
    assert not await signed_in(parent)
    (*_, told) = await letters(deps, NEW)
    assert told["Subject"].startswith("You are a customer")
    await visitor.sign_in(deps, NEW)
    assert "A parent agreed" in (await visitor.get("/security")).text
    again = await parent.post(path, *forms(page)[path], ("answer", "agree"))
    assert again.status_code == 422
    assert "This link is over" in again.text


async def test_no_consent_of_a_child_counts_and_the_page_says_why(visitor, app, deps, ruled, clock):
    await child_waits(visitor, deps)
    path = await parent_link(visitor, deps)
    await Person(app).send(path, path, ("answer", "agree"))
    await letters(deps, NEW)
    await visitor.sign_in(deps, NEW)
    page = "/privacy/marketing"
    refused = await visitor.send(page, page, ("decision", "give"))
    assert refused.status_code == 403
    assert "too young to allow this" in refused.text
    found = {one.purpose.id: one for one in await choices.choices(deps, await who(visitor, deps))}
    assert not found["marketing"].allowed
    clock.turn(days=1)  # the birthday
    await visitor.sign_in(deps, NEW)
    given = await visitor.send(page, page, ("decision", "give"))
    assert given.status_code == 303


async def test_a_parent_who_does_not_agree_leaves_nothing(visitor, app, deps, ruled):
    await child_waits(visitor, deps)
    path = await parent_link(visitor, deps)
    parent = Person(app)
    answer = await parent.send(path, path, ("answer", "refuse"))
    assert answer.headers["location"] == "/join/answered?done=refused"
    assert "This link is over" in (await parent.get(path)).text
    assert await count(deps) == 0


async def test_a_parents_link_is_over_after_seven_days(visitor, app, deps, ruled, clock):
    await child_waits(visitor, deps)
    path = await parent_link(visitor, deps)
    clock.turn(days=7)
    assert "This link is over" in (await Person(app).get(path)).text


async def test_a_child_is_not_its_own_parent(visitor, deps, ruled):
    await child_waits(visitor, deps)
    for email in (NEW, NEW.upper(), f" {NEW} ", "x", ""):
        answer = await visitor.send("/join/parent", "/join/parent", ("email", email))
        assert answer.status_code == 422, email


async def test_nobody_names_a_parent_who_has_not_shown_the_own_address(visitor, app, deps, ruled):
    assert (await visitor.get("/join/parent")).headers["location"] == "/join"
    await ask(visitor, ("born", CHILD_BORN))
    assert (await visitor.get("/join/parent")).headers["location"] == "/join"
    hidden = forms((await visitor.get("/join")).text)["/join"]
    answer = await visitor.post("/join/parent", *hidden, ("email", MUM))
    assert answer.status_code == 403
    assert await letters(deps, MUM) == []


@pytest.mark.parametrize("answer", ["", "yes", "AGREE"])
async def test_another_answer_is_none(visitor, app, deps, ruled, answer):
    await child_waits(visitor, deps)
    path = await parent_link(visitor, deps)
    assert (await Person(app).send(path, path, ("answer", answer))).status_code == 400
    assert await count(deps) == 0


async def test_a_made_up_link_is_over(visitor, ruled):
    path = "/join/parent/" + "x" * 43
    page = await visitor.get(path)
    assert page.status_code == 200
    assert "This link is over" in page.text
