"""Set, list and lift legal holds: what of a customer must not be deleted for a time.

The reason comes from a file or from standard input, never from the command line, which others can see.
Source: INTERFACES, Commands; GDPR 17(3).
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from vault.cli.customer import customer_id
from vault.cli.opening import with_vault
from vault.cli.outcome import REFUSED, UNREADABLE, fail
from vault.cli.request import read_text
from vault.cli.table import plain, write

if TYPE_CHECKING:
    from uuid import UUID

    from vault.services.deps import Deps

cli = typer.Typer(help="Legal holds: what must not be deleted.", no_args_is_help=True)
Customer = Annotated[str, typer.Argument(help="The customer's id.")]
Hold = Annotated[str, typer.Argument(help="The hold's id, as `list` prints it.")]


@cli.command(
    "set",
    epilog="Example: ownship hold set 0193… --ground legal-claims --until 2027-12-31 --reason -",
)
def set_(
    customer: Customer,
    ground: Annotated[str, typer.Option(help="legal-claims, law or authority.")],
    until: Annotated[str, typer.Option(help="The day on which it ends, at most two years away.")],
    reason: Annotated[str, typer.Option(metavar="@FILE|-", help="Why; it is sealed.")],
    field: Annotated[
        list[str] | None, typer.Option(help="A detail or interaction.KIND; none: everything.")
    ] = None,
) -> None:
    """Keep a customer's data from being deleted; the customer sees the ground and the day."""
    said = read_text(reason, option="--reason")
    try:
        end = datetime.strptime(until, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        fail("Write --until as a day, such as 2027-12-31.", UNREADABLE)
    made = with_vault(lambda deps: _set(deps, customer, ground, end, said, tuple(field or ())))
    print(made)


@cli.command("list", epilog="Example: ownship hold list")
def list_() -> None:
    """Print all holds, those that end first at the top."""
    columns = ("hold", "customer", "state", "ground", "until", "keeps", "made by", "made")
    write(columns, with_vault(_list))


@cli.command(epilog="Example: ownship hold show 0193… 0194…")
def show(customer: Customer, hold: Hold) -> None:
    """Print why a hold was set; that you read it is recorded."""
    text = with_vault(lambda deps: _show(deps, customer, hold))
    print("\n".join(plain(line) for line in text.split("\n")))


@cli.command(epilog="Example: ownship hold lift 0193… 0194…")
def lift(customer: Customer, hold: Hold) -> None:
    """End a hold before its day."""
    if not with_vault(lambda deps: _lift(deps, customer, hold)):
        fail("No such hold stands.", REFUSED)
    print("Lifted. What is over goes with the next sweep.")


async def _set(
    deps: "Deps", customer: str, ground: str, until: datetime, reason: str, names: tuple[str, ...]
) -> "UUID":
    from vault.services import holds

    return await holds.make(
        deps, customer_id(customer), ground=ground, until=until, reason=reason, names=names
    )


async def _list(deps: "Deps") -> list[tuple[str, ...]]:
    from vault.services import hold_list

    return [
        (
            str(one.hold_id),
            f"{one.customer}{' (erased)' if one.erased else ''}",
            one.state.value.upper() if one.state is hold_list.State.BROKEN else one.state.value,
            one.ground,
            one.until.date().isoformat(),
            " ".join(sorted(one.names)) or "everything",
            one.made_by,
            one.made_at.date().isoformat() if one.made_at else "",
        )
        for one in await hold_list.list_(deps)
    ]


async def _show(deps: "Deps", customer: str, hold: str) -> str:
    from vault.services import holds

    return await holds.reason(deps, customer_id(customer), _hold_id(hold))


async def _lift(deps: "Deps", customer: str, hold: str) -> bool:
    from vault.services import holds

    return await holds.lift(deps, customer_id(customer), _hold_id(hold))


def _hold_id(text: str) -> "UUID":
    from uuid import UUID

    try:
        return UUID(text)
    except ValueError:
        fail("A hold's id is written as `ownship hold list` prints it.", UNREADABLE)
