"""Turn a request into its row and back, with the MAC that says that the vault wrote it.

A row that fails its MAC, or that is not the request its number names, says nothing: it is shown as
broken and nothing changes it, so that nobody with the database alone can answer in our place.
Source: docs/formats.md, 10.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from policies.names import REQUEST
from vault.core.errors import FormatError, NotReadyError, OpenError
from vault.core.ids import CustomerId
from vault.core.recorded import Recorded
from vault.core.request import Ground, Kind, Longer, Request, State
from vault.crypto.field import Place, SealedValue, open_each, seal_value
from vault.crypto.keys import WrappedKey
from vault.crypto.random import random_bytes, uuid7
from vault.crypto.request_mac import REQUEST as TABLE
from vault.crypto.request_mac import request_row
from vault.crypto.row_mac import check_row, row_mac
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.store.request import MessageRow, RequestRow

NAME: Final = REQUEST  # what a message is called in entries; no field of a code is called so
SCHEMA: Final = 1
_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another
_LENGTH: Final = 10

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Case:
    """A request as it is known; `request` is None where the row is broken."""

    request_id: UUID
    number: str
    made: datetime
    request: Request | None


@dataclass(frozen=True, slots=True)
class Message:
    """What was said, and by whom; `text` is None where it does not open."""

    by: str  # `customer`, `operator`, `staff:HANDLE`
    at: datetime
    text: str | None


def new_id(now: datetime) -> UUID:
    """Return the id of a new request or message."""
    return uuid7(unix_ms(now))


def new_number(letter: str = "R") -> str:
    """Return a number that nobody can guess from another: a letter and 50 random bits."""
    bits = int.from_bytes(random_bytes(8))
    return letter + "".join(_LETTERS[bits >> 5 * place & 31] for place in range(_LENGTH))


def row_of(
    customer: CustomerId, request_id: UUID, number: str, request: Request, *, messages: int
) -> RequestRow:
    """Return the row of a new request, without its MAC."""
    return RequestRow(
        customer=customer,
        request_id=request_id,
        number=number,
        kind=request.kind.value,
        state=request.state.value,
        made_at=request.received,
        about=request.about,
        longer="",
        ground="",
        messages=messages,
        version=0,
        mac=b"",
    )


def changed(row: RequestRow, request: Request, *, said: int = 0) -> RequestRow:
    """Return the row of a request that changed, without its MAC."""
    return replace(
        row,
        state=request.state.value,
        longer=request.longer.value if request.longer else "",
        ground=request.ground.value if request.ground else "",
        messages=row.messages + said,
        version=row.version + 1,
    )


def sign(deps: Deps, row: RequestRow) -> RequestRow:
    """Return a row with the MAC of what it says."""
    return replace(row, mac=row_mac(deps.keys.service("row-mac"), TABLE, _content(deps, row)))


def case(deps: Deps, row: RequestRow) -> Case:
    """Return what a row says, if the vault wrote it."""
    return Case(row.request_id, row.number, row.made_at, _proven(deps, row))


def proven(deps: Deps, row: RequestRow) -> Request:
    """Return the request of a row that is about to change.

    Raises:
        OpenError: the row is broken; it is never given a good MAC again.
    """
    found = _proven(deps, row)
    if found is None:
        raise OpenError
    return found


def seal(
    deps: Deps,
    key: WrappedKey,
    row: RequestRow,
    message_id: UUID,
    *,
    by: str,
    at: datetime,
    text: str,
) -> MessageRow:
    """Seal a message; whose, when and on which request is under the seal too."""
    place = Place(row.customer, NAME, message_id, SCHEMA, 1)
    said = {"request": str(row.request_id), "by": by, "at": unix_ms(at), "text": text}
    sealed = seal_value(deps.keys.keks, key, place, said)
    return MessageRow(row.customer, row.request_id, message_id, at, key.generation, sealed)


def open_(deps: Deps, recorded: Recorded, key: WrappedKey | None, row: MessageRow) -> Message:
    """Open a message against the record of the look at it."""
    try:
        if key is None:
            raise OpenError
        one = SealedValue(NAME, row.message_id, SCHEMA, 1, row.sealed)
        (said,) = open_each(recorded, deps.keys.keks, key, [one])
        if not isinstance(said, dict) or (said["request"], said["at"]) != (
            str(row.request_id),
            unix_ms(row.made_at),
        ):
            raise OpenError
    except OpenError:
        logger.error("request-message-damaged")
        return Message("", row.made_at, None)
    return Message(str(said["by"]), row.made_at, str(said["text"]))


def _proven(deps: Deps, row: RequestRow) -> Request | None:
    try:
        key = deps.keys.service("row-mac", row.mac[0])
        if check_row(key, TABLE, _content(deps, row), row.mac):
            return Request(
                kind=Kind(row.kind),
                received=row.made_at,
                state=State(row.state),
                longer=Longer(row.longer) if row.longer else None,
                ground=Ground(row.ground) if row.ground else None,
                about=row.about,
            )
    except (FormatError, IndexError, NotReadyError, ValueError):
        pass
    logger.error("request-damaged")
    return None


def _content(deps: Deps, row: RequestRow) -> bytes:
    return request_row(
        deps.deployment,
        row.customer,
        request_id=row.request_id,
        number=row.number,
        kind=row.kind,
        state=row.state,
        made_ms=unix_ms(row.made_at),
        about=row.about,
        longer=row.longer,
        ground=row.ground,
        messages=row.messages,
        version=row.version,
    )
