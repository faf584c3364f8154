"""What apps asked for and were given is counted exactly, however many looks are alike."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from policies.model import Action
from vault.core.errors import BusyError
from vault.services import app_use
from vault.services.app_use import Uses
from vault.store import app_use as store

NOW = datetime(2026, 12, 1, 23, 59, tzinfo=UTC)
NAMES = ("contact.email", "contact.phone", "loyalty.card")


@dataclass(frozen=True)
class Look:
    app: str | None
    purpose: str | None
    action: Action
    names: tuple[str, ...]


async def stored(database, app="shop"):
    async with database.connect() as conn:
        rows = await store.since(conn, app, first=NOW.date())
    return {(one.purpose, one.action, one.name): (one.asked, one.given) for one in rows}


def expected(asked, given):
    return {key: (asked[key], given[key]) for key in asked}


async def test_looks_by_one_and_by_many_are_counted_as_one_by_one(database, monkeypatch):
    monkeypatch.setattr(app_use, "MOST", 4)  # so that what waits is parted and written in pieces
    uses, random = Uses(), Random(7)
    asked: Counter[tuple[str | None, str, str]] = Counter()
    given: Counter[tuple[str | None, str, str]] = Counter()
    for number in range(300):
        names = tuple(random.sample(NAMES, random.randint(1, 3)))
        look = Look("shop", random.choice(["a", "b"]), random.choice(list(Action)), names)
        got = random.sample(names, random.randint(0, len(names)))
        count = random.randint(1, 3)
        now = NOW + timedelta(days=random.randint(0, 1))
        if number % 3:
            count = 1
            uses.count(look, got, now=now)
        else:
            uses.count_many(look, count, dict.fromkeys(got, count), now=now)
        keys = [(look.purpose, look.action.value, name) for name in names]
        asked.update(dict.fromkeys(keys, count))
        given.update({key: count for key in keys if key[2] in got})
        if number % 50 == 0:
            await uses.flush(database)
    await uses.flush(database)
    await uses.flush(database)  # nothing is written twice
    assert await stored(database) == expected(asked, given)


async def test_what_waits_is_bounded_however_unlike_the_looks_are():
    uses = Uses()
    for number in range(3 * app_use.MOST):
        names = tuple(one for place, one in enumerate(NAMES) if number >> place & 1)
        uses.count(Look("shop", f"p{number % 1000}", Action.READ, names), names[:1], now=NOW)
        assert len(uses._looks) < app_use.MOST


async def test_nobody_but_an_app_is_counted(database):
    uses = Uses()
    uses.count(Look(None, "a", Action.READ, NAMES), NAMES, now=NOW)
    uses.count(Look("shop", None, Action.READ, NAMES), NAMES, now=NOW)
    uses.count_many(Look(None, "a", Action.READ, NAMES), 2, {}, now=NOW)
    await uses.flush(database)
    assert await stored(database) == {}


async def test_what_could_not_be_written_is_written_the_next_time(database, monkeypatch):
    uses = Uses()

    async def away(*_):
        raise BusyError

    uses.count(Look("shop", "a", Action.READ, NAMES), NAMES[:1], now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr("vault.services.app_use.commit.claim", away)
        with pytest.raises(BusyError):
            await uses.flush(database)
    uses.count(Look("shop", "a", Action.READ, NAMES[:2]), NAMES[:2], now=NOW)
    await uses.flush(database)
    assert await stored(database) == {
        ("a", "read", NAMES[0]): (2, 2),
        ("a", "read", NAMES[1]): (2, 1),
        ("a", "read", NAMES[2]): (1, 0),
    }
