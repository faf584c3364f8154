"""The page of one detail: what it says, and that its forms do what they say, once."""

import re

import pytest
from sqlalchemy import text

from policies.decide import ActorKind, Permission
from policies.model import Action, Source
from tests.portal import looks
from tests.portal.conftest import VALUES
from tests.portal.person import Person, forms
from tests.services.logbook import until
from vault.services import customer, request, request_staff, who_looked
from vault.services.ask import Ask
from vault.services.profile import Change, write
from vault.store import commit

COFFEE = "/home/preferences.coffee"
ADDRESS = "/home/contact.postal_address"
NAME = "contact.postal_address"
MARKUP = '"><script>alert(1)</script>'
RTL = "\u202eשלום\u202c"


async def app_sees(deps, who, name=NAME):
    answer = await looks.by_app(deps, who, "delivery", "delivery", name)
    found = {one.name: one for one in answer.opened}
    return found.get(name)


async def carrier_writes(deps, who, value):
    covered = frozenset({Permission("delivery", Action.WRITE, NAME)})
    ask = Ask(
        customer=who,
        kind=ActorKind.APP,
        actor="app:delivery",
        app="delivery",
        purpose="delivery",
        names=(NAME,),
        action=Action.WRITE,
        registration=covered,
        ceiling=covered,
    )
    await write(deps, ask, Change({NAME: value}, Source.THIRD_PARTY))


async def integrated(deps, who, count):
    """Wait until the list of looks has grown to a length."""

    async def there():
        return len(await who_looked.latest(deps, who, limit=200)) >= count

    await until(there)


async def test_the_page_says_all_that_is_known_of_a_detail(person, deps, ana):
    await looks.some(deps, ana)
    await integrated(deps, ana, 3)
    page = (await person.get(ADDRESS)).text
    assert page.count("<h1") == 1
    for words in (
        "<bdi>12 Quay Street\nCork</bdi>",
        "To bring what you order to the right door.",
        "You told us",
        "Bringing your order",
        'href="/code#delivery"',
        "Delivery planner (Logistics)",
        "3 years",
        "Written, as you told it",
        "Last look by others",
    ):
        assert words in page, words
    assert (await person.get("/home/contact.birth_date")).text.count("<details><summary>Show") == 1


async def test_what_the_code_does_not_name_is_not_there(person):
    for path in ("/home/no.such", "/home/interaction.call", "/home/%3Cb%3E", "/home/x"):
        assert (await person.get(path)).status_code == 404, path
        shown = await person.get(COFFEE)
        pairs = forms(shown.text)[COFFEE]
        assert (await person.post(path, *pairs, ("do", "restrict"))).status_code in {403, 404}


async def test_a_correction_is_kept_and_apps_get_it(person, deps, ana):
    value = f"{MARKUP} {RTL}\r\nO'Brien"
    sent = await person.send(ADDRESS, ADDRESS, ("do", "correct"), ("value", value))
    assert (sent.status_code, sent.headers["location"]) == (303, f"{ADDRESS}?done=correct")
    page = (await person.get(sent.headers["location"])).text
    assert "Kept as you wrote it." in page
    assert "<script" not in page
    assert RTL in page
    assert (await app_sees(deps, ana)).value == value.replace("\r\n", "\n")


async def test_the_same_correction_twice_changes_nothing_more(person, deps, ana):
    page = await person.get(COFFEE)
    pairs = [*forms(page.text)[COFFEE], ("do", "correct"), ("value", "filter")]
    first, second = await person.post(COFFEE, *pairs), await person.post(COFFEE, *pairs)
    assert first.headers["location"] == f"{COFFEE}?done=correct"
    assert second.headers["location"] == f"{COFFEE}?done=same"
    late = [*pairs[:-1], ("value", "tea")]
    again = await person.post(COFFEE, *late)
    assert again.status_code == 409
    assert "Something changed since this page was made." in again.text
    assert 'value="tea" checked' in again.text  # what was chosen is kept
    assert "<bdi>Filter coffee</bdi>" in again.text


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (COFFEE, "ristretto", "Choose one of the list."),
        ("/home/contact.birth_date", "1980-02-30", "Write a date of the calendar"),
        ("/home/contact.phone", MARKUP, "Write the number with digits"),
        ("/home/contact.full_name", " ", "Write something here"),
        ("/home/contact.full_name", "é" * 4096 + "e", "This is too long."),
        ("/home/contact.full_name", f"{RTL}\x07", "There is an invisible sign in it."),
    ],
)
async def test_what_is_refused_comes_back_with_what_to_do(person, path, value, says):
    sent = await person.send(path, path, ("do", "correct"), ("value", value))
    assert sent.status_code == 422
    assert says in sent.text
    assert "<title>Error: " in sent.text
    assert 'role="alert"' in sent.text
    assert 'href="#value"' in sent.text
    assert "<script" not in sent.text
    if value not in {"ristretto", " ", MARKUP}:
        assert value.rstrip("\x07") in sent.text


