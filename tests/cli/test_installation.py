"""`init` makes a vault once, and nothing is ever made twice."""

import re
import sqlite3
import stat
from contextlib import closing
from importlib import import_module

from sqlalchemy import delete

from tests.cli.conftest import only_sqlite, only_sqlite_made
from vault.store import commit, service_key
from vault.store.engine import open_database


def test_a_second_init_changes_nothing(home):
    first = home.run("init")
    ring = home.path / "keys" / "ring.json"
    content = ring.read_bytes()
    second = home.run("init")
    assert (first.code, second.code) == (0, 0)
    assert "is made" in first.out
    assert "Nothing was changed" in second.out
    assert ring.read_bytes() == content


def test_the_keys_are_for_their_owner_alone(home):
    assert home.run("init").code == 0
    ring = home.path / "keys" / "ring.json"
    assert stat.S_IMODE(ring.stat().st_mode) == 0o600
    assert stat.S_IMODE(ring.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_another_issuer_is_not_ready(home):
    assert home.run("init").code == 0
    for words in (("init",), ("serve",), ("app", "list"), ("jobs",)):
        done = home.run(*words, OWNSHIP_ISSUER="http://localhost:1")
        assert done.code == 3, words
        assert "This vault was made for" in done.err


def test_a_key_ring_of_another_vault_is_never_overwritten(home, tmp_path):
    assert home.run("init").code == 0
    ring = home.path / "keys" / "ring.json"
    content = ring.read_bytes()
    other = {"OWNSHIP_DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}"}
    done = home.run("init", **other)
    assert (done.code, ring.read_bytes()) == (3, content)
    assert "key ring is there already" in done.err


@only_sqlite
def test_commands_on_no_vault_say_what_to_run(home):
    for words in (("serve",), ("app", "list"), ("code", "show"), ("jobs",)):
        done = home.run(*words)
        assert done.code == 3
        assert re.search(r"ownship (init|migrate)|does not exist", done.err), done.err


def test_migrate_may_run_at_any_time(home):
    home.path.mkdir(mode=0o700)
    assert [home.run("migrate").code for _ in range(2)] == [0, 0]
    assert home.run("init").code == 0
    assert home.run("migrate").code == 0


@only_sqlite
def test_a_bad_setting_is_named_and_its_value_is_not_repeated(home):
    done = home.run("init", OWNSHIP_DATABASE_URL="mysql://root:hunter2@db/x")
    assert done.code == 3
    assert "a database URL begins with" in done.err
    assert "hunter2" not in done.err + done.out


@only_sqlite
def test_a_setting_that_nobody_knows_is_refused_with_its_neighbour(home):
    done = home.run("init", OWNSHIP_ISSUERS="http://localhost:1")
    assert done.code == 3
    assert "Did you mean OWNSHIP_ISSUER?" in done.err


@only_sqlite_made
def test_migrate_seals_values_of_a_release_that_did_not_and_no_others(made):
    """An edit that takes a MAC away is not healed by the next `migrate`."""
    assert made.run("customer", "add", "--email", "ana@example.org", "--source", "told").code == 0
    what = import_module("vault.migrations.versions.0004_what_customers_control")
    who = import_module("vault.migrations.versions.0005_who_answers")
    proofs = import_module("vault.migrations.versions.0006_proofs")
    knowing = import_module("vault.migrations.versions.0007_knowing")

    def unsealed(*statements):
        with closing(sqlite3.connect(made.path / "vault.sqlite")) as connection, connection:
            for statement in statements:
                connection.execute(statement)
            return connection.execute("SELECT count(*) FROM value WHERE mac IS NULL").fetchone()[0]

    assert unsealed("UPDATE value SET mac = NULL") == 1
    assert "sealed" not in made.run("migrate").out
    assert unsealed() == 1
    assert "1 values were sealed" in made.run("migrate", "--seal-values").out
    assert unsealed() == 0
    gone = {one.name for one in what.tables.sorted_tables if not one.info.get("stands")}
    back = [f"DROP INDEX {index}" for index in (*knowing.indexes, *who.indexes)]
    back += ["DROP INDEX ix_lookup_customer_id", "DROP INDEX ix_consent_ending"]
    back += ["DROP INDEX ix_consent_audience"]
    for step in (knowing, proofs, who, what):
        made_here = [one.name for one in step.tables.sorted_tables if not one.info.get("stands")]
        back += [f"DROP TABLE {name}" for name in made_here[::-1]]
        for table, columns in step.columns.items():
            if table not in gone:
                back += [f"ALTER TABLE {table} DROP COLUMN {one.name}" for one in columns]
    back += ["UPDATE alembic_version SET version_num = '0003'"]
    with closing(sqlite3.connect(made.path / "vault.sqlite")) as connection, connection:
        for statement in back:
            connection.execute(statement)
    assert "1 values were sealed" in made.run("migrate").out
    assert unsealed() == 0


async def test_a_key_that_a_release_added_is_made_once_by_migrate_or_by_opening(home):
    """Several processes may open the vault of an older release at the same time."""
    assert home.run("init").code == 0
    database = open_database(home.settings["OWNSHIP_DATABASE_URL"])
    forget = delete(service_key.service_key).where(service_key.service_key.c.use == "replay")
    try:
        for words in (("migrate",), ("app", "list")):
            async with database.connect() as conn:
                before = await service_key.load_all(conn)
            await commit.request(database, lambda conn: conn.execute(forget))
            racing = [home.start(*words) for _ in range(3)]
            for one in racing:
                out, _ = one.communicate(timeout=120)
                assert one.returncode == 0, out
            async with database.connect() as conn:
                after = await service_key.load_all(conn)
            assert [row.use for row in after] == [row.use for row in before]
            (anew,) = set(after) - set(before)
            assert (anew.use, anew.generation) == ("replay", 1)
            assert anew.public is not None
    finally:
        await database.dispose()
