"""Make a vault, and bring its tables to this release.

Both run under the owner's role where there is one; nothing else of the program may change tables.
Source: INTERFACES, ownship init and migrate.
"""

from typing import TYPE_CHECKING

import typer

from vault.cli.opening import run, settings
from vault.cli.outcome import NOT_READY, fail

if TYPE_CHECKING:
    from vault.services.installation import Installed
    from vault.settings import Settings


def register(cli: typer.Typer) -> None:
    """Add the commands."""
    cli.command(epilog="Example: ownship init")(init)
    cli.command(epilog="Example: ownship migrate")(migrate)


def init() -> None:
    """Make keys, database and log for this home, once; a second time changes nothing."""
    done = run(lambda: install(settings()))
    if done.made:
        print(f"The vault of {done.row.issuer} is made. Next: ownship code publish FILE")
    else:
        print(f"The vault of {done.row.issuer} is there already. Nothing was changed.")


def migrate() -> None:
    """Bring the tables to this release; nothing is lost, and twice is once."""
    run(lambda: upgrade(settings()))
    print("The tables are those of this release.")


async def install(given: "Settings") -> "Installed":
    """Migrate, then make the vault or find it.

    Raises:
        VaultError: what hinders it.
    """
    from vault.core.errors import RefusedError
    from vault.services.installation import install
    from vault.store.engine import open_database
    from vault.wiring import SystemClock, make_provider

    await upgrade(given)
    database = open_database(given.owner_database)
    try:
        return await install(
            database, make_provider(given), issuer=given.issuer, now=SystemClock().now()
        )
    except RefusedError as error:  # the settings are at fault: another issuer, another key ring
        fail(f"{error.code}: {error.detail}", NOT_READY)
    finally:
        await database.dispose()


async def upgrade(given: "Settings") -> None:
    """Upgrade the tables and give the roles what they need.

    Raises:
        VaultError: what hinders it.
    """
    from urllib.parse import unquote, urlsplit

    from vault.store import commit, migrate
    from vault.store.engine import open_database
    from vault.store.roles import grant_roles

    given.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    await migrate.upgrade(given.owner_database)
    users = [
        unquote(urlsplit(url).username or "")
        for url in (given.owner_database, given.database, given.leader_database)
    ]
    owner, app, leader = users
    if app in {"", owner}:  # the roles are not apart: `ownship doctor` says so
        return
    database = open_database(given.owner_database)
    try:
        # Where only the app's role is known here, it is all that is granted.
        other = leader if leader not in {"", owner} else app
        await commit.request(database, lambda conn: grant_roles(conn, app, other))
    finally:
        await database.dispose()
