"""Show the record of processing of the running system, as a page to print and as a table.

Source: GDPR 30(1) and (4); portal note, 8.
"""

from dataclasses import dataclass
from typing import Final

from portal.answers import Document, Page
from portal.console import record_words
from portal.console.app_words import ACTIONS, country
from portal.console.record_words import COLUMNS, Part
from portal.console.visit import StaffVisit
from portal.labels import Labels
from portal.language import N_, translate
from portal.words import Moment, moment
from vault.core.export_cells import START, line
from vault.services import processing_record
from vault.services.processing_record import Record

HERE: Final = "/console/record"


@dataclass(frozen=True, slots=True)
class Inferred:
    """A detail that is worked out from others."""

    label: str
    how: str
    contest: str
    decides: bool
    human: str


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Everything of `/console/record`."""

    title: str
    at: Moment
    version: str
    digest: str
    controller: tuple[str, ...]
    dpo: tuple[str, ...]
    subjects: tuple[str, ...]
    parts: tuple[Part, ...]
    beyond: tuple[tuple[str, str, str, str], ...]  # app, action, detail, purpose
    broken: tuple[str, ...]
    abroad: tuple[tuple[str, str, str], ...]  # recipient, country, safeguard
    inferred: tuple[Inferred, ...]
    measures: tuple[str, ...]


async def show(visit: StaffVisit) -> Page:
    """Show the record of this moment."""
    found = await processing_record.record(visit.deps, visit.member)
    return Page("console/record.html", _page(visit, found), HERE)


async def csv(visit: StaffVisit) -> Document:
    """Hand the record out as a table, a row for each purpose and detail."""
    found = await processing_record.record(visit.deps, visit.member)
    rows = record_words.cells(found, Labels(found.processing.rulebook, visit.lang))
    body = START + "".join(line(row) for row in (COLUMNS, *rows))
    name = f"record-of-processing-{found.at.date().isoformat()}.csv"
    return Document(body.encode(), "text/csv; charset=utf-8", "page", filename=name)


def _page(visit: StaffVisit, found: Record) -> RecordPage:
    lang, processing = visit.lang, found.processing
    code = processing.rulebook.code
    labels = Labels(processing.rulebook, lang)
    by = code.publisher
    place = country(by.country, lang)
    return RecordPage(
        title=translate(lang, N_("Record of processing")),
        at=moment(found.at, lang),
        version=code.version,
        digest=processing.rulebook.digest,
        controller=tuple(
            filter(
                None,
                # Many an address ends with its country.
                (by.name, by.address, "" if place in by.address else place, by.email, by.phone),
            )
        ),
        dpo=(by.dpo.name, by.dpo.email),
        subjects=record_words.data_subjects(found, lang),
        parts=record_words.parts(found, labels),
        beyond=tuple(
            (
                labels.app(one.app),
                translate(lang, ACTIONS[one.permission.action]),
                labels.of(one.permission.name),
                labels.purpose(one.permission.purpose),
            )
            for one in processing.beyond
        ),
        broken=processing.broken,
        abroad=record_words.third_countries(found, labels),
        inferred=tuple(
            Inferred(
                label=labels.of(one.field),
                how=one.how.get(lang),
                contest=one.contest.get(lang),
                decides=one.decides,
                human=one.human.get(lang) if one.human else "",
            )
            for one in code.derivations
        ),
        measures=record_words.measures(found, lang),
    )
