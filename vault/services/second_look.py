"""Look again at what waited for a checkpoint, before it is opened.

Where looks wait for a checkpoint, the wait is longer than a load may be old: a withdrawal, an erasure
or a new code may have come meanwhile. So behind the wait the customer is loaded and decided anew. The
record that is in the log by then is opened only where it says what would be decided now, and with
the rows of this newer load; otherwise it stands as that of a look that was given nothing.
Source: performance note, 5.1; docs/log.md, waiting for the checkpoint.
"""

import asyncio
from collections.abc import Callable, Sequence

from vault.core.errors import VaultError
from vault.core.recorded import Recorded
from vault.services import app_load
from vault.services.ask import Ask, Decided
from vault.services.deps import Deps
from vault.services.load import Load, LoadTooOldError, is_too_old

Judged = tuple[Decided, Recorded]
Decide = Callable[[Deps, Ask, Load], Decided]


async def confirm(deps: Deps, judged: Sequence[Judged], decide: Decide) -> Sequence[Judged | None]:
    """Return what may be opened, in order; None where the decision is not the recorded one any more.

    Args:
        deps: what a use case may touch.
        judged: decided and recorded.
        decide: step 2 of the one path.

    Raises:
        AuthenticationError: an app that may not ask any more.
        BusyError: nothing could be loaded in time.
    """
    now = asyncio.get_running_loop().time() if deps.appender.covered and judged else None
    if now is None or not any(is_too_old(one.load.taken, now) for one, _ in judged):
        return judged
    ask = judged[0][0].ask
    customers = [decided.load.customer for decided, _ in judged]
    loads = await app_load.load_all(deps, ask, customers)
    found: list[Judged | None] = []
    for (old, recorded), load in zip(judged, loads, strict=True):
        again = None if isinstance(load, VaultError) else decide(deps, old.ask, load)
        found.append((again, recorded) if again and _tells(again) == _tells(old) else None)
    return found


async def confirmed(deps: Deps, judged: Sequence[Judged], decide: Decide) -> list[Judged]:
    """Return what may be opened of looks that stand or fall together; otherwise as `confirm`.

    Raises:
        LoadTooOldError: one would be decided otherwise now; the records stand.
    """
    found = [one for one in await confirm(deps, judged, decide) if one is not None]
    if len(found) < len(judged):
        raise LoadTooOldError
    return found


def _tells(decided: Decided) -> tuple[object, ...]:
    """Return what an entry says of a decision, but for its moment."""
    found = decided.load.found
    standing = found.standing if found else None
    epoch = standing.epoch if standing else 0
    return decided.verdicts, decided.load.rulebook.digest, epoch, decided.audit
