"""Let a customer say how long to stay signed in without a click, up to the longest session.

The default is short, for a browser may be left open; a person who reads slowly, or with help, may
need more. The choice lengthens something, so its row has a MAC: a broken one counts as none.
Source: WCAG 2.2, 2.2.1 (ten times the default); portal note, 7; docs/formats.md, 10.
"""

import hmac
from datetime import timedelta
from typing import Final

from vault.core.errors import WrongValueError
from vault.core.ids import CustomerId
from vault.crypto.row_mac import row_mac
from vault.services.deps import Deps
from vault.services.unit import Unit
from vault.store import session_choice as store
from vault.store.engine import Conn
from vault.store.session_choice import ChoiceRow

IDLE: Final = timedelta(minutes=30)
CHOICES: Final = (30, 60, 120, 300, 720)  # minutes; the last is as long as a session lasts


async def load(conn: Conn, deps: Deps, customer: CustomerId) -> timedelta:
    """Return how long a new session of this customer lives without a click."""
    row = await store.load(conn, customer)
    if row is None or row.idle_minutes not in CHOICES:
        return IDLE
    if not hmac.compare_digest(_mac(deps, customer, row.idle_minutes), row.mac):
        return IDLE
    return timedelta(minutes=row.idle_minutes)


async def save(it: Unit, customer: CustomerId, minutes: int) -> None:
    """Keep a choice; it holds for sessions that begin afterwards.

    Raises:
        WrongValueError: none of those that are offered.
    """
    if minutes not in CHOICES:
        raise WrongValueError
    await store.save(it.conn, ChoiceRow(customer, minutes, _mac(it.deps, customer, minutes)))


def _mac(deps: Deps, customer: CustomerId, minutes: int) -> bytes:
    content = b"ownship/session-choice/v1\0" + deps.deployment + customer.bytes
    return row_mac(deps.keys.service("row-mac"), "session_choice", content + minutes.to_bytes(2))
