"""How often the business may reach a customer: typed, kept, counted beside what happened, lifted."""

import pytest

from policies.decide import ActorKind, Permission
from policies.model import Action, Channel
from tests.portal.test_terms import PAGE, after, give, press
from tests.portal.test_who_looked import shown
from tests.reaching import RULEBOOK, TEXT
from tests.richer import publish
from vault.core.ids import NOBODY
from vault.services import contact, terms
from vault.services.ask import Ask
from vault.services.contact import Note, Said, Wish


@pytest.fixture
async def reaching(deps):
    await publish(deps, rulebook=RULEBOOK, source=TEXT.encode())


def ask_to(action, *names):
    covered = frozenset(Permission("marketing", action, name) for name in names)
    return Ask(
        customer=NOBODY,
        kind=ActorKind.APP,
        actor="app:newsletter",
        app="newsletter",
        purpose="marketing",
        action=action,
        names=names,
        registration=covered,
        ceiling=covered,
    )


async def reach(deps, who):
    """Let the newsletter write to a customer, if it may."""
    kind = "newsletter_mail"
    note = Note(ask_to(Action.APPEND, f"interaction.{kind}"), kind, {})
    wish = Wish(ask_to(Action.READ, "contact.email"), Channel.EMAIL, note)
    (said,) = (await contact.ask(deps, wish, [who])).answers
    assert isinstance(said, Said)
    return said.reason


async def test_a_limit_is_typed_kept_and_taken_away(person, reaching, deps, ana):
    limit = (("do", "at-most"), ("times", " 2 "), ("rule", "never"))
    page = await after(person, *limit)
    assert "We reach you only so many times in 30 days." in page
    assert 'name="times" type="text" value="2"' in page
    assert (await terms.load(deps, ana)).terms.at_most == 2
    page = await after(person, ("do", "at-most"), ("rule", "open"))
    assert "How often we reach you is no longer limited by you." in page
    assert (await terms.load(deps, ana)).terms.at_most == 0


@pytest.mark.parametrize("times", ["0", "31", "-1", "٣", "", "2.5", '"><b>'])
async def test_what_is_no_number_of_times_is_asked_again(person, reaching, times):
    answer = await press(person, ("do", "at-most"), ("times", times), ("rule", "never"))
    assert answer.status_code == 422
    assert "Type a whole number from 1 to 30." in answer.text
    assert "<b>" not in answer.text


async def test_how_often_it_was_stands_beside_the_limit(person, reaching, deps, ana):
    await give(person)
    assert await reach(deps, ana) is None
    assert "We reached you in the last 30 days, times: 1." in (await person.get(PAGE)).text
    page = await after(person, ("do", "at-most"), ("times", "1"), ("rule", "never"))
    assert "We reached you in the last 30 days, times: 1. Your limit: 1." in page
    assert await reach(deps, ana) == "at-most"
    page = await shown(person, "You were reached as often in 30 days as you allow.")
    assert "Asked whether it may reach you by" in page


async def test_where_the_code_offers_no_limit_none_is_shown(person):
    assert 'id="at-most"' not in (await person.get(PAGE)).text
