"""Put what asks for a record on the page of a commit, each so that it fails alone.

What is too old to be recorded, and what cannot be written, takes no place in the sequence and
leaves the others theirs: an ask for several records as a whole, or one by one where it says so.
Source: performance note, 5.1 and 5.4.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import structlog

from vault.core.errors import BusyError, VaultError
from vault.core.recorded import Recorded
from vault.services.draft import Draft
from vault.services.entry import Said, say
from vault.services.lane import Page, Placed
from vault.services.load import LoadTooOldError, is_too_old

Outcomes = list[Recorded | VaultError]  # of each draft of an ask

logger = structlog.get_logger()


class Ask(NamedTuple):
    """Decisions that one caller wants recorded."""

    drafts: Sequence[Draft]
    batch: bool  # one record with a part for each
    each: bool = False  # whether a draft that cannot be written leaves the others their record


class Ready(NamedTuple):
    """An ask whose entries stand on a page."""

    placed: Placed
    refused: Mapping[int, VaultError]  # by the place of a draft among its ask's, in order


def staleness(ask: Ask, last_seen: int, now: float) -> BusyError | None:
    """Say why the load of an ask is too old to be recorded; None when it is not.

    Args:
        ask: whose drafts say what they saw, and when their load was taken.
        last_seen: what the writer said last; within it this never falls.
        now: seconds of the loop's clock.
    """
    for draft in ask.drafts:
        if (draft.seen or 0) < last_seen:
            return BusyError()
        if is_too_old(draft.taken, now):
            return LoadTooOldError()
    return None


def sizes(asks: Sequence[Ask]) -> list[int]:
    """Return the sizes of the log that the drafts of these asks saw."""
    return [draft.seen or 0 for ask in asks for draft in ask.drafts]


def add(page: Page, ask: Ask) -> Ready | VaultError:
    """Write an ask on the page."""
    good: list[Said] = []
    refused: dict[int, VaultError] = {}
    for number, draft in enumerate(ask.drafts):
        try:
            good.append(say(draft, page.chances))
        except Exception as error:  # noqa: BLE001  a draft that cannot be written fails alone
            refused[number] = _refusal(error)
            if not ask.each:
                return refused[number]
    try:
        return Ready(page.add(good, batch=ask.batch) if good else _NOTHING, refused)
    except Exception as error:  # noqa: BLE001  and so does an ask
        return _refusal(error)


_NOTHING = Placed((), (), 0, batch=False)


def _refusal(error: Exception) -> VaultError:
    if isinstance(error, VaultError):
        return error
    logger.error("log-entry-not-written", error=type(error).__name__)
    return BusyError()
