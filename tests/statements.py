"""Watch every statement of a test run: one that a cluster would refuse fails the test.

Each statement on a customer's tables names the customer, so that one node answers; no statement
joins families; a lock names the key; no row moves to another place. What a test asks
itself is not watched. Sweeps over all customers say
so with the execution option `sweep` and its reason, and `vault/store/sweeps*.py` have them all.
Source: docs/scale.md, tests that keep it shardable.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TypeGuard

from greenlet import greenlet  # type: ignore[import-untyped]
from sqlalchemy import Delete, Insert, Select, Table, Update, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression
from sqlalchemy.sql.schema import Column

from vault.store.metadata import CUSTOMER, REFERENCE, placed_by
from vault.store.tables import TABLES

HERE = str(Path(__file__).resolve().parent)
OURS = str(Path(HERE).parent)
CARRIERS = {__file__, f"{OURS}/vault/store/commit.py"}  # they await what others ask
SWEEP = "sweep"


def faults(statement: object) -> list[str]:
    """Name what a statement does that many machines could not do."""
    if not isinstance(statement, Select | Insert | Update | Delete):
        return []
    tables = {one for one in visitors.iterate(statement) if _is_ours(one)}
    if isinstance(statement, Insert | Update | Delete) and _is_ours(statement.table):
        tables.add(statement.table)
    found = []
    families = {one.info["shard"] for one in tables} - {REFERENCE}
    if len(families) > 1:
        found.append(f"joins the families {' and '.join(sorted(families))}")
    tied = {column.table for column in _compared(statement) if _is_place(column)}
    if SWEEP not in statement.get_execution_options() and not isinstance(statement, Insert):
        found += [
            f"asks {one.name} of all customers"
            for one in sorted(tables - tied, key=lambda one: one.name)
            if one.info["shard"] == CUSTOMER
        ]
    if isinstance(statement, Select) and statement._for_update_arg is not None:
        found += [
            f"locks {one.name} on all nodes"
            for one in sorted(tables - tied, key=lambda one: one.name)
            if one.info["shard"] != REFERENCE
        ]
    if isinstance(statement, Update):
        changed = {getattr(key, "name", key) for key in statement._values or ()}
        found += [
            f"moves rows of {one.name} to another place"
            for one in tables
            if one is statement.table and placed_by(one) in changed
        ]
    return found


def _is_ours(one: object) -> TypeGuard[Table]:
    return isinstance(one, Table) and one.metadata is TABLES


def _compared(statement: Select | Insert | Update | Delete) -> Iterator[Column]:
    for one in visitors.iterate(statement):
        if isinstance(one, BinaryExpression) and one.operator in {operators.eq, operators.in_op}:
            for side in (one.left, one.right):
                if isinstance(side, Column):
                    yield side


def _is_place(column: Column) -> bool:
    return _is_ours(column.table) and placed_by(column.table) == column.name


def watch() -> None:
    """Fail from now on at each statement that has a fault."""
    if not event.contains(Engine, "before_execute", _refuse):
        event.listen(Engine, "before_execute", _refuse)


def _refuse(_connection: Connection, statement: object, *_: object) -> None:
    found = faults(statement)
    assert not found or _asked_by_a_test(), f"{found}: {statement}"


def _asked_by_a_test() -> bool:
    """Tell whether the code nearest to the statement, of all that is not installed, is a test's."""
    current: greenlet | None = greenlet.getcurrent()
    frame: FrameType | None = sys._getframe(1)
    while frame or current:
        if frame is None and current:
            # SQLAlchemy runs statements in a greenlet: its caller waits in the parent.
            current = current.parent
            frame = current.gr_frame if current else None
            continue
        file = frame.f_code.co_filename if frame else ""
        if file not in CARRIERS and file.startswith(OURS) and "site-packages" not in file:
            return file.startswith(HERE)
        frame = frame.f_back if frame else None
    return False
