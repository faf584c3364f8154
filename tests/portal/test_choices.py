"""What a customer allows is shown whole, stopped with its consequences, objected to, chosen to end."""

import re
from datetime import timedelta

import pytest

from policies.model import Source
from tests.portal import looks
from tests.portal.conftest import ANA, VALUES
from tests.portal.person import Person, forms
from tests.services.publishing import NEXT, one_clock, publish, work
from vault.core import notice
from vault.services import choices, customer, own, receipts, standing_change
from vault.services.consent_notice import View

__all__ = ["one_clock"]

PAGE = "/privacy/marketing"
GIVE, REFUSE, STOP = ("decision", "give"), ("decision", "refuse"), ("decision", "withdraw")


async def reads(deps, who, app="newsletter", purpose="marketing", names=None):
    names = names or (
        "contact.email",
        "contact.full_name",
        "contact.language",
        "preferences.topics",
    )
    answer = await looks.by_app(deps, who, app, purpose, *names)
    return {one.name: one.value for one in answer.opened}


async def give(person, *fields, page=PAGE):
    answer = await person.send(page, page.partition("?")[0], GIVE, *fields)
    assert answer.status_code == 303, answer.text
    return (await person.get(answer.headers["location"])).text


def card(page, purpose):
    return page.partition(f'<article class="card" id="{purpose}"')[2].partition("</article>")[0]


async def state(deps, who, purpose="marketing"):
    return next(one for one in await choices.choices(deps, who) if one.purpose.id == purpose)


async def kept(deps, who):
    return {
        one.field.name for one in await own.held(deps, who, request="r") if one.value is not None
    }


# --- the card -----------------------------------------------------------------------------------


async def test_a_card_says_since_when_until_when_and_whether_it_was_used(person, deps, ana):
    page = await give(person)
    said = card(page, "marketing")
    assert "<dt>Since</dt><dd>1 December 2026</dd>" in said
    assert "<dt>Until</dt><dd>1 December 2027</dd>" in said
    assert "<dt>Used</dt><dd>Not lately</dd>" in said
    await reads(deps, ana)
    for _ in range(50):
        said = card((await person.get("/privacy")).text, "marketing")
        if "Not lately" not in said:
            break
    assert re.search(r"<dt>Used</dt><dd>Last on \d+ \w+ \d{4}</dd>", said)


async def test_each_decision_of_a_purpose_is_listed_with_its_receipt(person, deps, ana):
    await give(person)
    await person.send("/privacy", PAGE, STOP)
    said = card((await person.get("/privacy")).text, "marketing")
    assert len(set(re.findall(r'href="(/receipts/[0-9a-f-]{36})"', said))) == 2
    for words in ("Allowed", "Stopped by you"):
        assert words in said


async def test_what_was_given_can_be_undone_at_once(person, deps, ana):
    page = await give(person)
    csrf = re.findall(
        r'action="/privacy/marketing">\s*<input type="hidden" name="csrf" value="([^"]+)"', page
    )[0]
    assert "Undo" in page
    assert await reads(deps, ana)
    await person.post(PAGE, ("csrf", csrf), STOP)
    assert not await reads(deps, ana)


# --- stopping, and what goes with it ------------------------------------------------------------


async def test_what_was_gathered_for_a_purpose_alone_goes_when_the_customer_says_so(
    person, deps, ana
):
    page = await give(person, page="/privacy/loyalty.rewards")
    said = card(page, "loyalty.rewards")
    assert "Date of birth, Coffee" in said
    assert 'name="delete" value="yes">' in said
    answer = await person.send("/privacy", "/privacy/loyalty.rewards", STOP, ("delete", "yes"))
    page = (await person.get(answer.headers["location"])).text
    assert "Details: 2." in page
    assert await kept(deps, ana) == set(VALUES) - {"contact.birth_date", "preferences.coffee"}


async def test_without_the_tick_nothing_is_deleted(person, deps, ana):
    await give(person, page="/privacy/loyalty.rewards")
    await person.send("/privacy", "/privacy/loyalty.rewards", STOP)
    assert await kept(deps, ana) == set(VALUES)


