"""List, show and withdraw what waits for a second person.

Nothing is approved here: the host's shell is no person. That happens in the console, by somebody who
is signed in. What the shell proposed it can take back.
Source: INTERFACES, Commands; security note, 8.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from vault.cli.opening import with_vault
from vault.cli.table import write

if TYPE_CHECKING:
    from vault.services.approval import Shown
    from vault.services.deps import Deps
    from vault.services.proposal_row import Proposal

cli = typer.Typer(help="What waits for a second person.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(help="The proposal's number.")]


@cli.command("list", epilog="Example: ownship proposal list")
def list_() -> None:
    """List the newest proposals."""
    write(("number", "what", "about", "by", "until", "state", "decided by"), with_vault(_list))


@cli.command(epilog="Example: ownship proposal show P12345678")
def show(number: Number) -> None:
    """Say what a proposal would do at this moment."""
    from vault.cli import code_plan
    from vault.services.publication_plan import Plan

    found = with_vault(lambda deps: _show(deps, number))
    made = found.proposal
    print(f"{made.number}: {made.kind} {made.subject}".rstrip() + f", {found.state}.")
    print(f"Proposed by {made.by} on {made.made_at:%Y-%m-%d %H:%M} UTC, sha256:{made.digest}")
    if found.problem:
        print(f"It would do nothing any more: {found.problem}")
    if isinstance(found.weighed, Plan):
        code_plan.write(found.weighed)


@cli.command(epilog="Example: ownship proposal withdraw P12345678")
def withdraw(number: Number) -> None:
    """Take back what was proposed from this shell."""
    with_vault(lambda deps: _withdraw(deps, number))
    print(f"{number} is withdrawn.")


def waits(made: "Proposal") -> str:
    """Return the sentence that says who must do what."""
    from vault.cli.opening import settings

    issuer = settings().issuer
    return f"Proposal {made.number} waits for a second person: {issuer}/console/proposals/{made.number}"


async def _list(deps: "Deps") -> list[tuple[str, ...]]:
    from vault.services import proposal

    now = deps.clock.now()
    return [
        (
            one.number,
            one.kind.value,
            one.subject,
            one.by,
            f"{one.ends_at:%Y-%m-%d %H:%M}",
            one.state_at(now).value,
            one.decided_by,
        )
        for one in await proposal.list_(deps)
    ]


async def _show(deps: "Deps", number: str) -> "Shown":
    from vault.services import approval

    return await approval.show(deps, number)


async def _withdraw(deps: "Deps", number: str) -> None:
    from vault.core.staff import OPERATOR
    from vault.services import proposal

    await proposal.withdraw(deps, number, by=OPERATOR)
