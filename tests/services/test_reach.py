"""Where a letter of the vault goes: found on the one path, when it leaves."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from policies.decide import ActorKind
from policies.model import Source
from tests.services import mailbox
from tests.vaults import FakeClock, vault
from vault.core.ids import CustomerId
from vault.crypto.random import uuid7
from vault.services import customer, jobs, mail, profile, reach, standing_change, unit
from vault.services.profile import Change
from vault.store import commit
from vault.store import customer as customer_store
from vault.store.value import value

ANA = "ana@example.org"


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def deps(database, tmp_path, clock):
    async with vault(database, tmp_path, clock=clock) as opened:
        yield opened


@pytest.fixture
async def ana(deps):
    return await customer.add(deps, {"contact.email": ANA}, source=Source.TOLD)


async def write(deps, who, **options):
    async def work(it):
        await mail.to_customer(it, who, mail.RECEIPT, **options)

    await unit.run(deps, work)


async def left(deps):
    """Let the letters leave and return to whom they went."""
    await jobs.round_once(deps)
    return [str(one["To"]) for one in mailbox.mails(deps)]


async def rename(deps, who, address):
    ask = replace(customer.operator(("contact.email",)), customer=who)
    assert ask.kind is ActorKind.OPERATOR
    await profile.write(deps, ask, Change({"contact.email": address}, Source.TOLD))


async def test_a_letter_goes_to_the_address_that_stands_when_it_leaves(deps, ana):
    await write(deps, ana)
    await rename(deps, ana, "new@example.org")
    assert await left(deps) == ["new@example.org"]


async def test_an_erased_customer_gets_no_letter(deps, ana):
    await write(deps, ana)
    await commit.request(deps.database, lambda conn: customer_store.delete_keys(conn, ana))
    assert await left(deps) == []
    assert await jobs.round_once(deps) == 0


async def test_nobody_gets_no_letter(deps):
    assert await reach.address(deps, CustomerId(uuid7(1))) == ""


async def test_a_customer_without_an_address_gets_no_letter(deps):
    who = await customer.add(deps, {"contact.full_name": "Ana"}, source=Source.TOLD)
    assert await reach.address(deps, who) == ""


async def test_a_damaged_address_gets_no_letter_and_stops_no_other(deps, ana):
    eve = await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)

    async def spoil(conn):
        mine = value.c.customer_id == ana
        sealed = (await conn.execute(select(value.c.sealed).where(mine))).scalar_one()
        spoilt = sealed[:-1] + bytes([sealed[-1] ^ 1])
        await conn.execute(update(value).where(mine).values(sealed=spoilt))

    await commit.request(deps.database, spoil)
    await write(deps, ana)
    await write(deps, eve)
    assert await left(deps) == ["eve@example.org"]


async def test_a_kind_that_was_turned_off_does_not_leave_and_what_must_be_told_does(deps, ana):
    def off(terms):
        return replace(terms, no_mails=frozenset({"receipts"}))

    await standing_change.set_terms(deps, ana, off)
    await write(deps, ana, optional="receipts")
    assert await left(deps) == []
    await write(deps, ana, optional="code")
    await write(deps, ana)
    assert await left(deps) == [ANA, ANA]


async def test_a_paused_and_restricted_customer_is_told_all_the_same(deps, ana):
    def still(terms):
        return replace(
            terms,
            paused=True,
            restricted_fields=frozenset({"contact.email"}),
            never_channels=frozenset({"email"}),
        )

    await standing_change.set_terms(deps, ana, still)
    await write(deps, ana)
    assert await left(deps) == [ANA]


async def test_a_letter_waits_three_days_at_most(deps, ana, clock):
    await write(deps, ana)
    clock.turn(days=3)
    assert await left(deps) == []
