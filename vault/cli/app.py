"""Register apps, list and show them, freeze and thaw them.

Until the first member of staff is enrolled the host's shell decides alone, and the log says so; after
that registering and thawing wait for a second person in the console.
Source: INTERFACES, Commands; docs/oauth.md, apps.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vault.cli import proposal
from vault.cli.customer import customer_id
from vault.cli.opening import with_vault
from vault.cli.outcome import UNREADABLE, fail
from vault.cli.table import write

if TYPE_CHECKING:
    from vault.services.app import Asked
    from vault.services.deps import Deps

cli = typer.Typer(help="Apps that ask for customers' values.", no_args_is_help=True)
App = Annotated[str, typer.Argument(help="The app's client id.")]
MAX_FILE = 65_536  # bytes; the registration's own limit


@cli.command(epilog="Example: ownship app add delivery.json")
def add(
    file: Annotated[Path, typer.Argument(help="Metadata as JSON; see docs/oauth.md.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the app's registration; its tokens end.")
    ] = False,
) -> None:
    """Register an app and print its client id, or propose it once staff is enrolled."""
    try:
        with file.open("rb") as opened:
            document = opened.read(MAX_FILE + 1)
    except OSError:
        fail("The file cannot be read.", UNREADABLE)
    asked = with_vault(lambda deps: _add(deps, document, replace=replace))
    print(asked.id)
    if asked.waits:
        print(proposal.waits(asked.waits))


@cli.command("list", epilog="Example: ownship app list")
def list_() -> None:
    """List all apps."""
    write(("app", "name", "state", "review by", "daily limit"), with_vault(_list))


@cli.command(epilog="Example: ownship app show delivery")
def show(app: App) -> None:
    """Print an app's registration as JSON."""
    print(with_vault(lambda deps: _show(deps, app)))


@cli.command(epilog="Example: ownship app freeze delivery")
def freeze(app: App) -> None:
    """Stop an app at its very next call."""
    with_vault(lambda deps: _freeze(deps, app))
    print(f"{app} is frozen.")


@cli.command(epilog="Example: ownship app thaw delivery")
def thaw(app: App) -> None:
    """Let a frozen app ask for tokens again, or propose it; those from before stay void."""
    asked = with_vault(lambda deps: _thaw(deps, app))
    print(proposal.waits(asked.waits) if asked.waits else f"{app} may ask for tokens again.")


@cli.command("id", epilog="Example: ownship app id delivery 0193…")
def id_(app: App, customer: Annotated[str, typer.Argument(help="The customer's id.")]) -> None:
    """Print the id by which an app knows a customer."""
    print(with_vault(lambda deps: _id(deps, app, customer)))


async def _add(deps: "Deps", document: bytes, *, replace: bool) -> "Asked":
    from vault.services import app

    return await app.add(deps, document, replace=replace)


async def _list(deps: "Deps") -> list[tuple[str, ...]]:
    from vault.services import app

    rows: list[tuple[str, ...]] = []
    for one in await app.list_(deps):
        if one.app is None:
            rows.append((one.id, "", "not intact", "", ""))
            continue
        said = one.app.registered.registration
        state = "frozen" if one.app.frozen else "live"
        rows.append((one.id, said.client_name, state, str(said.review_by), str(said.daily_limit)))
    return rows


async def _show(deps: "Deps", name: str) -> str:
    import json

    from vault.services import app

    document = (await app.show(deps, name)).registered.document
    return json.dumps(json.loads(document), ensure_ascii=False, indent=2)


async def _freeze(deps: "Deps", name: str) -> None:
    from vault.services import app

    await app.freeze(deps, name)


async def _thaw(deps: "Deps", name: str) -> "Asked":
    from vault.services import app

    return await app.thaw(deps, name)


async def _id(deps: "Deps", name: str, customer: str) -> str:
    from vault.services import app

    return str(await app.pairwise(deps, name, customer_id(customer)))
