"""What an app gets under a customer's own terms: nothing more than `no-basis`, whatever the term."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from policies.model import Term
from policies.situation import Terms
from tests.api.data.conftest import APPROVED, SCOPES, Shop
from tests.api.oauth.party import Party
from tests.richer import publish
from tests.services.decisions import SESSION
from tests.vaults import FakeClock
from vault.core import own_terms
from vault.core.consent_record import Evidence
from vault.core.ids import CustomerId
from vault.core.own_terms import Rule
from vault.services import app as apps
from vault.services import consent, quiet, terms, unit
from vault.services.consent_import import Imported, give_by_import
from vault.services.consent_notice import ask
from vault.services.load import load_locked
from vault.services.unit import Unit

NAMES = {"contact.email", "contact.full_name", "contact.phone", "contact.postal_address"}
Alter = Callable[..., Terms]


async def read(shop: Shop, app: str, who: CustomerId, purpose: str):
    """Return what an app gets (names) and what is withheld (field -> reason), or its refusal."""
    pairwise = await shop.id(app, who)
    path = f"/api/v1/customers/{pairwise}/profile?purpose={purpose}"
    answer = await shop.call(app, "GET", path)
    if answer.status_code != 200:
        assert answer.status_code == 404
        return set(), {"*": answer.json()["type"].rpartition("/")[2]}
    body = answer.json()
    return set(body["fields"]), {one["field"]: one["reason"] for one in body["withheld"]}


def span(hours: int) -> str:
    """Quiet hours that began so many hours from now and last two: loads ask the database's clock."""
    start = datetime.now(UTC) + timedelta(hours=hours)
    end = start + timedelta(hours=2)
    return quiet.write(f"{start:%H:%M}", f"{end:%H:%M}", "UTC")


async def allow(shop: Shop, who: CustomerId, purpose: str) -> None:
    asked = await ask(shop.deps, who, purpose, session=SESSION)
    await consent.give(
        shop.deps,
        who,
        purpose,
        notice=asked.token,
        epoch=asked.epoch,
        view=asked.view,
        session=SESSION,
    )


async def test_never_by_telephone_takes_the_number_alone(shop: Shop) -> None:
    await publish(shop.deps)
    who = await shop.add()
    assert await read(shop, "delivery", who, "delivery") == (NAMES, {})
    never = partial(own_terms.of_channel, channel="phone", rule=Rule.NEVER)
    await terms.change(shop.deps, who, never)
    left = NAMES - {"contact.phone"}
    assert await read(shop, "delivery", who, "delivery") == (left, {"contact.phone": "no-basis"})
    again = partial(own_terms.of_channel, channel="phone", rule=Rule.OPEN)
    await terms.change(shop.deps, who, again)
    assert await read(shop, "delivery", who, "delivery") == (NAMES, {})


async def test_in_quiet_hours_nothing_that_rings_is_read(shop: Shop) -> None:
    await publish(shop.deps)
    who = await shop.add()
    await terms.change(shop.deps, who, partial(own_terms.quiet, span=span(-1)))
    rings = {"contact.email": "no-basis", "contact.phone": "no-basis"}
    assert await read(shop, "delivery", who, "delivery") == (NAMES - rings.keys(), rings)
    await terms.change(shop.deps, who, partial(own_terms.quiet, span=span(3)))
    assert await read(shop, "delivery", who, "delivery") == (NAMES, {})


async def test_a_consent_lapses_when_the_customer_says(shop: Shop) -> None:
    await publish(shop.deps)
    who = await shop.add()
    start = int((datetime.now(UTC) - timedelta(days=10)).timestamp() * 1000)
    given = Imported("loyalty.rewards", frozenset(), Evidence("paper", "Yes.", start, "f" * 64))

    async def work(it: Unit) -> None:
        load = await load_locked(it.conn, shop.deps.codes, who, at=it.now)
        await give_by_import(it, load, [given])

    await unit.run(shop.deps, work)
    names = {"contact.full_name", "loyalty.card"}
    assert await read(shop, "loyalty", who, "loyalty.rewards") == (names, {})
    for days, found in ((20, names), (7, set()), (0, names)):
        await terms.change(shop.deps, who, partial(own_terms.lapse, days=days))
        assert (await read(shop, "loyalty", who, "loyalty.rewards"))[0] == found


@pytest.mark.parametrize(
    ("term", "lifted"),
    [
        (
            partial(own_terms.switch, term=Term.PAUSE, on=True),
            partial(own_terms.switch, term=Term.PAUSE, on=False),
        ),
        (
            partial(own_terms.of_purpose, purpose="loyalty.rewards", rule=Rule.ASK),
            partial(own_terms.of_purpose, purpose="loyalty.rewards", rule=Rule.OPEN),
        ),
        (
            partial(own_terms.of_app, app="loyalty", rule=Rule.NEVER),
            partial(own_terms.of_app, app="loyalty", rule=Rule.OPEN),
        ),
    ],
    ids=["pause", "ask each time", "never this app"],
)
async def test_a_term_closes_what_was_allowed_and_lifting_it_opens_the_same(
    shop: Shop, term: Alter, lifted: Alter
) -> None:
    who = await shop.add()
    await allow(shop, who, "loyalty.rewards")
    before = await read(shop, "loyalty", who, "loyalty.rewards")
    assert before[0] == {"contact.full_name", "loyalty.card"}
    await terms.change(shop.deps, who, term)
    stranger = await read(shop, "loyalty", await shop.add(**_other()), "loyalty.rewards")
    assert await read(shop, "loyalty", who, "loyalty.rewards") == stranger
    await terms.change(shop.deps, who, lifted)
    assert await read(shop, "loyalty", who, "loyalty.rewards") == before


async def test_without_sharing_another_business_gets_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(shop.deps)
    approved = [{"purpose": "delivery", "actions": ["read"], "datatypes": sorted(NAMES)}]
    monkeypatch.setitem(APPROVED, "carrier", approved)
    carrier = Party(FakeClock(), "carrier")
    await apps.add(shop.deps, carrier.metadata(scope=SCOPES, own={"approved": approved}))
    shop.parties["carrier"] = carrier
    who = await shop.add()
    assert await read(shop, "carrier", who, "delivery") == (NAMES, {})
    no = partial(own_terms.switch, term=Term.NO_SHARING, on=True)
    await terms.change(shop.deps, who, no)
    assert await read(shop, "carrier", who, "delivery") == (set(), {"*": "not-available"})
    assert await read(shop, "delivery", who, "delivery") == (NAMES, {})


def _other() -> dict[str, str]:
    return {
        "contact__email": "b@example.org",
        "contact__phone": "+351912345679",
        "loyalty__card": "4539578763621486",
    }
