"""Look after the access log: what anybody may check of it, for all customers at once.

Source: INTERFACES, Commands; access-log note, 10.
"""

import sys
from typing import TYPE_CHECKING

import typer

from vault.cli import log_replay
from vault.cli.opening import with_vault
from vault.cli.outcome import PARTLY, fail
from vault.cli.table import write

if TYPE_CHECKING:
    from vault.services.barrier import Found
    from vault.services.deps import Deps

EVERY = 100_000  # entries between two lines about how far a walk is
cli = typer.Typer(help="The access log.", no_args_is_help=True)
log_replay.register(cli)


@cli.command(epilog="Example: ownship log barrier")
def barrier() -> None:
    """Fail when a look was allowed by what its customer had ended, or a change is hidden."""
    found = with_vault(_walk)
    print(
        f"{found.entries:,} entries of {found.customers:,} customers, {found.changes:,} changes, "
        f"{found.overlaps:,} looks that overlapped one (the latest {found.worst_ms:,} ms after it)."
    )
    if not found.violations:
        print("Nothing was allowed by what had ended, and no change is hidden.")
        return
    rows = [
        (
            one.kind,
            "" if one.place is None else f"{one.place}",
            f"{one.epochs[0]}-{one.epochs[1]}" if one.epochs else "",
        )
        for one in found.named
    ]
    write(("what", "entry", "changes"), rows)
    fail(f"The log breaks its rule {found.violations:,} times. See docs/who-looked.md.", PARTLY)


async def _walk(deps: "Deps") -> "Found":
    from vault.services import barrier as service

    said = 0

    def told(found: "Found") -> None:
        nonlocal said
        if found.entries // EVERY > said:
            said = found.entries // EVERY
            print(f"{said * EVERY:,} entries judged", file=sys.stderr)

    return await service.walk(deps, told=told)
