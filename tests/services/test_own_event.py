"""Customers write a contact event of a kind that the code of ethics opens for them."""

from uuid import uuid4

import pytest

from policies.compile import compile_
from policies.model import Source
from tests import richer
from vault.core.errors import (
    NotAvailableError,
    TooManyError,
    UnknownFieldError,
    WrongValueError,
)
from vault.core.ids import NOBODY
from vault.services import customer, own_event, timeline
from vault.services.request_row import new_id
from vault.services.timeline import Wanted

_CALL = "  call:\n"
VALUES = {"contact.full_name": "Ana", "contact.email": "ana@example.org"}


def opened() -> bytes:
    """Return the sample code with complaints open to customers."""
    text = richer.PATH.read_text(encoding="utf-8")
    start = text.index("\n  complaint:\n")
    end = text.index("    retention:", start)
    return f"{text[:end]}    portal: yes\n{text[end:]}".encode()


@pytest.fixture
async def ana(deps):
    source = opened()
    await richer.publish(deps, rulebook=compile_(source, name="opened.yaml"), source=source)
    return await customer.add(deps, VALUES, source=Source.TOLD)


async def write(deps, whom, kind="complaint", *, text="It was cold.", event_id=None, **more):
    event_id = event_id or new_id(deps.clock.now())
    return await own_event.append(
        deps, whom, kind, event_id=event_id, text=text, request="r", **more
    )


async def seen(deps, whom):
    found = await timeline.timeline(deps, whom, Wanted(tree=True), cursor=None, request="r")
    return found.nodes


async def test_what_a_customer_writes_is_theirs_told_and_once(deps, ana):
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    assert [one.kind for one in own_event.kinds(rulebook)] == ["complaint"]
    event_id = new_id(deps.clock.now())
    for _ in range(2):
        assert await write(deps, ana, text=" It was cold.\r\n", event_id=event_id) == event_id
    (node,) = await seen(deps, ana)
    told = node.told
    assert (told.channel, told.who, told.source) == ("portal", "customer", "told")
    assert told.content == {"text": "It was cold."}
    assert (told.app, told.purpose) == (None, None)
    reply = await write(deps, ana, text="And late.", parent=event_id)
    ((under,),) = [one.under for one in await seen(deps, ana)]
    assert under.told.interaction_id == reply


async def test_only_what_the_code_opens_is_written(deps, ana):
    for kind, error in (
        ("call", NotAvailableError),
        ("seance", NotAvailableError),
        ("complaint.", NotAvailableError),
    ):
        with pytest.raises(error):
            await write(deps, ana, kind)
    with pytest.raises((NotAvailableError, UnknownFieldError)):
        await write(deps, uuid4())
    assert await seen(deps, ana) == ()


@pytest.mark.parametrize("text", ["", " \n", "x" * 4_001, "a\0b"])
async def test_what_is_no_message_is_refused(deps, ana, text):
    with pytest.raises(WrongValueError):
        await write(deps, ana, text=text)
    assert await seen(deps, ana) == ()


async def test_a_parent_of_somebody_else_is_refused(deps, ana):
    other = await customer.add(
        deps, {**VALUES, "contact.email": "bo@example.org"}, source=Source.TOLD
    )
    theirs = await write(deps, other)
    with pytest.raises(WrongValueError):
        await write(deps, ana, parent=theirs)


async def test_no_event_has_the_id_that_a_malformed_one_is_read_as(deps, ana):
    assert await write(deps, ana, event_id=NOBODY) != NOBODY
    with pytest.raises(WrongValueError):
        await write(deps, ana, parent=NOBODY)


async def test_twenty_are_written_in_a_day(deps, ana):
    for _ in range(20):
        await write(deps, ana)
    with pytest.raises(TooManyError):
        await write(deps, ana)
