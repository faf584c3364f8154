"""Keep which steps of a request are done, and by whom.

A tick grants nothing, so it has no MAC; the entry of the access log says the same and stays.
Source: docs/scale.md, schema rules 1 to 3.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, String, Table, select

from vault.core.ids import CustomerId
from vault.store.dialect import insert
from vault.store.engine import Conn
from vault.store.metadata import CUSTOMER, column, columns_of, metadata
from vault.store.request import request
from vault.store.types import Id, Name, UtcTime

request_task = Table(
    "request_task",
    metadata,
    column("customer_id", Id, "id", primary_key=True),
    column("request_id", Id, "id", primary_key=True),
    column("task", String(16), "state", primary_key=True),
    column("done_by", Name, "id"),  # an actor
    column("done_at", UtcTime, "time"),
    ForeignKeyConstraint(
        ["customer_id", "request_id"], [request.c.customer_id, request.c.request_id]
    ),
    info={"shard": CUSTOMER},
)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One step that is done."""

    customer: CustomerId
    request_id: UUID
    task: str
    done_by: str
    done_at: datetime


async def tick(conn: Conn, row: TaskRow) -> bool:
    """Keep that a step is done; False when it was before."""
    statement = insert(conn, request_task).values(columns_of(request_task, row))
    made = statement.on_conflict_do_nothing().returning(request_task.c.task)
    return (await conn.execute(made)).one_or_none() is not None


async def load(conn: Conn, customer: CustomerId, request_id: UUID) -> list[TaskRow]:
    """Return the steps of a request that are done."""
    statement = select(request_task).where(
        request_task.c.customer_id == customer, request_task.c.request_id == request_id
    )
    return [TaskRow(*row) for row in await conn.execute(statement)]
