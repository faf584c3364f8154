"""Make the row of an attached file, and open its head and its bytes against the record of a look.

The head, which lists tell, names the event and the place that it was made for, so that a row that
somebody moved says it is damaged. The bytes are held against the digest in the head.
Source: docs/formats.md, 24.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from policies.names import INTERACTION
from vault.core.attachment import File, Head
from vault.core.errors import OpenError
from vault.core.recorded import Recorded
from vault.core.times import unix_ms
from vault.crypto.attachment import open_attachment, seal_attachment
from vault.crypto.field import Json, Place, SealedValue, open_each, seal_value
from vault.crypto.keys import WrappedKey
from vault.crypto.random import uuid7
from vault.services.deps import Deps
from vault.store.attachment import AttachmentRow, HeadRow
from vault.store.interaction import InteractionRow

_SCHEMA: Final = 1  # number of the form of a head
_VERSION: Final = 1  # a file is never written again

logger = structlog.get_logger()


def seal(
    deps: Deps, key: WrappedKey, event: InteractionRow, number: int, file: File, *, now: datetime
) -> AttachmentRow:
    """Seal a file for a place under an event.

    Raises:
        OpenError: the customer's key does not open.
    """
    attachment_id = uuid7(unix_ms(now))
    field = f"{INTERACTION}.{event.kind}"
    head = {
        "event": str(event.interaction_id),
        "number": number,
        "name": file.name,
        "type": file.media.value,
        "size": len(file.data),
        "sha256": hashlib.sha256(file.data).hexdigest(),
    }
    keks = deps.keys.keks
    place = Place(event.customer, field, attachment_id, _SCHEMA, _VERSION)
    return AttachmentRow(
        customer=event.customer,
        interaction_id=event.interaction_id,
        number=number,
        attachment_id=attachment_id,
        added_at=now,
        generation=key.generation,
        head=seal_value(keks, key, place, head),
        sealed=seal_attachment(keks, key, attachment_id, field=field, data=file.data),
    )


def digest(row: AttachmentRow) -> tuple[str, str]:
    """Return what an entry tells of a file: its id and the digest of all that is sealed of it."""
    return str(row.attachment_id), hashlib.sha256(row.head + row.sealed).hexdigest()


def open_heads(
    deps: Deps,
    recorded: Recorded,
    key: WrappedKey,
    events: Sequence[InteractionRow],
    rows: Sequence[HeadRow],
) -> Mapping[UUID, tuple[Head, ...]]:
    """Return what lists tell of the files of events; a damaged one says so and hides no other."""
    kinds = {event.interaction_id: event.kind for event in events}
    found: dict[UUID, tuple[Head, ...]] = {}
    for row in rows:
        kind = kinds.get(row.interaction_id)
        if kind is not None:
            said = _head(deps, recorded, key, row, kind)
            found[row.interaction_id] = (*found.get(row.interaction_id, ()), _told(row, said))
    return found


def open_file(
    deps: Deps, recorded: Recorded, key: WrappedKey, row: AttachmentRow, *, kind: str
) -> tuple[Head, bytes]:
    """Return what a file is, and its bytes.

    Raises:
        OpenError: it is not what was sealed, or its row was moved.
    """
    head = HeadRow(
        row.customer,
        row.interaction_id,
        row.number,
        row.attachment_id,
        row.added_at,
        row.generation,
        row.head,
    )
    said = _head(deps, recorded, key, head, kind)
    if said is None:
        raise OpenError
    field = f"{INTERACTION}.{kind}"
    data = open_attachment(
        recorded, deps.keys.keks, key, row.attachment_id, field=field, sealed=row.sealed
    )
    if hashlib.sha256(data).hexdigest() != said["sha256"]:
        raise OpenError
    return _told(head, said), data


def _head(
    deps: Deps, recorded: Recorded, key: WrappedKey, row: HeadRow, kind: str
) -> dict[str, Json] | None:
    sealed = SealedValue(f"{INTERACTION}.{kind}", row.attachment_id, _SCHEMA, _VERSION, row.head)
    try:
        (said,) = open_each(recorded, deps.keys.keks, key, [sealed])
    except OpenError:
        said = None
    if (
        not isinstance(said, dict)
        or said.get("event") != str(row.interaction_id)
        or said.get("number") != row.number
    ):
        logger.error("attachment-damaged")
        return None
    return said


def _told(row: HeadRow, said: Mapping[str, Json] | None) -> Head:
    if said is None:
        return Head(row.number, "", "", 0, damaged=True)
    size = said["size"]
    return Head(
        row.number, str(said["name"]), str(said["type"]), size if isinstance(size, int) else 0
    )
