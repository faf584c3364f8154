"""Make a vault, and bring its tables to this release.

Both run under the owner's role where there is one; nothing else of the program may change tables.
Source: INTERFACES, ownship init and migrate.
"""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from vault.cli.opening import run, settings
from vault.cli.outcome import NOT_READY, fail

if TYPE_CHECKING:
    from vault.services.installation import Installed
    from vault.settings import Settings


UNSEALED: Final = frozenset({"0001", "0002", "0003"})  # steps at which values had no MAC


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


def migrate(
    seal_values: Annotated[
        bool,
        typer.Option(
            "--seal-values",
            help="Believe values without a MAC and seal them: after an upgrade that was cut short.",
        ),
    ] = False,
) -> None:
    """Bring the tables to this release; nothing is lost, and twice is once."""
    sealed = run(lambda: bring(settings(), seal=seal_values))
    print("The tables are those of this release.")
    if sealed:
        print(f"{sealed:,} values were sealed.")


async def bring(given: "Settings", *, seal: bool = False) -> int:
    """Upgrade, then seal the values of a release that did not; returns how many were sealed.

    A row without a MAC shows nothing to anybody. So it is sealed only in the run that found the
    tables of such a release, or when an operator says so: else taking a MAC away would do.

    Raises:
        VaultError: what hinders it; values that are not sealed yet stay closed.
    """
    before = await upgrade(given)
    await complete(given)
    return await seal_values(given) if seal or before & UNSEALED else 0


async def complete(given: "Settings") -> None:
    """Make the service keys that this release added, where a vault lives in the tables.

    Raises:
        VaultError: the keys do not open.
    """
    from vault import wiring
    from vault.services import installation
    from vault.store.engine import open_database

    database = open_database(given.owner_database)
    try:
        async with database.connect() as conn:
            missing = await installation.absent(conn)
    finally:
        await database.dispose()
    if missing:
        await wiring.complete(given, given.owner_database)


async def seal_values(given: "Settings") -> int:
    """Seal every value that has no MAC; returns how many there were.

    Raises:
        VaultError: the keys do not open, or the vault is another's.
    """
    from vault.services import provenance
    from vault.store import sweeps
    from vault.store.engine import open_database
    from vault.wiring import open_vault

    database = open_database(given.database)
    try:
        async with database.connect() as conn:
            if not await sweeps.count_customers(conn):  # tables that no vault lives in yet
                return 0
    finally:
        await database.dispose()
    async with open_vault(given) as deps:
        return await provenance.seal_all(deps)


async def install(given: "Settings") -> "Installed":
    """Migrate, then make the vault or find it.

    Raises:
        VaultError: what hinders it.
    """
    from vault.core.errors import RefusedError
    from vault.services.installation import install
    from vault.store.engine import open_database
    from vault.wiring import SystemClock, make_provider

    before = await upgrade(given)
    database = open_database(given.owner_database)
    try:
        done = await install(
            database, make_provider(given), issuer=given.issuer, now=SystemClock().now()
        )
    except RefusedError as error:  # the settings are at fault: another issuer, another key ring
        fail(f"{error.code}: {error.detail}", NOT_READY)
    finally:
        await database.dispose()
    if before & UNSEALED:
        await seal_values(given)
    return done


async def upgrade(given: "Settings") -> frozenset[str]:
    """Upgrade the tables and give the roles what they need; returns the steps they were at.

    Raises:
        VaultError: what hinders it.
    """
    from urllib.parse import unquote, urlsplit

    from vault.store import commit, migrate
    from vault.store.engine import open_database
    from vault.store.roles import grant_roles

    given.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = await migrate.upgrade(given.owner_database)
    users = [
        unquote(urlsplit(url).username or "")
        for url in (given.owner_database, given.database, given.leader_database)
    ]
    owner, app, leader = users
    if app in {"", owner}:  # the roles are not apart: `ownship doctor` says so
        return before
    database = open_database(given.owner_database)
    try:
        # Where only the app's role is known here, it is all that is granted.
        other = leader if leader not in {"", owner} else app
        await commit.request(database, lambda conn: grant_roles(conn, app, other))
    finally:
        await database.dispose()
    return before
