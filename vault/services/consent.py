"""Let a customer give, refuse and withdraw consent.

Giving needs the notice that was served and the epoch that its page was made with. Refusing and
withdrawing only subtract, so they need neither, never conflict, and change nothing the second
time: no new epoch, no entry, the same outcome. Whatever is given, only the customer gives it.
Source: consent-standards note, 1 and 4; INTERFACES, Portal; GDPR 7.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from uuid import UUID

from policies.model import ConsentState, Purpose
from vault.core import consent, consent_end
from vault.core import notice as notice_of
from vault.core.consent import Consent, Shown
from vault.core.consent_record import NoticeShown
from vault.core.errors import ConflictError, RefusedError, UnknownFieldError, WrongValueError
from vault.core.ids import CustomerId
from vault.core.notice import identify
from vault.core.terms import load_terms
from vault.services import receipt_letter, receipts, trait_soon, unit
from vault.services.consent_change import Change, Held, Saved, hold, save
from vault.services.consent_evidence import shown
from vault.services.consent_notice import CONTROLS, View, clause_of, seen, served
from vault.services.deps import Deps
from vault.services.situation import unix_ms
from vault.services.unit import Unit

ALLOW = "allow button"
REFUSE = "do not allow button"
STOP = "stop button"
TOO_YOUNG = "You are too young to allow this by yourself. You can from your birthday on."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision came to."""

    purpose: str
    state: ConsentState
    fields: frozenset[str]
    until_ms: int  # unix ms, exclusive
    epoch: int
    changed: bool  # False: it was so already
    consent_id: UUID | None  # of the event; None when nothing was ever decided
    receipt_id: UUID | None  # for `receipts.open_`; None when nothing was ever decided


async def give(
    deps: Deps,
    customer: CustomerId,
    purpose: str,
    *,
    fields: Collection[str] = (),
    notice: str,
    epoch: int,
    view: View,
    session: bytes,
    lasts: str | None = None,
    confirmed: bool = False,
    request: str | None = None,
) -> Outcome:
    """Record that the customer allows a purpose, on the notice that was served.

    Args:
        deps: what the use case may touch.
        customer: who decides.
        purpose: its id.
        fields: those ticked; none in the simple view means the whole purpose.
        notice: `Asked.token`, as the form sent it back.
        epoch: `Asked.epoch`, as the form sent it back.
        view: `Asked.view`, as the form sent it back.
        session: the hash of the session that sent the form.
        lasts: one of `consent_end.earlier`; None for as long as the clause says.
        confirmed: whether the sentence of an explicit consent was ticked.
        request: our id of the request.

    Raises:
        NotAvailableError: no such customer or purpose to consent to.
        UnknownFieldError: a field that the purpose does not use.
        WrongValueError: the grid without a field, an explicit consent without its sentence, or
            another end than was offered.
        ConflictError: a stale notice or epoch, or a code no longer in force: ask again.
        RefusedError: the customer is younger than the code asks for.
    """

    async def work(it: Unit) -> Outcome | Saved:
        held = await hold(it, customer)
        return await allow(
            it,
            held,
            purpose,
            fields=fields,
            notice=notice,
            epoch=epoch,
            view=view,
            session=session,
            lasts=lasts,
            confirmed=confirmed,
            request=request,
        )

    return await decide(deps, customer, work)


async def allow(
    it: Unit,
    held: Held,
    purpose: str,
    *,
    fields: Collection[str],
    notice: str,
    epoch: int,
    view: View,
    session: bytes,
    lasts: str | None = None,
    confirmed: bool = False,
    request: str | None,
) -> Saved:
    """Do what `give` does within a transaction that holds the customer."""
    rulebook = held.load.rulebook
    clause = clause_of(rulebook, purpose)
    if unix_ms(it.now) < load_terms(held.standing.terms).child_until:
        raise RefusedError(TOO_YOUNG)
    offered, ticked = _offered(clause), frozenset(fields)
    if not ticked <= offered:
        raise UnknownFieldError
    if view is View.GRID and not ticked:
        raise WrongValueError
    sha256 = served(it, notice, session)
    kind = identify(rulebook, purpose, sha256)
    if kind is None or kind.controls != notice_of.offered(clause, CONTROLS[view]):
        raise ConflictError
    consent.next_epoch(held.standing.epoch, seen=epoch)
    if clause.explicit and not confirmed:
        raise WrongValueError
    after = consent.give(
        held.consents.get(purpose),
        purpose,
        fields=ticked or offered,
        notice=Shown(rulebook.digest, sha256, offered),
        now=unix_ms(it.now),
        until=unix_ms(consent_end.end(clause, it.now, lasts=lasts)),
    )
    shown_ = NoticeShown(notice_of.template(clause), kind.controls)
    change = Change(after, rulebook, kind.locale, shown_, ALLOW)
    return (await save(it, held, [change], request=request))[0]


