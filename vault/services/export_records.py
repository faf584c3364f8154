"""Write what the vault holds as records of a package, in the shape of its published schema.

Pure: values come opened, lines read. Words are in the package's language; ids and times are as
machines read them. Nothing is left out because it is damaged or sealed: the record says so.
Source: docs/export.md; `vault/core/export_schema.py`; GDPR 15(1) and 20.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from policies.model import Field, Purpose, Rulebook, Source
from policies.situation import Situation
from vault.core import canonical
from vault.core.consent_record import iso_time
from vault.core.errors import CanonicalError
from vault.core.export import Cut, Wish, is_portable
from vault.core.export_cells import text
from vault.core.export_schema import PATH
from vault.core.export_words import say
from vault.core.terms import dump_terms
from vault.core.times import unix_ms
from vault.services.ask import Opened
from vault.services.export_files import Carried
from vault.services.follow_up_row import Case
from vault.services.receipts import Line as Decision
from vault.store.interaction import InteractionRow

Record = dict[str, Any]

_NEVER: Final = 253_402_300_800_000  # unix ms of the year 10000, past what a date can say
_PD: Final = "https://w3id.org/dpv/pd#"
_TIMES: Final = frozenset({"child_until", "erase_at"})  # terms that are unix ms
TERMS: Final = {
    "ask_each_time": "Ask me each time",
    "at_most": "Reach me at most so often in 30 days",
    "child_until": "Younger than the age for consent, until",
    "contested": "Nothing may be concluded about these details",
    "erase_at": "Everything will be erased on",
    "holds": "Legal holds, each with its number, end (unix ms), ground and details",
    "lapse_days": "A yes ends after so many days",
    "never_apps": "Never these apps",
    "never_channels": "Never reach me by",
    "never_purposes": "Never for",
    "no_mails": "Letters that I do not want",
    "no_profiling": "No profiling",
    "no_sharing": "Nothing goes to another business",
    "paused": "Everything is paused",
    "quiet": "Quiet hours",
    "restricted_fields": "Use of these details is restricted",
}
RESTRICTED: Final = "Use of all your data is restricted"
OBJECTED: Final = "You objected to: {labels}"


def time(at: datetime) -> str:
    """Write a time: UTC, milliseconds."""
    return iso_time(unix_ms(at))


def of_ms(ms: int) -> str | None:
    """Write a time of unix ms; None for one that no date can say, such as no end."""
    return iso_time(ms) if 0 <= ms < _NEVER else None


def head(
    rulebook: Rulebook, wish: Wish, *, issuer: str, package: UUID, customer: str, made: datetime
) -> Record:
    """Return what stands before the parts.

    Args:
        rulebook: the code of ethics in force.
        wish: what was ordered.
        issuer: public origin.
        package: its id.
        customer: the pairwise id that receipts have.
        made: when.
    """
    publisher = rulebook.code.publisher
    return {
        "schema": f"{issuer}{PATH}",
        "package": str(package),
        "made": time(made),
        "customer": customer,
        "language": wish.lang,
        "publisher": {
            "name": publisher.name,
            "address": publisher.address,
            "country": publisher.country,
            "email": publisher.email,
            "url": publisher.url,
            "contact": {"name": publisher.dpo.name, "email": publisher.dpo.email},
            "authority": {"name": publisher.authority.name, "url": publisher.authority.url},
        },
        "code": {
            "version": rulebook.version,
            "digest": f"sha256:{rulebook.digest}",
            "url": f"{issuer}/code/{rulebook.version}",
        },
        "parts": [part.value for part in wish.parts],
        "period": {
            "since": time(wish.since) if wish.since else None,
            "until": time(wish.until) if wish.until else None,
        },
    }


def of_cut(cut: Cut) -> Record:
    """Return that a part is short."""
    return {"part": cut.part.value, "records": cut.records, "oldest": cut.oldest}


def moment_of(record: Record) -> str | None:
    """Return when what a record tells happened; None where that is not known."""
    return record.get("at") or record.get("logtime")


def of_field(rulebook: Rulebook, field: Field, opened: Opened | None, *, lang: str) -> Record:
    """Return a field with a value; None for one that did not pass its check."""
    purposes = rulebook.purposes_for(field.name)
    source = Source(opened.source) if opened else None
    return {
        "field": field.name,
        "label": field.label.get(lang),
        "category": f"{_PD}{field.category}",
        "value": opened.value if opened else None,
        "text": _in_words(field, opened.value, lang) if opened else "",
        "damaged": opened is None,
        "source": source.value if source else None,
        "since": time(opened.since) if opened else None,
        "disputed": time(opened.disputed) if opened and opened.disputed else None,
        "verified": time(opened.verified) if opened and opened.verified else None,
        "why": field.why.get(lang),
        "retention": field.retention,
        "purposes": [_purpose(one, lang) for one in purposes],
        "readers": [
            {
                "app": one.id,
                "name": one.name.get(lang),
                "team": one.team.get(lang),
                "country": one.country,
            }
            for one in rulebook.readers(field.name)
        ],
        "portable": source is not None and is_portable(source, purposes),
    }


def of_event(
    rulebook: Rulebook,
    row: InteractionRow,
    said: object,
    files: Sequence[Carried] = (),
    follows: Case | None = None,
    *,
    lang: str,
) -> Record:
    """Return a contact event with its files and what follows it.

    `said` is None when it did not pass its check, `follows` where nothing has to follow it.
    """
    name = f"interaction.{row.kind}"
    kind = rulebook.interactions.get(name)
    members = said if isinstance(said, dict) else {}
    return {
        "id": str(row.interaction_id),
        "kind": row.kind,
        "label": kind.label.get(lang) if kind else row.kind,
        "at": time(row.at),
        "noted": time(row.written_at),
        "channel": str(members.get("channel", "")),
        "content": members.get("content"),
        "who": members.get("who"),
        "outcome": members.get("outcome"),
        "attachments": [
            {
                "number": one.head.number,
                "name": one.head.name,
                "type": one.head.media,
                "size": one.head.size,
                "damaged": one.head.damaged,
                "data": one.data,
            }
            for one in files
        ],
        "follow_up": _follow_up(follows) if follows else None,
        "damaged": said is None,
        "source": row.source,
        "purpose": row.purpose,
        "app": row.app,
        "parent": str(row.parent) if row.parent else None,
        "portable": row.source in set(Source)  # else somebody edited the row
        and is_portable(Source(row.source), rulebook.purposes_for(name)),
    }


def _follow_up(case: Case) -> Record:
    one = case.follow_up
    return {
        "number": case.number,
        "state": one.state.value if one else None,
        "owner": one.owner.value if one else None,
        "due": time(one.due) if one else None,
        "since": time(one.since) if one else None,
        "offered": one.outcome.value if one and one.outcome else None,
        "refusals": one.refusals if one else None,
        "damaged": one is None,
    }


def of_decision(rulebook: Rulebook, line: Decision, receipt: bytes | None, *, lang: str) -> Record:
    """Return a decision with its signed receipt; None while it cannot be signed."""
    return {
        "purpose": line.purpose,
        "label": _label(rulebook, line.purpose, lang),
        "state": line.state.value,
        "fields": sorted(line.fields),
        "at": time(line.at),
        "until": of_ms(line.until_ms),
        "notice": line.notice,
        "code": line.code,
        "receipt_id": str(line.receipt_id),
        "receipt": _parsed(receipt) if receipt else None,
    }


def of_terms(rulebook: Rulebook, found: Situation, *, lang: str) -> list[Record]:
    """Return standing terms, objections and a restriction, as far as any stands."""
    records: list[Record] = []
    if found.restricted:
        records.append(_term("restricted", say(lang, RESTRICTED), value=True))
    if found.objections:
        labels = ", ".join(_label(rulebook, one, lang) for one in sorted(found.objections))
        records.append(
            _term("objections", say(lang, OBJECTED, labels=labels), sorted(found.objections))
        )
    stated = canonical.loads(dump_terms(found.terms).encode())
    for name, value in stated.items():
        said = of_ms(value) if name in _TIMES else value
        records.append(_term(name, say(lang, TERMS.get(name, name)), said))
    return records


def _term(name: str, label: str, value: object) -> Record:
    return {"term": name, "label": label, "value": value}


def _purpose(purpose: Purpose, lang: str) -> Record:
    return {
        "purpose": purpose.id,
        "label": purpose.label.get(lang),
        "basis": purpose.basis.value,
    }


def _label(rulebook: Rulebook, purpose: str, lang: str) -> str:
    found = rulebook.purposes.get(purpose)
    return found.label.get(lang) if found else purpose


def _in_words(field: Field, value: object, lang: str) -> str:
    labels = {choice.id: choice.label.get(lang) for choice in field.choices}
    if isinstance(value, list | tuple):
        return text([_chosen(labels, one) for one in value], lang)
    return text(_chosen(labels, value), lang)


def _chosen(labels: dict[str, str], value: object) -> object:
    return labels.get(value, value) if isinstance(value, str) else value


def _parsed(receipt: bytes) -> Sequence[object] | Record | None:
    try:
        found: Record = canonical.loads(receipt)
    except CanonicalError:
        return None
    return found
