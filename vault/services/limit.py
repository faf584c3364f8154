"""Count what may happen only so often, for a subject that is not stored.

The count is committed first and alone: one that rolled back with the refused request would never
count. The subject (an address, a network, a client) goes through a keyed hash whose key changes
each day, so that nobody can tell from the table who was counted; what yesterday's row still holds
is carried over, so that no limit begins afresh at midnight.
Source: ecosystem note, 13; portal note, 6; security note, 9.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from vault.core.errors import TooManyError
from vault.crypto.row_mac import row_mac
from vault.services.deps import Deps
from vault.store import commit
from vault.store import limit as store
from vault.store.engine import Conn


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something may happen: `burst` at once, then one each `step`."""

    kind: str
    step: int  # ms
    burst: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that is about to happen."""

    rate: Rate
    subject: bytes


def per_hour(kind: str, count: int) -> Rate:
    """Return a rate of so many an hour, all of which may come at once."""
    return Rate(kind, 3_600_000 // count, count)


def per_day(kind: str, count: int) -> Rate:
    """Return a rate of so many a day, all of which may come at once."""
    return Rate(kind, 86_400_000 // count, count)


async def count(deps: Deps, hits: Sequence[Hit]) -> None:
    """Count all hits, or refuse.

    Raises:
        TooManyError: one of them is over its rate; it says how long to wait. The others stay counted, so that a caller
            cannot wear out one limit by hiding behind another.
    """
    at = deps.clock.now()
    now_ms = int(at.timestamp() * 1000)
    key = deps.keys.service("row-mac")

    async def work(conn: Conn) -> int:
        longest = 0
        for hit in sorted(hits, key=lambda hit: (hit.rate.kind, hit.subject)):
            subject = hit.rate.kind.encode() + b"\0" + hit.subject
            today, yesterday = (
                row_mac(key, f"limit/{day.isoformat()}", subject)
                for day in (at.date(), at.date() - timedelta(days=1))
            )
            wait = await store.hit(
                conn,
                today,
                before=yesterday,
                now_ms=now_ms,
                step=hit.rate.step,
                burst=hit.rate.burst,
            )
            longest = max(longest, wait or 0)
        return longest

    wait = await commit.claim(deps.database, work)
    if wait:
        error = TooManyError()
        error.seconds = -(-wait // 1000)
        raise error


def network(address: str) -> bytes:
    """Return what stands for a client's address: an IPv4 address, or an IPv6 /64.

    >>> network("2001:db8::1") == network("2001:db8::2"), network("192.0.2.1")
    (True, b'192.0.2.1')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return b"unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed).encode()
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped).encode()
    return str(ipaddress.ip_network((parsed, 64), strict=False)).encode()
