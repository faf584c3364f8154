"""Check a code of ethics, compare it, publish it, and show what is published.

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
    warn(text, str(file))
    print(summary(rulebook))


@cli.command(epilog="Example: ownship code publish shop.yaml --dry-run")
def publish(
    file: File,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
) -> None:
    """Publish a code of ethics, or propose it once staff is enrolled."""
    from vault.cli import code_plan, proposal

    with told():
        text = read(file)
    done = with_vault(lambda deps: _publish(deps, text, str(file), dry_run=dry_run))
    warn(text, str(file))
    if done.plan is not None and done.plan.before is not None:
        code_plan.write(done.plan)
    if done.made:
        print(f"Published. {summary(done.rulebook)}")
    elif done.waits is not None:
        print(f"Nothing was published yet. {summary(done.rulebook)}")
        print(proposal.waits(done.waits))
    elif dry_run and done.plan is not None:
        print(f"Nothing was published. {summary(done.rulebook)}")
    else:
        print(f"Published before; nothing was changed. {summary(done.rulebook)}")


@cli.command(epilog="Example: ownship code diff 2026-11 shop.yaml")
def diff(
    old: Annotated[str, typer.Argument(help="A file, or a published version.")],
    new: Annotated[str, typer.Argument(help="A file, or a published version.")],
) -> None:
    """Compare two codes clause by clause: which one asks more of the customer, and in what."""
    from policies.diff import diff as compare
    from policies.diff import promises
    from vault.cli import code_plan

    with told():
        before, after = _either(old), _either(new)
    code_plan.write_clauses(compare(before, after))
    code_plan.write_promises(promises(before, after))


@cli.command(epilog="Example: ownship code show 2026-11")
def show(
    version: Annotated[
        str | None, typer.Argument(help="A version; default: the one in force.")
    ] = None,
) -> None:
    """Print a published code of ethics as its publisher wrote it."""
    sys.stdout.flush()
    sys.stdout.buffer.write(with_vault(lambda deps: _show(deps, version)))


@cli.command(epilog="Example: ownship code history")
def history() -> None:
    """List the published versions, the newest first."""
    from vault.cli.table import write

    write(("version", "in effect from", "published", "by", "digest"), with_vault(_history))


def read(file: Path) -> bytes:
    """Read a document whose size the parser bounds."""
    from vault.services.publication import MAX_FILE

    try:
        with file.open("rb") as opened:
            return opened.read(MAX_FILE + 1)
    except OSError:
        fail(f"{file} cannot be read.", UNREADABLE)


def warn(text: bytes, name: str) -> None:
    """Say on stderr what a code that compiles should be looked at for."""
    from policies.compile import warnings

    for one in warnings(text, name=name):
        print(f"Look at this: {one}", file=sys.stderr)


def summary(rulebook: "Rulebook") -> str:
    """Return one line about a code of ethics."""
    code = rulebook.code
    return (
        f"Version {rulebook.version}, {len(code.fields)} fields, {len(code.purposes)} purposes, "
        f"{len(code.recipients)} apps, sha256:{rulebook.digest}"
    )


def _either(name: str) -> "Rulebook":
    """Compile a file, or a published version where there is no file of that name."""
    from policies.compile import compile_

    path = Path(name)
    text = read(path) if path.exists() else with_vault(lambda deps: _show(deps, name))
    return compile_(text, name=name)


async def _publish(deps: "Deps", text: bytes, name: str, *, dry_run: bool) -> "Published":
    from vault.services import publication

    return await publication.publish(deps, text, name=name, dry_run=dry_run)


async def _show(deps: "Deps", version: str | None) -> bytes:
    from vault.services import publication

    return (await publication.show(deps, version)).source


async def _history(deps: "Deps") -> list[tuple[str, ...]]:
    from vault.services import publication

    return [
        (
            row.version,
            f"{row.effective_at:%Y-%m-%d %H:%M}",
            f"{row.published_at:%Y-%m-%d %H:%M}",
            "the shell, before staff" if row.bootstrap else "two persons",
            row.digest,
        )
        for row in await publication.history(deps)
    ]
