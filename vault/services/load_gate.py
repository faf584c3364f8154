"""Share among concurrent asks what they need of the primary: claims, state, and the load.

    claim proofs -> find whose identifiers -> load customers -> clock, code, state of apps and tokens

Each is one statement for all asks of a batch, and each starts after every ask of the batch arrived.
A claim is committed before the load begins. What was read last is the youngest: a code, a frozen
app or a revoked token that came meanwhile counts. Nothing is kept for a later batch.
Source: performance note, 5.3 and 7; RFC 9449, 11.1.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from policies.model import Rulebook
from vault.core.errors import BusyError, VaultError
from vault.core.ids import NOBODY, AppId, CustomerId
from vault.services.codes import Codes
from vault.services.gate import Gate
from vault.services.load import NO_PASSAGES, Load, passages_of
from vault.services.lookup_row import Key
from vault.store import commit, lookup, moment, once
from vault.store.app import AppStateRow
from vault.store.disclosure import Loaded, load_at_once, load_many
from vault.store.engine import Conn, Database
from vault.store.errors import translated
from vault.store.line import Line
from vault.store.lookup import LookupRow
from vault.store.moment import Moment
from vault.store.once import Claim

WIDTH = 256  # customers that one statement loads


class Arrival(NamedTuple):
    """A call of an app: its proof is to be claimed, its token's state asked for."""

    claim: Claim | None  # None: it is claimed already
    app: AppId
    jti: str
    customer: CustomerId | None = None  # None: nobody is loaded, unless there is a key
    key: Key | None = (
        None  # of an identifier, whose customer is loaded instead; nobody for nobody's
    )


class Arrived(NamedTuple):
    """What the primary says of an arrival."""

    fresh: bool  # the proof was not used before, and is used now
    state: AppStateRow | None  # None for an app that is not registered
    revoked: bool
    load: Load | None


# Fresh claims, who is loaded, what of them, the moment, the code in force, the age of the load.
_Asked = tuple[list[bool], list[CustomerId], list[Loaded | None], Moment, Rulebook, float]


