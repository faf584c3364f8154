"""Count each night what a business may know of its customers without anybody's name.

Small groups are hidden before anything is kept, so that no two nights can be held against each other
by whoever reads the table, and nobody has to be trusted to leave a number out. Nothing is opened.
Source: consent-standards note, 9.12; DESIGN 11.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from policies.model import Basis, Purpose, Rulebook
from policies.names import INTERACTION
from vault.core import canonical
from vault.core.errors import BusyError
from vault.core.group import hide, hide_by_name
from vault.core.staff import Right
from vault.crypto.random import uuid4
from vault.services import scorecard
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.services.staff import Member
from vault.store import commit, lease, sweeps, sweeps_numbers
from vault.store import numbers as store
from vault.store.engine import Conn
from vault.store.numbers import NumbersRow
from vault.store.sweeps_numbers import Stand

KIND: Final = "staff"
DAYS: Final = 30  # in which uses by apps are counted
EVERY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted one night."""

    at: datetime
    said: dict[str, Any]  # as `count` returns it


async def count(deps: Deps) -> dict[str, Any]:
    """Return the numbers of this moment, small groups hidden (None).

    Members: `code`, `least`, `customers`, `consents` (purpose -> allowed, said_no, ended, open),
    `uses` (app, purpose, asked, given), `benefits` (purpose, benefit, needs, customers).
    """
    now = deps.clock.now()
    now_ms = unix_ms(now)
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, now)
        least = rulebook.minimum_group
        everyone = await sweeps.count_customers(conn)
        stands = await sweeps_numbers.consents(conn, now_ms=now_ms)
        uses = await sweeps_numbers.uses(conn, first=(now - timedelta(days=DAYS)).date())
        shared = {
            (purpose.id, benefit.id): await _with_benefit(conn, purpose, benefit.needs, now_ms)
            for purpose in rulebook.consent_purposes()
            for benefit in purpose.benefits
        }
    consents = _consents(rulebook, stands, everyone)
    benefits: list[dict[str, Any]] = []
    for said in consents:
        purpose = rulebook.purposes[said["purpose"]]
        counts = [shared[purpose.id, one.id] for one in purpose.benefits]
        shown = _parts(counts, said["allowed"], everyone, least)
        benefits += [
            {"purpose": purpose.id, "benefit": one.id, "needs": list(one.needs), "customers": count}
            for one, count in zip(purpose.benefits, shown, strict=True)
        ]
    return {
        "code": rulebook.version,
        "least": least,
        "customers": hide((everyone,), least=least)[0],
        "consents": consents,
        "uses": [
            {"app": app, "purpose": purpose}
            | hide_by_name({"given": given, "withheld": max(0, asked - given)}, least=least)
            for app, purpose, asked, given in uses
        ],
        "benefits": benefits,
    }


async def keep(deps: Deps) -> Counted:
    """Count, keep it, and return it."""
    said, now = await count(deps), deps.clock.now()
    row = NumbersRow(KIND, now, canonical.dumps(said).decode())
    await commit.request(deps.database, lambda conn: store.add(conn, row))
    return Counted(now, said)


async def latest(deps: Deps, member: Member) -> Counted | None:
    """Return what was counted last; None before the first night.

    Raises:
        NotAvailableError: the member may not see numbers.
    """
    member.need(Right.SEE_RECORDS)
    async with deps.database.connect() as conn:
        rows = await store.latest(conn, KIND)
    return Counted(rows[0].at, canonical.loads(rows[0].text.encode())) if rows else None


async def nightly(deps: Deps) -> bool:
    """Count once a day, by one process; False when another did."""

    async def mine(conn: Conn) -> int | None:
        # The lease is never renewed: it is the clock that all processes share.
        return await lease.acquire(conn, "numbers", holder=uuid4(), length=EVERY)

    fence = await commit.claim(deps.database, mine)
    if fence is None:
        return False
    try:
        await keep(deps)
        await scorecard.keep(deps)
    except BusyError:  # a night that was not counted is counted at the next look
        give_back = partial(lease.release, name="numbers", fence=fence)
        await commit.claim(deps.database, give_back)
        raise
    return True


async def _with_benefit(conn: Conn, purpose: Purpose, needs: tuple[str, ...], now_ms: int) -> int:
    fields = [name for name in needs if not name.startswith(f"{INTERACTION}.")]
    return await sweeps_numbers.sharing(conn, purpose.id, fields, now_ms=now_ms)


def _parts(counts: list[int], allowed: int | None, everyone: int, least: int) -> list[int | None]:
    """Return how many share what each benefit needs, of those who allow one purpose.

    They are parts of who allows it, and may be parts of each other: a number is shown only where what
    it leaves of any other is nobody, or a group. Where who allows it is hidden, so is each part.
    """
    others = (everyone, allowed or 0, *counts)

    def may(count: int) -> bool:
        apart = (abs(count - other) for other in others)
        return all(size == 0 or size >= least for size in (count, *apart))

    return [
        count if allowed is not None and everyone >= least and may(count) else None
        for count in counts
    ]


def _consents(rulebook: Rulebook, stands: dict[str, Stand], everyone: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for purpose in rulebook.code.purposes:
        if purpose.basis is not Basis.CONSENT:
            continue
        one = stands.get(purpose.id, Stand(0, 0, 0))
        cells = one._asdict() | {"open": max(0, everyone - sum(one))}
        found.append({"purpose": purpose.id} | hide_by_name(cells, least=rulebook.minimum_group))
    return found
