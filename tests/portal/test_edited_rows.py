"""A row that somebody edited in the database is no reason for a page to fail."""

import pytest
from sqlalchemy import update

from tests.portal.test_interactions import note
from tests.portal.test_your_data import ready
from vault.store import commit
from vault.store.export import export
from vault.store.interaction import interaction
from vault.store.security_event import security_event
from vault.store.value import value


def str_of(one):
    """Name a case by its table, change and page."""
    return getattr(one, "name", None) or str(one)


@pytest.mark.parametrize(
    ("table", "change", "page"),
    [
        (export, {"parts": "everything"}, "/your-data"),
        (export, {"format": "exe"}, "/your-data"),
        (export, {"state": "done"}, "/your-data"),
        (security_event, {"kind": "nothing"}, "/security"),
        (value, {"source": "heaven"}, "/privacy"),
        (value, {"source": "heaven"}, "/home"),
        (interaction, {"source": "heaven"}, "/interactions"),
        (interaction, {"kind": "heaven"}, "/interactions"),
    ],
    ids=str_of,
)
async def test_a_page_says_what_it_can(person, deps, ana, table, change, page):
    await note(deps, ana, "call", {"text": "opening hours"})
    package = await ready(person, deps)

    async def edit(conn):
        mine = table.c.customer_id == ana
        await conn.execute(update(table).where(mine).values(change))

    await commit.request(deps.database, edit)
    assert (await person.get(page)).status_code == 200
    if table is export:
        assert (await person.get(package)).status_code != 500
        answer = await person.post(package)
        assert answer.status_code in {403, 404}
