"""The plan of places, and that it is carried out before any foreign key exists.

A cluster is not at hand here: a plain PostgreSQL plays one, with functions of the same names that
note when they were called and how many foreign keys there were.
"""

import pytest
from sqlalchemy import text

from vault.migrations.distribute import distribute, plan
from vault.store import commit
from vault.store.engine import open_database
from vault.store.metadata import CUSTOMER, REFERENCE
from vault.store.migrate import upgrade
from vault.store.tables import TABLES

PLAN = [
    "SELECT create_reference_table('alembic_version')",
    "SELECT create_reference_table('alert')",
    "SELECT create_reference_table('app')",
    "SELECT create_reference_table('code')",
    "SELECT create_reference_table('deployment')",
    "SELECT create_reference_table('kek')",
    "SELECT create_reference_table('proposal')",
    "SELECT create_reference_table('service_key')",
    "SELECT create_reference_table('staff')",
    "SELECT create_distributed_table('standing', 'customer_id', colocate_with => 'none')",
    "SELECT create_distributed_table('app_budget', 'app', colocate_with => 'none')",
    "SELECT create_distributed_table('app_state', 'app', colocate_with => 'none')",
    "SELECT create_distributed_table('app_use', 'app', colocate_with => 'none')",
    "SELECT create_distributed_table('confirmation', 'hash', colocate_with => 'none')",
    "SELECT create_distributed_table('erased', 'token_hash', colocate_with => 'none')",
    "SELECT create_distributed_table('follow_up_queue', 'number', colocate_with => 'none')",
    "SELECT create_distributed_table('import_progress', 'file_digest', colocate_with => 'none')",
    "SELECT create_distributed_table('import_ref', 'ref', colocate_with => 'none')",
    "SELECT create_distributed_table('job', 'bucket', colocate_with => 'none')",
    "SELECT create_distributed_table('lease', 'name', colocate_with => 'none')",
    "SELECT create_distributed_table('limit_at', 'key', colocate_with => 'none')",
    "SELECT create_distributed_table('log_head', 'log_id', colocate_with => 'none')",
    "SELECT create_distributed_table('log_open', 'writer', colocate_with => 'none')",
    "SELECT create_distributed_table('lookup', 'idx', colocate_with => 'none')",
    "SELECT create_distributed_table('notice', 'sha256', colocate_with => 'none')",
    "SELECT create_distributed_table('numbers', 'kind', colocate_with => 'none')",
    "SELECT create_distributed_table('once', 'key', colocate_with => 'none')",
    "SELECT create_distributed_table('request_queue', 'number', colocate_with => 'none')",
    "SELECT create_distributed_table('revoked', 'jti', colocate_with => 'none')",
    "SELECT create_distributed_table('session', 'hash', colocate_with => 'none')",
    "SELECT create_distributed_table('sign_in', 'hash', colocate_with => 'none')",
    "SELECT create_distributed_table('survey_count', 'survey', colocate_with => 'none')",
    "SELECT create_distributed_table('survey_link', 'hash', colocate_with => 'none')",
    "SELECT create_distributed_table('tombstone', 'mark', colocate_with => 'none')",
    "SELECT create_distributed_table('wrong_code', 'address_idx', colocate_with => 'none')",
    "SELECT create_distributed_table('access_fact', 'log_id', colocate_with => 'log_head')",
    "SELECT create_distributed_table('attachment', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('consent', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('customer_entry', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('customer_key', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('disclosure', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('export', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('export_piece', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('follow_up', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('interaction', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('legal_hold', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('log_barrier', 'log_id', colocate_with => 'log_head')",
    "SELECT create_distributed_table('log_checkpoint', 'log_id', colocate_with => 'log_head')",
    "SELECT create_distributed_table('log_leaf', 'log_id', colocate_with => 'log_head')",
    "SELECT create_distributed_table('log_outbox', 'writer', colocate_with => 'log_open')",
    "SELECT create_distributed_table('log_replay', 'log_id', colocate_with => 'log_head')",
    "SELECT create_distributed_table('log_tile', 'log_id', colocate_with => 'log_head')",
    "SELECT create_distributed_table('log_writer', 'log_id', colocate_with => 'log_head')",
    "SELECT create_distributed_table('look_count', 'log_id', colocate_with => 'log_head')",
    "SELECT create_distributed_table('look_mark', 'log_id', colocate_with => 'log_head')",
    "SELECT create_distributed_table('mail', 'bucket', colocate_with => 'job')",
    "SELECT create_distributed_table('portal_choice', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('receipt', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('reminded', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('request', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('request_message', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('request_task', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('retained', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('retained_key', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('security_event', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('session_choice', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('survey_turn', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('trait', 'customer_id', colocate_with => 'standing')",
    "SELECT create_distributed_table('value', 'customer_id', colocate_with => 'standing')",
]

