"""Invite members of staff, list them, and end them.

The host's shell invites; who is invited enrols by the link and a mailed code. What members may do is
`vault/core/staff.py`.
Source: INTERFACES, ownship staff invite; security note, 8.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from vault.cli.opening import with_vault
from vault.cli.outcome import UNREADABLE, fail
from vault.cli.table import write

if TYPE_CHECKING:
    from vault.services.deps import Deps
    from vault.services.proposal_row import Proposal

cli = typer.Typer(help="People who answer for the vault.", no_args_is_help=True)
ROLES = ("compliance", "steward", "support", "admin")


@cli.command(epilog="Example: ownship staff invite dpo@shop.example --role compliance")
def invite(
    email: Annotated[str, typer.Argument(help="The address that codes are mailed to.")],
    role: Annotated[str, typer.Option("--role", help=f"One of: {', '.join(ROLES)}.")],
) -> None:
    """Invite a member of staff and print an enrolment link, which works once, for 30 minutes."""
    if role not in ROLES:
        fail(f"There is no role {role!r}. Write one of: {', '.join(ROLES)}.", UNREADABLE)
    print(with_vault(lambda deps: _invite(deps, email, role)))


@cli.command("list", epilog="Example: ownship staff list")
def list_() -> None:
    """List the members of staff by their pseudonyms."""
    write(("pseudonym", "role", "state", "made by", "since"), with_vault(_list))


@cli.command(epilog="Example: ownship staff end s-12345678")
def end(
    handle: Annotated[str, typer.Argument(help="The member's pseudonym; `staff list` has it.")],
) -> None:
    """End a member for good, or propose it once staff is enrolled."""
    from vault.cli import proposal

    waits = with_vault(lambda deps: _end(deps, handle))
    print(proposal.waits(waits) if waits else f"{handle} has ended.")


async def _invite(deps: "Deps", email: str, role: str) -> str:
    from policies.model import StaffRole
    from vault.core.staff import OPERATOR
    from vault.services import staff_enrol

    return (await staff_enrol.invite(deps, email, StaffRole(role), by=OPERATOR)).link


async def _end(deps: "Deps", handle: str) -> "Proposal | None":
    from vault.services import staff_change

    return await staff_change.end_from_shell(deps, handle)


async def _list(deps: "Deps") -> list[tuple[str, ...]]:
    from vault.services import staff

    async with deps.database.connect() as conn:
        members = await staff.all_(deps, conn)
    return [
        (one.handle, one.role.value, one.state.value, one.made_by, f"{one.made_at:%Y-%m-%d}")
        for one in members
    ]
