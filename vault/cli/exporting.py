"""Export whom a purpose allows, as files in the shape of an import mapping.

Source: ecosystem note, 5 and 9; docs/import.md.
"""

import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vault.cli.opening import with_vault
from vault.cli.outcome import INTERRUPTED, PARTLY, UNREADABLE, fail
from vault.cli.progress import EVERY_SECONDS

if TYPE_CHECKING:
    from vault.services.audience_export import Exported
    from vault.services.deps import Deps


def register(cli: typer.Typer) -> None:
    """Add the command."""
    epilog = (
        "Example: ownship export mapping.yaml out/ --app crm --purpose marketing --case T-2026-114"
    )
    cli.command("export", epilog=epilog)(export_)


def export_(
    mapping: Annotated[Path, typer.Argument(help="What the columns mean, as YAML.")],
    folder: Annotated[Path, typer.Argument(help="Where to; it is made, whole or not at all.")],
    app: Annotated[str, typer.Option("--app", help="The app whose files these are.")],
    purpose: Annotated[str, typer.Option("--purpose", help="What for.")],
    case: Annotated[str, typer.Option("--case", help="A reference that the records name.")],
) -> None:
    """Write files that `import` reads; each customer is decided and recorded, and begins anew."""
    done = with_vault(lambda deps: _export(deps, mapping, folder, app, purpose, case))
    if done is None:
        fail("Interrupted. Nothing is left of it; run the command again.", INTERRUPTED)
    print(f"{done.looked:,} customers looked at, {done.allowed:,} allow it")
    for name, count in done.rows.items():
        print(f"{name}: {count:,} rows")
    for (name, reason), count in sorted(done.left.items()):
        print(f"{name}: {reason}: {count:,} rows left out", file=sys.stderr)
    if done.left:
        raise typer.Exit(PARTLY)


async def _export(
    deps: "Deps", mapping: Path, folder: Path, app: str, purpose: str, case: str
) -> "Exported | None":
    from vault.services import audience_export, import_mapping
    from vault.services.audience_export import Wanted

    try:
        text = await asyncio.to_thread(mapping.read_bytes)
    except OSError:
        fail(f"{mapping} cannot be read.", UNREADABLE)
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    rules = import_mapping.parse(text, rulebook, name=str(mapping))
    stop = asyncio.Event()
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    wanted = Wanted(rules, rulebook, app, purpose, case)
    return await audience_export.export(deps, wanted, folder, report=_Teller().tell, stop=stop)


class _Teller:
    """Says how far an export is, a line each ten seconds."""

    def __init__(self) -> None:
        self._said = time.monotonic()

    def tell(self, done: "Exported") -> None:
        moment = time.monotonic()
        if moment - self._said >= EVERY_SECONDS:
            self._said = moment
            print(f"{done.looked:,} customers looked at", file=sys.stderr, flush=True)
