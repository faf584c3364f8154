"""Read the parts of a package, each as lists of records that are never many at once.

Values and contact events are opened with the record of the look. Keys are read again with each
page, for erasure may come in between. What does not open is a record that says so.
Source: DESIGN 1; docs/export.md.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from policies.model import Rulebook
from vault.core.errors import BusyError, NotAvailableError, OpenError
from vault.core.export import Form, Part, Wish
from vault.core.look import Line
from vault.crypto.field import Json, SealedValue, open_each
from vault.crypto.keys import Kind, WrappedKey, unwrap
from vault.services import export_files, follow_up_row, receipts
from vault.services import export_records as records
from vault.services.deps import Deps
from vault.services.disclosure import open_
from vault.services.entries import list_entries
from vault.services.export_lines import of_line
from vault.services.export_look import Look, key_of
from vault.services.export_records import Record
from vault.services.interaction import name
from vault.services.situation import situation
from vault.store import follow_up, interaction
from vault.store.interaction import InteractionRow, Place

EVENTS: Final = 40  # of a page; one may have 16 KB
LINES: Final = 200  # of a page
DECISIONS: Final = 2_000  # read at all
_FIRST: Final = UUID(int=0)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

logger = structlog.get_logger()

Source = Callable[[Deps, Look, Wish], AsyncGenerator[list[Record], None]]


async def profile(deps: Deps, look: Look, wish: Wish) -> AsyncGenerator[list[Record], None]:
    """Give every field with a value, in the code's order."""
    answer = open_(deps, look.decided, look.recorded)
    opened = {one.name: one for one in answer.opened}
    damaged = {one.name for one in answer.withheld}
    yield [
        records.of_field(look.rulebook, field, opened.get(field_name), lang=wish.lang)
        for field_name, field in look.rulebook.fields.items()
        if field_name in opened or field_name in damaged
    ]


async def events(deps: Deps, look: Look, wish: Wish) -> AsyncGenerator[list[Record], None]:
    """Give the contact events of the period, the newest first."""
    kinds = [one.removeprefix("interaction.") for one in look.rulebook.interactions]
    before = Place(wish.until, _FIRST) if wish.until else None
    while True:
        async with deps.database.connect() as conn:
            rows = await interaction.load_page(
                conn, look.customer, kinds=kinds, before=before, limit=EVENTS
            )
            key = await key_of(conn, look.customer, Kind.PROFILE) if rows else None
            ids = [row.interaction_id for row in rows]
            follows = await follow_up.load_of_events(conn, look.customer, ids)
        wanted = [row for row in rows if wish.covers(row.at)]
        cases = {row.event: follow_up_row.case(deps, row) for row in follows}
        if key and wanted:
            said = _said(deps, look, key, wanted)
            whole = wish.form is Form.JSON
            async with aclosing(export_files.pages(deps, look, key, wanted, whole=whole)) as pages:
                async for page in pages:
                    yield [
                        records.of_event(
                            look.rulebook,
                            row,
                            said.get(row.interaction_id),
                            files,
                            cases.get(row.interaction_id),
                            lang=wish.lang,
                        )
                        for row, files in page
                    ]
        if len(wanted) < EVENTS:
            return
        before = Place(rows[-1].at, rows[-1].interaction_id)


async def consents(deps: Deps, look: Look, wish: Wish) -> AsyncGenerator[list[Record], None]:
    """Give every decision with its signed receipt, the newest first."""
    for line in await receipts.list_(deps, look.customer, limit=DECISIONS):
        signed: bytes | None = None
        try:
            signed = await receipts.open_(deps, look.customer, line.receipt_id)
        except (BusyError, NotAvailableError, OpenError):
            # Its entry is not in the log yet, or it does not open: the decision is told all the same.
            logger.warning("export-without-receipt")
        yield [records.of_decision(look.rulebook, line, signed, lang=wish.lang)]


async def terms(deps: Deps, look: Look, wish: Wish) -> AsyncGenerator[list[Record], None]:
    """Give the standing terms."""
    yield records.of_terms(look.rulebook, situation(deps, look.decided.load), lang=wish.lang)


async def who_looked(deps: Deps, look: Look, wish: Wish) -> AsyncGenerator[list[Record], None]:
    """Give the lines of the access log of the period, the newest first."""
    publisher = look.rulebook.code.publisher.name
    apps = _apps(look.rulebook, wish.lang)
    before: int | None = None
    while True:
        async with deps.database.connect() as conn:
            audit = await key_of(conn, look.customer, Kind.AUDIT)
        lines = await list_entries(
            deps, look.customer, unwrap(deps.keys.keks, audit), before=before, limit=LINES
        )
        # A line without a readable time is told whatever the period is.
        yield [
            of_line(line, publisher=publisher, apps=apps, issuer=deps.issuer, lang=wish.lang)
            for line in lines
            if line.at is None or wish.covers(_moment(line.at))
        ]
        if len(lines) < LINES or _is_past(lines, wish):
            return
        before = lines[-1].place


SOURCES: Final[Mapping[Part, Source]] = {
    Part.PROFILE: profile,
    Part.EVENTS: events,
    Part.CONSENTS: consents,
    Part.TERMS: terms,
    Part.WHO_LOOKED: who_looked,
}


def _said(deps: Deps, look: Look, key: WrappedKey, rows: list[InteractionRow]) -> dict[UUID, Json]:
    found: dict[UUID, Json] = {}
    for row in rows:
        one = SealedValue(
            name(row.kind), row.interaction_id, row.schema, row.row_version, row.sealed
        )
        try:
            (found[row.interaction_id],) = open_each(look.recorded, deps.keys.keks, key, [one])
        except OpenError:
            logger.error("interaction-damaged")
    return found


def _moment(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


def _is_past(lines: list[Line], wish: Wish) -> bool:
    """Say whether a whole page is older than the period, as all that follows then is."""
    return wish.since is not None and all(
        line.at is not None and _moment(line.at) < wish.since for line in lines
    )


def _apps(rulebook: Rulebook, lang: str) -> dict[str, str]:
    return {
        one.id: f"{one.name.get(lang)} ({one.team.get(lang)})" for one in rulebook.code.recipients
    }
