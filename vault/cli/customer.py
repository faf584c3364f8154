"""Add a customer by hand, and open the portal as one on the operator's own machine.

What a command writes is decided by field and source, without a purpose.
Source: INTERFACES, Commands.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from vault.cli.opening import with_vault
from vault.cli.outcome import REFUSED, UNREADABLE, fail

if TYPE_CHECKING:
    from policies.model import Rulebook
    from vault.core.ids import CustomerId
    from vault.services.deps import Deps

cli = typer.Typer(help="Customers.", no_args_is_help=True)
MAX_VALUE = 65_536  # bytes of a file given by @FILE


@cli.command(epilog="Example: ownship customer add --email ana@example.org --source told")
def add(
    email: Annotated[str, typer.Option(help="The customer's e-mail address.")],
    source: Annotated[str, typer.Option(help="How the values were gathered.")],
    several: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="group.name=VALUE", help="A value, or @FILE that holds it."),
    ] = None,
) -> None:
    """Add a customer and print the id."""
    pairs = [_pair(one) for one in several or ()]
    if len({name for name, _ in pairs}) < len(pairs):
        fail("A field stands twice. Keep one of the two.", UNREADABLE)
    print(with_vault(lambda deps: _add(deps, email, pairs, source)))


@cli.command(epilog="Example: ownship customer link 0193…")
def link(customer: Annotated[str, typer.Argument(help="The customer's id.")]) -> None:
    """Print a link that signs in as a customer, once; for a loopback issuer alone."""
    print(with_vault(lambda deps: _link(deps, customer)))


@cli.command(epilog="Example: ownship customer erase 0193… --now")
def erase(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    now: Annotated[
        bool, typer.Option("--now", help="At once, without the time to take it back.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a customer: everything but what a law keeps, for good."""
    who = customer_id(customer)
    when = "at once and for good" if now else "after the time in which it can be taken back"
    if not yes and not typer.confirm(f"Erase this customer {when}?"):
        fail("Nobody was erased.", REFUSED)
    print(with_vault(lambda deps: _erase(deps, who, now=now)))


def customer_id(text: str) -> "CustomerId":
    """Read a customer's id as commands print it."""
    from vault.core.ids import CustomerId

    try:
        return CustomerId(UUID(text))
    except ValueError:
        fail("This is no customer's id. `ownship customer add` prints them.", UNREADABLE)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        fail("Write --set group.name=VALUE.", UNREADABLE)
    if not value.startswith("@"):
        return name, value
    try:
        with Path(value[1:]).open("rb") as file:
            content = file.read(MAX_VALUE + 1)
        return name, content.decode("utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError):
        fail(f"The file for {name} cannot be read as UTF-8.", UNREADABLE)


async def _add(deps: "Deps", email: str, pairs: list[tuple[str, str]], source: str) -> str:
    from policies.model import Source
    from vault.services import customer

    if source not in set(Source):
        fail(f"Write --source as one of: {', '.join(Source)}.", UNREADABLE)
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
    values: dict[str, object] = {_email_field(rulebook): email}
    values |= {name: _value(rulebook, name, text) for name, text in pairs}
    return str(await customer.add(deps, values, source=Source(source)))


def _email_field(rulebook: "Rulebook") -> str:
    from policies.model import Identifier

    found = [one.name for one in rulebook.code.fields if one.identifies is Identifier.EMAIL]
    if not found:
        fail("The code of ethics has no field that identifies by e-mail.", UNREADABLE)
    return found[0]


def _value(rulebook: "Rulebook", name: str, text: str) -> object:
    from policies.values import ValueRefused, from_text

    field = rulebook.fields.get(name)
    if field is None:
        return text  # refused where it is decided, and recorded like any refusal
    try:
        return from_text(field, text)
    except ValueRefused as error:
        fail(f"wrong-value: {name}: {error.reason}.", UNREADABLE)


async def _link(deps: "Deps", customer: str) -> str:
    from vault.services import sign_in

    return await sign_in.demo_link(deps, customer_id(customer))


async def _erase(deps: "Deps", customer: "CustomerId", *, now: bool) -> str:
    from vault.core.errors import NotAvailableError
    from vault.services import erase, erasure

    if not now:
        due = await erasure.ask(deps, customer, actor="operator")
        return f"Erased on {due:%Y-%m-%d}, unless the customer takes it back."
    done = await erase.erase(deps, customer)
    if done is None:
        raise NotAvailableError
    return (
        f"Erased. No backup opens anything after {done.backups:%Y-%m-%d}.\n"
        f"{deps.issuer}/erased/{done.token}"
    )
