"""The schema fits one machine and many: each check names table, column and rule.

Source: docs/scale.md, schema rules; the numbers in the faults are its rules.
"""

import re

import pytest
from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Sequence,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    func,
    text,
)

from tests.rules.tree import sources
from vault.store.metadata import CUSTOMER, LOG, QUEUE, REFERENCE, WRITER, placed_by
from vault.store.tables import TABLES

FORBIDDEN = {
    "advisory": "8: advisory locks are granted twice through two nodes",
    "nextval": "5: a sequence has no order over nodes",
    "create trigger": "7: no triggers",
    "create rule": "7: no rules",
    "create function": "7: no functions in the database",
    ".constraint_name": "15: errors by SQLSTATE, never by a constraint's name",
}
CLUSTER_FILES = {
    "vault/migrations/distribute.py",
    "vault/cli/cluster.py",
    "vault/store/cluster.py",
}


def faults(tables: MetaData) -> list[str]:
    """Name everything that would not fit a distributed database."""
    found = []
    for table in tables.sorted_tables:
        try:
            column = placed_by(table)
        except KeyError:
            found.append(f"{table.name}: unknown family (2)")
            continue
        if not list(table.primary_key.columns):
            found.append(f"{table.name}: no primary key (6)")
        if column is not None:
            found += _place_faults(table, column)
        found += _key_faults(table)
        found += _column_faults(table)
    return found


def _place_faults(table, column):
    if column not in table.c:
        return [f"{table.name}.{column}: does not exist (2)"]
    found = []
    if table.c[column].nullable:
        found.append(f"{table.name}.{column}: may be NULL (2)")
    first = table.info["shard"] in {CUSTOMER, QUEUE}
    if table.info["shard"] == CUSTOMER and not isinstance(table.c[column].type, Uuid):
        found.append(f"{table.name}.{column}: is no Uuid (1)")
    if table.info["shard"] == QUEUE and not isinstance(table.c[column].type, SmallInteger):
        found.append(f"{table.name}.{column}: is no smallint (10)")
    for name, columns in _unique_keys(table):
        if column not in columns:
            found.append(f"{table.name}: {name} does not contain {column} (3)")
        elif first and columns[0] != column:
            found.append(f"{table.name}: {name} does not begin with {column} (1, 10)")
    return found


def _unique_keys(table):
    yield "the primary key", table.primary_key.columns.keys()
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield constraint.name, constraint.columns.keys()
    for index in table.indexes:
        if index.unique:
            yield index.name, index.columns.keys()


def _key_faults(table):
    found = []
    for key in table.foreign_key_constraints:
        name = f"{table.name}: {key.name}"
        if key.name is None:
            found.append(f"{table.name}: a foreign key without a name (4)")
        target = key.referred_table
        if target.info.get("shard") == REFERENCE:
            continue
        if target.info.get("shard") != table.info["shard"] or table.info["shard"].startswith(
            "lookup:"
        ):
            found.append(f"{name} leaves the family (4)")
            continue
        column = placed_by(table)
        pairs = {(element.parent.name, element.column.name) for element in key.elements}
        if (column, column) not in pairs:
            found.append(f"{name} does not carry {column} on both sides (4)")
        elif table.info["shard"] == CUSTOMER and key.column_keys[0] != column:
            found.append(f"{name} does not begin with {column} (1)")
    return found


def _column_faults(table):
    found = []
    if table.info["shard"] in {LOG, WRITER} and "log_id" not in table.primary_key.columns:
        found.append(f"{table.name}: no log_id in the primary key (11)")
    for column in table.c:
        name = f"{table.name}.{column.name}"
        if isinstance(column.default, Sequence) or column.identity is not None:
            found.append(f"{name}: is numbered by the database (5)")
        if table.autoincrement_column is column:
            found.append(f"{name}: would become serial (5)")
        if column.computed is not None:
            found.append(f"{name}: is computed by the database (7)")
        elif column.server_default is not None and not isinstance(column.server_default, Identity):
            found.append(f"{name}: has a default of the database (7)")
    return found


def test_the_schema_fits_one_machine_and_many():
    assert faults(TABLES) == []


def test_the_schema_has_every_family():
    families = {table.info["shard"].partition(":")[0] for table in TABLES.sorted_tables}
    assert families == {CUSTOMER, "lookup", WRITER, LOG, QUEUE, REFERENCE}


def _plant(*columns, name="planted", shard=CUSTOMER, others=()):
    tables = MetaData()
    for other in others:
        other.to_metadata(tables)
    Table(name, tables, *columns, info={} if shard is None else {"shard": shard})
    return tables


def _customer():
    return Column("customer_id", Uuid, primary_key=True)


ROOT = Table("root", MetaData(), _customer(), info={"shard": CUSTOMER})
SESSION = Table(
    "session", MetaData(), Column("hash", String, primary_key=True), info={"shard": "lookup:hash"}
)


