"""Find the audit key that seals an entry: the customer's own, or the deployment's for nobody.

An ask about a customer whom the vault does not know, or has erased, is recorded under a key of the
deployment, with the same size and cost, so that a caller cannot tell the difference.
Source: INTERFACES, Data API; access-log note, 2.
"""

import structlog

from vault.core.errors import OpenError
from vault.core.ids import NOBODY, CustomerId
from vault.crypto.keys import Kind, unwrap
from vault.services.deps import Deps
from vault.services.load import Load

logger = structlog.get_logger()


def audit_key(deps: Deps, load: Load) -> tuple[CustomerId, bytes]:
    """Return the customer to record and the 32 bytes that seal the entry.

    A customer whose audit key does not open is recorded as nobody: with nothing to write their
    history with, `situation` must not let anything be read either.
    """
    key = load.key(Kind.AUDIT)
    if key is not None:
        try:
            return load.customer, unwrap(deps.keys.keks, key)
        except OpenError:
            logger.error("audit-key-damaged")
    return NOBODY, deps.keys.service("nobody-audit").secret
