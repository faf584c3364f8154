"""Show staff what each app may do, what it asked for and was given, and let them stop it.

What was asked is read from counts beside the access log; no entry is opened and no customer named.
An approval that nothing asked for in 90 days is marked only when so many days were counted: what was
not looked at is not unused.
Source: portal note, 8; consent-standards note, 9.8; security note, 8.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from policies.model import Action, Permission, Rulebook
from vault.core.errors import NotAvailableError
from vault.core.freezing import FreezeReason
from vault.core.ids import AppId
from vault.core.staff import Right
from vault.services import app as apps
from vault.services import registered
from vault.services.deps import Deps
from vault.services.registered import App
from vault.services.staff import Member
from vault.store import app as app_store
from vault.store import app_use, budget
from vault.store.app_use import Used
from vault.store.engine import Conn

SHOWN: Final = 30  # days, today included
UNUSED: Final = 90  # days after which an approval that nothing asked for could go


@dataclass(frozen=True, slots=True)
class Approval:
    """One thing that an app was approved for, or asked for without being."""

    permission: Permission
    asked: int  # times, in the days shown
    given: int
    last: date | None  # the last day in 90 on which it asked
    unused: bool  # not once in 90 days, all of which were counted
    approved: bool
    covered: bool  # whether the code of ethics in force still gives it


@dataclass(frozen=True, slots=True)
class AppView:
    """An app as staff see it; `app` is None when its registration is not intact."""

    id: AppId
    added_at: datetime
    app: App | None
    used: int  # customers of today's budget
    days: Mapping[date, int]  # the same of each day shown
    approvals: tuple[Approval, ...]

    @property
    def asked(self) -> int:
        """Return how many of its approvals the app made use of in the days shown."""
        return sum(one.approved and one.asked > 0 for one in self.approvals)


async def all_(deps: Deps, member: Member) -> list[AppView]:
    """Return all apps by id.

    Raises:
        NotAvailableError: the member's role does not see apps.
    """
    member.need(Right.SEE_APPS)
    async with deps.database.connect() as conn:
        rows = await app_store.load_all(conn)
        return [await _view(deps, conn, row.app, row.added_at) for row in rows]


async def one(deps: Deps, member: Member, app_id: str) -> AppView:
    """Return one app.

    Raises:
        NotAvailableError: there is none of this id, or the member's role does not see apps.
    """
    member.need(Right.SEE_APPS)
    async with deps.database.connect() as conn:
        row = await app_store.load(conn, app_id)
        if row is None:
            raise NotAvailableError
        return await _view(deps, conn, row.app, row.added_at)


async def freeze(deps: Deps, member: Member, app_id: str, *, reason: FreezeReason) -> None:
    """Stop an app at its very next call, on this member's word alone.

    Raises:
        NotAvailableError: there is none of this id, or the member's role stops no app.
        BadRequestError: its registration is not intact, so that it asks for nothing anyway.
    """
    member.need(Right.FREEZE_APP)
    await one(deps, member, app_id)
    await apps.freeze(deps, app_id, by=member.handle, reason=reason)


async def _view(deps: Deps, conn: Conn, app_id: AppId, added_at: datetime) -> AppView:
    now = deps.clock.now()
    today = now.astimezone(UTC).date()
    rulebook = await deps.codes.in_force(conn, now)
    app = await registered.load(deps, conn, app_id)
    shown = await app_use.since(conn, app_id, first=today - timedelta(days=SHOWN - 1))
    long = await app_use.since(conn, app_id, first=today - timedelta(days=UNUSED))
    begun = max(await app_use.first_day(conn) or today, added_at.date())
    days = await budget.since(conn, app_id, first=today - timedelta(days=SHOWN - 1))
    whole = today - begun >= timedelta(days=UNUSED)
    return AppView(
        id=app_id,
        added_at=added_at,
        app=app,
        used=days.get(today, 0),
        days=days,
        approvals=approvals(app_id, app, rulebook, shown, long, whole=whole),
    )


def approvals(
    app_id: str,
    app: App | None,
    rulebook: Rulebook,
    shown: list[Used],
    long: list[Used],
    *,
    whole: bool,
) -> tuple[Approval, ...]:
    """Return each approval with its counts, then what was asked for without one.

    Args:
        app_id: its client id.
        app: the app; None where its registration is not intact, so that nothing is approved.
        rulebook: the code of ethics in force.
        shown: counts of the days shown.
        long: counts of 90 days.
        whole: whether each of the 90 days was counted.
    """
    granted = app.registered.permissions if app else frozenset[Permission]()
    counts = {(use.purpose, use.action, use.name): use for use in shown}
    lasts = {(use.purpose, use.action, use.name): use.last for use in long}
    beyond = set(rulebook.uncovered(granted, app=app_id))
    asked = {Permission(use.purpose, Action(use.action), use.name) for use in shown}
    found = []
    for permission in (*sorted(granted), *sorted(asked - granted)):
        key = (permission.purpose, permission.action.value, permission.name)
        use, approved = counts.get(key), permission in granted
        found.append(
            Approval(
                permission=permission,
                asked=use.asked if use else 0,
                given=use.given if use else 0,
                last=lasts.get(key),
                unused=approved and whole and key not in lasts,
                approved=approved,
                covered=permission not in beyond,
            )
        )
    return tuple(found)
