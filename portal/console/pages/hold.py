"""Show one legal hold with its reason, which is a look each time; lift it after asking once more.

The reason may tell of a customer, so it opens here alone, once the look is on record and on the
customer's list. The page that asks before lifting opens nothing.
Source: GDPR 17(3) and 18(2); portal note, 8; security note, 8.
"""

from dataclasses import dataclass
from uuid import UUID

from portal.answers import Go, Page
from portal.console import hold_words
from portal.console.hold_words import Line
from portal.console.pages.holds import HERE
from portal.console.visit import StaffVisit
from portal.labels import Labels
from portal.language import N_, translate
from vault.core.errors import NotAvailableError, OpenError
from vault.services import hold_staff, published
from vault.services.hold_list import Listed


@dataclass(frozen=True, slots=True)
class HoldPage:
    """Everything of `/console/holds/{hold}` and of the page that asks before it is lifted."""

    title: str
    hold: Line
    reason: str | None  # None: it was not opened, or does not open
    action: str
    csrf: str
    wrong: str = ""


async def show(visit: StaffVisit) -> Page:
    """Record the look, then show the hold with its reason."""
    one = await _find(visit)
    try:
        said = await hold_staff.reason(visit.deps, visit.member, one, request=visit.request_id)
    except OpenError:
        said = None
    title = translate(visit.lang, N_("A legal hold"))
    return Page("console/hold.html", await _page(visit, one, title, said), HERE)


async def ask(visit: StaffVisit) -> Page:
    """Ask before it is lifted."""
    one = await _find(visit)
    title = translate(visit.lang, N_("Lift this hold?"))
    return Page("console/hold_lift.html", await _page(visit, one, title), HERE)


async def lift(visit: StaffVisit) -> Page | Go:
    """Lift it; one that does not stand any more is said to."""
    one = await _find(visit)
    try:
        lifted = await hold_staff.lift(visit.deps, visit.member, one.hold_id)
    except OpenError:
        title = translate(visit.lang, N_("Lift this hold?"))
        wrong = translate(
            visit.lang,
            N_("Not lifted: it is not as the vault wrote it. Tell whoever runs the vault."),
        )
        page = await _page(visit, one, title, wrong=wrong)
        return Page("console/hold_lift.html", page, HERE, status=409)
    return Go(f"{HERE}?done={'lifted' if lifted else 'over'}")


async def _find(visit: StaffVisit) -> Listed:
    text = visit.params["hold"]
    try:
        hold_id = UUID(text)
    except ValueError:
        raise NotAvailableError from None
    if str(hold_id) != text:
        raise NotAvailableError
    return await hold_staff.find(visit.deps, visit.member, hold_id)


async def _page(
    visit: StaffVisit, one: Listed, title: str, reason: str | None = None, *, wrong: str = ""
) -> HoldPage:
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    shown = hold_words.line(one, labels)
    action = f"{shown.href}/lift"
    return HoldPage(
        title=title,
        hold=shown,
        reason=reason,
        action=action,
        csrf=visit.csrf(action),
        wrong=wrong,
    )
