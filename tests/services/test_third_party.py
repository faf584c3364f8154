"""What others gave is told before an app sees it; the letter about it says nothing."""

import pytest

from policies.decide import ActorKind, Permission
from policies.model import Action, Source
from policies.reasons import Reason
from tests.services import mailbox
from tests.services.test_disclosure import ANA, asking
from tests.vaults import FakeClock, vault
from vault.services import customer, jobs, own, spent, third_party
from vault.services.ask import Ask
from vault.services.disclosure import disclose
from vault.services.profile import Change, write

NAME = "contact.postal_address"
WRITES = frozenset({Permission("delivery", Action.WRITE, NAME)})


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def deps(database, tmp_path, clock):
    async with vault(database, tmp_path, clock=clock) as opened:
        yield opened


@pytest.fixture
async def ana(deps):
    return await customer.add(deps, ANA, source=Source.TOLD)


async def carrier_writes(deps, who, text, source=Source.THIRD_PARTY):
    ask = Ask(
        customer=who,
        kind=ActorKind.APP,
        actor="app:delivery",
        app="delivery",
        purpose="delivery",
        names=(NAME,),
        action=Action.WRITE,
        registration=WRITES,
        ceiling=WRITES,
    )
    await write(deps, ask, Change({NAME: text}, source))


async def seen_by_app(deps, who):
    (answer,) = await disclose(deps, [asking(who, (NAME,))])
    return [one.value for one in answer.opened], [one.reason for one in answer.withheld]


async def shown(deps, who):
    return own.new_from_others(await own.held(deps, who, request="r"))


async def letters(deps):
    await jobs.round_once(deps)
    return mailbox.mails(deps)


async def test_an_app_sees_it_once_the_customer_was_told(deps, ana):
    await carrier_writes(deps, ana, "2 Quay")
    assert await seen_by_app(deps, ana) == ([], [Reason.NOT_TOLD])
    new = await shown(deps, ana)
    assert set(new) == {NAME}
    assert await third_party.tell(deps, ana, new, request="r") == (NAME,)
    assert await seen_by_app(deps, ana) == (["2 Quay"], [])
    assert await shown(deps, ana) == {}
    assert await third_party.tell(deps, ana, new, request="r") == ()


async def test_what_came_after_the_look_is_not_told_by_it(deps, ana):
    await carrier_writes(deps, ana, "2 Quay")
    new = await shown(deps, ana)
    await carrier_writes(deps, ana, "3 Quay")
    assert await third_party.tell(deps, ana, new, request="r") == ()
    assert await seen_by_app(deps, ana) == ([], [Reason.NOT_TOLD])


async def test_the_letter_says_no_value_no_field_and_no_source(deps, ana):
    await carrier_writes(deps, ana, "2 Quay")
    (mail,) = await letters(deps)
    for part in ("plain", "html"):
        body = mail.get_body((part,)).get_content()
        assert f"{deps.issuer}/home" in body
        for secret in ("Quay", "address", "carrier", "Ana", "deliver", "postal"):
            assert secret.casefold() not in body.replace("their address stands", "").casefold()
    assert mail["To"] == "ana@example.org"
    assert await seen_by_app(deps, ana) == ([], [Reason.NOT_TOLD])


async def test_a_customer_gets_one_letter_a_day_at_most(deps, ana, clock):
    for text in ("2 Quay", "3 Quay", "4 Quay"):
        await carrier_writes(deps, ana, text)
    assert len(await letters(deps)) == 1
    clock.turn(days=1)
    await carrier_writes(deps, ana, "5 Quay")
    assert len(await letters(deps)) == 2


async def test_what_the_customer_told_needs_no_letter(deps, ana):
    await carrier_writes(deps, ana, "2 Quay", Source.TOLD)
    assert await letters(deps) == []


async def test_a_new_customer_with_a_third_partys_value_gets_a_letter(deps):
    values = {"contact.postal_address": "2 Quay"}
    await customer.add(deps, values, source=Source.THIRD_PARTY)
    await jobs.round_once(deps)
    assert mailbox.mails(deps) == []  # there is no address to write to, and nothing breaks


async def test_the_claims_of_letters_go_after_two_days(deps, ana, clock):
    await carrier_writes(deps, ana, "2 Quay")
    clock.turn(hours=12)
    assert await spent.forget(deps) == 0
    clock.turn(days=2)
    assert await spent.forget(deps) == 1


async def test_values_that_nobody_was_told_of_are_counted_before_any_month_is_over(
    deps, ana, clock
):
    await carrier_writes(deps, ana, "2 Quay")
    clock.turn(days=28)
    assert await third_party.late(deps) == 0
    clock.turn(seconds=1)
    assert await third_party.late(deps) == 1
    await third_party.tell(deps, ana, await shown(deps, ana), request="r")
    assert await third_party.late(deps) == 0
