"""Show the customer's own rules, in few options or in all of them, and set or lift one by one press.

Both views write the same terms. Each press leads to the page that says what happened, with the way
back. What the law demands is shown locked, with its law. No press here gives a consent: a level
only leaves purposes open, each with a link to the page on which it is asked.
Source: portal note, 2; consent-standards note, 6.
"""

from dataclasses import dataclass
from typing import Final

from policies.model import ConsentState, Term
from policies.situation import Terms
from portal import state, term_words
from portal.answers import Go, Page
from portal.labels import Labels
from portal.language import N_, translate
from portal.pages import gpc
from portal.pages.gpc import Signal
from portal.rule_rows import Row, Rows
from portal.state import Badge
from portal.term_form import Press, alter
from portal.visit import Visit
from portal.words import of_ms, until_of
from vault.core import levels, own_terms
from vault.core.errors import BadRequestError, TermNotOfferedError, WrongValueError
from vault.core.levels import Level
from vault.core.own_terms import Rule
from vault.services import choices, contact, portal_choice, quiet, terms
from vault.services import gpc as gpc_service
from vault.services.consent_notice import View
from vault.services.terms import Standing

HERE: Final = "/privacy/terms"
_MENU: Final = "/privacy"
_SAME: Final = "same"  # `done` when it was so already
_KNOWN: Final = {name: level for level, name in levels.NAMES.items()}


@dataclass(frozen=True, slots=True)
class Opens:
    """A purpose that a level leaves open."""

    href: str
    label: str
    state: Badge


