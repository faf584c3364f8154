"""Read the files of contact events for a package: what they are, and in JSON their bytes too.

The bytes come one file at a time, and a page ends when it holds a few MB, so that a package is
bounded by its own limit and never by what is attached. What does not open says so.
Source: docs/export.md.
"""

import base64
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from vault.core.attachment import Head
from vault.core.errors import OpenError
from vault.crypto.keys import WrappedKey
from vault.services.attachment_row import open_file, open_heads
from vault.services.deps import Deps
from vault.services.export_look import Look
from vault.store import attachment
from vault.store.interaction import InteractionRow

TOGETHER: Final = 4_000_000  # bytes of files of one page


@dataclass(frozen=True, slots=True)
class Carried:
    """A file as a package has it."""

    head: Head
    data: str | None  # base64; None where the form holds none, or it did not open


async def pages(
    deps: Deps, look: Look, key: WrappedKey, rows: Sequence[InteractionRow], *, whole: bool
) -> AsyncGenerator[list[tuple[InteractionRow, tuple[Carried, ...]]], None]:
    """Give events with their files, in their order, a few MB at once.

    Args:
        deps: what a use case may touch.
        look: the record under which all is opened.
        key: the customer's profile key.
        rows: the events.
        whole: with the bytes of the files.
    """
    async with deps.database.connect() as conn:
        found = await attachment.heads(conn, look.customer, [row.interaction_id for row in rows])
    heads = open_heads(deps, look.recorded, key, rows, found)
    page: list[tuple[InteractionRow, tuple[Carried, ...]]] = []
    held = 0
    for row in rows:
        files = await _files(deps, look, key, row, heads, whole=whole)
        page.append((row, files))
        held += sum(one.head.size for one in files)
        if held >= TOGETHER:
            yield page
            page, held = [], 0
    if page:
        yield page


async def _files(
    deps: Deps,
    look: Look,
    key: WrappedKey,
    row: InteractionRow,
    heads: Mapping[UUID, tuple[Head, ...]],
    *,
    whole: bool,
) -> tuple[Carried, ...]:
    files: list[Carried] = []
    for head in heads.get(row.interaction_id, ()):
        data = await _data(deps, look, key, row, head) if whole and not head.damaged else None
        files.append(Carried(head, data))
    return tuple(files)


async def _data(
    deps: Deps, look: Look, key: WrappedKey, row: InteractionRow, head: Head
) -> str | None:
    async with deps.database.connect() as conn:
        file = await attachment.load(conn, look.customer, row.interaction_id, head.number)
    if file is None:  # deleted meanwhile
        return None
    try:
        _, data = open_file(deps, look.recorded, key, file, kind=row.kind)
    except OpenError:
        return None
    return base64.b64encode(data).decode("ascii")
