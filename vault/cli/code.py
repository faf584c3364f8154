"""Check a code of ethics, publish it into an empty vault, and show what is published.

Source: DESIGN 5; INTERFACES, Commands.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vault.cli.opening import with_vault
from vault.cli.outcome import PARTLY, UNREADABLE, fail, told

if TYPE_CHECKING:
    from policies.model import Rulebook
    from vault.services.deps import Deps
    from vault.services.publication import Published

cli = typer.Typer(help="The code of ethics.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="The code as YAML.")]


@cli.command(epilog="Example: ownship code check shop.yaml")
def check(file: File) -> None:
    """Say what is wrong with a document, or that nothing is; nothing is written."""
    from policies.compile import compile_
    from policies.errors import CodeErrors

    with told():
        text = read(file)
        try:
            rulebook = compile_(text, name=str(file))
        except CodeErrors as errors:
            fail(f"{errors}\n{len(errors.errors)} mistakes; nothing was published.", PARTLY)
    print(summary(rulebook))


@cli.command(epilog="Example: ownship code publish shop.yaml")
def publish(file: File) -> None:
    """Publish the first code of ethics of a vault; it takes effect at once."""
    with told():
        text = read(file)
    done = with_vault(lambda deps: _publish(deps, text, str(file)))
    if done.made:
        print(f"Published. {summary(done.rulebook)}")
    else:
        print(f"Published before; nothing was changed. {summary(done.rulebook)}")


@cli.command(epilog="Example: ownship code show 2026-11")
def show(
    version: Annotated[
        str | None, typer.Argument(help="A version; default: the one in force.")
    ] = None,
) -> None:
    """Print a published code of ethics as its publisher wrote it."""
    sys.stdout.flush()
    sys.stdout.buffer.write(with_vault(lambda deps: _show(deps, version)))


def read(file: Path) -> bytes:
    """Read a document whose size the parser bounds."""
    from vault.services.publication import MAX_FILE

    try:
        with file.open("rb") as opened:
            return opened.read(MAX_FILE + 1)
    except OSError:
        fail(f"{file} cannot be read.", UNREADABLE)


def summary(rulebook: "Rulebook") -> str:
    """Return one line about a code of ethics."""
    code = rulebook.code
    return (
        f"Version {rulebook.version}, {len(code.fields)} fields, {len(code.purposes)} purposes, "
        f"{len(code.recipients)} apps, sha256:{rulebook.digest}"
    )


async def _publish(deps: "Deps", text: bytes, name: str) -> "Published":
    from vault.services import publication

    return await publication.publish(deps, text, name=name)


async def _show(deps: "Deps", version: str | None) -> bytes:
    from vault.services import publication

    return (await publication.show(deps, version)).source
