"""Show the apps: what each may read, what it used of that, its budget, its review; and stop one.

Freezing is one person's word and bites at the app's next call; letting it go on takes two.
Source: portal note, 8; security note, 8.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict

from portal.answers import Go, Page
from portal.console import app_words
from portal.console.app_words import REASONS, PurposeTable, Review
from portal.console.visit import StaffVisit
from portal.labels import Labels
from portal.language import N_, translate
from portal.plot import Plot
from portal.state import Badge
from portal.words import Moment, day
from vault.core.freezing import FreezeReason
from vault.core.staff import Right
from vault.services import app_view, published
from vault.services.app_view import AppView

HERE: Final = "/console/apps"


class _Freeze(BaseModel):
    model_config = ConfigDict(frozen=True)

    reason: FreezeReason


@dataclass(frozen=True, slots=True)
class Listed:
    """An app in the list."""

    id: str
    name: str
    team: str
    state: Badge
    asked: int
    approved: int
    used: int
    limit: int
    review: Review | None


@dataclass(frozen=True, slots=True)
class AppsPage:
    """Everything of `/console/apps`."""

    title: str
    apps: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class AppPage:
    """Everything of `/console/apps/…`."""

    title: str
    id: str
    name: str
    team: str
    state: Badge
    intact: bool
    frozen: bool
    may_propose: bool  # that it goes on
    just_frozen: bool
    owner: str
    contacts: tuple[str, ...]
    country: str
    external: bool
    named: bool  # whether the code of ethics in force names it
    added: Moment
    review: Review | None
    used: int
    limit: int
    plot: Plot | None
    purposes: tuple[PurposeTable, ...]
    reasons: tuple[tuple[str, str], ...]
    csrf: str  # "" for who may not freeze it
    action: str


async def show(visit: StaffVisit) -> Page:
    """List all apps."""
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    found = await app_view.all_(visit.deps, visit.member)
    page = AppsPage(
        title=translate(visit.lang, N_("Apps")),
        apps=tuple(_listed(visit, one, labels) for one in found),
    )
    return Page("console/apps.html", page, HERE)


async def show_one(visit: StaffVisit) -> Page:
    """Show one app."""
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    view = await app_view.one(visit.deps, visit.member, visit.params["app"])
    return Page("console/app.html", _page(visit, view, labels), HERE)


async def freeze(visit: StaffVisit) -> Go:
    """Stop one app."""
    form = visit.form.read(_Freeze)
    app = visit.params["app"]
    await app_view.freeze(visit.deps, visit.member, app, reason=form.reason)
    return Go(f"{HERE}/{app}?frozen=1")


def _listed(visit: StaffVisit, view: AppView, labels: Labels) -> Listed:
    said = view.app.registered.registration if view.app else None
    return Listed(
        id=view.id,
        name=_name(view, labels),
        team=_team(view, labels),
        state=app_words.badge(view, visit.lang, visit.now),
        asked=view.asked,
        approved=sum(one.approved for one in view.approvals),
        used=view.used,
        limit=said.daily_limit if said else 0,
        review=app_words.review(said, visit.lang, visit.now) if said else None,
    )


def _page(visit: StaffVisit, view: AppView, labels: Labels) -> AppPage:
    lang, app = visit.lang, view.app
    said = app.registered.registration if app else None
    known = labels.rulebook.recipients.get(view.id)
    may_freeze = app is not None and not app.frozen and visit.member.may(Right.FREEZE_APP)
    return AppPage(
        title=_name(view, labels),
        id=view.id,
        name=_name(view, labels),
        team=_team(view, labels),
        state=app_words.badge(view, lang, visit.now),
        intact=app is not None,
        frozen=app is not None and app.frozen,
        may_propose=visit.member.may(Right.PROPOSE_APP),
        just_frozen="frozen" in visit.query and app is not None and app.frozen,
        owner=said.owner if said else "",
        contacts=said.contacts if said else (),
        country=app_words.country(known.country, lang) if known else "",
        external=known is not None and known.external,
        named=known is not None,
        added=day(view.added_at, lang),
        review=app_words.review(said, lang, visit.now) if said else None,
        used=view.used,
        limit=said.daily_limit if said else 0,
        plot=app_words.used_plot(view, lang, visit.now.date()),
        purposes=app_words.tables(view, labels),
        reasons=tuple((one.value, translate(lang, words)) for one, words in REASONS.items()),
        csrf=visit.csrf(visit.path) if may_freeze else "",
        action=visit.path,
    )


def _name(view: AppView, labels: Labels) -> str:
    known = labels.rulebook.recipients.get(view.id)
    if known:
        return known.name.get(labels.lang)
    return view.app.registered.registration.client_name if view.app else view.id


def _team(view: AppView, labels: Labels) -> str:
    known = labels.rulebook.recipients.get(view.id)
    return known.team.get(labels.lang) if known else ""