async def test_a_detail_that_is_missing_may_be_told_or_left(person, deps, ana):
    home = (await person.get("/home")).text
    assert 'href="/home/preferences.delivery_note"' in home
    assert 'href="/home/loyalty.points"' not in home  # nobody can tell it
    path = "/home/preferences.delivery_note"
    page = (await person.get(path)).text
    assert "We do not know this. You may tell us, or leave it." in page
    assert "Your order comes to the right door when you are in." in page
    sent = await person.send(path, path, ("do", "correct"), ("value", RTL))
    assert sent.status_code == 303
    assert (await app_sees(deps, ana, "preferences.delivery_note")).value == RTL


async def test_deleting_says_what_stops_and_needs_a_tick(person, deps, ana):
    page = (await person.get(ADDRESS)).text
    assert "This stops." in page
    assert "You can also fetch it in one of our shops." in page
    assert "checked" not in page
    unsure = await person.send(ADDRESS, ADDRESS, ("do", "delete"))
    assert (unsure.status_code, "cannot be brought back" in unsure.text) == (422, True)
    assert await app_sees(deps, ana)
    pairs = [*forms(page)[ADDRESS], ("do", "delete"), ("sure", "yes")]
    for done in ("delete", "same"):
        sent = await person.post(ADDRESS, *pairs)
        assert sent.headers["location"] == f"{ADDRESS}?done={done}"
    assert await app_sees(deps, ana) is None

    async def told():
        past = (await person.get(ADDRESS)).text.partition('id="past"')[2].partition("</ol>")[0]
        return re.findall("<strong>(.*?)</strong>", past) == ["Deleted", "Written, as you told it"]

    await until(told)


async def test_a_delete_of_a_page_of_before_deletes_no_newer_value(person, deps, ana):
    old = forms((await person.get(ADDRESS)).text)[ADDRESS]
    await person.send(ADDRESS, ADDRESS, ("do", "correct"), ("value", "2 Quay"))
    sent = await person.post(ADDRESS, *old, ("do", "delete"), ("sure", "yes"))
    assert sent.status_code == 409
    assert (await app_sees(deps, ana)).value == "2 Quay"


async def test_wrong_right_and_neither(person, deps, ana):
    for do, disputed, verified in (
        ("dispute", True, False),
        ("confirm", False, True),
        ("dispute", True, False),
        ("undispute", False, False),
    ):
        sent = await person.send(ADDRESS, ADDRESS, ("do", do))
        assert sent.headers["location"] == f"{ADDRESS}?done={do}"
        seen = await app_sees(deps, ana)
        assert (bool(seen.disputed), bool(seen.verified)) == (disputed, verified), do
    await person.send(ADDRESS, ADDRESS, ("do", "dispute"))
    assert "that it is wrong" in (await person.get("/home")).text


async def test_one_detail_is_restricted_and_lifted(person, deps, ana):
    for do, seen in (("restrict", False), ("lift", True)):
        sent = await person.send(ADDRESS, ADDRESS, ("do", do))
        assert sent.headers["location"] == f"{ADDRESS}?done={do}"
        assert (await app_sees(deps, ana) is not None) is seen
    await person.send(ADDRESS, ADDRESS, ("do", "restrict"))
    assert "Restricted: no app reads it" in (await person.get("/home")).text
    assert await app_sees(deps, ana, "contact.full_name")


async def test_everything_is_restricted_by_one_press_and_lifted_by_one(person, deps, ana):
    for do, said, seen in (("restrict", "restricted", False), ("lift", "lifted", True)):
        for done in (said, "same"):
            found = await person.get("/home")
            sent = await person.post("/restriction", *forms(found.text)["/restriction"], ("do", do))
            assert sent.headers["location"] == f"/home?done={done}"
        assert (await app_sees(deps, ana) is not None) is seen


async def test_an_address_to_sign_in_by_is_not_changed_here(person, deps, ana):
    path = "/home/contact.email"
    page = (await person.get(path)).text
    assert 'value="correct"' not in page
    assert 'value="delete"' not in page
    for do in ("correct", "delete"):
        pairs = forms(page)[path]
        sent = await person.post(
            path, *pairs, ("do", do), ("sure", "yes"), ("value", "x@y.example")
        )
        assert sent.status_code == 404
    assert (await app_sees(deps, ana, "contact.email")).value == VALUES["contact.email"]


async def test_what_others_gather_is_corrected_by_asking(person):
    page = (await person.get("/home/loyalty.points")).text
    assert 'value="correct"' not in page
    assert "Ask to correct it" in page


async def test_an_identifier_of_somebody_else_is_refused_and_says_nothing_of_them(person, deps):
    await customer.add(
        deps,
        {"contact.full_name": "Bodil Ask", "contact.phone": "+35312345678"},
        source=Source.TOLD,
    )
    path = "/home/contact.phone"
    sent = await person.send(path, path, ("do", "correct"), ("value", "+353 1 234 5678"))
    assert sent.status_code == 409
    assert "This cannot be kept as yours." in sent.text
    assert "Bodil" not in sent.text
    statuses = [
        (await person.send(path, path, ("do", "correct"), ("value", f"+3539999{n:04}"))).status_code
        for n in range(10)
    ]
    assert statuses == [303] * 9 + [429]


