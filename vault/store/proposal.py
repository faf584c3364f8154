"""Keep what was proposed until a second person decides, and for good what was decided.

A row is believed under its MAC alone; what is proposed lies sealed in it. It changes once for each
step, over the version before, so that of two who decide at once one does.
Source: security note, 8; docs/scale.md, families.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

from vault.store.engine import Conn
from vault.store.metadata import REFERENCE, column, columns_of, metadata
from vault.store.types import Digest, Id, Name, UtcTime

proposal = Table(
    "proposal",
    metadata,
    column("proposal_id", Id, "id", primary_key=True),
    column("number", Name, "id"),  # by which people name it
    column("kind", String(16), "state"),  # code, app, thaw, staff
    column("subject", Name, "policy"),  # a version, a client id, a pseudonym; "" for who is new
    column("sealed", LargeBinary, "sealed"),  # what is proposed, and what it was compared with
    column("digest", Digest, "public"),  # over what is sealed, a salt among it
    column("by", Name, "id"),  # a pseudonym, or `operator`
    column("made_at", UtcTime, "time"),
    column("ends_at", UtcTime, "time"),
    column("state", String(16), "state"),  # draft, open, approved, refused, withdrawn
    column("decided_by", Name, "id", nullable=True),
    column("decided_at", UtcTime, "time", nullable=True),
    column("version", BigInteger, "count"),
    column("mac", LargeBinary, "mac"),
    UniqueConstraint("number"),
    info={"shard": REFERENCE},
)


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One proposal; in a list `sealed` is empty."""

    proposal_id: UUID
    number: str
    kind: str
    subject: str
    sealed: bytes
    digest: str
    by: str
    made_at: datetime
    ends_at: datetime
    state: str
    decided_by: str | None
    decided_at: datetime | None
    version: int
    mac: bytes


async def add(conn: Conn, row: ProposalRow) -> None:
    """Insert a proposal.

    Raises at the commit's edge:
        ConflictError: another one has this number.
    """
    await conn.execute(insert(proposal).values(columns_of(proposal, row)))


async def save(conn: Conn, row: ProposalRow) -> bool:
    """Write a proposal as a whole, over the version before; False when somebody was faster."""
    statement = (
        update(proposal)
        .where(
            proposal.c.proposal_id == row.proposal_id,
            proposal.c.version == row.version - 1,
        )
        .values(columns_of(proposal, row))
    )
    return (await conn.execute(statement)).rowcount == 1


async def load(conn: Conn, number: str) -> ProposalRow | None:
    """Return a proposal by its number; None for an unknown one."""
    statement = select(proposal).where(proposal.c.number == number)
    row = (await conn.execute(statement)).one_or_none()
    return None if row is None else ProposalRow(*row)


async def load_newest(conn: Conn, *, limit: int) -> list[ProposalRow]:
    """Return the newest proposals, the newest first, without what is sealed."""
    plain = [literal(b"", LargeBinary()) if one is proposal.c.sealed else one for one in proposal.c]
    order = (proposal.c.made_at.desc(), proposal.c.proposal_id.desc())
    rows = await conn.execute(select(*plain).order_by(*order).limit(limit))
    return [ProposalRow(*row) for row in rows]


async def load_of(conn: Conn, by: str, *, kind: str, state: str) -> list[ProposalRow]:
    """Return the proposals of one proposer, kind and state, the oldest first."""
    statement = (
        select(proposal)
        .where(proposal.c.by == by, proposal.c.kind == kind, proposal.c.state == state)
        .order_by(proposal.c.made_at, proposal.c.proposal_id)
    )
    return [ProposalRow(*row) for row in await conn.execute(statement)]


async def count_open(conn: Conn, *, now: datetime) -> int:
    """Return how many wait for a decision."""
    statement = (
        select(func.count())
        .select_from(proposal)
        .where(proposal.c.state == "open", proposal.c.ends_at > now)
    )
    return int((await conn.execute(statement)).scalar_one())


async def delete_drafts(conn: Conn, by: str, *, kind: str) -> None:
    """Delete the drafts of one author and kind: only the newest counts."""
    statement = delete(proposal).where(
        proposal.c.by == by, proposal.c.kind == kind, proposal.c.state == "draft"
    )
    await conn.execute(statement)
