"""Answer what customers ask: list what is owed, read it, answer, ask back, refuse, take longer.

To read a request is a look at a customer's words: recorded under its number, and shown to them.
Texts come from a file or from standard input, never from the command line, which others can see.
Source: INTERFACES, Commands; GDPR 12.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vault.cli.opening import with_vault
from vault.cli.outcome import UNREADABLE, fail
from vault.cli.table import plain, write

if TYPE_CHECKING:
    from vault.services.deps import Deps

cli = typer.Typer(help="Requests of customers.", no_args_is_help=True)
MAX_BYTES = 65_536  # of a text, before it is counted in characters
Number = Annotated[str, typer.Argument(help="The request's number, as `list` prints it.")]
Text = Annotated[str, typer.Option("--text", metavar="@FILE|-", help="What to say.")]
GROUNDS = {
    "identity": "A12IdentityFailure",
    "information": "A12InformationRequired",
    "unfounded": "A12ManifestlyUnfounded",
    "excessive": "A12ManifestlyExcessive",
    "law": "A17LegallyRequired",
    "claims": "A17LegalClaims",
}
REASONS = {"complexity": "A12Complexity", "volume": "A12HighVolume"}


@cli.command("list", epilog="Example: ownship request list")
def list_() -> None:
    """Print open requests, the overdue ones and those due next first."""
    with_vault(_list)


@cli.command(epilog="Example: ownship request show R0123456789")
def show(number: Number) -> None:
    """Print a request with what was said; the customer sees that you read it."""
    with_vault(lambda deps: _show(deps, number))


@cli.command(epilog="Example: ownship request answer R0123456789 --text @answer.txt")
def answer(number: Number, text: Text) -> None:
    """Answer a request."""
    said = read_text(text)
    with_vault(lambda deps: _answer(deps, number, said))


@cli.command(epilog="Example: ownship request ask R0123456789 --text -")
def ask(number: Number, text: Text) -> None:
    """Ask the customer back; the clock goes on."""
    said = read_text(text)
    with_vault(lambda deps: _ask(deps, number, said))


@cli.command(
    epilog="Example: ownship request refuse R0123456789 --ground unfounded --text @why.txt"
)
def refuse(
    number: Number,
    ground: Annotated[str, typer.Option(help="One of: " + ", ".join(GROUNDS) + ".")],
    text: Text,
) -> None:
    """Refuse a request, on a ground of the law; `law` and `claims` refuse an erasure alone."""
    name = one_of("--ground", ground, GROUNDS)
    said = read_text(text)
    with_vault(lambda deps: _refuse(deps, number, name, said))


@cli.command(
    epilog="Example: ownship request extend R0123456789 --reason complexity --text @why.txt"
)
def extend(
    number: Number,
    reason: Annotated[str, typer.Option(help="One of: " + ", ".join(REASONS) + ".")],
    text: Text,
) -> None:
    """Take two months longer, once, within the first month."""
    name = one_of("--reason", reason, REASONS)
    said = read_text(text)
    with_vault(lambda deps: _extend(deps, number, name, said))


def read_text(given: str, *, option: str = "--text") -> str:
    """Read a text from `@FILE` or, for `-`, from standard input."""
    if given != "-" and not given.startswith("@"):
        fail(f"Write {option} @FILE, or {option} - to read it from standard input.", UNREADABLE)
    try:
        if given == "-":
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(given[1:]).open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        return content.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        fail("The text cannot be read as UTF-8.", UNREADABLE)


def one_of(option: str, given: str, names: dict[str, str]) -> str:
    """Return the name of DPV for a word of ours, or that name itself."""
    found = names.get(given, given.removeprefix("Justification"))
    if found not in names.values():
        fail(f"Write {option} as one of: {', '.join(names)}.", UNREADABLE)
    return f"Justification{found}"


async def _list(deps: "Deps") -> None:
    from vault.services import request_staff

    rows = []
    for one in await request_staff.owed(deps):
        found = one.case.request
        kind, state = (found.kind.value, found.state.value) if found else ("?", "BROKEN")
        late = "OVERDUE" if one.overdue else ""
        due = one.due.date().isoformat()
        rows.append((one.case.number, due, late, kind, state, one.case.made.date().isoformat()))
    write(("number", "due", "late", "kind", "state", "made"), rows)


async def _show(deps: "Deps", number: str) -> None:
    from vault.services import request_staff

    read = await request_staff.show(deps, number)
    one = read.case.request
    print(f"number {read.case.number}")
    if one is None:
        print("state  BROKEN: the row is not as the vault wrote it; nothing can be done on it")
    else:
        print(f"kind   {one.kind.value}")
        print(f"state  {one.state.value}")
        print(f"made   {read.case.made.isoformat(timespec='minutes')}")
        print(f"due    {one.due.date().isoformat()}{' (longer)' if one.longer else ''}")
        if one.about is not None:
            print(f"about  line {one.about} of the access log")
        if one.ground is not None:
            print(f"ground {one.ground.value}")
    for said in read.messages:
        print(f"\n{plain(said.by) or '?'}, {said.at.isoformat(timespec='minutes')}:")
        text = "(does not open)" if said.text is None else said.text
        print("\n".join(f"  {plain(line)}" for line in text.split("\n")))
    if read.missing:
        print(f"\n{read.missing} messages were taken away.")


async def _answer(deps: "Deps", number: str, text: str) -> None:
    from vault.services import request_staff

    await request_staff.answer(deps, number, text)
    print("Answered. The customer gets a letter with a link.")


async def _ask(deps: "Deps", number: str, text: str) -> None:
    from vault.services import request_staff

    await request_staff.ask_back(deps, number, text)
    print("Asked. The customer gets a letter with a link; the day on which an answer is due stays.")


async def _refuse(deps: "Deps", number: str, ground: str, text: str) -> None:
    from vault.core.request import Ground
    from vault.services import request_staff

    await request_staff.refuse(deps, number, Ground(ground), text)
    print("Refused. The customer sees the ground and where to complain.")


async def _extend(deps: "Deps", number: str, reason: str, text: str) -> None:
    from vault.core.request import Longer
    from vault.services import request_staff

    due = await request_staff.extend(deps, number, Longer(reason), text)
    print(f"An answer is due by {due.date().isoformat()}. The customer gets a letter with a link.")
