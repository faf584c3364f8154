"""Decide again what the log says was permitted, and hand the log to somebody who does so elsewhere.

Source: INTERFACES, Commands; access-log note, 10.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vault.cli.opening import with_vault
from vault.cli.outcome import PARTLY, REFUSED, UNREADABLE, fail
from vault.cli.table import write

if TYPE_CHECKING:
    from vault.services.deps import Deps
    from vault.services.log_export import Exported
    from vault.store.replay import ReplayRow

PART = 20_000  # entries between two lines about how far a replay is
MAX_DIGITS = 18  # of a size; eight digits alone are one too, and no day
SAY = "open every log key"  # what has to be typed before the keys leave the vault


def register(cli: typer.Typer) -> None:
    """Add the commands to `ownship log`."""
    cli.command(epilog="Example: ownship log replay --from 0")(replay)
    cli.command(epilog=f'Example: ownship log export DIR --confirm "{SAY}"')(export)


def replay(
    start: Annotated[
        int | None,
        typer.Option("--from", min=0, help="The first entry; otherwise all since the last note."),
    ] = None,
    sign: Annotated[
        bool, typer.Option("--sign", help="Sign what came of it, as each night does.")
    ] = False,
) -> None:
    """Decide again what the log says was permitted; fail when something should have been refused."""
    row, note = with_vault(lambda deps: _replay(deps, start, sign=sign))
    if row is None:
        print("There is nothing new to replay: no checkpoint is newer than the last note.")
        return
    print(
        f"Entries {row.start:,} to {row.size - 1:,}: {row.replayed:,} permitted something and were "
        f"decided again, {row.undecidable:,} cannot be told, {row.unreadable:,} cannot be read."
    )
    if note:
        print(note, end="")
    if row.disagreeing:
        found = [[str(cell) for cell in one] for one in json.loads(row.found)]
        write(("entry", "field", "clause", "why"), [tuple(one) for one in found])
        fail(f"{row.disagreeing:,} entries should have been refused. See docs/replay.md.", PARTLY)
    print("Nothing should have been refused.")


def export(
    folder: Annotated[Path, typer.Argument(help="Where to; it is made.")],
    confirm: Annotated[str, typer.Option("--confirm", help=f'Write: "{SAY}".')] = "",
    store: Annotated[
        bool, typer.Option("--store", help="With digests of what the tables hold.")
    ] = False,
    since: Annotated[
        str,
        typer.Option(
            metavar="SIZE|TIME",
            help="Leave out what an export of that size, or made at that time (UTC), holds.",
        ),
    ] = "0",
) -> None:
    """Write the log with everybody's log keys into a folder, for a replay elsewhere."""
    start = _start(since)
    if confirm != SAY:
        fail(
            "Whoever holds this folder reads who looked at whose what, of all customers. It is "
            f'recorded that it was made. If that is meant, add --confirm "{SAY}".',
            REFUSED,
        )
    done = with_vault(lambda deps: _export(deps, folder, start, with_store=store))
    print(f"The log of {done.size:,} entries and {done.customers:,} log keys are in {folder}.")
    if done.since:
        print(
            f"What is whole in an export of {done.since:,} entries was left out: copy it over one."
        )
    print("Delete the folder when the replay is done.")


async def _replay(deps: "Deps", start: int | None, *, sign: bool) -> "tuple[ReplayRow | None, str]":
    from vault.services import replay, replay_job
    from vault.store.replay import DONE

    row = await replay_job.begun(deps, start=start)
    if row is None:
        return None, ""
    looked = 0
    while row.place != DONE:
        part = await replay.part(deps, row, most=PART)
        row, looked = part.row, looked + part.entries
        if row.place != DONE:
            print(f"{looked:,} entries looked at", file=sys.stderr)
    return row, await replay_job.certify(deps, row) if sign else ""


def _start(text: str) -> int | datetime:
    """Read a size or a time; a day is its beginning."""
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(
            "--since is neither a number of entries nor a time such as 2026-11-27T12:00.",
            UNREADABLE,
        )
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _export(
    deps: "Deps", folder: Path, since: int | datetime, *, with_store: bool
) -> "Exported":
    from vault.services import log_export

    def told(done: int, size: int) -> None:
        print(f"{done:,} of {size:,} entries written", file=sys.stderr)

    return await log_export.export(deps, folder, with_store=with_store, told=told, since=since)
