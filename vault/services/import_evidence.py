"""Take over consents that were given elsewhere, on the evidence of an imported row.

What the customer or the publisher decided here is never overridden, and without evidence there is
no consent. The record cites form, words, time and file by their digest.
Source: consent-standards note, 4; GDPR 7(1).
"""

from policies.model import ConsentState
from vault.core.consent import ALLOWING
from vault.core.consent_record import Evidence
from vault.services.consent_import import Imported, give_by_import
from vault.services.import_rows import Plan
from vault.services.load import Load
from vault.services.situation import unix_ms
from vault.services.unit import Unit


def is_new(load: Load, plan: Plan) -> bool:
    """Say whether the row's evidence may change something; only a locked look can tell for sure."""
    rows = {row.purpose: row for row in load.found.consents} if load.found else {}
    return any(
        one.purpose not in rows
        or (
            ConsentState(rows[one.purpose].state) not in ALLOWING
            and unix_ms(one.at) > rows[one.purpose].from_ms
        )
        for one in plan.evidence
    )


async def take_over(it: Unit, load: Load, plan: Plan, *, file: str) -> int:
    """Take over what a row has evidence for; returns how many consents that were.

    Args:
        it: the unit, which holds the customer under lock.
        load: of the customer, by this unit.
        plan: the row.
        file: SHA-256 in hex of mapping and file.
    """
    if not plan.evidence:
        return 0
    return len(await give_by_import(it, load, imported(plan, file=file)))


def imported(plan: Plan, *, file: str) -> list[Imported]:
    """Return the evidence of a row; `file` as for `take_over`."""
    return [
        Imported(
            purpose=one.purpose,
            names=one.names,
            evidence=Evidence(
                form=one.form, wording=one.wording, time_ms=unix_ms(one.at), file=file
            ),
        )
        for one in plan.evidence
    ]
