"""Work out what the code of ethics lets the vault infer, for all customers, now.

Source: INTERFACES, Commands; consent-standards note, 8.
"""

import sys
import time
from typing import TYPE_CHECKING, Annotated, Final

import typer

from vault.cli.opening import with_vault
from vault.cli.table import write

if TYPE_CHECKING:
    from vault.services.deps import Deps
    from vault.services.trait import Tally

EVERY_SECONDS: Final = 10.0  # between two lines about how far a run is
cli = typer.Typer(help="What is worked out of what is known.", no_args_is_help=True)


@cli.command(epilog="Example: ownship traits run --dry-run")
def run(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done; look at nobody's data.")
    ] = False,
) -> None:
    """Work out the traits of the code of ethics; the customers see it in who looked."""
    count, done = with_vault(_survey if dry_run else _run)
    write(("what", "traits"), [(what, f"{traits:,}") for what, traits in sorted(done.items())])
    looked = "would be gone through" if dry_run else "gone through"
    print(f"{count:,} customers {looked}.")


async def _survey(deps: "Deps") -> tuple[int, dict[str, int]]:
    from vault.services import trait_job

    count, found = await trait_job.survey(deps)
    return count, {one.value: traits for one, traits in found.items()}


async def _run(deps: "Deps") -> tuple[int, dict[str, int]]:
    from vault.services import trait_job

    start = said = time.monotonic()

    def told(count: int, tally: "Tally") -> None:
        nonlocal said
        now = time.monotonic()
        if now - said >= EVERY_SECONDS:
            said = now
            rate = count / (now - start)
            words = f"{count:,} customers, {tally.total():,} traits, {rate:,.0f} customers/s"
            print(words, file=sys.stderr)

    count, tally = await trait_job.run(deps, told=told)
    return count, {one.value: traits for one, traits in tally.items()}
