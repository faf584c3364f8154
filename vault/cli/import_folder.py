"""Take in a folder of exports, once or on a schedule; it runs beside a server.

Source: ecosystem note, 5 and 9; docs/import.md.
"""

import asyncio
import contextlib
import re
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vault.cli.importing import summary
from vault.cli.opening import with_vault
from vault.cli.outcome import INTERRUPTED, PARTLY, UNREADABLE, fail
from vault.cli.progress import Reporter

if TYPE_CHECKING:
    from vault.services.deps import Deps
    from vault.services.import_folder import Rules, Taken

_SPAN = re.compile(r"PT(?:([0-9]{1,4})H)?(?:([0-9]{1,5})M)?(?:([0-9]{1,6})S)?", re.ASCII)
_LEAST = timedelta(seconds=1)


def register(cli: typer.Typer) -> None:
    """Add the command."""
    epilog = "Example: ownship import-folder mapping.yaml /srv/exports --every PT15M"
    cli.command("import-folder", epilog=epilog)(import_folder)


def import_folder(
    mapping: Annotated[Path, typer.Argument(help="What the columns mean, as YAML.")],
    folder: Annotated[Path, typer.Argument(help="Where exports are laid down.")],
    every: Annotated[
        str | None, typer.Option(metavar="PT…", help="Look again after so long, such as PT15M.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,
    settled: Annotated[
        str, typer.Option(metavar="PT…", help="Take what has not changed for so long.")
    ] = "PT1M",
    max_size: Annotated[
        int | None, typer.Option(min=1, metavar="BYTES", help="Take files of this size too.")
    ] = None,
) -> None:
    """Import whatever is laid down in a folder; files go to done/ or refused/ in it."""
    if (every is None) is not once:
        fail("Write either --once or --every, such as --every PT15M.", UNREADABLE)
    pause = None if every is None else _span(every, "--every")
    if pause is not None and pause < _LEAST:
        fail("--every is a second or more.", UNREADABLE)
    how = _How(mapping, folder, _span(settled, "--settled"), max_size)
    found = with_vault(lambda deps: _run(deps, how, pause))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if found is None:
        fail("Interrupted after a whole batch. The next run goes on from there.", INTERRUPTED)
    if found:
        raise typer.Exit(PARTLY)


class _How:
    """What the command was given."""

    def __init__(
        self, mapping: Path, folder: Path, settled: timedelta, max_size: int | None
    ) -> None:
        self.mapping, self.folder = mapping, folder
        self.settled, self.max_size = settled, max_size


def _span(text: str, option: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    if found is None or text == "PT":
        fail(f"{option} is written as PT15M, PT1H or PT30S.", UNREADABLE)
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


async def _run(deps: "Deps", how: _How, pause: timedelta | None) -> bool | None:
    """Look once, or again and again; returns whether something was refused; None when interrupted.

    A schedule that is told to end, by SIGTERM, ends well.
    """
    from vault.core.errors import BusyError, ConflictError
    from vault.garbage import settle

    stop = asyncio.Event()
    told: list[int] = []  # signals

    def end(one: int) -> None:
        told.append(one)
        stop.set()

    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, end, one)
    settle()
    while True:
        try:
            refused = await _round(deps, how, stop, quiet=pause is not None)
        except (BusyError, ConflictError) as error:
            if pause is None:
                raise
            print(f"{error.code}: {error.detail}", file=sys.stderr, flush=True)
            refused = False
        if pause is None and not stop.is_set():
            return refused
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause.total_seconds() if pause else None)
            return None if signal.SIGINT in told or pause is None else False


async def _round(deps: "Deps", how: _How, stop: asyncio.Event, *, quiet: bool) -> bool:
    from vault.services import import_folder, turn

    rules = await _rules(deps, how)
    name = await import_folder.name_of(how.folder)
    refused = files = 0
    halt = asyncio.Event()  # by a signal, or when the turn is lost: that ends this round alone
    told = asyncio.create_task(_tell(stop, halt))
    try:
        async with turn.taken(deps, name, lost=halt) as mine:
            if not mine:
                if not quiet:
                    print("Another process takes this folder in.", file=sys.stderr, flush=True)
                return False
            with Reporter() as reporter:
                round_ = import_folder.take_in(
                    deps, how.folder, rules, report=reporter.report, stop=halt
                )
                async for one in round_:
                    files += 1
                    refused += one.outcome == import_folder.REFUSED
                    print(_line(one), flush=True)
    finally:
        told.cancel()
    if files or not quiet:
        print(f"files: {files}, in refused/: {refused}", file=sys.stderr, flush=True)
    return refused > 0


async def _tell(stop: asyncio.Event, halt: asyncio.Event) -> None:
    await stop.wait()
    halt.set()


async def _rules(deps: "Deps", how: _How) -> "Rules":
    """Check the mapping against the code of ethics that is in force in this round."""
    from vault.services import import_mapping, import_source
    from vault.services.import_folder import Rules

    try:
        text = await asyncio.to_thread(how.mapping.read_bytes)
    except OSError:
        fail(f"{how.mapping} cannot be read.", UNREADABLE)
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    mapping = import_mapping.parse(text, rulebook, name=str(how.mapping))
    limit = how.max_size or import_source.MAX_FILE
    return Rules(text, mapping, rulebook, settled=how.settled, max_size=limit)


def _line(one: "Taken") -> str:
    """Say what became of a file, by the mapping's name for it and the beginning of its digest."""
    name = " ".join(part for part in (one.name or "a file", one.digest) if part)
    if one.outcome == "before":
        return f"{name}: taken in before"
    if one.progress is None:
        return f"{name}: refused: {one.why}"
    events = one.rules is not None and one.rules.event is not None
    return f"{name}: {summary(one.progress, events=events)}"