async def refuse(
    deps: Deps,
    customer: CustomerId,
    purpose: str,
    *,
    fields: Collection[str] = (),
    notice: str | None = None,
    session: bytes,
    locale: str = "en",
    request: str | None = None,
) -> Outcome:
    """Record the customer's no; what was given is withdrawn, what was refused stays refused.

    A notice that is stale or missing is no reason to refuse a refusal: then the record cites the
    published code instead.

    Raises:
        NotAvailableError: no such customer or purpose to consent to.
    """

    async def work(it: Unit) -> Outcome | Saved:
        held = await hold(it, customer)
        rulebook = held.load.rulebook
        offered = _offered(clause_of(rulebook, purpose))
        before = held.consents.get(purpose)
        after = consent.refuse(
            before,
            purpose,
            fields=frozenset(fields),
            notice=Shown(rulebook.digest, seen(it, rulebook, purpose, notice, session), offered),
            now=unix_ms(it.now),
        )
        if after is before:
            return await unchanged(it, held, before)
        return await _end(it, held, after, method=REFUSE, locale=locale, request=request)

    return await decide(deps, customer, work)


async def withdraw(
    deps: Deps,
    customer: CustomerId,
    purpose: str,
    *,
    fields: Collection[str] = (),
    method: str = STOP,
    locale: str = "en",
    request: str | None = None,
) -> Outcome:
    """Withdraw a consent, or some of its fields; never conflicts, and twice is once.

    Raises:
        NotAvailableError: no such customer, or a purpose that is neither in the code of ethics to
            consent to nor was ever decided on.
    """

    async def work(it: Unit) -> Outcome | Saved:
        held = await hold(it, customer)
        before = held.consents.get(purpose)
        if before is None:
            clause_of(held.load.rulebook, purpose)
            return _undecided(held, purpose, now=unix_ms(it.now))
        after = consent.withdraw(before, fields=frozenset(fields), now=unix_ms(it.now))
        if after is before:
            return await unchanged(it, held, before)
        return await _end(it, held, after, method=method, locale=locale, request=request)

    return await decide(deps, customer, work)


async def decide(
    deps: Deps, customer: CustomerId, work: Callable[[Unit], Awaitable[Outcome | Saved]]
) -> Outcome:
    """Commit a decision and its letter, then sign its receipt, which says where the entry stands.

    Args:
        deps: what a use case may touch.
        customer: whose decision it is.
        work: returns an outcome where nothing changed, else what it saved.
    """

    async def told(it: Unit) -> Outcome | Saved:
        done = await work(it)
        if isinstance(done, Saved):
            await receipt_letter.write(it, customer)
            rulebook = await it.deps.codes.in_force(it.conn, it.now)
            await trait_soon.queue(it, customer, rulebook)
        return done

    result, records = await unit.run(deps, told)
    if isinstance(result, Outcome):
        return result
    receipt_id = await receipts.issue(deps, customer, result.consent_id, entry=records[0].entry)
    one = result.consent
    return Outcome(
        purpose=one.purpose,
        state=one.state,
        fields=one.fields,
        until_ms=one.until_ms,
        epoch=result.epoch,
        changed=True,
        consent_id=result.consent_id,
        receipt_id=receipt_id or result.consent_id,
    )


async def _end(
    it: Unit, held: Held, after: Consent, *, method: str, locale: str, request: str | None
) -> Saved:
    """Save what a refusal or a withdrawal left, under the code that the decision was made on."""
    rulebook = await it.deps.codes.by_digest(it.conn, after.code)
    change = Change(after, rulebook, locale, await shown(it, after), method)
    return (await save(it, held, [change], request=request))[0]


async def unchanged(it: Unit, held: Held, consent_: Consent) -> Outcome:
    """Say how a consent stands that was so already."""
    consent_id = held.rows[consent_.purpose].consent_id
    return Outcome(
        purpose=consent_.purpose,
        state=consent.state_at(consent_, now=unix_ms(it.now)),
        fields=consent_.fields,
        until_ms=consent_.until_ms,
        epoch=held.standing.epoch,
        changed=False,
        consent_id=consent_id,
        receipt_id=await receipts.newest(it.conn, held.load.customer, consent_id),
    )


def _undecided(held: Held, purpose: str, *, now: int) -> Outcome:
    return Outcome(
        purpose=purpose,
        state=ConsentState.UNKNOWN,
        fields=frozenset(),
        until_ms=now,
        epoch=held.standing.epoch,
        changed=False,
        consent_id=None,
        receipt_id=None,
    )


def _offered(clause: Purpose) -> frozenset[str]:
    return frozenset(use.name for use in clause.uses)
