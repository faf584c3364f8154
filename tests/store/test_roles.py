import uuid

import pytest
from sqlalchemy import text

from vault.core.errors import StoreDefectError
from vault.core.ids import CustomerId
from vault.store import commit, wipe
from vault.store.engine import open_database
from vault.store.roles import APP, LEADER, grant_roles
from vault.store.tables import TABLES

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
async def roles(database, database_url, postgres_server):
    """Give the databases of the app's and the leader's role."""
    names = [f"{part}_{uuid.uuid4().hex[:8]}" for part in ("app", "leader")]
    for name in names:
        postgres_server.run_sql(f"CREATE ROLE {name} LOGIN")
    await commit.request(database, lambda conn: grant_roles(conn, *names))
    opened = [open_database(database_url.replace("postgres@", f"{name}@")) for name in names]
    yield opened
    for one in opened:
        await one.dispose()
    for name in names:
        await _drop(database, name)


async def _drop(database, name):
    await commit.request(database, _run(f"DROP OWNED BY {name}"))
    await commit.request(database, _run(f"DROP ROLE {name}"))


def _run(statement):
    async def work(conn):
        return (await conn.execute(text(statement))).rowcount

    return work


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_outbox SET entries = ''",
        "DELETE FROM log_outbox",
        "DELETE FROM log_open",
        "UPDATE log_leaf SET entry = ''",
        "DELETE FROM log_leaf",
        "INSERT INTO log_leaf SELECT * FROM log_leaf",
        "UPDATE log_head SET size = 0",
        "UPDATE access_fact SET app = ''",
        "DELETE FROM access_fact",
        "UPDATE customer_entry SET idx = 0",
        "UPDATE consent SET state = 'given'",
        "UPDATE code SET document = ''",
        "DELETE FROM code",
        "UPDATE notice SET body = ''",
        "UPDATE receipt SET sealed = ''",
        "UPDATE deployment SET issuer = ''",
        "UPDATE kek SET state = 'active'",
        "UPDATE alembic_version SET version_num = ''",
        "UPDATE erased SET certificate = ''",
        "DELETE FROM erased",
        "DELETE FROM tombstone",
        "DROP TABLE log_leaf",
        "TRUNCATE log_outbox",
    ],
)
async def test_the_app_cannot_change_what_was_recorded(roles, statement):
    app, _ = roles
    with pytest.raises(StoreDefectError, match="42501"):
        await commit.request(app, _run(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM log_leaf",
        "UPDATE consent SET current = false",
        "DELETE FROM customer_entry",
        "DELETE FROM value",
        "UPDATE standing SET epoch = epoch + 1",
        "SELECT * FROM alembic_version",
    ],
)
async def test_the_app_can_do_its_work(roles, statement):
    app, _ = roles
    await commit.request(app, _run(statement))


async def test_the_app_can_erase_a_customer_from_every_table(roles):
    app, _ = roles
    who = CustomerId(uuid.uuid4())
    assert await commit.request(app, lambda conn: wipe.wipe(conn, who)) == {}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_leaf SET entry = ''",
        "DELETE FROM log_leaf",
        "DELETE FROM access_fact",
        "UPDATE log_outbox SET entries = ''",
        "DELETE FROM log_head",
    ],
)
async def test_the_leader_appends_to_the_log_and_no_more(roles, statement):
    _, leader = roles
    with pytest.raises(StoreDefectError, match="42501"):
        await commit.request(leader, _run(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM log_outbox",
        "SELECT * FROM log_head FOR UPDATE",
        "INSERT INTO log_leaf SELECT * FROM log_leaf",
        "UPDATE log_writer SET done = done",
        "SELECT * FROM log_open FOR UPDATE SKIP LOCKED",
        "UPDATE log_head SET holder = holder, fence = 1, until = until",
        "INSERT INTO log_checkpoint SELECT * FROM log_checkpoint",
    ],
)
async def test_the_leader_can_integrate(roles, statement):
    _, leader = roles
    await commit.request(leader, _run(statement))


def test_every_table_that_a_role_is_limited_on_exists(database_url):
    assert (APP.keys() | LEADER.keys()) - TABLES.tables.keys() == {"alembic_version"}


async def test_one_role_for_both_may_do_the_work_of_both(database, database_url, postgres_server):
    name = f"both_{uuid.uuid4().hex[:8]}"
    postgres_server.run_sql(f"CREATE ROLE {name} LOGIN")
    await commit.request(database, lambda conn: grant_roles(conn, name, name))
    both = open_database(database_url.replace("postgres@", f"{name}@"))
    await commit.request(both, _run("SELECT * FROM log_head FOR UPDATE"))
    await commit.request(both, _run("INSERT INTO log_leaf SELECT * FROM log_leaf"))
    await both.dispose()
    await _drop(database, name)
