"""Customers say that a value is wrong or right; apps are told, and never shown more."""

import pytest

from policies.model import Source
from tests.services.logbook import integrate
from tests.services.test_disclosure import ANA, asking
from tests.vaults import FakeClock, vault
from vault.core.entry import Kind
from vault.core.errors import ConflictError, NotAvailableError
from vault.services import customer, marks, own
from vault.services.disclosure import disclose
from vault.services.marks import Mark
from vault.services.who_looked import who_looked

NAME = "contact.phone"


@pytest.fixture
async def deps(database, tmp_path):
    async with vault(database, tmp_path, clock=FakeClock()) as opened:
        yield opened


@pytest.fixture
async def ana(deps):
    return await customer.add(deps, ANA, source=Source.TOLD)


async def put(deps, who, mark, version=1, name=NAME):
    return await marks.put(deps, who, name, mark, version=version, request="r")


async def seen_by_app(deps, who):
    (answer,) = await disclose(deps, [asking(who, (NAME,))])
    (one,) = answer.opened
    return bool(one.disputed), bool(one.verified)


async def test_a_value_is_wrong_right_or_neither_and_never_both(deps, ana):
    for mark, changes, said in (
        (Mark.DISPUTED, True, (True, False)),
        (Mark.DISPUTED, False, (True, False)),
        (Mark.CONFIRMED, True, (False, True)),
        (Mark.CONFIRMED, False, (False, True)),
        (Mark.DISPUTED, True, (True, False)),
        (Mark.UNDISPUTED, True, (False, False)),
        (Mark.UNDISPUTED, False, (False, False)),
    ):
        assert await put(deps, ana, mark) is changes, mark
        assert await seen_by_app(deps, ana) == said, mark


async def test_a_mark_is_recorded_once_and_says_what_it_is(deps, ana):
    for _ in range(2):
        await put(deps, ana, Mark.DISPUTED)
    await integrate(deps.database)
    lines = (await who_looked(deps, ana, request="r2")).lines
    assert [line.allowed for line in lines if line.kind is Kind.MARKED] == [((NAME, "disputed"),)]


async def test_nobody_marks_what_they_did_not_see(deps, ana):
    with pytest.raises(ConflictError):
        await put(deps, ana, Mark.CONFIRMED, version=2)
    assert await seen_by_app(deps, ana) == (False, False)


async def test_what_is_not_there_cannot_be_marked(deps, ana):
    for name in ("contact.birth_date", "no.such"):
        with pytest.raises(NotAvailableError):
            await put(deps, ana, Mark.DISPUTED, name=name)


async def test_another_customers_value_is_not_touched(deps, ana):
    other = await customer.add(deps, {"contact.full_name": "Bo"}, source=Source.TOLD)
    with pytest.raises(NotAvailableError):
        await put(deps, other, Mark.DISPUTED)
    assert await seen_by_app(deps, ana) == (False, False)
    held = {one.field.name: one for one in await own.held(deps, other, request="r")}
    assert held["contact.full_name"].disputed is None
