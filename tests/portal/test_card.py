"""The card page, and benefits beside the choices that they hang on: said before anything is stopped."""

import re
from xml.etree import ElementTree as ET

import pytest
import segno

from policies.decide import ActorKind, Permission
from policies.model import Action, Source
from tests import rewards
from tests.portal import looks
from tests.portal.conftest import ANA, VALUES
from tests.portal.person import Person, forms
from vault.core import card as rules
from vault.core.ids import CustomerId
from vault.services import choices, customer, points
from vault.services.ask import Ask
from vault.services.points import Asks, Count

PAGE = f"/privacy/{rewards.PURPOSE}"
GIVE, STOP = ("decision", "give"), ("decision", "withdraw")


class Holder(Person):
    """Somebody with a card."""

    who: CustomerId
    number: str


@pytest.fixture
async def holder(app, deps):
    """Ana with a card, who allows everything that it is for."""
    await rewards.publish(deps)
    number = rules.number("9", "0" * 14)
    who = await customer.add(
        deps, {**VALUES, "loyalty.card": number, "preferences.store": "harbour"}, source=Source.TOLD
    )
    one = Holder(app)
    await one.sign_in(deps, ANA)
    one.who, one.number = who, number
    answer = await one.send(PAGE, PAGE, GIVE)
    assert answer.status_code == 303, answer.text
    return one


def ask(who, action, name):
    covered = frozenset({Permission(rewards.PURPOSE, action, name)})
    return Ask(
        customer=who,
        kind=ActorKind.APP,
        actor="app:loyalty",
        app="loyalty",
        purpose=rewards.PURPOSE,
        names=(name,),
        action=action,
        registration=covered,
        ceiling=covered,
    )


async def count(deps, who, number, reference):
    asks = Asks(
        ask(who, Action.READ, "loyalty.points"),
        ask(who, Action.WRITE, "loyalty.points"),
        ask(who, Action.APPEND, "interaction.purchase"),
    )
    one = Count("purchase", deps.clock.now(), "shop", number, reference, {})
    return await points.count(deps, asks, one)


def text(html):
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def benefit(page, label):
    return next(
        text(one) for one in page.split('aria-labelledby="benefit-')[1:] if label in one
    ).partition("</article>")[0]


async def test_the_card_shows_number_code_and_points(holder, deps, clock):
    await count(deps, holder.who, 12, "1001")
    clock.turn(seconds=60)
    await count(deps, holder.who, -5, "1002")
    page = (await holder.get("/card")).text
    assert "9000 0000 0000 000" in page
    assert "Loyalty card (Shops)" in page
    said = text(page)
    assert "points now 7" in said
    assert said.index("−5") < said.index("+12")
    home = (await holder.get("/home")).text
    assert 'href="/card"' in home


async def test_the_code_is_drawn_dark_on_light_with_its_number_as_words(holder):
    page = (await holder.get("/card")).text
    svg = re.search(r'<svg width="224".*?</svg>', page, re.DOTALL)
    assert svg
    root = ET.fromstring(svg[0])
    assert root.attrib["role"] == "img"
    assert rules.grouped(holder.number) in root.attrib["aria-label"]
    rect, path = list(root)
    assert (rect.attrib["fill"], path.attrib["fill"]) == ("#fff", "#000")
    drawn = {
        (int(x) + n, int(y))
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path.attrib["d"])
        for n in range(int(width))
    }
    wanted = segno.make_qr(holder.number, error="m").matrix_iter(border=4)
    assert drawn == {(x, y) for y, row in enumerate(wanted) for x, dark in enumerate(row) if dark}


async def test_another_number_ends_the_old_one_and_a_late_form_ends_nothing(holder, deps):
    first = forms((await holder.get("/card")).text)["/card"]
    answer = await holder.post("/card", *first, ("do", "another"))
    assert answer.headers["location"] == "/card?done=another"
    page = (await holder.get("/card?done=another")).text
    assert rules.grouped(holder.number) not in page
    again = await holder.post("/card", *first, ("do", "another"))
    assert again.headers["location"] == "/card?done=stale"
    after = (await holder.get("/card")).text
    number = re.search(r'class="value mono"><bdi>([0-9 ]+)<', after)
    assert number
    assert number[1] in page
    found = await looks.by_app(deps, holder.who, "loyalty", rewards.PURPOSE, "loyalty.card")
    assert found.opened[0].value == number[1].replace(" ", "")


async def test_whoever_has_no_card_may_take_a_number(person, deps, ana):
    page = (await person.get("/card")).text
    assert "You have no card." in page
    assert "<svg width" not in page
    await person.send("/card", "/card", ("do", "another"))
    page = (await person.get("/card")).text
    assert re.search(r'class="value mono"><bdi>9[0-9]{3} ', page)
    assert "Used only if you allow it:" in page


async def test_each_benefit_stands_beside_what_it_needs(holder, deps):
    page = (await holder.get("/card")).text
    assert "You get this" in benefit(page, "A drink on your birthday")
    assert "You get this" in benefit(page, "Your coffee ready")
    tenth = benefit(page, "Every tenth drink")
    assert "Given when all of this is shared" in tenth
    assert "Allowed, and not known yet" in tenth  # nothing was counted so far
    await count(deps, holder.who, 1, "1001")
    assert "You get this" in benefit((await holder.get("/card")).text, "Every tenth drink")
    assert "checked" not in page


async def test_what_ends_is_said_first_and_one_detail_ends_what_needs_it_alone(holder, deps):
    page = (await holder.get(PAGE)).text
    assert "Without it you do not get: A drink on your birthday. Nothing else changes." in page
    assert "Nothing that you get now needs it." in page
    stop = re.findall(
        r'<form class="card stack" method="post" action="/privacy/loyalty.rewards">.*?</form>',
        page,
        re.DOTALL,
    )
    (mine,) = [one for one in stop if 'value="contact.birth_date"' in one]
    answer = await holder.post(PAGE, *forms(mine)[PAGE], STOP)
    assert answer.status_code == 303
    page = (await holder.get("/card")).text
    birthday = benefit(page, "A drink on your birthday")
    assert "Given when all of this is shared" in birthday
    assert "You do not share this" in birthday
    assert f'href="{PAGE}?view=grid"' in page
    assert "You get this" in benefit(page, "Your coffee ready")
    (one,) = [c for c in await choices.choices(deps, holder.who) if c.purpose.id == rewards.PURPOSE]
    left = {use.name for use in one.purpose.uses} - {"contact.birth_date"}
    assert one.allowed == left
    seen = await looks.by_app(deps, holder.who, "loyalty", rewards.PURPOSE, *sorted(rewards.NAMES))
    assert {each.name for each in seen.withheld} == {"contact.birth_date"}


async def test_the_card_of_the_purpose_and_the_grid_say_it_too(holder):
    page = (await holder.get("/privacy")).text
    assert "You no longer get: A drink on your birthday, Your coffee ready when you come." in page
    grid = (await holder.get("/privacy?view=grid")).text
    assert "gives: A drink on your birthday" in grid


async def test_the_notice_says_for_which_detail_a_benefit_is(person, deps, ana):
    await rewards.publish(deps)
    page = (await person.get(f"{PAGE}?view=grid")).text
    assert 'data-template="consent-2"' in page
    assert "For this you get: A drink on your birthday" in page
    assert "For this, together with Favourite shop, you get: Your coffee ready" in page
    assert "checked" not in page
    answer = await person.send(f"{PAGE}?view=grid", PAGE, GIVE, ("field", "contact.birth_date"))
    assert answer.status_code == 303