async def test_what_another_purpose_may_use_or_the_page_did_not_name_stays(person, deps, ana):
    await give(person, page="/privacy/loyalty.rewards")
    csrf = dict(forms((await person.get("/privacy")).text)["/privacy/loyalty.rewards"])["csrf"]
    more = [
        ("gone", name) for name in ("contact.full_name", "contact.email", "preferences.coffee", "x")
    ]
    await person.post("/privacy/loyalty.rewards", ("csrf", csrf), STOP, ("delete", "yes"), *more)
    assert await kept(deps, ana) == set(VALUES) - {"preferences.coffee"}
    again = await person.post(
        "/privacy/loyalty.rewards", ("csrf", csrf), STOP, ("delete", "yes"), *more
    )
    assert "gone=" not in again.headers["location"]


async def test_nobody_is_told_of_a_deletion_by_an_address_that_was_made_up(person):
    page = await give(person)
    receipt = re.findall(r"/receipts/([0-9a-f-]{36})", page)[0]
    assert "is deleted" not in (await person.get(f"/privacy?done={receipt}&gone=AAAA")).text


# --- the end ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lasts", "days"), [("P1D", 1), ("P3M", 90), (None, 365)])
async def test_the_customer_chooses_an_earlier_end(person, deps, ana, clock, lasts, days):
    asked = (await person.get(PAGE)).text
    assert 'name="lasts" value="P1D"' in asked
    assert 'name="lasts" value="P12M"' not in asked  # the clause lasts no longer than that
    await give(person, *([("lasts", lasts)] if lasts else []))
    until = (await state(deps, ana)).until_ms
    assert until == int((clock.now() + timedelta(days=days)).timestamp() * 1000)


async def test_an_end_that_was_not_offered_is_asked_again(person, deps, ana):
    answer = await person.send(PAGE, PAGE, GIVE, ("lasts", "P12M"))
    assert answer.status_code == 422
    assert "Choose one of the ends" in answer.text
    assert (await person.send(PAGE, PAGE, GIVE, ("lasts", "P9Y"))).status_code == 400
    assert await receipts.list_(deps, ana) == ()


# --- objecting ----------------------------------------------------------------------------------


async def test_objecting_is_one_press_and_so_is_taking_it_back(person, deps, ana):
    names = ("contact.full_name",)
    assert await reads(deps, ana, "delivery", "support", names)
    answer = await person.send("/privacy", "/privacy/support", ("decision", "object"))
    page = (await person.get(answer.headers["location"])).text
    assert "You objected to “Answering you and putting things right”." in page
    assert "You objected: it is not done" in card(page, "support")
    assert not await reads(deps, ana, "delivery", "support", names)
    again = await person.send("/privacy", "/privacy/support", ("decision", "lift"))
    assert "You took back" in (await person.get(again.headers["location"])).text
    assert await reads(deps, ana, "delivery", "support", names)


async def test_an_address_alone_says_nothing_of_an_objection(person):
    for query in ("done=objected&of=support", "done=objected&of=delivery", "done=lifted&of=none"):
        assert 'role="status"' not in (await person.get(f"/privacy?{query}")).text, query


async def test_what_cannot_be_stopped_says_why(person):
    page = (await person.get("/privacy")).text
    said = card(page, "delivery")
    assert "This belongs to what you asked of us" in said
    assert "<button" not in said
    csrf = dict(forms(page)["/privacy/support"])["csrf"]
    for path in ("/privacy/delivery", "/privacy/none"):
        assert (await person.post(path, ("csrf", csrf), ("decision", "object"))).status_code == 403


# --- what apps would receive --------------------------------------------------------------------


def slots(page):
    return dict(re.findall(r'<output data-field="([^"]*)">([^<]+)</output>', page))


@pytest.mark.parametrize(
    ("purpose", "reader"), [("marketing", "newsletter"), ("loyalty.rewards", "loyalty")]
)
async def test_the_page_shows_exactly_what_the_next_read_opens(person, deps, ana, purpose, reader):
    page = (await person.get(f"/privacy/{purpose}")).text
    await give(person, page=f"/privacy/{purpose}")
    names = tuple(use.name for use in (await state(deps, ana, purpose)).purpose.uses)
    opened = await reads(deps, ana, reader, purpose, names)
    assert set(slots(page)) == set(opened)
    assert slots(page)["contact.full_name"].startswith("Ána O")


