"""Look into one entry of the access log: why and for which case first, then what it says.

The opened entry has an address of its own, in which why and case lie sealed. Each time it is shown
is a look, recorded before the entry opens, and the customer reads it.
Source: portal note, 8; security note, 8.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from policies.reasons import Reason
from portal.answers import Go, Page
from portal.console import log_words, reasons
from portal.console.log_words import Entry
from portal.console.visit import StaffVisit
from portal.labels import WHY, Labels
from portal.language import N_, translate
from portal.look_filter import Option
from portal.pages.who_looked import index_of
from vault.core.errors import NotAvailableError, WrongValueError
from vault.core.log_look import Why
from vault.services import log_entry, log_search, published
from vault.services.log_entry import Opened, Said

HERE: Final = "/console/log"
_WHY: Final = {
    Why.QUESTION: N_("Somebody asked about it"),
    Why.ALERT: N_("An alert"),
    Why.CONTROL: N_("A routine check"),
    Why.AUTHORITY: N_("An authority or a court asked"),
}


class _Ask(BaseModel):
    model_config = ConfigDict(frozen=True)

    why: str = Field(max_length=100)
    case: str = Field(max_length=1000)


@dataclass(frozen=True, slots=True)
class AskPage:
    """Everything of `/console/log/{index}`."""

    title: str
    entry: Entry
    action: str
    why: tuple[Option, ...]
    case: str
    wrong: str
    field: str  # which one is wrong
    csrf: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Names that were withheld for one reason, and what that means."""

    why: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenedPage:
    """Everything of an opened entry; without `said` it does not open any more."""

    title: str
    entry: Entry
    why: str
    case: str
    said: bool
    customer: str
    actor: str
    allowed: tuple[tuple[str, str], ...]  # (name, clause)
    refused: tuple[Refused, ...]
    request: str
    token: str
    registration: str
    epoch: int


async def ask(visit: StaffVisit) -> Page:
    """Show the facts, and the form that must be filled in before anything opens."""
    return await _ask(visit)


async def lead(visit: StaffVisit) -> Page | Go:
    """Lead to the look, once it was told what for."""
    form = visit.form.read(_Ask)
    index = index_of(visit.params)
    if form.why not in set(Why):
        wrong = N_("Choose what the look is for.")
        return await _ask(visit, wrong=wrong, field="why", case=form.case, status=422)
    why = Why(form.why)
    try:
        place = log_entry.lead(visit.deps, visit.member, index, why=why, case=form.case)
    except WrongValueError:
        wrong = N_("Write the number of the request, or the reference of the ticket.")
        return await _ask(visit, wrong=wrong, field="case", why=why, case=form.case, status=422)
    return Go(f"{HERE}/{index}/{place}")


async def show(visit: StaffVisit) -> Page | Go:
    """Record the look, then show what the entry says; an address that is over asks again."""
    index = index_of(visit.params)
    try:
        opened = await log_entry.look(
            visit.deps, visit.member, index, visit.params["look"], request=visit.request_id
        )
    except NotAvailableError:
        await log_search.find(visit.deps, visit.member, index)
        return Go(f"{HERE}/{index}")
    entry, names = await _entry(visit, index)
    return Page("console/log_opened.html", _opened(visit, opened, entry, names), HERE)


async def _ask(
    visit: StaffVisit,
    *,
    wrong: str = "",
    field: str = "",
    why: Why | None = None,
    case: str = "",
    status: int = 200,
) -> Page:
    index = index_of(visit.params)
    entry, _ = await _entry(visit, index)
    page = AskPage(
        title=translate(visit.lang, N_("Entry {index}"), index=index),
        entry=entry,
        action=visit.path,
        why=tuple(
            Option(one.value, translate(visit.lang, words), one is why)
            for one, words in _WHY.items()
        ),
        case="".join(one for one in case[:200] if one.isprintable()),
        wrong=translate(visit.lang, wrong) if wrong else "",
        field=field,
        csrf=visit.csrf(visit.path),
    )
    return Page("console/log_entry.html", page, HERE, status=status)


async def _entry(visit: StaffVisit, index: int) -> tuple[Entry, Labels]:
    known = await log_search.find(visit.deps, visit.member, index)
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    books = await published.of_digests(visit.deps, [known.code] if known.code else [])
    book = books.get(known.code)
    return log_words.entry(known, labels, books), Labels(book, visit.lang) if book else labels


def _opened(visit: StaffVisit, opened: Opened, entry: Entry, names: Labels) -> OpenedPage:
    said = opened.said
    return OpenedPage(
        title=translate(visit.lang, N_("Entry {index}"), index=opened.facts.place),
        entry=entry,
        why=translate(visit.lang, WHY[opened.why]),
        case=opened.case,
        said=said is not None,
        customer=opened.customer,
        actor=said.actor if said else "",
        allowed=tuple(
            (names.of(name), log_words.clause(clause, names))
            for name, clause in (said.allowed if said else ())
        ),
        refused=_refused(said, names) if said else (),
        request=(said.request or "") if said else "",
        token=(said.token or "") if said else "",
        registration=(said.registration or "") if said else "",
        epoch=said.epoch if said else 0,
    )


def _refused(said: Said, names: Labels) -> tuple[Refused, ...]:
    by_reason: dict[str, list[str]] = {}
    for name, reason in said.withheld:
        by_reason.setdefault(reason, []).append(names.of(name))
    return tuple(
        # A reason of a later version stays an id.
        Refused(
            reasons.sentence(Reason(reason), names.lang) if reason in set(Reason) else reason,
            tuple(several),
        )
        for reason, several in by_reason.items()
    )
