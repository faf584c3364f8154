"""Hold the one `MetaData` and the words with which tables and columns are described.

Decides how constraints are named, which families of tables exist and which classes of column. It
refuses to know any table: each noun's module declares its own and hangs it on `metadata`.
A family says which column a row is placed by, so that one machine can become many; a class says
what the column shows to whoever reads the database without the keys.
Source: DESIGN 6 and 11.6; docs/scale.md; docs/what-the-database-reveals.md.
"""

from dataclasses import fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.sql.base import SchemaEventTarget
from sqlalchemy.types import TypeEngine

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# Families: `Table(..., info={"shard": CUSTOMER})`. Rows of a family with the same key lie together.
CUSTOMER: Final = "customer"  # placed by customer_id, the first column of every key
WRITER: Final = "writer"  # placed by writer: the outbox of the access log
LOG: Final = "log"  # placed by log_id
QUEUE: Final = "queue"  # placed by bucket, 0 to 63
REFERENCE: Final = "reference"  # a copy on each node; small and seldom changed
OUTLIVES: Final = "outlives"  # `info` of a customer's table that an erasure leaves: why
BUCKETS: Final = 64  # queues are cut so that no claim has to lock rows on all nodes

Class = Literal[
    "sealed",  # ciphertext, or a key under another key
    "mac",  # proof that the row was not edited; needs a key to check
    "index",  # keyed hash of something looked up; shows that two are equal
    "id",  # random name of a row, a key or a person
    "time",  # when
    "policy",  # words of the code of ethics or of an app's registration: field, purpose, source
    "state",  # where something stands
    "count",  # how many, how large, which generation
    "public",  # published or publishable as it is
]


def lookup(column: str) -> str:
    """Name the family of a table that stands alone and is placed by the thing looked up."""
    return f"lookup:{column}"


def column(
    name: str,
    kind: TypeEngine[Any] | type[TypeEngine[Any]],
    class_: Class,
    *args: SchemaEventTarget,
    **options: Any,  # noqa: ANN401  handed to Column as they are
) -> Column[Any]:
    """Declare a classified column; NOT NULL unless `nullable=True`, never numbered by the database."""
    options.setdefault("nullable", False)
    options.setdefault("autoincrement", False)
    return Column(name, kind, *args, info={"class": class_}, **options)


def columns_of(table: Table, row: "DataclassInstance", **stamps: object) -> dict[str, object]:
    """Return a row's values by column; its attributes stand in the order of the table's columns.

    Args:
        table: where the row lies.
        row: one of its rows.
        stamps: what the row does not carry: when it was written.
    """
    names = [name for name in table.c.keys() if name not in stamps]  # noqa: SIM118  not a dict
    values = (getattr(row, name) for name in _names(type(row)))
    return dict(zip(names, values, strict=True)) | stamps


def carried(table: Table, stamp: str) -> list[Column[Any]]:
    """Return the columns that a row carries: all but when it was written, which no decision needs."""
    return [one for one in table.c if one.name != stamp]


@lru_cache(maxsize=256)
def _names(kind: "type[DataclassInstance]") -> tuple[str, ...]:
    return tuple(attribute.name for attribute in fields(kind))


def placed_by(table: Table) -> str | None:
    """Return the column that decides where a row lies; None for a table that is everywhere.

    Raises:
        KeyError: the table names no family, or one that does not exist.
    """
    family: str = table.info["shard"]
    if family.startswith("lookup:"):
        return family.removeprefix("lookup:")
    return _PLACED_BY[family]


_PLACED_BY: Final = {
    CUSTOMER: "customer_id",
    WRITER: "writer",
    LOG: "log_id",
    QUEUE: "bucket",
    REFERENCE: None,
}
