"""Show how long what is kept, delete what is over, and check that nothing older is left.

Source: INTERFACES, Commands; DESIGN 5; security note, V14.2.7.
"""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from vault.cli.opening import with_vault
from vault.cli.outcome import PARTLY, fail
from vault.cli.table import write

if TYPE_CHECKING:
    from vault.services.deps import Deps
    from vault.services.retention import Tally

EVERY = 10_000  # rows between two lines about how far a sweep is
cli = typer.Typer(help="How long what is kept, and what is over.", no_args_is_help=True)


@cli.command(epilog="Example: ownship retention show")
def show() -> None:
    """Print what is kept how long, how much there is of it, and since when."""
    rows = with_vault(_show)
    write(("name", "kept for", "rows", "the oldest"), rows)


@cli.command(epilog="Example: ownship retention sweep --dry-run")
def sweep(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be deleted.")
    ] = False,
) -> None:
    """Delete what is over by the code of ethics; the customers see it in who looked."""
    tally = with_vault(_survey if dry_run else _sweep)
    rows = [
        (name, "goes" if dry_run else "gone", reason.value, f"{count:,}")
        for (name, reason), count in sorted(tally.gone.items())
    ]
    rows += [
        (name, "stays", stay.value, f"{count:,}")
        for (name, stay), count in sorted(tally.stays.items())
    ]
    write(("name", "what", "why", "rows"), rows)
    done = "would be deleted" if dry_run else "deleted"
    print(f"{tally.gone.total():,} rows of {len(tally.customers):,} customers {done}.")


@cli.command(epilog="Example: ownship retention check")
def check() -> None:
    """Fail when something is left that has been over for more than a day."""
    late = with_vault(_left)
    if late:
        write(("name", "rows that are over"), [(name, f"{count:,}") for name, count in late])
        fail("More than a day over and still there: `ownship retention sweep`.", PARTLY)
    print("Nothing is older than its clause.")


async def _show(deps: "Deps") -> list[tuple[str, str, str, str]]:
    from vault.services import retention

    return [
        (
            one.name,
            one.lasts or "no longer in the code: goes",
            f"{one.rows:,}",
            one.oldest.date().isoformat() if one.oldest else "",
        )
        for one in await retention.clauses(deps)
    ]


async def _survey(deps: "Deps") -> "Tally":
    from vault.services import retention

    return await retention.survey(deps)


async def _sweep(deps: "Deps") -> "Tally":
    from vault.services import retention

    said = 0

    def told(tally: "Tally") -> None:
        nonlocal said
        if tally.gone.total() // EVERY > said:
            said = tally.gone.total() // EVERY
            print(f"{said * EVERY:,} rows deleted", file=sys.stderr)

    return await retention.sweep(deps, told=told)


async def _left(deps: "Deps") -> tuple[tuple[str, int], ...]:
    from vault.services import retention

    return await retention.left(deps)
