"""A field that a later code of ethics no longer names is read by nobody, and goes."""

from collections import Counter

import pytest

from policies.model import Source
from tests.services import decisions, erasing, mailbox
from tests.services.decisions import clock, deps
from tests.services.publishing import NEXT, one_clock, publish, work
from tests.services.test_holds import kept, make
from tests.services.test_retention import fields
from tests.vaults import SAMPLE
from vault.core.retention import Stays, Why
from vault.services import customer, own, restriction, retention

__all__ = ["clock", "deps", "one_clock"]

BIRTH = "contact.birth_date"
MAIL = "ana@example.org"


def swaps():
    """Return what takes the date of birth out of the sample."""
    birth = (
        NEXT.read_text(encoding="utf-8")
        .partition(f"  {BIRTH}:")[2]
        .partition("  preferences.delivery_note")[0]
    )
    return (f"  {BIRTH}:{birth}", ""), (f"      {BIRTH}: [read]\n", "")


@pytest.fixture
async def born(deps):
    given = {BIRTH: "1980-02-29", "contact.email": MAIL}
    return await customer.add(deps, given, source=Source.TOLD)


async def swept(deps, clock):
    """Do the job that writes to customers, then the one that deletes."""
    await work(deps)
    clock.turn(minutes=2)
    await work(deps)


async def test_the_plan_names_what_goes_with_how_much_there_is(deps, born):
    await customer.add(deps, {BIRTH: "1990-01-01"}, source=Source.TOLD)
    plan = (await publish(deps, *swaps())).plan
    assert plan
    assert [(one.name, one.rows, one.customers) for one in plan.dropped] == [(BIRTH, 2, 2)]


async def test_nobody_reads_it_from_the_first_look_on(deps, born):
    await publish(deps, *swaps())
    assert BIRTH not in {one.field.name for one in await own.held(deps, born, request="r")}
    assert BIRTH in await fields(deps, born)
    assert await retention.left(deps) == ()  # it waits for its job


async def test_it_is_deleted_and_its_customer_told(deps, born, clock):
    other = await customer.add(deps, {"contact.email": "ben@example.org"}, source=Source.TOLD)
    await publish(deps, *swaps(), base=SAMPLE)
    await swept(deps, clock)
    assert await fields(deps, born) == {"contact.email"}
    assert await fields(deps, other) == {"contact.email"}
    letters = [one for one in mailbox.mails(deps) if "code of ethics" in one["Subject"]]
    assert [one["To"] for one in letters] == [MAIL]


async def test_no_sweep_deletes_it_before_its_customer_is_written_to(deps, born, clock):
    await publish(deps, *swaps())
    assert not (await retention.sweep(deps)).gone
    await work(deps)
    assert (await retention.sweep(deps)).gone == Counter({(BIRTH, Why.DROPPED): 1})


async def test_what_stays_too_long_is_a_fault(deps, born, clock):
    await publish(deps, *swaps())
    await decisions.execute(deps, "DELETE FROM job")
    clock.turn(days=1, hours=1)
    assert await retention.left(deps) == ((BIRTH, 1),)


async def test_a_hold_and_a_restriction_keep_it_unread(deps, born, clock):
    other = await customer.add(deps, {BIRTH: "1990-01-01"}, source=Source.TOLD)
    await make(deps, born, BIRTH)
    await restriction.restrict(deps, other, request=None)
    await publish(deps, *swaps())
    await swept(deps, clock)
    assert (await retention.survey(deps)).stays == Counter(
        {(BIRTH, Stays.HELD): 1, (BIRTH, Stays.RESTRICTED): 1}
    )
    assert BIRTH not in {one.field.name for one in await own.held(deps, born, request="r")}
    clock.turn(days=601)
    assert (await retention.sweep(deps)).gone == Counter({(BIRTH, Why.DROPPED): 1})


async def test_an_erasure_takes_it_along_and_seals_what_is_held(deps, born, clock):
    other = await customer.add(deps, {BIRTH: "1990-01-01"}, source=Source.TOLD)
    made = await make(deps, born, BIRTH)
    await publish(deps, *swaps())
    await erasing.gone(deps, born)
    await erasing.gone(deps, other)
    assert await fields(deps, born) == await fields(deps, other) == set()
    assert await kept(deps, born) == [(BIRTH, f"hold/{made.hex}")]
    assert await kept(deps, other) == []