async def test_a_third_partys_value_is_told_by_the_page_that_shows_it(person, deps, ana):
    await carrier_writes(deps, ana, "2 Quay")
    assert await app_sees(deps, ana) is None
    page = (await person.get(ADDRESS)).text
    assert "New, from somebody else" in page
    assert "A carrier told us while bringing your order." in page
    assert (await app_sees(deps, ana)).value == "2 Quay"
    assert "New, from somebody else" not in (await person.get(ADDRESS)).text


async def test_home_tells_too_and_asks_to_look(person, deps, ana):
    await carrier_writes(deps, ana, "3 Quay")
    page = (await person.get("/home")).text
    assert "Somebody else gave us something about you: Postal address." in page
    assert "A carrier told us while bringing your order." in page
    assert (await app_sees(deps, ana)).value == "3 Quay"
    assert "Somebody else gave us something" not in (await person.get("/home")).text


async def test_after_a_correction_the_page_names_who_read_the_former_value(
    person, deps, ana, clock
):
    await app_sees(deps, ana)
    clock.turn(seconds=1)
    await person.send(ADDRESS, ADDRESS, ("do", "correct"), ("value", "2 Quay"))

    async def named():
        page = (await person.get(ADDRESS)).text
        return "These apps read the former value" in page and "<li>Delivery planner" in page

    await until(named)


async def test_an_edited_source_is_said_to_be_damaged_and_can_be_written_anew(person, deps, ana):
    async def edit(conn):
        await conn.execute(
            text("UPDATE value SET source = 'observed' WHERE field = :f"), {"f": NAME}
        )

    await commit.request(deps.database, edit)
    page = (await person.get(ADDRESS)).text
    assert "This did not pass its check and was not opened." in page
    assert "Quay" not in page
    assert "“Postal address” did not pass its check" in (await person.get("/home")).text
    sent = await person.send(ADDRESS, ADDRESS, ("do", "correct"), ("value", "2 Quay"))
    assert sent.headers["location"] == f"{ADDRESS}?done=correct"
    assert (await app_sees(deps, ana)).value == "2 Quay"


async def test_a_form_of_one_customer_changes_nothing_of_another(person, app, deps, ana):
    bo = await customer.add(
        deps, {"contact.full_name": "Bo", "contact.email": "bo@example.org"}, source=Source.TOLD
    )
    other = Person(app)
    await other.sign_in(deps, "bo@example.org")
    theirs = forms((await person.get(ADDRESS)).text)[ADDRESS]
    sent = await other.post(ADDRESS, *theirs, ("do", "delete"), ("sure", "yes"))
    assert sent.status_code == 403
    assert await app_sees(deps, ana)
    mine = forms((await other.get(ADDRESS)).text)[ADDRESS]
    assert (await other.post(ADDRESS, *mine, ("do", "dispute"))).status_code == 404
    assert await app_sees(deps, bo) is None


async def test_a_form_that_no_page_sends_is_refused(person):
    pairs = forms((await person.get(ADDRESS)).text)[ADDRESS]
    for extra in ([("do", "explode")], [], [("do", "lift"), ("do", "restrict")]):
        assert (await person.post(ADDRESS, *pairs, *extra)).status_code == 400
    bad = [pair for pair in pairs if pair[0] != "version"]
    sent = await person.post(ADDRESS, *bad, ("version", "x"), ("do", "confirm"))
    assert sent.status_code == 400


async def test_the_pause_is_pressed_on_home(person, deps, ana):
    terms = "/privacy/terms"
    sent = await person.send("/home", terms, ("rule", "never"))
    assert sent.status_code == 303
    assert "Paused" in (await person.get("/home")).text


async def test_home_of_a_broken_record_is_a_page(person, deps, ana):
    async def edit(conn):
        await conn.execute(text("UPDATE standing SET flags = 1"))

    await commit.request(deps.database, edit)
    page = await person.get("/home")
    assert page.status_code == 200
    assert "Quay" not in page.text
    assert (await person.get(ADDRESS)).status_code == 200


async def test_a_request_with_an_answer_is_said_on_home(person, deps, ana):
    page = (await person.get("/home/loyalty.points")).text
    assert 'href="/requests/new?kind=rectify"' in page
    await person.send("/requests/new?kind=rectify", "/requests/new", ("text", "My points."))
    assert "is answered" not in (await person.get("/home")).text
    (case,) = await request.list_(deps, ana)
    await request_staff.answer(deps, case.number, "Put right.")
    page = (await person.get("/home")).text
    assert f"Your request {case.number} is answered." in page
    assert f'href="/requests/{case.request_id}"' in page