async def test_what_the_customers_terms_close_is_not_shown_as_given(person, deps, ana):
    await publish(deps)
    never = standing_change.set_terms
    await never(deps, ana, lambda terms: terms.__class__(never_channels=frozenset({"email"})))
    page = (await person.get(PAGE)).text
    assert "contact.email" not in slots(page)
    assert "No app would receive this even so:" in page
    assert "Your terms never allow this way of reaching you." in page
    await give(person)
    assert set(slots(page)) == set(await reads(deps, ana))


async def test_what_stays_hidden_is_named(person):
    page = (await person.get(PAGE)).text
    hidden = page.partition("What stays hidden from this purpose")[2].partition("</details>")[0]
    assert "Date of birth" in hidden
    assert "E-mail address" not in hidden


# --- explicit consent ---------------------------------------------------------------------------

MENU = "/privacy/menu"


@pytest.fixture
async def diet(person, deps):
    """Ana, who told what she does not eat, under the code that asks it."""
    await publish(deps)
    await customer.add(
        deps,
        {"contact.email": "bo@example.org", "preferences.diet": ["nuts"]},
        source=Source.TOLD,
    )
    return person


async def test_what_is_specially_protected_needs_its_own_sentence(diet, deps, ana):
    page = (await diet.get(MENU)).text
    assert 'data-template="explicit-1"' in page
    assert "I agree that Sample Shop uses these details" in page
    answer = await diet.send(MENU, MENU, GIVE)
    assert answer.status_code == 422
    assert "tick the sentence" in answer.text
    assert await receipts.list_(deps, ana) == ()
    await give(diet, ("confirm", "yes"), page=MENU)
    (line,) = await receipts.list_(deps, ana)
    record = await receipts.open_(deps, ana, line.receipt_id)
    assert b"ExplicitlyExpressedConsent" in record
    assert b'"template":"explicit-1"' in record
    assert b'"controls":["confirm","allow","refuse","later"]' in record


async def test_its_notice_is_of_its_own_bytes_and_kept(diet):
    for view in View:
        page = (await diet.get(f"{MENU}?view={view}")).text
        body = notice.empty(page)
        found = await diet.get(f"/notices/{notice.digest(body)}")
        assert found.content == body


# --- the grid -----------------------------------------------------------------------------------


async def test_the_grid_shows_every_detail_by_every_purpose(person, deps, ana):
    await give(person, ("field", "contact.email"), page=f"{PAGE}?view=grid")
    page = (await person.get("/privacy?view=grid")).text
    table = page.partition("<table>")[2].partition("</table>")[0]
    assert table.count('<th scope="col">') == 1 + 4
    assert table.count('<th scope="row">') == 13 + 4
    assert 'href="/privacy/marketing?view=grid"' in table
    row = table.partition("E-mail address</th>")[2].partition("</tr>")[0]
    assert [words.strip() for words in re.findall(r"</svg>\s*([^<\n]+)", row)] == [
        "Done without asking: read",
        "Not answered yet: read",
        "Allowed: read",
        "Done without asking: read, change",
    ]
    name = table.partition(">Name</th>")[2].partition("</tr>")[0]
    assert "Not allowed: read" in name


async def test_the_view_is_remembered(person):
    assert "<table>" not in (await person.get("/privacy")).text
    await person.send("/privacy", "/privacy/view", ("view", "grid"))
    assert "<table>" in (await person.get("/privacy")).text
    assert dict(forms((await person.get(PAGE)).text)[PAGE])["view"] == "grid"
    await person.send("/privacy", "/privacy/view", ("view", "simple"))
    assert "<table>" not in (await person.get("/privacy")).text


# --- after a new code of ethics -----------------------------------------------------------------


async def test_only_the_difference_is_shown_and_asked_once(person, deps, ana):
    await give(person)
    await publish(deps)
    said = card((await person.get("/privacy")).text, "marketing")
    assert "Stopped: the rules changed" in said
    assert "asks for more, so we stopped" in said
    assert "<ins>Telephone number</ins>" in said
    assert "<del>" not in said
    assert "<ins>Telephone number</ins>" in (await person.get(PAGE)).text
    assert "so what you allowed has stopped" in (await person.get("/home")).text
    await person.send("/privacy", PAGE, ("decision", "later"))
    assert "so what you allowed has stopped" not in (await person.get("/home")).text
    said = card((await person.get("/privacy")).text, "marketing")
    assert "Not answered yet" in said
    assert "asks for more" not in said
    assert "Not now" not in said
    await give(person)
    assert await reads(deps, ana)


