"""Check what step 1 loaded, and say it as facts that `policies.decide` can judge.

A row grants only with a good MAC, and a consent only while its epoch is the standing row's: an
edited row, one of another customer and an old one put back are broken. A missing or broken
standing row denies everything; a missing consent denies; a value with a broken row is shown to
nobody. Nothing is read here and nothing is kept.
Source: crypto note, 8; DESIGN 6.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType

import structlog

from policies.model import ConsentState, Source
from policies.situation import ConsentFact, Situation, Terms
from vault.core import hold, terms
from vault.core.carry import carry
from vault.core.consent import Consent
from vault.core.errors import FormatError
from vault.core.ids import CustomerId
from vault.core.times import unix_ms
from vault.crypto.row_mac import CONSENT, STANDING, check_row, consent_row, standing_row
from vault.services import provenance, quiet
from vault.services.deps import Deps
from vault.services.load import Load
from vault.store.consent import ConsentRow
from vault.store.customer import StandingRow
from vault.store.disclosure import Loaded
from vault.store.value import ValueRow

__all__ = ["fact", "is_intact", "situation", "unix_ms", "untold"]

logger = structlog.get_logger()

_NO_TERMS = Terms()
_NONE: frozenset[str] = frozenset()
_NO_CONSENTS: Mapping[str, ConsentFact] = MappingProxyType({})
_STATES = {state.value: state for state in ConsentState}

_THIRD_PARTY = Source.THIRD_PARTY.value

# Texts are few and hold names of the code of ethics alone; reading one costs more than its MAC.
_names = lru_cache(maxsize=4096)(terms.load_names)


@lru_cache(maxsize=1024)
def _terms(text: str) -> Terms:
    """Read terms whose holds can be read, too; errors as for `load_terms`."""
    read = terms.load_terms(text)
    hold.load(read.holds)
    return read


def situation(
    deps: Deps, load: Load, names: Collection[str] = (), *, purpose: str | None = None
) -> Situation:
    """Return what holds for a customer at the moment of the load; never raises for stored rows.

    Args:
        deps: for the key of the MACs.
        load: what is stored.
        names: fields that are about to be opened; only their rows are checked.
        purpose: the one that is asked for, whose consent alone is checked and told; None for all.
    """
    found, now = load.found, unix_ms(load.at)
    standing = found.standing if found else None
    if found is None or standing is None or not is_intact(deps, load.customer, standing):
        if found is not None:
            logger.error("standing-row-broken", missing=standing is None)
        return Situation(
            known=found is not None,
            intact=False,
            restricted=False,
            objections=_NONE,
            terms=_NO_TERMS,
            consents=_NO_CONSENTS,
            untold=_NONE,
            now=now,
        )
    stated = _terms(standing.terms)
    facts = [
        _fact_now(deps, load, row, epoch=standing.epoch)
        for row in found.consents
        if purpose is None or row.purpose == purpose
    ]
    return Situation(
        known=True,
        intact=True,
        restricted=bool(standing.flags & terms.RESTRICTED or stated.erase_at),
        objections=_names(standing.objections),
        terms=stated,
        consents={
            one.purpose: _lapsing(one, found, stated) if stated.lapse_days else one for one in facts
        },
        untold=untold(found.values),
        now=now,
        quiet=quiet.now(stated.quiet, load.at) if stated.quiet else False,
        damaged=provenance.damaged(deps, load.customer, found.values, names=names),
        held=hold.held(hold.in_force(stated.holds, load.at)) if stated.holds else _NONE,
    )


def _lapsing(one: ConsentFact, found: Loaded, stated: Terms) -> ConsentFact:
    """Let a consent end as early as the customer's own term says."""
    start = next(row.from_ms for row in found.consents if row.purpose == one.purpose)
    return replace(one, until=terms.lapse(one.until, start, stated))


def consent_now(deps: Deps, load: Load, row: ConsentRow, *, epoch: int) -> Consent:
    """Return what a current row comes to under the code in force.

    A broken row is invalidated and names no field, and so is one under a code that was never in
    force before this one.
    """
    known = fact(deps, load.customer, row, epoch=epoch)
    stored = Consent(
        purpose=row.purpose,
        state=known.state,
        fields=known.fields,
        from_ms=row.from_ms if known.intact else 0,
        until_ms=known.until,
        code=row.code_digest if known.intact else "",
        shown=row.shown if known.intact else "",
    )
    if not known.intact or row.code_digest == load.rulebook.digest:
        return stored
    steps = load.passages.get(row.code_digest)
    if steps is None:
        logger.error("consent-row-broken", purpose=row.purpose)
        return Consent(row.purpose, ConsentState.INVALIDATED, _NONE, 0, 0, "", "")
    return carry(stored, steps)


def _fact_now(deps: Deps, load: Load, row: ConsentRow, *, epoch: int) -> ConsentFact:
    if row.code_digest == load.rulebook.digest:  # as a rule; there is nothing to carry over
        return fact(deps, load.customer, row, epoch=epoch)
    now = consent_now(deps, load, row, epoch=epoch)
    return ConsentFact(now.purpose, now.state, now.fields, now.until_ms, intact=bool(now.code))


def fact(deps: Deps, customer: CustomerId, row: ConsentRow, *, epoch: int) -> ConsentFact:
    """Return a current consent row as a fact; a broken one says so and names no field.

    Args:
        deps: for the key of the MACs.
        customer: whom the load asked for, whatever the row says.
        row: as stored.
        epoch: of the customer's standing row.
    """
    try:
        fields = _names(row.fields)
        mac = consent_row(
            deps.deployment,
            customer,
            consent_id=row.consent_id,
            purpose=row.purpose,
            app=row.app,
            state=row.state,
            epoch=epoch,
            from_ms=row.from_ms,
            until_ms=row.until_ms,
            code=row.code_digest,
            fields=fields,
            shown=row.shown,
        )
        # A consent for one app alone is not written by this release, so it grants nothing here.
        good = row.epoch == epoch and row.app is None
        good = check_row(deps.keys.service("row-mac"), CONSENT, mac, row.mac) and good
    except FormatError:
        good, fields = False, _NONE
    if not good:
        logger.error("consent-row-broken", purpose=row.purpose)
        return ConsentFact(row.purpose, ConsentState.INVALIDATED, _NONE, 0, intact=False)
    return ConsentFact(row.purpose, _STATES[row.state], fields, row.until_ms, intact=True)


def is_intact(deps: Deps, customer: CustomerId, row: StandingRow) -> bool:
    """Tell whether a standing row is what the vault wrote for this customer."""
    try:
        _terms(row.terms)  # which the MAC covers as a text: it must be one that can be read
        mac = standing_row(
            deps.deployment,
            customer,
            epoch=row.epoch,
            flags=row.flags,
            objections=_names(row.objections),
            terms=row.terms.encode(),
        )
    except FormatError:
        return False
    return check_row(deps.keys.service("row-mac"), STANDING, mac, row.mac)


def untold(values: Iterable[ValueRow]) -> frozenset[str]:
    """Return the fields whose third-party value the customer was not told of yet."""
    found = [row.field for row in values if row.source == _THIRD_PARTY and row.told_at is None]
    return frozenset(found) if found else _NONE
