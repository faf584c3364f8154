"""Answer one look of an app in one pass: proof, token's state and customer by one ask of the load gate.

    guess the registration -> take one of the budget -> claim, state, load -> check the guess -> decide …

Whom an app's id means and how many it may ask about stand in its registration, which this process
has read before; the state that comes with the load says whether that is still the one. How an
identifier is looked up stands in the code of ethics, and the load says which is in force. If either
is another, what was loaded is thrown away and the call goes the way of every other: first who asks,
then the look. Nothing is decided on a guess. Source: performance note, 5.3 and 7.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from vault.core.ids import CustomerId
from vault.crypto.pairwise import customer_of
from vault.services import registered
from vault.services.access import Caller, Proven, admit
from vault.services.ask import Answer, Ask
from vault.services.deps import Deps
from vault.services.disclosure import answer, disclose
from vault.services.lookup_row import Key


@dataclass(frozen=True, slots=True)
class Look:
    """One look, of which the caller is not known yet."""

    customer: str  # as the app knows the customer; "" for one who is found by an identifier
    ask: Callable[[Caller, CustomerId], Ask]
    request: str | None  # our id of the request
    named: "Named | None" = None  # that identifier


@dataclass(frozen=True, slots=True)
class Named:
    """An identifier that names the customer of a look."""

    key: (
        Key | None
    )  # how it is looked up by a code that may not be in force any more; None: unknown
    code: str  # digest of that code
    find: Callable[[], Awaitable[CustomerId]]  # by the code that is in force


async def look(deps: Deps, proven: Proven, one: Look) -> tuple[Caller, Answer]:
    """Return who asked, and the answer of the one path.

    Raises:
        AuthenticationError: as `access.authenticate`, before anything is decided.
        TooManyError: the app's budget of the day is used up.
        VaultError: as `disclosure.disclose`.
    """
    app = proven.claims.app
    named = one.named
    key = named.key if named else None
    # How an identifier is looked up is not known before a code of ethics was read.
    known = registered.newest(deps, app) if named is None or key else None
    taken = None
    if known is not None:
        limit, now = known.registration.daily_limit, deps.clock.now()
        taken = deps.budgets.take_one(app, limit=limit, now=now)
        if taken is None:
            await deps.budgets.refill(deps.database, app, limit=limit, now=now)
            taken = deps.budgets.take_one(app, limit=limit, now=now)
    if known is None or taken is None:
        arrived = await deps.loads.arrive(proven.arrival())
        return await _in_two(deps, await admit(deps, proven, arrived, request=one.request), one)
    customer = None if named else _known_as(deps, known.registration.sector, one)
    spent = False
    with deps.appender.looking() as seen:
        try:
            arrived = await deps.loads.arrive(proven.arrival(customer, key))
            caller = await admit(deps, proven, arrived, request=one.request)
            load = arrived.load
            if (
                caller.registration_digest == known.digest
                and load is not None
                and (named is None or named.code == load.rulebook.digest)
            ):
                spent = True
                ask = one.ask(caller, load.customer)
                return caller, await answer(deps, ask, load, seen=seen)
        finally:
            if not spent:
                taken.give_back()
    return await _in_two(deps, caller, one)


async def _in_two(deps: Deps, caller: Caller, one: Look) -> tuple[Caller, Answer]:
    now = deps.clock.now()
    customer = await one.named.find() if one.named else _known_as(deps, caller.sector, one)
    ask = one.ask(caller, customer)
    await deps.budgets.spend(deps.database, caller.app, limit=caller.daily_limit, count=1, now=now)
    return caller, (await disclose(deps, [ask]))[0]


def _known_as(deps: Deps, sector: str, one: Look) -> CustomerId:
    return customer_of(deps.keys.service("pairwise"), sector, one.customer)