PLAYED = """
CREATE TABLE placed (nr serial, name text, place text, beside text, foreign_keys int);
CREATE VIEW citus_tables AS SELECT name::regclass AS table_name FROM placed;
CREATE FUNCTION create_reference_table(name text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO placed (name, foreign_keys)
  SELECT name, count(*) FROM pg_constraint
  WHERE contype = 'f' AND name::regclass IN (conrelid, confrelid) $$;
CREATE FUNCTION create_distributed_table(name text, place text, colocate_with text)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO placed (name, place, beside, foreign_keys)
  SELECT name, place, colocate_with, count(*) FROM pg_constraint
  WHERE contype = 'f' AND name::regclass IN (conrelid, confrelid) $$;
INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
VALUES (1, 'citus', 10, 11, false, '13.2');
"""


def test_the_plan_is_this_one():
    tables = sorted(TABLES.tables.values(), key=lambda table: table.name)
    assert [statement for _, statement in plan(tables)] == PLAN


def test_the_plan_places_every_table_once():
    placed = [table for table, _ in plan(TABLES.sorted_tables)]
    assert sorted(placed) == sorted(["alembic_version", *TABLES.tables])


@pytest.mark.parametrize("fresh_database_url", ["postgresql"], indirect=True)
async def test_each_table_is_placed_before_its_foreign_keys(fresh_database_url, postgres_server):
    postgres_server.run_sql(PLAYED, fresh_database_url.rpartition("/")[2])
    await upgrade(fresh_database_url)
    database = open_database(fresh_database_url)
    async with database.connect() as conn:
        rows = (await conn.execute(text("SELECT * FROM placed ORDER BY nr"))).all()
    everywhere = [row.name for row in rows if row.place is None]
    assert sorted(everywhere) == sorted(
        ["alembic_version"]
        + [table.name for table in TABLES.sorted_tables if table.info["shard"] == REFERENCE]
    )
    assert next(row.name for row in rows if row.place == "customer_id") == "standing"
    beside = {row.name for row in rows if row.beside == "standing"}
    family = {t.name for t in TABLES.sorted_tables if t.info["shard"] == CUSTOMER}
    assert beside == family - {"standing"}
    assert {row.foreign_keys for row in rows} == {0}
    await database.dispose()


@pytest.mark.parametrize("fresh_database_url", ["postgresql"], indirect=True)
async def test_placing_again_places_nothing(fresh_database_url, postgres_server):
    postgres_server.run_sql(PLAYED, fresh_database_url.rpartition("/")[2])
    await upgrade(fresh_database_url)
    database = open_database(fresh_database_url)
    count = text("SELECT count(*) FROM placed")

    async def again(conn):
        before = (await conn.execute(count)).scalar_one()
        await conn.run_sync(distribute, TABLES.sorted_tables)
        return before, (await conn.execute(count)).scalar_one()

    before, after = await commit.request(database, again)
    assert before == after == len(TABLES.tables) + 1
    await database.dispose()
