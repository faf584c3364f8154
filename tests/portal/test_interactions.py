"""Contact events by time and as a tree: the customer's own look, and what was said as text."""

from datetime import timedelta

import pytest
from sqlalchemy import text, update

from policies.decide import ActorKind, Permission
from policies.model import Action, Source
from tests.portal.person import Person
from tests.services.logbook import until
from tests.vaults import START
from vault.core.entry import Kind
from vault.core.errors import WrongValueError
from vault.services import attachment, customer, interaction, thread, timeline
from vault.services.ask import Ask
from vault.services.interaction import Event
from vault.services.timeline import Wanted
from vault.services.who_looked import latest
from vault.store import commit
from vault.store.attachment import attachment as attachments

PDF = b"%PDF-1.7\n sample"
MARKUP = '<script>alert("1")</script>'
RTL = "\u202eשלום\u202c"
KINDS = ("call", "complaint", "purchase", "survey_answer")


async def note(deps, who, kind, content, *, days=0, parent=None, channel="telephone"):
    event = Event(kind, START - timedelta(days=days), channel, content, parent)
    made, _ = await interaction.append(deps, asked(who, kind), event)
    return made


async def attach(deps, who, event, *, kind="call", data=PDF, name="letter.pdf"):
    """Attach a file as the app does that noted the event."""
    claimed = "application/pdf"
    return await attachment.add(
        deps, asked(who, kind), event, 1, data=data, claimed=claimed, name=name
    )


def asked(who, kind):
    """Return the ask of the app that notes events of a kind."""
    name = interaction.name(kind)
    app, purpose = ("loyalty", "loyalty.rewards") if kind == "purchase" else ("delivery", "support")
    covered = frozenset({Permission(purpose, Action.APPEND, name)})
    return Ask(
        customer=who,
        kind=ActorKind.APP,
        actor=f"app:{app}",
        app=app,
        purpose=purpose,
        names=(name,),
        action=Action.APPEND,
        registration=covered,
        ceiling=covered,
    )


@pytest.fixture
async def events(deps, ana):
    """A complaint with a call under it and an answer under that, and a call of its own."""
    complaint = await note(deps, ana, "complaint", {"text": f"{MARKUP} {RTL}"}, days=9)
    call = await note(
        deps, ana, "call", {"promise": ["new cup", "a visit"]}, days=5, parent=complaint
    )
    answer = await note(deps, ana, "survey_answer", {"marks": {"taste": 4}}, days=1, parent=call)
    alone = await note(deps, ana, "call", {"text": "opening hours"}, days=40)
    return complaint, call, answer, alone


async def test_events_stand_by_time_with_what_they_belong_to(person, events):
    page = (await person.get("/interactions")).text
    assert page.count("<h1") == 1
    order = [page.index(words) for words in ("taste", "new cup", "שלום", "opening hours")]
    assert order == sorted(order)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "Belongs to" in page
    assert "Complaint, 22 November 2026" in page
    assert "Delivery planner (Logistics)" in page


async def test_the_tree_puts_what_belongs_together_under_its_beginning(person, events):
    page = (await person.get("/interactions?view=tree")).text
    order = [page.index(words) for words in ("שלום", "new cup", "taste", "opening hours")]
    assert order == sorted(order)
    assert page.count("1 that belongs to it") == 2


async def test_kind_and_period_stand_in_the_address(person, events):
    page = (await person.get("/interactions?kind=call")).text
    assert ("new cup" in page, "opening hours" in page, "taste" in page) == (True, True, False)
    page = (await person.get("/interactions?kind=call&from=2026-11-20&to=2026-11-26")).text
    assert ("new cup" in page, "opening hours" in page) == (True, False)
    assert 'value="call" selected' in page
    page = (await person.get("/interactions?view=tree&kind=complaint")).text
    assert ("new cup" in page, "opening hours" in page) == (True, False)
    assert (
        "Nothing here is what you chose." in (await person.get("/interactions?kind=purchase")).text
    )


@pytest.mark.parametrize(
    "query", ["kind=%3Cb%3E", "kind=contact.email", "from=2026-02-30", "to=x", "view=all"]
)
async def test_what_is_no_filter_is_left_out_and_said(person, events, query):
    answer = await person.get(f"/interactions?{query}")
    assert answer.status_code == 200
    assert "was left out" in answer.text
    assert "opening hours" in answer.text


async def test_pages_follow_each_other_and_are_of_their_list_alone(person, deps, ana):
    for number in range(timeline.PAGE + 1):
        await note(deps, ana, "call", {"text": f"call {number:03}"}, days=number)
    first = (await person.get("/interactions?kind=call")).text
    assert "call 019" in first
    assert "call 020" not in first
    older = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    older = older.replace("&amp;", "&")
    second = (await person.get(older)).text
    assert ("call 020" in second, "call 019" in second, 'rel="next"' in second) == (
        True,
        False,
        False,
    )
    assert (await person.get(older.replace("kind=call", "kind=complaint"))).status_code == 400
    assert (await person.get("/interactions?before=x")).status_code == 400


