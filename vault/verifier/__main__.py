"""Run the checker: `ownship-verify`, or `python -m vault.verifier`.

Exit code 0 says that what was checked holds, 1 that it does not, 2 that it cannot be told. Key and
origin are given on the command line and never taken from the file under check. The commands are in
`commands/`.
Source: access-log note, 12.
"""

import argparse
import sys
from collections.abc import Sequence

from vault.verifier.commands import TABLE
from vault.verifier.errors import BadError, CannotTellError, KeyFormatError

GOOD, BAD, CANNOT_TELL = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what the arguments name, say the outcome in a sentence, and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        print(options.check(options))
    except (CannotTellError, KeyFormatError) as error:
        print(f"CANNOT TELL: {error}", file=sys.stderr)
        return CANNOT_TELL
    except KeyboardInterrupt:
        print("CANNOT TELL: it was interrupted.", file=sys.stderr)
        return CANNOT_TELL
    except BadError as error:
        print(f"BAD: {error}", file=sys.stderr)
        return BAD
    return GOOD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ownship-verify",
        description="Check receipts, proofs and the log of a vault without trusting the vault.",
        epilog="Exit code: 0 it holds, 1 it does not, 2 it cannot be told.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in TABLE:
        add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
