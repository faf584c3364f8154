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

from vault.verifier import certificate, entry_receipt, receipt
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
    except BadError as error:
        print(f"BAD: {error}", file=sys.stderr)
        return BAD
    return GOOD


def _entry_receipt(options: argparse.Namespace) -> str:
    found = entry_receipt.check(_read(options.file), key=options.key, origin=options.origin)
    promise = found.promise
    moment = datetime.fromtimestamp(promise.integrate_by / 1000, UTC).isoformat()
    entries = "1 entry" if len(found.leaves) == 1 else f"{len(found.leaves)} entries"
    return (
        f"GOOD: {options.origin} promised {entries} of writer {promise.writer} "
        f"to log {promise.log_id} by {moment}."
    )


def _receipt(options: argparse.Namespace) -> str:
    found = receipt.check(
        _read(options.file),
        keys=_read(options.keys) if options.keys else None,
        notice=_read(options.notice) if options.notice else None,
    )
    shown = "The notice is the one that was shown." if found.notice else "No notice was checked."
    return (
        f"GOOD: signed by {found.issuer}: {found.state} on {found.at} for "
        f"{_printable(', '.join(found.purposes))}. {shown}\n"
        f"A decision then, not today's state. Its log entry should hold {found.record_digest}; "
        "that it does is a promise only until the log is checked."
    )


def _certificate(options: argparse.Namespace) -> str:
    found = certificate.check(
        _read(options.file), keys=_read(options.keys) if options.keys else None
    )
    kept = "".join(
        f"\nKept until {one.until} by {_printable(one.law)}: {_printable(', '.join(one.names))}."
        for one in found.kept
    )
    return (
        f"GOOD: signed by {found.issuer}: erasure {found.erasure} on {found.at}. "
        f"No backup opens anything after {found.backups_until}.\n"
        f"Keys that are gone: {', '.join(found.keys) or 'none'}.{kept}"
    )


def _printable(text: str) -> str:
    """Return text that moves no cursor: what a file says must not write over what is said of it."""
    return "".join(one if one.isprintable() else "?" for one in text)


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
    command.set_defaults(check=_entry_receipt)
    command = commands.add_parser("receipt", help="check a consent receipt, offline")
    command.add_argument("file", type=Path, metavar="FILE", help="the receipt, or - for stdin")
    command.add_argument(
        "--keys", type=Path, metavar="F", help="the publisher's receipt-keys.json, else exit 2"
    )
    command.add_argument("--notice", type=Path, metavar="F", help="the notice that was shown")
    command.set_defaults(check=_receipt)
    command = commands.add_parser("certificate", help="check a certificate of erasure, offline")
    command.add_argument("file", type=Path, metavar="FILE", help="the certificate, or - for stdin")
    command.add_argument(
        "--keys", type=Path, metavar="F", help="the publisher's receipt-keys.json, else exit 2"
    )
    command.set_defaults(check=_certificate)
    return parser


if __name__ == "__main__":
    sys.exit(main())