async def test_what_asks_less_is_a_notice_and_no_question(person, deps, ana):
    await give(person, page="/privacy/loyalty.rewards")
    await publish(deps)
    await work(deps)
    said = card((await person.get("/privacy")).text, "loyalty.rewards")
    assert "asks for less" in said
    assert "<del>E-mail address</del>" in said
    assert "Not now" not in said
    assert "Stop<span" in said


async def test_a_purpose_that_is_gone_stays_visible(person, app, deps, ana):
    await publish(deps)
    await give(person, ("confirm", "yes"), page=MENU)
    source = NEXT.read_text(encoding="utf-8")
    menu = source.partition("  menu:")[2].partition("  loyalty.rewards:")[0]
    diet = source.partition("  preferences.diet:")[2].partition("interactions:")[0]
    kitchen = "  kitchen: {name: Kitchen board, team: Shops, country: IE}\n"
    gone = ((f"  menu:{menu}", ""), (f"  preferences.diet:{diet}", ""), (kitchen, ""))
    await publish(deps, *gone, version="2026-12-2", effective="2026-12-02")
    deps.clock.turn(days=1)
    late = Person(app)
    await late.sign_in(deps, ANA)
    said = (await late.get("/privacy")).text.partition('id="past"')[2]
    assert "Food and drink that suit you" in said
    assert "Stopped: the rules changed" in said


async def test_each_version_says_what_it_changed(visitor, deps):
    assert (await visitor.get("/code/2026-11/changes")).status_code == 404
    assert "/changes" not in (await visitor.get("/code")).text
    await publish(deps)
    assert 'href="/code/2026-12/changes"' in (await visitor.get("/code")).text
    page = (await visitor.get("/code/2026-12/changes")).text
    for words in (
        "<ins>Telephone number</ins>",
        "<del>E-mail address</del>",
        "<ins>Parcel carrier (Quayside Parcels)</ins>",
        "Asks for more",
        "Asks for less",
        "1 purpose is as it was.",
        "<ins>What you do not eat or drink</ins>",
    ):
        assert words in page, words
    for version in ("2026-11-2", "none", "%00"):
        assert (await visitor.get(f"/code/{version}/changes")).status_code == 404


async def test_who_looked_says_that_the_rules_ended_it(person, deps, ana):
    await give(person)
    await publish(deps)
    await work(deps)
    await person.send("/privacy", PAGE, ("decision", "later"))
    await person.send("/privacy", "/privacy/support", ("decision", "object"))
    await person.send("/privacy", "/privacy/support", ("decision", "lift"))
    words = (
        "Sample Shop, because its rules changed",
        "Stopped: the rules changed",
        "put off deciding on “Letters about what is new”",
        "took back an objection to “Answering you and putting things right”",
    )
    page = ""
    for _ in range(50):
        page = (await person.get("/who-looked")).text
        if all(one in page for one in words):
            return
    raise AssertionError([one for one in words if one not in page])


# --- words --------------------------------------------------------------------------------------


async def test_no_page_of_choices_chooses_beforehand_or_presses(person, deps, ana):
    await give(person)
    await publish(deps)
    for path in (
        "/privacy",
        "/privacy?view=grid",
        PAGE,
        f"{PAGE}?view=grid",
        MENU,
        f"{MENU}?view=grid",
    ):
        page = (await person.get(path)).text
        for word in (" checked", " selected", "<details open", " autofocus"):
            assert word not in page, (path, word)
        for guilt in ("are you sure", "miss out", "sadly", "unfortunately", "regret"):
            assert guilt not in page.lower(), (path, guilt)
        assert page.count('value="give"') == page.count('value="refuse"')


async def test_another_customers_forms_are_refused(person, app, deps, ana):
    await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    eve = Person(app)
    await eve.sign_in(deps, "eve@example.org")
    csrf = dict(forms((await eve.get("/privacy")).text)["/privacy/support"])["csrf"]
    foreign = await person.post("/privacy/support", ("csrf", csrf), ("decision", "object"))
    assert foreign.status_code == 403
    assert not (await state(deps, ana, "support")).objected
