"""Give the commands of `ownship`; each is a few lines around one use case.

Nothing heavy is imported before a command runs, so that `ownship --help` answers at once.
Source: INTERFACES, Commands; ecosystem note, 5.
"""

from typing import Annotated

import typer

from vault.cli import app as apps
from vault.cli import (
    code,
    customer,
    demo,
    doctor,
    exporting,
    health,
    hold,
    import_folder,
    importing,
    installation,
    keys,
    log,
    numbers,
    outcome,
    proposal,
    recovery,
    request,
    retention,
    serve,
    staff,
    trait,
)

cli = typer.Typer(
    name="ownship",
    help="A privacy-first consent and profile vault.",
    epilog="Settings come from OWNSHIP_… variables: see docs/settings.md, or run `ownship doctor`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@cli.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")] = False,
) -> None:
    if debug:
        outcome.show_tracebacks()


installation.register(cli)
serve.register(cli)
demo.register(cli)
importing.register(cli)
import_folder.register(cli)
exporting.register(cli)
cli.add_typer(customer.cli, name="customer")
cli.add_typer(apps.cli, name="app")
cli.add_typer(code.cli, name="code")
cli.add_typer(keys.cli, name="keys")
cli.add_typer(request.cli, name="request")
cli.add_typer(proposal.cli, name="proposal")
cli.add_typer(staff.cli, name="staff")
cli.add_typer(retention.cli, name="retention")
cli.add_typer(numbers.cli, name="numbers")
cli.add_typer(hold.cli, name="hold")
cli.add_typer(trait.cli, name="traits")
cli.add_typer(log.cli, name="log")
recovery.register(log.cli)
health.register(cli)
doctor.register(cli)


def main() -> None:
    """Run `ownship`."""
    cli()
