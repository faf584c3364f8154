import uuid
from datetime import timedelta

import pytest

from tests.store import rows
from vault.core.errors import StoreDefectError
from vault.store import customer, interaction
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