class LoadGate:
    """The gate of step 1."""

    def __init__(
        self, database: Database, codes: Codes, *, intact: Callable[[LookupRow], bool]
    ) -> None:
        """Prepare; `start` belongs to the lifespan.

        Args:
            database: the primary.
            codes: the codes of ethics of this process.
            intact: whether a lookup is as it was signed.
        """
        self._database, self._codes, self._intact = database, codes, intact
        # Its commits are claims alone, so they need not wait for the disk: the record does.
        self._line = Line(database, flushed=False)
        self._gate: Gate[Arrival | CustomerId, Arrived | Load] = Gate(
            self._flush, name="load", width=WIDTH, end=self._line.close
        )
        self.start, self.close = self._gate.start, self._gate.close

    async def ask(self, customer: CustomerId, *, lane: str) -> Load:
        """Load one customer; errors as for `Gate.ask`."""
        return _load(await self._gate.ask(customer, lane=lane))

    async def ask_all(
        self, customers: Sequence[CustomerId], *, lane: str
    ) -> list[Load | VaultError]:
        """Load the customers of one chunk; errors as for `Gate.ask_all`."""
        answers = await self._gate.ask_all(customers, lane=lane)
        return [one if isinstance(one, VaultError) else _load(one) for one in answers]

    async def arrive_all(self, arrivals: Sequence[Arrival]) -> list[Arrived | VaultError]:
        """Do what `arrive` does for one chunk of one app; errors as for `Gate.ask_all`."""
        answers = await self._gate.ask_all(arrivals, lane=arrivals[0].app)
        return [BusyError() if isinstance(one, Load) else one for one in answers]

    async def arrive(self, arrival: Arrival) -> Arrived:
        """Claim a proof, ask for its token's state, and load whom it is about, if anybody."""
        answer = await self._gate.ask(arrival, lane=arrival.app)
        if not isinstance(answer, Arrived):
            raise BusyError
        return answer

    async def _flush(
        self, items: Sequence[Arrival | CustomerId]
    ) -> Sequence[Arrived | Load | VaultError]:
        arrivals = [one for one in items if isinstance(one, Arrival)]
        ask = self._at_once if await self._line.or_none() else self._by_table
        fresh, customers, found, now, rulebook, taken = await ask(arrivals, items)
        passages, digest = NO_PASSAGES, rulebook.digest
        if any(row.code_digest != digest for one in found if one for row in one.consents):
            async with self._database.connect() as conn:
                passages = await passages_of(conn, self._codes, rulebook, found)
        apps, revoked = now.tokens.apps, now.tokens.revoked
        loads = iter(
            [
                Load(customer, rulebook, now.at, row, passages, taken)
                for customer, row in zip(customers, found, strict=True)
            ]
        )
        mine = iter(fresh)
        return [
            Arrived(
                one.claim is None or next(mine),
                apps.get(one.app),
                one.jti in revoked,
                None if one.customer is None and one.key is None else next(loads),
            )
            if isinstance(one, Arrival)
            else next(loads)
            for one in items
        ]

    async def _at_once(
        self, arrivals: Sequence[Arrival], items: Sequence[Arrival | CustomerId]
    ) -> _Asked:
        line = self._line
        fresh = await once.claim_at_once(line, _claims(arrivals))
        apps, tokens = {one.app for one in arrivals}, {one.jti for one in arrivals}
        taken = _time()
        with translated():
            rows = await lookup.find_at_once(line, _keys(arrivals))
            customers = self._whom(items, rows)
            found = await load_at_once(line, customers)
            now = await moment.ask_at_once(line, apps=apps, tokens=tokens)
        rulebook = self._codes.compiled(now.code)
        if rulebook is None:
            async with self._database.connect() as conn:
                rulebook = await self._codes.in_force(conn, now.at)
        return fresh, customers, found, now, rulebook, taken

    async def _by_table(
        self, arrivals: Sequence[Arrival], items: Sequence[Arrival | CustomerId]
    ) -> _Asked:
        fresh: list[bool] = []
        claims = _claims(arrivals)
        if claims:
            fresh = await commit.claim(self._database, lambda conn: once.claim_many(conn, claims))
        apps, tokens = {one.app for one in arrivals}, {one.jti for one in arrivals}
        async with self._database.connect() as conn:
            taken = _time()
            rows = await lookup.find_many(conn, _keys(arrivals))
            customers = self._whom(items, rows)
            found = await load_many(conn, customers)
            now = await moment.ask(conn, apps=apps, tokens=tokens)
            return fresh, customers, found, now, await self._rulebook(conn, now), taken

    def _whom(
        self, items: Sequence[Arrival | CustomerId], rows: Mapping[Key, LookupRow]
    ) -> list[CustomerId]:
        """Return who is loaded, in the order of the asks; whose identifier is nobody's is nobody."""
        owners = {key: row.customer for key, row in rows.items() if self._intact(row)}
        whom: list[CustomerId] = []
        for one in items:
            if not isinstance(one, Arrival):
                whom.append(one)
            elif one.key is not None:
                whom.append(owners.get(one.key, NOBODY))
            elif one.customer is not None:
                whom.append(one.customer)
        return whom

    async def _rulebook(self, conn: Conn, now: Moment) -> Rulebook:
        return self._codes.compiled(now.code) or await self._codes.in_force(conn, now.at)


def _load(answer: Arrived | Load) -> Load:
    if not isinstance(answer, Load):
        raise BusyError
    return answer


def _claims(arrivals: Sequence[Arrival]) -> list[Claim]:
    return [one.claim for one in arrivals if one.claim is not None]


def _time() -> float:
    """Return the loop's clock; a load is as old as its statement, not as its answer."""
    return asyncio.get_running_loop().time()


def _keys(arrivals: Sequence[Arrival]) -> list[Key]:
    return [one.key for one in arrivals if one.key is not None]


def load_gate(database: Database, codes: Codes, *, intact: Callable[[LookupRow], bool]) -> LoadGate:
    """Make the gate; `start` belongs to the lifespan."""
    return LoadGate(database, codes, intact=intact)
