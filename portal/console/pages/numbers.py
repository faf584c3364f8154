"""Show what is counted of customers without anybody's name, as a page and as a table.

Source: consent-standards note, 9.12; portal note, 8 and 13.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from portal.answers import Document, Page
from portal.console.visit import StaffVisit
from portal.labels import Labels
from portal.language import N_, translate
from portal.numbers_plot import Bars, bars
from portal.words import Moment, moment
from vault.core.export_cells import START, line
from vault.services import numbers, published
from vault.services.numbers import Counted

HERE: Final = "/console/numbers"
_COLUMNS: Final = ("what", "of", "name", "customers")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; None for a number that is hidden."""

    label: str
    under: str
    counts: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class NumbersPage:
    """Everything of `/console/numbers`."""

    title: str
    at: Moment | None  # None: nothing was counted yet
    least: int
    customers: int | None
    consents: tuple[Row, ...]
    plot: Bars | None
    uses: tuple[Row, ...]
    benefits: tuple[Row, ...]


async def show(visit: StaffVisit) -> Page:
    """Show the numbers of the last night."""
    found = await numbers.latest(visit.deps, visit.member)
    labels = Labels(await published.in_force(visit.deps), visit.lang)
    return Page("console/numbers.html", _page(found, labels), HERE)


async def csv(visit: StaffVisit) -> Document:
    """Hand the same out as a table; a number that is hidden is an empty cell."""
    found = await numbers.latest(visit.deps, visit.member)
    rows = _cells(found.said) if found else ()
    text = START + line(_COLUMNS) + "".join(line(row) for row in rows)
    return Document(text.encode(), "text/csv; charset=utf-8", "page", "numbers.csv")


def _page(found: Counted | None, labels: Labels) -> NumbersPage:
    said: dict[str, Any] = found.said if found else {}
    consents = tuple(
        Row(
            labels.purpose(one["purpose"]),
            "",
            (one["allowed"], one["said_no"], one["ended"], one["open"]),
        )
        for one in said.get("consents", ())
    )
    return NumbersPage(
        title=translate(labels.lang, N_("Numbers without names")),
        at=moment(found.at, labels.lang) if found else None,
        least=said.get("least", labels.rulebook.minimum_group),
        customers=said.get("customers"),
        consents=consents,
        plot=bars(
            translate(labels.lang, N_("Customers who allow a purpose")),
            [(row.label, row.counts[0]) for row in consents],
        ),
        uses=tuple(
            Row(
                labels.app(one["app"]),
                labels.purpose(one["purpose"]),
                (one["given"], one["withheld"]),
            )
            for one in said.get("uses", ())
        ),
        benefits=tuple(
            Row(
                _benefit(labels, one["purpose"], one["benefit"]),
                ", ".join(labels.all_of(one["needs"])),
                (one["customers"],),
            )
            for one in said.get("benefits", ())
        ),
    )


def _benefit(labels: Labels, purpose: str, benefit: str) -> str:
    """Return a benefit's label; its id where a later code does not have it any more."""
    known = labels.rulebook.purposes.get(purpose)
    several = known.benefits if known else ()
    return next((one.label.get(labels.lang) for one in several if one.id == benefit), benefit)


def _cells(said: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Give the rows of the table: ids of the code, so that programs can join them."""
    yield "customers", "", "", _cell(said["customers"])
    for one in said["consents"]:
        for name in ("allowed", "said_no", "ended", "open"):
            yield "consent", one["purpose"], name, _cell(one[name])
    for one in said["uses"]:
        for name in ("given", "withheld"):
            yield "use", f"{one['app']}/{one['purpose']}", name, _cell(one[name])
    for one in said["benefits"]:
        yield "benefit", one["purpose"], one["benefit"], _cell(one["customers"])


def _cell(count: int | None) -> str:
    return "" if count is None else str(count)
