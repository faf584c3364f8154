"""Find what the rows of other files became: a customer, or an event of one.

A row's key is looked up under every living key of the index and stored under the newest. A row that
fails its MAC leads nowhere. What belonged to an erased customer is known by what stayed of its
reference, and leads nowhere either.
Source: ecosystem note, 9; docs/formats.md, 8 and 10.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from policies.model import Identifier
from vault.core.errors import ConflictError, IdentifierTakenError
from vault.core.identifier import normalise
from vault.core.ids import CustomerId
from vault.crypto import row_mac
from vault.crypto.import_ref import TABLE, import_ref_row, reference
from vault.services.deps import Deps
from vault.services.unit import Unit
from vault.store import import_ref as store
from vault.store import tombstone
from vault.store.engine import Conn
from vault.store.import_ref import ImportRefRow

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ref:
    """A row's key, as it is looked up."""

    column: str  # where it stands, for refusals
    idx: bytes  # under the newest key
    older: tuple[bytes, ...]  # under the others

    @property
    def marks(self) -> tuple[bytes, ...]:
        """What stays of it when its customer is erased."""
        return tuple(one[1:] for one in (self.idx, *self.older))


def of_key(deps: Deps, file: str, *, column: str, text: str) -> Ref:
    """Return how the key of a row is looked up.

    Raises:
        WrongValueError: the text is no key: empty, too long, or with control characters.
    """
    return _ref(deps, file, column, normalise(Identifier.EXTERNAL, text, region=""))


def of_row(deps: Deps, file: str, parts: Iterable[str]) -> Ref:
    """Return how a row without a key of its own is looked up: by all that it says."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return _ref(deps, f"{file} rows", "", digest)


def _ref(deps: Deps, file: str, column: str, text: str) -> Ref:
    newest = deps.keys.service("index")
    older = tuple(
        reference(key, file, text)
        for key in deps.keys.generations("index")
        if key.generation != newest.generation
    )
    return Ref(column, reference(newest, file, text), older)


async def find_many(conn: Conn, deps: Deps, refs: Sequence[Ref]) -> dict[bytes, ImportRefRow]:
    """Return what rows became, by their newest reference; others are left out."""
    rows = await store.find_many(conn, [idx for one in refs for idx in (one.idx, *one.older)])
    found: dict[bytes, ImportRefRow] = {}
    for one in refs:
        row = next((rows[idx] for idx in (one.idx, *one.older) if idx in rows), None)
        if row is not None and _intact(deps, row):
            found[one.idx] = row
    return found


async def erased(conn: Conn, refs: Sequence[Ref]) -> frozenset[bytes]:
    """Return the newest reference of those whose customer was erased."""
    marks = await tombstone.standing(conn, [mark for one in refs for mark in one.marks])
    return frozenset(one.idx for one in refs if not marks.isdisjoint(one.marks))


async def claim(it: Unit, claims: Sequence[tuple[Ref, CustomerId, UUID | None]]) -> None:
    """Remember what rows became.

    Raises:
        IdentifierTakenError: another import was faster; the transaction must not commit.
    """
    rows = [_row(it.deps, ref.idx, customer, event) for ref, customer, event in claims]
    try:
        await store.put_many(it.conn, rows)
    except ConflictError:
        raise IdentifierTakenError from None


def _row(deps: Deps, idx: bytes, customer: CustomerId, event: UUID | None) -> ImportRefRow:
    content = import_ref_row(deps.deployment, customer, ref=idx, interaction=event)
    mac = row_mac.row_mac(deps.keys.service("row-mac"), TABLE, content)
    return ImportRefRow(idx, customer, event, mac)


def _intact(deps: Deps, row: ImportRefRow) -> bool:
    content = import_ref_row(
        deps.deployment, row.customer, ref=row.ref, interaction=row.interaction
    )
    good = row_mac.check_row(deps.keys.service("row-mac"), TABLE, content, row.mac)
    if not good:  # an edited row would give one customer another's purchases
        logger.error("import-ref-damaged")
    return good
