"""Changing the address that one signs in with."""

from policies.model import Source
from tests.portal.conftest import ANA
from tests.portal.person import Person, forms
from tests.portal.test_sign_in import opens, signed_in
from tests.services import mailbox
from tests.services.publishing import PHONE, one_clock, publish, work
from vault.services import customer, jobs, own

__all__ = ["one_clock"]

NEW = "ana.new@example.org"
EVE = "eve@example.org"
FORM = "/security/address"
CODE = "/security/address/code"


async def letters(deps, to):
    await jobs.round_once(deps)
    return [one for one in mailbox.mails(deps) if one["To"] == to]


async def ask(person, deps, email=NEW):
    answer = await person.send(FORM, FORM, ("email", email))
    return answer, await letters(deps, email)


async def change(person, deps, email=NEW):
    _, (*_, letter) = await ask(person, deps, email)
    return await person.send(CODE, CODE, ("code", mailbox.code(letter)))


async def asks_in_vain(app, deps, email):
    """Say whether a code for this address is sent to nobody."""
    before = len(await letters(deps, email))
    await Person(app).send("/sign-in", "/sign-in", ("email", email))
    return len(await letters(deps, email)) == before


async def stored(deps, who):
    answer = await own.look(deps, who, request="r", names=("contact.email",))
    return answer.opened[0].value


async def test_a_new_address_signs_in_and_the_old_one_does_not(person, app, deps, ana):
    answer = await change(person, deps)
    assert answer.headers["location"] == "/security?done=address"
    assert "Your sign-in address is changed." in (await person.get("/security?done=address")).text
    assert await stored(deps, ana) == NEW
    assert await asks_in_vain(app, deps, ANA)
    other = Person(app)
    await other.sign_in(deps, NEW)
    assert await signed_in(other)


async def test_a_code_that_was_mailed_to_the_old_address_before_works_no_more(
    person, app, deps, ana
):
    other = Person(app)
    code = mailbox.code(await other.ask_for_code(deps, ANA))
    await change(person, deps)
    answer = await other.send("/sign-in/code", "/sign-in/code", ("code", code))
    assert answer.status_code == 422
    assert not await signed_in(other)


async def test_the_old_address_is_told_and_every_other_session_ends(person, app, deps, ana):
    other = Person(app)
    await other.sign_in(deps, ANA)
    before = person.http.cookies["ownship"]
    await change(person, deps)
    told = (await letters(deps, ANA))[-1]
    assert "was changed" in told["Subject"]
    assert NEW not in str(told)
    assert not await signed_in(other)
    assert await signed_in(person)
    page = (await person.get("/security")).text
    assert "The sign-in address changed" in page
    assert "Other sign-ins ended: 1" in page
    assert NEW not in page
    assert not await opens(Person(app), before)


async def test_the_asker_is_not_told_that_an_address_is_taken(person, deps, ana):
    eve = await customer.add(deps, {"contact.email": EVE}, source=Source.TOLD)
    taken, (letter,) = await ask(person, deps, EVE)
    shown = (await person.get(CODE)).text
    free, _ = await ask(person, deps, NEW)
    assert (taken.status_code, taken.headers["location"]) == (303, CODE)
    assert (free.status_code, free.headers["location"]) == (303, CODE)
    assert shown == (await person.get(CODE)).text
    assert letter["Subject"].startswith("Nothing was changed")
    assert mailbox.CODE.findall(mailbox.text(letter)) == []
    assert ANA not in str(letter)
    assert await stored(deps, eve) == EVE
    assert await stored(deps, ana) == ANA


async def test_an_address_that_was_taken_meanwhile_is_refused_as_a_wrong_code(person, deps, ana):
    _, (letter,) = await ask(person, deps)
    await customer.add(deps, {"contact.email": NEW}, source=Source.TOLD)
    answer = await person.send(CODE, CODE, ("code", mailbox.code(letter)))
    assert answer.status_code == 422
    assert await stored(deps, ana) == ANA


async def test_a_code_changes_once_and_a_guess_changes_nothing(person, deps, ana):
    _, (letter,) = await ask(person, deps)
    wrong = await person.send(CODE, CODE, ("code", "x"))
    assert wrong.status_code == 422
    assert "<title>Error: Type the code" in wrong.text
    code = mailbox.code(letter)
    assert (await person.send(CODE, CODE, ("code", code))).status_code == 303
    assert (await person.send(CODE, CODE, ("code", code))).status_code == 422


async def test_a_code_belongs_to_the_session_that_asked(person, app, deps, ana):
    eve = await customer.add(deps, {"contact.email": EVE}, source=Source.TOLD)
    _, (letter,) = await ask(person, deps)
    for email in (EVE, ANA):
        other = Person(app)
        await other.sign_in(deps, email)
        answer = await other.send(CODE, CODE, ("code", mailbox.code(letter)))
        assert answer.status_code == 422, email
    assert await stored(deps, eve) == EVE
    assert await stored(deps, ana) == ANA


async def test_it_needs_a_fresh_sign_in_at_every_step(person, deps, ana, clock):
    _, (letter,) = await ask(person, deps)
    hidden = forms((await person.get(CODE)).text)[CODE]
    clock.turn(minutes=10, seconds=1)
    for path in (FORM, CODE):
        assert (await person.get(path)).headers["location"] == f"/sign-in?fresh=1&next={path}"
    answer = await person.post(CODE, *hidden, ("code", mailbox.code(letter)))
    assert answer.headers["location"].startswith("/sign-in?fresh=1")
    assert await stored(deps, ana) == ANA


async def test_what_is_no_address_or_no_field_is_refused_and_stays_typed(person, deps):
    answer = await person.send(FORM, FORM, ("email", '"><b>'))
    assert answer.status_code == 422
    assert 'value="&#34;&gt;&lt;b&gt;"' in answer.text
    for field in ("contact.phone", "contact.nothing", "account.external_id"):
        odd = await person.send(FORM, FORM, ("email", NEW), ("field", field))
        assert odd.status_code in {400, 422}, field


async def test_asking_is_limited(person, deps):
    statuses = [
        (await person.send(FORM, FORM, ("email", f"a{number}@example.org"))).status_code
        for number in range(6)
    ]
    assert statuses == [303] * 5 + [429]


async def test_the_change_is_an_entry_under_the_customers_own_name(person, deps, ana):
    await change(person, deps)
    page = ""
    for _ in range(100):
        page = (await person.get("/who-looked")).text
        if "E-mail address" in page:
            break
    assert "E-mail address" in page


WORK = """  contact.work_email:
    label: E-mail address at work
    why: To write to you there.
    type: email
    category: EmailAddress
    sensitivity: ordinary
    identifies: email
    sources: [told]
    retention: P3Y
  contact.phone:
"""


async def test_where_the_code_knows_two_addresses_the_customer_says_which(
    person, app, deps, ana, one_clock
):
    await publish(
        deps,
        ("  contact.phone:\n    label", f"{WORK}    label"),
        (PHONE, f"      contact.work_email: [read]\n{PHONE}"),
    )
    page = (await person.get(FORM)).text
    assert page.count('name="field"') == 2
    await person.send(FORM, FORM, ("email", NEW), ("field", "contact.work_email"))
    (letter,) = await letters(deps, NEW)
    answer = await person.send(CODE, CODE, ("code", mailbox.code(letter)))
    assert answer.status_code == 303
    assert await stored(deps, ana) == ANA
    await work(deps)  # letters of the change leave first
    for email in (ANA, NEW):
        other = Person(app)
        await other.sign_in(deps, email)
        assert await signed_in(other), email
