"""Take over consents that customers gave elsewhere, each on evidence of what was signed and when.

Without evidence there is no consent. The end is counted from the day of the evidence, and neither
a decision that the customer made here nor one of the publisher is ever overridden; evidence that
is known already changes nothing. Who may import is the caller's to decide.
Source: consent-standards note, 4; GDPR 7(1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from vault.core import consent, consent_end
from vault.core.consent import Shown
from vault.core.consent_record import Evidence, NoticeShown
from vault.core.errors import ConflictError, WrongValueError
from vault.services.consent_change import Change, Held, Saved, of_load, save_many
from vault.services.consent_notice import clause_of
from vault.services.load import Load
from vault.services.situation import unix_ms
from vault.services.unit import Unit


@dataclass(frozen=True, slots=True)
class Imported:
    """One purpose that a customer allowed elsewhere."""

    purpose: str
    names: frozenset[str]  # empty for all that the purpose uses
    evidence: Evidence


async def give_by_import(
    it: Unit, load: Load, imported: Sequence[Imported], *, request: str | None = None
) -> tuple[Saved, ...]:
    """Take over what evidence shows; returns what changed, in the order given.

    Args:
        it: the unit, which holds the customer under lock or has just made it.
        load: of the customer, by this unit.
        imported: of different purposes.
        request: for the entries.

    Raises:
        NotAvailableError: no such customer, or no such purpose that rests on consent.
        UnknownFieldError: a name that the purpose does not use.
        WrongValueError: evidence from the future.
        OpenError: the customer's rows are broken.
    """
    return (await give_many_by_import(it, [(load, imported)], request=request))[0]


async def give_many_by_import(
    it: Unit, many: Sequence[tuple[Load, Sequence[Imported]]], *, request: str | None = None
) -> list[tuple[Saved, ...]]:
    """Do what `give_by_import` does for different customers, in few statements."""
    held = [of_load(it.deps, load) for load, _ in many]
    changes = [
        [change for one in imported if (change := _change(it, of, one))]
        for of, (_, imported) in zip(held, many, strict=True)
    ]
    changing = [(of, some) for of, some in zip(held, changes, strict=True) if some]
    saved = iter(await save_many(it, changing, request=request))
    return [next(saved) if some else () for some in changes]


def _change(it: Unit, held: Held, one: Imported) -> Change | None:
    rulebook = held.load.rulebook
    clause = clause_of(rulebook, one.purpose)
    offered = frozenset(use.name for use in clause.uses)
    now, start = unix_ms(it.now), one.evidence.time_ms
    if start > now:  # it would move the end; and a far future is no date at all
        raise WrongValueError
    try:
        after = consent.take_over(
            held.consents.get(one.purpose),
            one.purpose,
            fields=one.names or offered,
            evidence=Shown(rulebook.digest, one.evidence.digest(), offered),
            start=start,
            now=now,
            until=unix_ms(consent_end.end(clause, datetime.fromtimestamp(start / 1000, UTC))),
        )
    except ConflictError:
        return None  # what was decided here stands
    if after is None:
        return None
    return Change(
        consent=after,
        rulebook=rulebook,
        language=rulebook.code.languages[0],
        notice=NoticeShown("evidence", evidence=one.evidence),
        method=one.evidence.form,
        actor="operator",
    )
