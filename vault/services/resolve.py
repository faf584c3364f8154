"""Find a customer by an identifier for an app, or make one where the code lets the app write it.

No value is opened: the app gave the identifier and learns its own pairwise id. With *create* the
answer is the same whether or not somebody had the identifier, so that it cannot be used to ask who
is a customer: `created` is false only where the app already has a basis.
Source: INTERFACES, Resolve; security note, T12.
"""

from dataclasses import dataclass, replace

from policies.model import Rulebook, Source
from policies.reasons import Reason
from vault.core.entry import Kind
from vault.core.errors import (
    IdentifierTakenError,
    NotAvailableError,
    OutsideTokenError,
    VaultError,
    WrongValueError,
)
from vault.core.ids import NOBODY, CustomerId
from vault.services import customer, identifier, tombstone, unit
from vault.services.ask import Ask, Decided
from vault.services.deps import Deps
from vault.services.disclosure import check_names, decide_ask, draft, judge
from vault.services.identifier import Identity
from vault.services.load import Load, load_locked
from vault.services.profile import Change, checked, decide_write, deny_all, refuse
from vault.services.unit import Unit


@dataclass(frozen=True, slots=True)
class Resolved:
    """Whom an identifier names."""

    customer: CustomerId
    created: bool
    receipt: str


async def find(deps: Deps, ask: Ask, *, field: str, value: str) -> Resolved:
    """Find the customer of an identifier.

    Args:
        ask: with `names` holding the identifier's field and action *read*; its customer is filled
            in here.

    Raises:
        UnknownFieldError, OutsideTokenError, WrongValueError: whoever the customer may be.
        NotAvailableError: nobody has it, or the app has no basis; recorded.
    """
    async with deps.database.connect() as conn:
        rulebook = await deps.codes.in_force(conn, deps.clock.now())
        owner, wrong = NOBODY, None
        try:
            one = _identity(deps, rulebook, field, value)
            owner = await identifier.find(conn, deps, one.key) or NOBODY
        except WrongValueError as error:  # said only after what the token covers was looked at
            wrong = error
    ask = replace(ask, customer=owner, looks=Kind.RESOLVE)
    ((decided, recorded),) = await judge(deps, [ask])
    deps.uses.count(ask, [name for name, _ in decided.allowed], now=deps.clock.now())
    if decided.outside_token:
        raise OutsideTokenError
    if wrong is not None:
        raise wrong
    if not decided.allowed:
        raise NotAvailableError
    return Resolved(decided.load.customer, created=False, receipt=recorded.receipt)


async def find_or_create(
    deps: Deps, reading: Ask, writing: Ask, *, field: str, value: str
) -> Resolved:
    """Find the customer of an identifier, or make one who has it.

    Whether the app may create is decided for somebody new, so that the answer says nothing of who
    has the identifier already.

    Args:
        deps: what the use case may touch.
        reading: the ask that would find.
        writing: the ask that would create.
        field: the identifier's field.
        value: what the app gave.

    Raises:
        UnknownFieldError, OutsideTokenError, NotAvailableError: the app may not create, or the
            identifier was erased; recorded.
        WrongValueError: the text identifies nobody.
        BusyError: nothing is made.
    """

    async def work(it: Unit) -> Resolved | VaultError:
        rulebook = await deps.codes.in_force(it.conn, it.now)
        new = customer.unsaved(it.deps, rulebook, now=it.now)
        change = Change({field: value}, _source(rulebook, field))
        may = decide_write(deps, writing, new, change)
        check_names([may])
        nobody = replace(may, load=Load(NOBODY, rulebook, it.now, None))
        if may.withheld:
            return refuse(it, nobody)
        try:
            # Whoever has it: a text that could be nobody's value must not find somebody either.
            checked(new, change)
            one = _identity(deps, rulebook, field, value)
        except WrongValueError as error:
            return refuse(it, deny_all(nobody, Reason.WRONG_VALUE), error)
        owner = await identifier.find(it.conn, deps, one.key)
        if owner is None and await tombstone.check(it.conn, [one]):
            return refuse(it, deny_all(nobody, Reason.ERASED))
        if owner is None:
            refusal = await customer.save(it, writing, new, change)
            if refusal is not None:
                raise refusal
            return Resolved(new.customer, created=True, receipt="")
        return await _existing(it, reading, may, owner)

    try:
        found, records = await unit.run(deps, work)
    except IdentifierTakenError:  # another call was faster: the customer exists by now
        found, records = await unit.run(deps, work)
    refused = isinstance(found, VaultError)
    deps.uses.count(writing, () if refused else writing.names, now=deps.clock.now())
    if isinstance(found, VaultError):
        raise found
    return replace(found, receipt=records[0].receipt)


async def _existing(it: Unit, reading: Ask, may: Decided, owner: CustomerId) -> Resolved:
    """Record that an app named an existing customer; nothing of the profile is changed."""
    load = await load_locked(it.conn, it.deps.codes, owner, at=it.now)
    has_basis = bool(decide_ask(it.deps, reading, load).allowed)
    entry = draft(it.deps, replace(may, load=load), seen=None)
    it.log(entry._replace(kind=Kind.RESOLVE))
    return Resolved(owner, created=not has_basis, receipt="")


def _identity(deps: Deps, rulebook: Rulebook, field: str, value: str) -> Identity:
    one = identifier.identity(deps, rulebook, field=field, value=value)
    if one is None:
        raise WrongValueError("This field identifies nobody.")
    return one


def _source(rulebook: Rulebook, field: str) -> Source:
    """Return how an identifier that an app brings was gathered: told, where the code allows it."""
    sources = rulebook.sources.get(field, frozenset())
    return Source.TOLD if Source.TOLD in sources or not sources else min(sources)
