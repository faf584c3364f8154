"""Run the checker: `ownship-verify`, or `python -m vault.verifier`.

Exit code 0 says that what was checked holds, 1 that it does not, 2 that it cannot be told. Key and
origin are given on the command line and never taken from the file under check.
Source: access-log note, 12.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from vault.verifier import entry_receipt
from vault.verifier.errors import BadError, CannotTellError, KeyFormatError

GOOD, BAD, CANNOT_TELL = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what the arguments name, say the outcome in a sentence, and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        print(_entry_receipt(options))
    except (CannotTellError, KeyFormatError) as error:
        print(f"CANNOT TELL: {error}", file=sys.stderr)
        return CANNOT_TELL
    except BadError as error:
        print(f"BAD: {error}", file=sys.stderr)
        return BAD
    return GOOD


def _entry_receipt(options: argparse.Namespace) -> str:
    receipt = entry_receipt.check(_read(options.file), key=options.key, origin=options.origin)
    promise = receipt.promise
    moment = datetime.fromtimestamp(promise.integrate_by / 1000, UTC).isoformat()
    entries = "1 entry" if len(receipt.leaves) == 1 else f"{len(receipt.leaves)} entries"
    return (
        f"GOOD: {options.origin} promised {entries} of writer {promise.writer} "
        f"to log {promise.log_id} by {moment}."
    )


def _read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError:
        raise CannotTellError("The file cannot be read.") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ownship-verify",
        description="Check receipts of the vault without trusting the vault.",
        epilog="Exit code: 0 it holds, 1 it does not, 2 it cannot be told.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser(
        "entry-receipt", help="check signature and path of a receipt for a log entry"
    )
    command.add_argument("file", type=Path, metavar="FILE", help="the receipt, or - for stdin")
    command.add_argument("--key", required=True, help="verifier key of entry receipts")
    command.add_argument("--origin", required=True, help="origin of the log, HOST/log")
    return parser


if __name__ == "__main__":
    sys.exit(main())
