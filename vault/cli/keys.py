"""Show the epochs of the key-encryption keys, and begin a new one by hand.

An epoch ends by itself after 30 days: `serve` and `jobs` take every step. A new one is begun by hand
when a key may be known, or so that what was erased is dead in every backup sooner.
Source: INTERFACES, ownship keys; crypto note, 10.
"""

from typing import TYPE_CHECKING, Final

import typer

from vault.cli.opening import settings, with_vault
from vault.cli.table import write

if TYPE_CHECKING:
    from vault.services.deps import Deps

cli = typer.Typer(help="Keys.", no_args_is_help=True)
_SAID: Final = {
    "": "Nothing is due. Run it again after a minute and a half, or leave it to `serve` and `jobs`.",
    "made": "A new epoch's key is made. It wraps once every process has read it, in 90 seconds.",
    "active": "The new epoch's key wraps. What lies under the old one is wrapped anew.",
    "wrapped": "Keys were wrapped anew.",
    "destroying": "The old key is gone from the database.",
    "destroyed": "The old epoch's key is destroyed: no backup opens under it any more.",
}


@cli.command("list", epilog="Example: ownship keys list")
def list_() -> None:
    """Show every epoch: its state, when it was made and is destroyed, and how many keys wait."""
    rows = with_vault(_rows)
    write(("epoch", "state", "made", "destroyed", "customers' keys"), rows)


@cli.command(epilog="Example: ownship keys rotate")
def rotate() -> None:
    """Begin a new epoch, or take the steps that are due of the one that was begun."""
    for said in with_vault(_rotate):
        print(_SAID[said])


async def _rows(deps: "Deps") -> list[tuple[str, ...]]:
    from vault.store import kek, sweeps

    async with deps.database.connect() as conn:
        found: list[tuple[str, ...]] = []
        for row in await kek.load_all(conn):
            ends = f"{row.destroy_at:%Y-%m-%d %H:%M}" if row.destroy_at else ""
            count = await sweeps.rows_behind(conn, row.kek_id)
            made = f"{row.made_at:%Y-%m-%d %H:%M}"
            found.append((str(row.epoch), row.state, made, ends, f"{count:,}"))
    return found


async def _rotate(deps: "Deps") -> list[str]:
    from vault.services import key_epochs
    from vault.store.engine import open_database

    leader = open_database(settings().leader_database)
    try:
        done = [await key_epochs.step(deps, leader, now=True)]
        # One that is made by this command is enough; a step that follows at once is taken too.
        while done[-1] in {"active", "wrapped", "destroying"}:
            done.append(await key_epochs.step(deps, leader))
        return [one for one in done if one] or [""]
    finally:
        await leader.dispose()
