import asyncio
import sys
from importlib import import_module

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from tests.rules.tree import REPOSITORY
from vault.store import commit
from vault.store.engine import open_database
from vault.store.migrate import at_head, upgrade
from vault.store.tables import TABLES


def _differences(connection):
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": True}
    )
    return compare_metadata(context, TABLES)


async def test_the_steps_lead_to_the_metadata(database):
    async with database.connect() as conn:
        assert await conn.run_sync(_differences) == []


async def test_a_migrated_database_is_at_head(database):
    async with database.connect() as conn:
        assert await at_head(conn)


async def test_an_empty_database_is_not_at_head(fresh_database_url):
    database = open_database(fresh_database_url)
    async with database.connect() as conn:
        assert not await at_head(conn)
    await database.dispose()


async def test_upgrading_twice_changes_nothing(database, database_url):
    await upgrade(database_url)
    async with database.connect() as conn:
        assert await conn.run_sync(_differences) == []


async def test_processes_that_upgrade_at_once_go_one_after_the_other(fresh_database_url):
    line = "import asyncio, sys; from vault.store.migrate import upgrade; "
    line += "asyncio.run(upgrade(sys.argv[1]))"
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", line, fresh_database_url, cwd=REPOSITORY
        )
        for _ in range(3)
    ]
    codes = await asyncio.wait_for(asyncio.gather(*(one.wait() for one in processes)), 60)
    assert codes == [0, 0, 0]
    database = open_database(fresh_database_url)
    async with database.connect() as conn:
        assert await at_head(conn)
        assert await conn.run_sync(_differences) == []
    await database.dispose()


async def test_a_database_of_an_earlier_step_is_upgraded(fresh_database_url):
    await upgrade(fresh_database_url)
    database = open_database(fresh_database_url)

    async def go_back(conn):
        knowing = import_module("vault.migrations.versions.0007_knowing")
        proofs = import_module("vault.migrations.versions.0006_proofs")
        who = import_module("vault.migrations.versions.0005_who_answers")
        what = import_module("vault.migrations.versions.0004_what_customers_control")
        for index in ("ix_lookup_customer_id", "ix_consent_ending", "ix_consent_audience"):
            await conn.execute(text(f"DROP INDEX {index}"))
        for index in (*knowing.indexes, *who.indexes):
            await conn.execute(text(f"DROP INDEX {index}"))
        for step in (knowing, proofs, who, what):
            made = [one for one in step.tables.sorted_tables if not one.info.get("stands")]
            for table in made[::-1]:
                await conn.execute(text(f"DROP TABLE {table.name}"))
            for table, columns in step.columns.items():
                for column in columns:
                    if table not in {one.name for one in what.tables.sorted_tables} or step is what:
                        await conn.execute(text(f"ALTER TABLE {table} DROP COLUMN {column.name}"))
        for table in ("mail", "job", "session", "sign_in", "wrong_code", "once"):
            await conn.execute(text(f"DROP TABLE {table}"))
        for table in ("limit_at", "lease", "import_progress"):
            await conn.execute(text(f"DROP TABLE {table}"))
        await conn.execute(text("UPDATE alembic_version SET version_num = '0002'"))

    await commit.request(database, go_back)
    async with database.connect() as conn:
        assert not await at_head(conn)
    await upgrade(fresh_database_url)
    async with database.connect() as conn:
        assert await at_head(conn)
        assert await conn.run_sync(_differences) == []
    await database.dispose()


async def test_every_constraint_has_the_name_that_the_metadata_gives(database):
    def names(connection):
        inspector = inspect(connection)
        return {
            key["name"]
            for table in inspector.get_table_names()
            for key in inspector.get_foreign_keys(table)
        }

    async with database.connect() as conn:
        found = await conn.run_sync(names)
    assert found == {
        str(key.name) for table in TABLES.sorted_tables for key in table.foreign_key_constraints
    }


async def test_no_table_has_a_trigger_or_a_default(database):
    """Ids and times come from the app; append-only is by GRANT and by the log."""

    def defaults(connection):
        inspector = inspect(connection)
        return [
            (table, column["name"])
            for table in TABLES.tables
            for column in inspector.get_columns(table)
            if column["default"] is not None
        ]

    triggers = (
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"
        if database.dialect == "sqlite"
        else "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"
    )
    async with database.connect() as conn:
        assert await conn.run_sync(defaults) == []
        assert (await conn.execute(text(triggers))).scalar_one() == 0
