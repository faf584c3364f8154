"""Lay out the journal of erasures: one line of canonical JSON each, chained, under a MAC.

A line names the deployment and the SHA-256 of the line before; its MAC covers all of it. So a line
that was edited, added, moved or taken out of the middle is found by the lines alone; that the last
ones are missing is found by the database, which knows which erasures there were. Which key and
which file is not known here.
Source: docs/formats.md, erasures.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from vault.core import canonical
from vault.core.errors import CanonicalError, FormatError
from vault.core.ids import CustomerId, DeploymentId

FIRST: Final = "0" * 64  # what the first line names as the one before
MAX_LINE: Final = 65_536  # bytes
Mac = Callable[[bytes], bytes]
Check = Callable[[bytes, bytes], bool]  # bytes covered, MAC


@dataclass(frozen=True, slots=True)
class Erased:
    """One customer is erased, and stays so."""

    erasure_id: UUID
    at_ms: int
    customer: CustomerId
    keys: tuple[UUID, ...]
    marks: tuple[bytes, ...]  # tombstones
    backups_ms: int  # the promised day


@dataclass(frozen=True, slots=True)
class Lifted:
    """A person joined anew with identifiers that had been erased."""

    at_ms: int
    marks: tuple[bytes, ...]


Line = Erased | Lifted


def dump(line: Line, *, deployment: DeploymentId, before: bytes | None, mac: Mac) -> bytes:
    """Return a line without its end.

    Args:
        line: what happened.
        deployment: of this vault.
        before: the whole line before, without its end; None for the first.
        mac: of the bytes given.
    """
    members = {"v": 1, "deployment": deployment.hex(), "before": chained(before)} | _members(line)
    return canonical.dumps(members | {"mac": mac(canonical.dumps(members)).hex()})


def load(
    text: bytes, *, deployment: DeploymentId, before: bytes | bool | None, check: Check
) -> Line:
    """Read a line.

    Args:
        text: without its end.
        deployment: of this vault.
        before: as for `dump`; False where the line before was not read.
        check: says whether a MAC is good.

    Raises:
        FormatError: it is not what `dump` wrote here, or not behind that line.
    """
    try:
        members = canonical.loads(text)
        mac = bytes.fromhex(members.pop("mac"))
        good = (
            canonical.dumps(members | {"mac": mac.hex()}) == text
            and members["v"] == 1
            and members["deployment"] == deployment.hex()
            and (isinstance(before, bool) or members["before"] == chained(before))
            and check(canonical.dumps(members), mac)
        )
        line = _line(members)
    except (CanonicalError, ValueError, KeyError, TypeError, AttributeError):
        raise FormatError from None
    if not good:
        raise FormatError
    return line


def lines(content: bytes) -> Iterator[bytes]:
    """Give the whole lines; a last one without its end was cut by a crash and never counted."""
    yield from content.split(b"\n")[:-1]


def chained(before: bytes | None) -> str:
    """Return what a line names as the one before."""
    return FIRST if before is None else hashlib.sha256(before).hexdigest()


def _members(line: Line) -> dict[str, object]:
    marks = [mark.hex() for mark in line.marks]
    if isinstance(line, Lifted):
        return {"kind": "lifted", "at": line.at_ms, "tombstones": marks}
    return {
        "kind": "erased",
        "erasure": str(line.erasure_id),
        "at": line.at_ms,
        "customer": str(line.customer),
        "keys": [str(key) for key in line.keys],
        "tombstones": marks,
        "backups_until": line.backups_ms,
    }


def _line(members: dict[str, object]) -> Line:
    marks = tuple(bytes.fromhex(str(mark)) for mark in _list(members["tombstones"]))
    at_ms = _int(members["at"])
    if members["kind"] == "lifted":
        return Lifted(at_ms, marks)
    if members["kind"] != "erased":
        raise FormatError
    return Erased(
        erasure_id=UUID(str(members["erasure"])),
        at_ms=at_ms,
        customer=CustomerId(UUID(str(members["customer"]))),
        keys=tuple(UUID(str(key)) for key in _list(members["keys"])),
        marks=marks,
        backups_ms=_int(members["backups_until"]),
    )


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise FormatError
    return value


def _int(value: object) -> int:
    if type(value) is not int:
        raise FormatError
    return value
