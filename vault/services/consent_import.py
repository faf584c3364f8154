"""Take over consents that customers gave elsewhere, each on evidence of what was signed and when.

Without evidence there is no consent. The end is counted from the day of the evidence, and neither
a decision that the customer made here nor one of the publisher is ever overridden; evidence that
is known already changes nothing. Who may import is the caller's to decide.
Source: consent-standards note, 4; GDPR 7(1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from policies.model import Purpose, Rulebook
from vault.core import consent, consent_end
from vault.core.consent import Shown
from vault.core.consent_record import Evidence, NoticeShown
from vault.core.errors import ConflictError, WrongValueError
from vault.services.consent_change import Change, Held, Saved, of_load, save
from vault.services.consent_notice import clause_of
from vault.services.load import Load
from vault.services.situation import unix_ms
from vault.services.unit import Unit

MAX_ENDS: Final = 10_000  # that are remembered: an import has the same days over and over


@dataclass(frozen=True, slots=True)
class Imported:
    """One purpose that a customer allowed elsewhere."""

    purpose: str
    names: frozenset[str]  # empty for all that the purpose uses
    evidence: Evidence


class Offers:
    """What the purposes of a code of ethics ask for, looked up once for many customers."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Begin with none."""
        self._rulebook = rulebook
        self._found: dict[str, tuple[Purpose, frozenset[str]]] = {}
        self._ends: dict[tuple[str, int], int] = {}

    def of(self, purpose: str) -> tuple[Purpose, frozenset[str]]:
        """Return a purpose and all that it uses.

        Raises:
            NotAvailableError: there is none of that name that rests on consent.
        """
        found = self._found.get(purpose)
        if found is None:
            clause = clause_of(self._rulebook, purpose)
            found = (clause, frozenset(use.name for use in clause.uses))
            self._found[purpose] = found
        return found

    def until(self, clause: Purpose, start: int) -> int:
        """Return when a consent to a purpose ends, exclusive; both moments are unix ms."""
        found = self._ends.get((clause.id, start))
        if found is None:
            begins = datetime.fromtimestamp(start / 1000, UTC)
            found = unix_ms(consent_end.end(clause, begins))
            if len(self._ends) < MAX_ENDS:
                self._ends[clause.id, start] = found
        return found


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
    held = of_load(it.deps, load)
    found = changes(held, imported, Offers(load.rulebook), now=it.now)
    return await save(it, held, found, request=request) if found else ()


def changes(
    held: Held, imported: Sequence[Imported], offers: Offers, *, now: datetime
) -> list[Change]:
    """Return what evidence changes, in the order given; nothing is written.

    Args:
        held: what is stored of the customer, who may be a new one.
        imported: of different purposes.
        offers: of the code of ethics in force.
        now: this moment.

    Raises:
        NotAvailableError, UnknownFieldError, WrongValueError: as `give_by_import`.
    """
    moment = unix_ms(now)
    return [one for each in imported if (one := _change(held, each, offers, now=moment))]


def _change(held: Held, one: Imported, offers: Offers, *, now: int) -> Change | None:
    rulebook = held.load.rulebook
    clause, offered = offers.of(one.purpose)
    start = one.evidence.time_ms
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
            until=offers.until(clause, start),
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
