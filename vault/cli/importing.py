"""Import customers from a file by a mapping; rows that are refused are listed beside it.

Source: ecosystem note, 5 and 9; INTERFACES, Commands.
"""

import asyncio
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vault.cli.opening import with_vault
from vault.cli.outcome import INTERRUPTED, PARTLY, UNREADABLE, fail
from vault.cli.progress import Reporter

if TYPE_CHECKING:
    from vault.services.deps import Deps
    from vault.services.importing import Progress


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("import", epilog="Example: ownship import mapping.yaml customers.csv")(import_)


def import_(
    mapping: Annotated[Path, typer.Argument(help="What the columns mean, as YAML.")],
    files: Annotated[
        list[str], typer.Argument(metavar="[NAME=]FILE...", help="The file to import.")
    ],
    max_size: Annotated[
        int | None, typer.Option(min=1, metavar="BYTES", help="Take a file of this size too.")
    ] = None,
) -> None:
    """Import customers; run it again to go on after a break, twice changes nothing."""
    name, _, path = files[0].rpartition("=")
    if len(files) > 1:
        fail("This release imports one file at a time.", UNREADABLE)
    done = with_vault(lambda deps: _import(deps, mapping, name, Path(path), max_size))
    # What is committed is told and ends with its own code, whatever is pressed by now.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    refused = Path(path + ".refused.csv")
    print(summary(done), flush=True)
    if not done.complete:
        fail("Interrupted after a whole batch. Run the same command again to go on.", INTERRUPTED)
    if done.refused:
        fail(f"{done.refused:,} rows were refused: see {refused}", PARTLY)


def summary(done: "Progress") -> str:
    """Return one line about an import."""
    return (
        f"{done.rows:,} rows: {done.added:,} customers added, {done.changed:,} changed, "
        f"{done.unchanged:,} unchanged, {done.consents:,} consents, {done.refused:,} refused"
    )


async def _import(
    deps: "Deps", mapping: Path, name: str, file: Path, max_size: int | None
) -> "Progress":
    from vault.services import import_mapping, importing

    try:
        text = await asyncio.to_thread(mapping.read_bytes)
    except OSError:
        fail(f"{mapping} cannot be read.", UNREADABLE)
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    rules = import_mapping.parse(text, rulebook, name=str(mapping))
    if name and name != rules.file:
        fail(f"The mapping names its file {rules.file}: write {rules.file}=FILE.", UNREADABLE)
    source = await asyncio.to_thread(
        importing.examine, file, mapping=text, max_size=max_size or importing.MAX_FILE
    )
    print(f"UTF-8, parted by {rules.delimiter!r}, {source.size:,} bytes", file=sys.stderr)
    stop = asyncio.Event()
    # Not the loop's own handler, which would end with the loop, before the result is told.
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    with Reporter() as reporter:
        return await importing.run(
            deps, rules, source, rulebook=rulebook, report=reporter.report, stop=stop
        )
