"""Read and change the terms that a customer sets by hand, and the simple levels above them.

What a change may be is `vault/core/own_terms.py` and `levels.py`; that it stands, with its epoch
and its entry, is `standing_change`. A change that was so already is none. A broken standing row is
not changed and not guessed at: it denies everything, and the customer is told to ask.
Source: consent-standards note, 6; portal note, 2.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from policies.model import Rulebook
from policies.situation import Situation, Terms
from vault.core import canonical, levels, own_terms
from vault.core.entry import Kind
from vault.core.errors import OpenError
from vault.core.ids import CustomerId
from vault.core.levels import Level
from vault.core.own_terms import Difference
from vault.core.terms import dump_terms, load_terms
from vault.crypto.tokens import MAX_CURSOR, open_cursor, seal_cursor
from vault.services import portal_choice, standing_change, unit
from vault.services.choices import look
from vault.services.consent_change import hold
from vault.services.deps import Deps
from vault.services.situation import situation
from vault.services.unit import Unit

Alter = Callable[[Rulebook, Terms], Terms]


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer's own terms, with the code that says which of them it offers."""

    rulebook: Rulebook
    situation: Situation
    level: Level | None  # that the terms keep, of a customer who ever chose one

    @property
    def terms(self) -> Terms:
        """Return the terms as they stand."""
        return self.situation.terms


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change came to; `before` and `after` are equal when it was so already."""

    before: Terms
    after: Terms


@dataclass(frozen=True, slots=True)
class Done:
    """A change that was made, as the next page tells it."""

    difference: Difference
    level: Level | None  # when it was the choice of one


async def load(deps: Deps, customer: CustomerId) -> Standing:
    """Return a customer's own terms.

    Raises:
        NotAvailableError: there is no such customer.
        OpenError: the standing row is broken, so nobody can say what the terms are.
    """
    loaded = await look(deps, customer)
    found = situation(deps, loaded)
    if not found.intact:
        raise OpenError
    chosen = await portal_choice.level(deps, customer)
    return Standing(loaded.rulebook, found, _kept(loaded.rulebook, found.terms, chosen))


async def change(
    deps: Deps,
    customer: CustomerId,
    alter: Alter,
    *,
    method: str = "",
    request: str | None = None,
) -> Outcome:
    """Let a customer's own term stand; the same again changes nothing and writes no entry.

    Args:
        deps: what a use case may touch.
        customer: whose terms.
        alter: a rule of `own_terms` or `levels`; it is given the code in force and the terms.
        method: how it came about, for the entry, where it was not the customer's own press.
        request: our id of the request.

    Raises:
        UnknownFieldError: a name that neither the code nor the terms know.
        TermNotOfferedError: the code does not offer this.
        WrongValueError: a value that no term can have.
        NotAvailableError: there is no such customer.
        OpenError: the standing row is broken; nothing can change.
    """
    return await _change(deps, customer, alter, method=method, request=request)


async def choose(
    deps: Deps, customer: CustomerId, level: Level, *, request: str | None = None
) -> Outcome:
    """Set what a simple level sets, and remember which one it was; gives no consent.

    Raises:
        NotAvailableError, OpenError: as for `change`.
    """

    def alter(rulebook: Rulebook, terms: Terms) -> Terms:
        return levels.apply(rulebook, terms, level=level)

    return await _change(deps, customer, alter, level=level, request=request)


async def undo(
    deps: Deps, customer: CustomerId, token: str, *, request: str | None = None
) -> Outcome:
    """Take a change back and nothing else; twice is once.

    Args:
        deps: what a use case may touch.
        customer: whose terms.
        token: from `token` of the change.
        request: our id of the request.

    Raises:
        BadRequestError: another's token, or none at all.
        ConflictError: what it changed was changed again since.
    """
    found = read_token(deps, customer, token).difference

    def alter(_: Rulebook, terms: Terms) -> Terms:
        return own_terms.revert(terms, found)

    return await _change(deps, customer, alter, request=request)


def token(deps: Deps, customer: CustomerId, outcome: Outcome, *, level: Level | None = None) -> str:
    """Return what the page after a change shows it by, and undoes it with; "" when there is none.

    A change that touched too many names for an address of a page cannot be undone by one press.
    """
    found = own_terms.difference(outcome.before, outcome.after)
    if not found:
        return ""
    content = canonical.dumps({"changed": found, "level": level or 0})
    sealed = seal_cursor(deps.keys.service("cursor"), _place(customer), content)
    return sealed if len(sealed) <= MAX_CURSOR else ""


def read_token(deps: Deps, customer: CustomerId, text: str) -> Done:
    """Return what a change did.

    Raises:
        BadRequestError: another's token, or none at all.
    """
    content = canonical.loads(open_cursor(deps.keys.service("cursor"), _place(customer), text))
    return Done(content["changed"], Level(content["level"]) if content["level"] else None)


def _place(customer: CustomerId) -> str:
    return f"terms/{customer}"


async def _change(
    deps: Deps,
    customer: CustomerId,
    alter: Alter,
    *,
    level: Level | None = None,
    method: str = "",
    request: str | None,
) -> Outcome:
    async def work(it: Unit) -> Outcome:
        held = await hold(it, customer)
        before = load_terms(held.standing.terms)
        after = alter(held.load.rulebook, before)
        told = own_terms.told(own_terms.changes(before, after), method=method)
        row = replace(held.standing, terms=dump_terms(after))
        await standing_change.change(it, held, row, kind=Kind.TERMS, told=told, request=request)
        if level:
            await portal_choice.save_level(it.conn, customer, level)
        return Outcome(before, after)

    outcome, _ = await unit.run(deps, work)
    return outcome


def _kept(rulebook: Rulebook, terms: Terms, chosen: Level | None) -> Level | None:
    """Return the level that the terms keep; none is preselected for who never chose one."""
    if chosen is None:
        return None
    first = (chosen, *Level)
    return next((one for one in first if levels.is_kept(rulebook, terms, level=one)), None)
