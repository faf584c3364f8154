import uuid
from datetime import timedelta

import pytest

from tests.store import rows
from vault.core.errors import StoreDefectError
from vault.store import attachment, customer, interaction
from vault.store.attachment import AttachmentRow
from vault.store.interaction import Place


async def test_an_event_comes_back_as_written(do, look, someone):
    parent = rows.interaction(someone, purpose=None, app=None)
    child = rows.interaction(someone, parent=parent.interaction_id)
    await do(lambda conn: interaction.append(conn, [parent, child]))
    await do(lambda conn: interaction.append(conn, []))
    for row in (parent, child):
        found = await look(
            lambda conn, row=row: interaction.load(conn, someone, row.interaction_id)
        )
        assert found == row


async def test_an_event_is_its_customers_alone(do, look, someone):
    row = rows.interaction(someone)
    await do(lambda conn: interaction.append(conn, [row]))
    stranger = rows.customer_id()
    assert await look(lambda conn: interaction.load(conn, stranger, row.interaction_id)) is None
    assert await look(lambda conn: interaction.load_page(conn, stranger)) == []


async def test_a_parent_of_another_customer_is_refused(do, someone):
    other = rows.customer_id()
    await do(lambda conn: customer.create(conn, [rows.standing(other)], keys=[], at=rows.NOW))
    theirs = rows.interaction(other)
    await do(lambda conn: interaction.append(conn, [theirs]))
    for parent in (theirs.interaction_id, uuid.uuid4()):
        mine = rows.interaction(someone, parent=parent)
        with pytest.raises(StoreDefectError):
            await do(lambda conn, mine=mine: interaction.append(conn, [mine]))


async def test_pages_give_every_event_once_the_newest_first(do, look, someone):
    events = [
        rows.interaction(someone, at=rows.NOW + timedelta(seconds=n // 4), kind=f"kind_{n % 2}")
        for n in range(23)
    ]
    await do(lambda conn: interaction.append(conn, events))

    async def pages(conn, **options):
        listed, before = [], None
        while page := await interaction.load_page(conn, someone, before=before, limit=5, **options):
            listed += page
            before = Place(page[-1].at, page[-1].interaction_id)
        return listed

    ordered = sorted(events, key=lambda row: (row.at, row.interaction_id), reverse=True)
    assert await look(pages) == ordered
    odd = [row for row in ordered if row.kind == "kind_1"]
    assert await look(lambda conn: pages(conn, kinds=["kind_1"])) == odd
    assert await look(lambda conn: pages(conn, kinds=[])) == []


async def test_a_file_goes_with_its_event(do, look, someone):
    first, second = rows.interaction(someone), rows.interaction(someone)
    await do(lambda conn: interaction.append(conn, [first, second]))
    files = [
        AttachmentRow(someone, one.interaction_id, 1, uuid.uuid4(), rows.NOW, 1, b"head", b"file")
        for one in (first, second)
    ]
    for file in files:
        await do(lambda conn, file=file: attachment.add(conn, file))
    ids = [one.interaction_id for one in files]
    assert await look(lambda conn: attachment.load(conn, someone, ids[0], 1)) == files[0]
    assert len(await look(lambda conn: attachment.heads(conn, someone, ids))) == 2
    assert await do(lambda conn: interaction.remove(conn, someone, ids[:1])) == 1
    assert await look(lambda conn: attachment.load(conn, someone, ids[0], 1)) is None
    (left,) = await look(lambda conn: attachment.heads(conn, someone, ids))
    assert (left.interaction_id, left.head) == (ids[1], b"head")
    assert await look(lambda conn: attachment.heads(conn, someone, [])) == []


async def test_an_event_stands_on_top_where_nothing_above_it_is_of_the_kinds(do, look, someone):
    top = rows.interaction(someone, kind="complaint")
    call = rows.interaction(someone, kind="call", parent=top.interaction_id)
    below = rows.interaction(someone, kind="call", parent=call.interaction_id)
    await do(lambda conn: interaction.append(conn, [top, call, below]))
    for kinds, ids in (
        (["call"], {call.interaction_id}),
        (["call", "complaint"], {top.interaction_id}),
        (["visit"], set()),
    ):
        found = await look(
            lambda conn, kinds=kinds: interaction.load_page(conn, someone, kinds=kinds, tops=True)
        )
        assert {one.interaction_id for one in found} == ids
