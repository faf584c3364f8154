"""Sign the row of a lookup, and believe none that fails its MAC.

A row says whose an identifier is; an edited one would open one customer's data, or send their mail,
to another.
Source: crypto note, 8; docs/formats.md, 12.
"""

from collections.abc import Callable
from functools import partial

import structlog

from vault.core.ids import CustomerId, DeploymentId
from vault.crypto import row_mac
from vault.services.keys import KeyRing
from vault.store.lookup import LookupRow

logger = structlog.get_logger()

Key = tuple[bytes, int]  # blind index and number of the normaliser


def signed(keys: KeyRing, deployment: DeploymentId, customer: CustomerId, key: Key) -> LookupRow:
    """Return the row that gives an identifier to a customer."""
    idx, kind = key
    content = row_mac.lookup_row(deployment, customer, idx=idx, kind=kind)
    return LookupRow(
        idx, kind, customer, row_mac.row_mac(keys.service("row-mac"), "lookup", content)
    )


def is_intact(keys: KeyRing, deployment: DeploymentId, row: LookupRow) -> bool:
    """Say whether a row is as it was signed."""
    content = row_mac.lookup_row(deployment, row.customer, idx=row.idx, kind=row.kind)
    good = row_mac.check_row(keys.service("row-mac"), "lookup", content, row.mac)
    if not good:
        logger.error("lookup-damaged")
    return good


def check(keys: KeyRing, deployment: DeploymentId) -> Callable[[LookupRow], bool]:
    """Return `is_intact` for the rows of one vault."""
    return partial(is_intact, keys, deployment)
