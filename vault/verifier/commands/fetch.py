"""`fetch URL DIR`: save a log into a folder. The only command that uses the network."""

import argparse

from vault.verifier import fetch
from vault.verifier.commands.arguments import Commands, Keys, add_folder, printable
from vault.verifier.errors import CannotTellError
from vault.verifier.web import Site


def add(commands: Commands) -> None:
    """Say how the command is called."""
    command = commands.add_parser("fetch", help="save a log into a folder, or bring it up to date")
    command.add_argument("url", metavar="URL", help="the log's address, https://HOST/log")
    add_folder(command)
    command.add_argument("--log", type=int, default=0, metavar="N", help="a log with this number")
    command.add_argument(
        "--key", action=Keys, help="verifier key of the log, to check the checkpoint at once"
    )
    command.add_argument("--origin", help="origin of the log, HOST/log")
    command.set_defaults(check=_check)


def _check(options: argparse.Namespace) -> str:
    if not 0 <= options.log < 65_536:
        raise CannotTellError("A log has a number from 0 to 65535.")
    if (options.key is None) != (options.origin is None):
        raise CannotTellError("--key and --origin go together.")
    url = options.url.rstrip("/") + (f"/{options.log}" if options.log else "")
    found = fetch.fetch(Site(url), options.folder, key=options.key, origin=options.origin)
    said = (
        f"FETCHED: the log of {printable(found.origin)} with {found.size} entries; "
        f"{found.files} files are new in the folder."
    )
    lines = [said]
    if found.withheld:
        lines.append(
            f"{found.withheld} bundles of old entries are not served: `log` says whether they were "
            "pruned."
        )
    lines.append("Whether it holds is not checked yet: run `log` on the folder.")
    return "\n".join(lines)
