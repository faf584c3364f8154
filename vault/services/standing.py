"""Make the standing row of a customer, whose MAC only the vault can write.

The row only subtracts, and its epoch counts every change of what the customer decided. A customer
begins at epoch 0 with nothing subtracted, and with no consent either: default deny.
Source: crypto note, 8.
"""

from dataclasses import replace
from functools import lru_cache

from vault.core import terms
from vault.core.ids import CustomerId
from vault.crypto.row_mac import STANDING, row_mac, standing_row
from vault.services.deps import Deps
from vault.store.customer import StandingRow

_names = lru_cache(maxsize=1024)(terms.load_names)  # of most customers none


def fresh(deps: Deps, customer: CustomerId) -> StandingRow:
    """Return the row of a new customer."""
    empty = StandingRow(
        customer=customer,
        epoch=0,
        flags=0,
        objections=terms.NO_OBJECTIONS,
        terms=terms.NO_TERMS,
        mac=b"",
    )
    return sign(deps, empty)


def sign(deps: Deps, row: StandingRow) -> StandingRow:
    """Return a row with the MAC of what it says.

    Raises:
        FormatError: objections or terms are not as the vault writes them.
    """
    content = standing_row(
        deps.deployment,
        row.customer,
        epoch=row.epoch,
        flags=row.flags,
        objections=_names(row.objections),
        terms=row.terms.encode(),
    )
    return replace(row, mac=row_mac(deps.keys.service("row-mac"), STANDING, content))