async def test_nobody_sees_the_events_of_somebody_else(app, deps, ana, events):
    await customer.add(
        deps, {"contact.full_name": "Bo", "contact.email": "bo@example.org"}, source=Source.TOLD
    )
    other = Person(app)
    await other.sign_in(deps, "bo@example.org")
    for view in ("", "?view=tree"):
        page = (await other.get(f"/interactions{view}")).text
        assert "We keep no contact with you." in page


async def test_a_damaged_event_is_said_to_be_damaged_and_hides_no_other(person, deps, ana, events):
    async def spoil(conn):
        await conn.execute(
            text("UPDATE interaction SET row_version = 2 WHERE kind = 'complaint'"), {}
        )

    await commit.request(deps.database, spoil)
    for view in ("", "?view=tree"):
        page = (await person.get(f"/interactions{view}")).text
        assert "This did not pass its check and was not opened." in page
        assert "שלום" not in page
        assert "new cup" in page


async def test_more_than_fits_under_one_event_is_said(deps, ana, events, monkeypatch):
    monkeypatch.setattr(thread, "MOST_UNDER", 1)
    found = await timeline.timeline(deps, ana, Wanted(tree=True), cursor=None, request="r")
    assert found.cut
    (call,) = found.nodes[0].under
    assert call.under == ()
    monkeypatch.setattr(thread, "MOST_UNDER", 2)
    found = await timeline.timeline(deps, ana, Wanted(tree=True), cursor=None, request="r")
    assert not found.cut


async def test_a_look_that_cannot_be_recorded_opens_no_event(person, deps, events):
    await deps.appender.close()
    answer = await person.get("/interactions")
    assert answer.status_code == 503
    assert "opening hours" not in answer.text


async def test_a_file_is_handed_over_to_be_saved_and_each_time_is_a_look(person, deps, ana, events):
    _, call, _, _ = events
    await attach(deps, ana, call, name="Olá.pdf")
    page = (await person.get("/interactions?view=tree")).text
    assert "Olá.pdf" in page
    where = f"/interactions/{call}/attachments/1"
    assert where in page
    got = await person.get(where)
    assert (got.status_code, got.content) == (200, PDF)
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''Ol%C3%A1.pdf"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cache-control"] == "no-store"

    async def listed():
        looks = [one for one in await latest(deps, ana, limit=9) if one.kind is Kind.OWN_LOOK]
        return ["interaction.call"] in [[name for name, _ in one.allowed] for one in looks]

    await until(listed, seconds=10)
    for wrong in (
        where.replace("/1", "/2"),
        where.replace("/1", "/01"),
        where.replace("/1", "/99999"),
        where.replace("/1", f"/{'9' * 40}"),
        where.replace("/1", "/x"),
        where.upper().replace("INTERACTIONS", "interactions").replace("ATTACH", "attach"),
        "/interactions/x/attachments/1",
    ):
        assert (await person.get(wrong)).status_code == 404


async def test_a_file_that_was_moved_or_changed_is_said_to_be_damaged(person, deps, ana, events):
    _, call, _, alone = events
    await attach(deps, ana, call)

    async def move(conn):
        await conn.execute(update(attachments).values(interaction_id=alone))

    await commit.request(deps.database, move)
    page = (await person.get("/interactions")).text
    assert "This did not pass its check" in page
    assert "letter.pdf" not in page
    assert "new cup" in page
    assert (await person.get(f"/interactions/{alone}/attachments/1")).status_code == 503


async def test_nobody_fetches_the_file_of_somebody_else(app, deps, ana, events):
    await attach(deps, ana, events[1])
    await customer.add(
        deps, {"contact.full_name": "Bo", "contact.email": "bo@example.org"}, source=Source.TOLD
    )
    other = Person(app)
    await other.sign_in(deps, "bo@example.org")
    assert (await other.get(f"/interactions/{events[1]}/attachments/1")).status_code == 404


async def test_a_thread_that_is_deeper_than_is_followed_is_said_to_be_cut(deps, ana):
    parent = await note(deps, ana, "call", {"n": 0})
    for number in range(1, 10):
        parent = await note(deps, ana, "call", {"n": number}, parent=parent)
    found = await timeline.timeline(deps, ana, Wanted(tree=True), cursor=None, request="r")
    assert not found.cut
    with pytest.raises(WrongValueError):
        await note(deps, ana, "call", {"n": 10}, parent=parent)