@pytest.mark.parametrize(
    ("tables", "fault"),
    [
        (_plant(_customer(), shard="elsewhere"), "planted: unknown family (2)"),
        (_plant(_customer(), shard=None), "planted: unknown family (2)"),
        (_plant(_customer(), shard="lookup:idx"), "planted.idx: does not exist (2)"),
        (_plant(Column("customer_id", Uuid)), "planted: no primary key (6)"),
        (
            _plant(Column("customer_id", Uuid), Column("id", Uuid, primary_key=True)),
            "planted.customer_id: may be NULL (2)",
        ),
        (
            _plant(Column("customer_id", String, primary_key=True)),
            "planted.customer_id: is no Uuid (1)",
        ),
        (
            _plant(Column("id", Uuid, primary_key=True), _customer()),
            "planted: the primary key does not begin with customer_id (1, 10)",
        ),
        (
            _plant(_customer(), Column("email", String), UniqueConstraint("email", name="uq")),
            "planted: uq does not contain customer_id (3)",
        ),
        (
            _plant(_customer(), Column("email", String), Index("ix", "email", unique=True)),
            "planted: ix does not contain customer_id (3)",
        ),
        (
            _plant(
                Column("id", Uuid, primary_key=True),
                Column("bucket", SmallInteger, primary_key=True, autoincrement=False),
                shard=QUEUE,
            ),
            "planted: the primary key does not begin with bucket (1, 10)",
        ),
        (
            _plant(
                Column("bucket", String, primary_key=True),
                Column("id", Uuid, primary_key=True),
                shard=QUEUE,
            ),
            "planted.bucket: is no smallint (10)",
        ),
        (
            _plant(
                _customer(),
                Column("hash", String),
                ForeignKeyConstraint(["hash"], ["session.hash"], name="fk"),
                others=[SESSION],
            ),
            "planted: fk leaves the family (4)",
        ),
        (
            _plant(
                Column("customer_id", Uuid, ForeignKey("root.customer_id"), primary_key=True),
                others=[ROOT],
            ),
            "planted: a foreign key without a name (4)",
        ),
        (
            _plant(
                _customer(),
                Column("friend", Uuid, ForeignKey("root.customer_id", name="fk")),
                others=[ROOT],
            ),
            "planted: fk does not carry customer_id on both sides (4)",
        ),
        (
            _plant(
                Column("hash", String, ForeignKey("session.hash", name="fk"), primary_key=True),
                shard="lookup:hash",
                others=[SESSION],
            ),
            "planted: fk leaves the family (4)",
        ),
        (
            _plant(_customer(), Column("n", Integer, Identity())),
            "planted.n: is numbered by the database (5)",
        ),
        (
            _plant(_customer(), Column("n", Integer, Sequence("s"))),
            "planted.n: is numbered by the database (5)",
        ),
        (
            _plant(Column("log_id", Integer, primary_key=True), shard=LOG),
            "planted.log_id: would become serial (5)",
        ),
        (
            _plant(_customer(), Column("n", Integer, Computed("1 + 1"))),
            "planted.n: is computed by the database (7)",
        ),
        (
            _plant(_customer(), Column("made_at", String, server_default=func.now())),
            "planted.made_at: has a default of the database (7)",
        ),
        (
            _plant(_customer(), Column("n", Integer, server_default=text("gen_random_uuid()"))),
            "planted.n: has a default of the database (7)",
        ),
        (
            _plant(Column("writer", Uuid, primary_key=True), shard=WRITER),
            "planted: no log_id in the primary key (11)",
        ),
        (
            _plant(
                Column("log_id", Integer, primary_key=True, autoincrement=False),
                Column("idx", BigInteger, primary_key=True),
                Column("seq", BigInteger),
                Index("ix", "seq", unique=True),
                shard=LOG,
            ),
            "planted: ix does not contain log_id (3)",
        ),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_planted_fault_is_found(tables, fault):
    assert fault in faults(tables)


def unfit(path: str, source: str) -> list[str]:
    """Name the words in a source that no distributed database has, or has otherwise."""
    words = source.lower()
    found = [f"{path}: {word} ({why})" for word, why in FORBIDDEN.items() if word in words]
    if re.search(r"""["'\s]listen\s+[a-z_"']""", words) and "sql" in words:
        found.append(f"{path}: listen (9: hears its own node only)")
    if path not in CLUSTER_FILES and re.search(r"citus|create_(distributed|reference)_", words):
        found.append(f"{path}: a word of the cluster outside its files")
    return found


def test_no_source_uses_what_a_cluster_refuses():
    docless = [
        (source.path, _without_docstrings(source.text))
        for source in sources()
        if source.path.startswith(("vault/store/", "vault/migrations/"))
    ]
    assert [fault for path, text_ in docless for fault in unfit(path, text_)] == []


def _without_docstrings(source: str) -> str:
    # What a sentence says about advisory locks is no use of one.
    return re.sub(r'"""(.*?)"""|^\s*#.*$', "", source, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT pg_advisory_lock(1)",
        "SELECT nextval('s')",
        "CREATE TRIGGER t",
        "CREATE RULE r",
        "CREATE FUNCTION f()",
        "error.constraint_name",
        "SQL = 'LISTEN hint'",
        "SELECT create_distributed_table('t', 'c')",
        "SELECT extname = 'citus'",
    ],
)
def test_a_planted_word_is_found(statement):
    assert unfit("vault/store/planted.py", f"text({statement!r})")