@dataclass(frozen=True, slots=True)
class LevelCard:
    """One of the three levels, with what it would change now."""

    name: str
    label: str
    chosen: bool
    changes: tuple[str, ...]
    opens: tuple[Opens, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What the last press did."""

    words: tuple[str, ...]
    opens: tuple[Opens, ...]
    undo: str  # token; "" where there is nothing to undo


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the three forms that are typed, and what was wrong with it."""

    start: str
    end: str
    zone: str
    days: str
    times: str = ""
    wrong_quiet: str = ""
    wrong_days: str = ""
    wrong_times: str = ""


@dataclass(frozen=True, slots=True)
class TermsPage:
    """Everything of `/privacy/terms`."""

    title: str
    view: str
    csrf: str
    view_csrf: str
    done: Done | None
    signal: Signal | None
    pause: Row | None
    levels: tuple[LevelCard, ...]
    by_hand: tuple[Row, ...]
    purposes: tuple[Row, ...]
    apps: tuple[Row, ...]
    channels: tuple[Row, ...]
    switches: tuple[Row, ...]
    mails: tuple[Row, ...]
    locked: tuple[Row, ...]
    quiet: bool  # whether it can be set or lifted
    lapse: bool
    at_most: bool
    reached: str  # how often it was in the last 30 days, in words
    typed: Typed
    has_quiet: bool
    has_lapse: bool
    has_at_most: bool


async def show(visit: Visit) -> Page:
    """Show every rule as it stands."""
    return await _shown(visit, await terms.load(visit.deps, visit.customer), None)


async def press(visit: Visit) -> Page | Go:
    """Set or lift one rule; what cannot be read of quiet hours or days is asked again."""
    form = visit.form.read(Press)
    deps, customer, request = visit.deps, visit.customer, visit.request_id
    level = _KNOWN.get(form.name) if form.do == "level" else None
    if form.do == "undo":
        outcome = await terms.undo(deps, customer, form.token, request=request)
    elif form.do == "signal":
        share = form.rule is Rule.OPEN
        outcome = await gpc_service.answer(deps, customer, share=share, request=request)
    elif level:
        outcome = await terms.choose(deps, customer, level, request=request)
    else:
        try:
            outcome = await terms.change(deps, customer, alter(form), request=request)
        except TermNotOfferedError:
            raise
        except WrongValueError:
            return await _again(visit, form)
    token = terms.token(deps, customer, outcome, level=level)
    return Go(f"{HERE}?done={token or _SAME}")


async def _again(visit: Visit, form: Press) -> Page:
    """Ask for quiet hours or days again, with what was typed."""
    wrong_quiet = wrong_days = wrong_times = ""
    if form.do == "quiet":
        wrong_quiet = translate(
            visit.lang,
            N_("Type two different times, such as 22:00 and 08:00, and a place of the list."),
        )
    elif form.do == "at-most":
        wrong_times = translate(visit.lang, N_("Type a whole number from 1 to 30."))
    else:
        wrong_days = translate(visit.lang, N_("Type a whole number of days from 1 to 365."))
    standing = await terms.load(visit.deps, visit.customer)
    typed = Typed(
        start=form.start,
        end=form.end,
        zone=form.zone,
        days=form.days,
        times=form.times,
        wrong_quiet=wrong_quiet,
        wrong_days=wrong_days,
        wrong_times=wrong_times,
    )
    return await _shown(visit, standing, typed)


async def _shown(visit: Visit, standing: Standing, typed: Typed | None) -> Page:
    labels = Labels(standing.rulebook, visit.lang)
    rows = Rows(standing, labels, visit.csrf(HERE))
    offered, own = standing.rulebook.code.terms, standing.terms
    view = await _view(visit)
    opens = await _opens(visit)
    wrong = typed is not None
    title = translate(visit.lang, N_("Your own rules"))
    page = TermsPage(
        title=translate(visit.lang, N_("Error: {title}"), title=title) if wrong else title,
        view=view.value,
        csrf=rows.csrf,
        view_csrf=visit.csrf("/privacy/view"),
        done=None if wrong else _done(visit, standing, labels, opens),
        signal=await gpc.signal(visit, own),
        pause=rows.pause(),
        levels=_levels(standing, labels, opens) if view is View.SIMPLE else (),
        by_hand=rows.set_by_hand() if view is View.SIMPLE else (),
        purposes=rows.purposes() if view is View.GRID else (),
        apps=rows.apps() if view is View.GRID else (),
        channels=rows.channels(),
        switches=tuple(row for row in (rows.profiling(), rows.sharing()) if row),
        mails=rows.mails(),
        locked=rows.locked(),
        quiet=bool(own.quiet) or Term.QUIET_HOURS in offered,
        lapse=bool(own.lapse_days) or Term.LAPSE in offered,
        at_most=bool(own.at_most) or Term.AT_MOST in offered,
        reached=await _reached(visit, standing),
        typed=typed or _typed(own),
        has_quiet=bool(own.quiet),
        has_lapse=bool(own.lapse_days),
        has_at_most=bool(own.at_most),
    )
    return Page("terms.html", page, _MENU, status=422 if wrong else 200)


async def _reached(visit: Visit, standing: Standing) -> str:
    """Return how often the business reached the customer lately, beside their own limit."""
    count = await contact.reached(visit.deps, visit.customer, standing.rulebook)
    limit = standing.terms.at_most
    if not limit:
        said = N_("We reached you in the last 30 days, times: {count}.")
        return translate(visit.lang, said, count=count)
    said = N_("We reached you in the last 30 days, times: {count}. Your limit: {limit}.")
    return translate(visit.lang, said, count=count, limit=limit)


async def _view(visit: Visit) -> View:
    """Return the view that the address asks for, else the one that is remembered."""
    wish = visit.query.get("view", "")
    if wish in set(View):
        return View(wish)
    return await portal_choice.view(visit.deps, visit.customer)


async def _opens(visit: Visit) -> dict[str, Opens]:
    """Return every purpose that can be allowed, by id, as a line with a link to its own page."""
    return {
        one.purpose.id: Opens(
            href=f"/privacy/{one.purpose.id}",
            label=one.purpose.label.get(visit.lang),
            state=state.consent(
                one.state or ConsentState.UNKNOWN,
                visit.lang,
                decided=of_ms(one.since_ms) if one.since_ms else None,
                until=until_of(one.until_ms) if one.until_ms else None,
                now=visit.now,
            ),
        )
        for one in await choices.choices(visit.deps, visit.customer)
        if one.state is not None
    }


def _levels(standing: Standing, labels: Labels, opens: dict[str, Opens]) -> tuple[LevelCard, ...]:
    book, own = standing.rulebook, standing.terms
    if not levels.offered(book):
        return ()
    return tuple(
        LevelCard(
            name=levels.NAMES[level],
            label=translate(labels.lang, term_words.LEVELS[level]),
            chosen=standing.level is level,
            changes=_sentences(
                own_terms.changes(own, levels.apply(book, own, level=level)), labels
            ),
            opens=tuple(opens[one.id] for one in levels.opened(book, level) if one.id in opens),
        )
        for level in Level
    )


def _done(visit: Visit, standing: Standing, labels: Labels, opens: dict[str, Opens]) -> Done | None:
    """Return what the last press did, from a token that only this customer can show."""
    said = visit.query.get("done", "")
    if said == _SAME:
        return Done((translate(visit.lang, N_("It was so already. Nothing changed.")),), (), "")
    try:
        done = terms.read_token(visit.deps, visit.customer, said) if said else None
    except BadRequestError:
        return None
    if done is None:
        return None
    book = standing.rulebook
    return Done(
        words=_sentences(own_terms.of_difference(done.difference), labels),
        opens=tuple(opens[one.id] for one in levels.opened(book, done.level) if one.id in opens)
        if done.level
        else (),
        undo=said,
    )


def _sentences(changed: tuple[own_terms.Changed, ...], labels: Labels) -> tuple[str, ...]:
    return tuple(words for one in changed if (words := term_words.sentence(one, labels)))


def _typed(own: Terms) -> Typed:
    start, end, zone = quiet.read(own.quiet) or ("", "", "")
    return Typed(start, end, zone, str(own.lapse_days or ""), str(own.at_most or ""))
