"""Count what names nobody, and count the promise scorecard again.

Source: consent-standards note, 9.12.
"""

from typing import TYPE_CHECKING, Any

import typer

from vault.cli.opening import with_vault
from vault.cli.outcome import PARTLY, fail
from vault.cli.table import write

if TYPE_CHECKING:
    from vault.services.deps import Deps
    from vault.services.numbers import Counted

HIDDEN = "hidden"
cli = typer.Typer(help="Numbers without names, and the promise scorecard.", no_args_is_help=True)


@cli.command(epilog="Example: ownship numbers count")
def count() -> None:
    """Count now, keep it for the console and the public scorecard, and print it."""
    found = with_vault(_count)
    rows = [("customers", "", "", _cell(found.said["customers"]))]
    for one in found.said["consents"]:
        rows += [
            ("consent", one["purpose"], name, _cell(one[name]))
            for name in ("allowed", "said_no", "ended", "open")
        ]
    for one in found.said["uses"]:
        rows += [
            ("use", f"{one['app']}/{one['purpose']}", name, _cell(one[name]))
            for name in ("given", "withheld")
        ]
    rows += [
        ("benefit", one["purpose"], one["benefit"], _cell(one["customers"]))
        for one in found.said["benefits"]
    ]
    write(("what", "of", "name", "count"), rows)


@cli.command(epilog="Example: ownship numbers check")
def check() -> None:
    """Count the published scorecard again from the log as it was; fail when a figure differs."""
    found = with_vault(_check)
    if found is None:
        fail("No scorecard was counted yet: `ownship numbers count` counts one.", PARTLY)
    kept, again = found
    differ = sorted(
        name for name in kept.keys() | again.keys() if kept.get(name) != again.get(name)
    )
    if differ:
        fail(f"These figures are not what the log gives: {', '.join(differ)}.", PARTLY)
    print(f"The scorecard over {kept['log']:,} entries is what the log gives.")


async def _count(deps: "Deps") -> "Counted":
    from vault.services import numbers, scorecard

    await scorecard.keep(deps)
    return await numbers.keep(deps)


async def _check(deps: "Deps") -> tuple[dict[str, Any], dict[str, Any]] | None:
    from vault.services import scorecard

    found = await scorecard.check(deps)
    return None if found is None else (found[0].said, found[1])


def _cell(number: int | None) -> str:
    return HIDDEN if number is None else f"{number:,}"
