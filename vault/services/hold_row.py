"""Turn a legal hold into its row and back, with its reason sealed and a MAC over all of it.

The reason may name people, so it is sealed under the service key of mail, which outlives an erasure:
whoever answers for the hold must still know why. A row that fails its MAC says nothing.
Source: docs/formats.md, 4 and 10; GDPR 17(3).
"""

from dataclasses import replace
from typing import Final

import structlog

from vault.core import terms
from vault.core.errors import FormatError, NotReadyError, OpenError
from vault.core.hold import Ground, Hold
from vault.core.ids import CustomerId
from vault.core.times import unix_ms
from vault.crypto.hold_mac import HOLD, hold_row
from vault.crypto.mail import open_mail, seal_mail
from vault.crypto.row_mac import check_row, row_mac
from vault.services.deps import Deps
from vault.services.unit import Unit
from vault.store.legal_hold import HoldRow

TEMPLATE: Final = "legal-hold"  # under the seal, so that no letter passes for a reason

logger = structlog.get_logger()


def row_of(it: Unit, customer: CustomerId, one: Hold, *, reason: str, actor: str) -> HoldRow:
    """Return the row of a new hold."""
    key = it.deps.keys.service("mail")
    row = HoldRow(
        customer=customer,
        hold_id=one.hold_id,
        ground=one.ground.value,
        names=terms.dump_names(one.names),
        until=one.until,
        made_by=actor,
        made_at=it.now,
        sealed=seal_mail(key, one.hold_id, template=TEMPLATE, message=reason.encode()),
        mac=b"",
    )
    return replace(row, mac=row_mac(it.deps.keys.service("row-mac"), HOLD, _content(it.deps, row)))


def proven(deps: Deps, row: HoldRow) -> Hold | None:
    """Return the hold of a row; None where the vault did not write it so."""
    try:
        key = deps.keys.service("row-mac", row.mac[0])
        if check_row(key, HOLD, _content(deps, row), row.mac):
            return Hold(row.hold_id, Ground(row.ground), row.until, terms.load_names(row.names))
    except (FormatError, IndexError, NotReadyError, ValueError):
        pass
    logger.error("hold-damaged")
    return None


def reason(deps: Deps, row: HoldRow) -> str:
    """Return the words of a hold.

    Precondition: the look at them is recorded.

    Raises:
        OpenError: they are not what was sealed with this hold.
    """
    key = deps.keys.service("mail")
    opened = open_mail(key, row.hold_id, template=TEMPLATE, sealed=row.sealed)
    try:
        return opened.decode()
    except UnicodeDecodeError:
        raise OpenError from None


def _content(deps: Deps, row: HoldRow) -> bytes:
    return hold_row(
        deps.deployment,
        row.customer,
        hold_id=row.hold_id,
        ground=row.ground,
        names=terms.load_names(row.names),
        until_ms=unix_ms(row.until),
        made_ms=unix_ms(row.made_at),
        made_by=row.made_by,
        reason=row.sealed,
    )
