"""Take step 1 for whoever asks; an app's customers are loaded with the state of its token.

A look may wait for its record and be loaded again, or go on chunk by chunk. What an app is told is
decided by a state as young as the load: one that was frozen meanwhile, or whose token was revoked
or registration replaced, is refused. The proof of the call was claimed once and is not again.
Source: performance note, 5.1; docs/oauth.md, access tokens.
"""

from collections.abc import Sequence

from vault.core.errors import BusyError, VaultError
from vault.core.ids import CustomerId
from vault.services.access import Proven, admit
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.load import Load
from vault.services.load_gate import Arrived


async def load(deps: Deps, ask: Ask) -> Load:
    """Load whom an ask is about.

    Raises:
        AuthenticationError: an app that may not ask any more.
        BusyError: as `Gate.ask`, and for an app that is registered otherwise now: it begins anew.
    """
    if ask.proven is None:
        return await deps.loads.ask(ask.customer, lane=ask.app or ask.actor)
    arrived = await deps.loads.arrive(ask.proven.again(ask.customer))
    await _admit(deps, ask, ask.proven, arrived)
    return _load_of(arrived)


async def load_all(
    deps: Deps, ask: Ask, customers: Sequence[CustomerId]
) -> list[Load | VaultError]:
    """Load one chunk of customers, of each of whom the same is asked; errors as for `load`."""
    proven = ask.proven
    if proven is None:
        return await deps.loads.ask_all(customers, lane=ask.app or ask.actor)
    found = await deps.loads.arrive_all([proven.again(one) for one in customers])
    arrived = [one for one in found if isinstance(one, Arrived)]
    if arrived:  # by one statement, so all of them say the same of the app
        await _admit(deps, ask, proven, arrived[0])
    return [one if isinstance(one, VaultError) else _load_of(one) for one in found]


async def _admit(deps: Deps, ask: Ask, proven: Proven, arrived: Arrived) -> None:
    caller = await admit(deps, proven, arrived, request=ask.request)
    if caller.registration_digest != ask.registration_digest:
        raise BusyError


def _load_of(arrived: Arrived) -> Load:
    if arrived.load is None:
        raise BusyError
    return arrived.load
