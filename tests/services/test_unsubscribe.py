"""A link in a letter stops what it names, and nothing tells whose it was."""

import pytest
from sqlalchemy import text

from tests.services.decisions import allow, ana, clock, deps, execute, readable, reasons
from vault.core.errors import OpenError
from vault.core.ids import NOBODY
from vault.core.own_terms import MailKind
from vault.services import terms
from vault.services.unsubscribe import stop
from vault.services.unsubscribe_link import link

__all__ = ["ana", "clock", "deps"]


def token(deps, who, what):
    address = link(deps, who, what)
    assert address.startswith(f"{deps.issuer}/u/")
    return address.rpartition("/")[2]


async def entries(deps):
    async with deps.database.connect() as conn:
        outbox = (await conn.execute(text("SELECT count(*) FROM log_outbox"))).scalar_one()
        return outbox + (await conn.execute(text("SELECT count(*) FROM log_leaf"))).scalar_one()


async def test_the_link_of_a_purpose_withdraws_its_consent(deps, ana):
    await allow(deps, ana)
    await stop(deps, token(deps, ana, "marketing"))
    assert await readable(deps, ana) == set()
    assert await reasons(deps, ana) == {"withdrawn"}


async def test_the_link_of_a_kind_of_letters_turns_them_off(deps, ana):
    await stop(deps, token(deps, ana, MailKind.REMINDERS))
    assert (await terms.load(deps, ana)).terms.no_mails == {"reminders"}


@pytest.mark.parametrize("what", ["marketing", MailKind.REMINDERS])
async def test_pressing_twice_is_once(deps, ana, what):
    await allow(deps, ana)
    await stop(deps, token(deps, ana, what))
    before = await entries(deps)
    await stop(deps, token(deps, ana, what))
    assert await entries(deps) == before


async def test_what_is_unknown_does_nothing(deps, ana):
    await allow(deps, ana)
    before = await entries(deps)
    for one in (
        "",
        "x" * 192,
        token(deps, ana, "delivery"),
        token(deps, ana, "gone"),
        token(deps, NOBODY, "marketing"),
        token(deps, NOBODY, MailKind.REMINDERS),
    ):
        await stop(deps, one)
    assert await entries(deps) == before
    assert await readable(deps, ana)


async def test_a_broken_record_is_not_said_to_be_stopped(deps, ana):
    await execute(deps, "UPDATE standing SET terms = '{}', epoch = 7")
    with pytest.raises(OpenError):
        await stop(deps, token(deps, ana, MailKind.REMINDERS))
