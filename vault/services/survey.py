"""Show the questions that a link leads to, and keep what is answered: no sign-in, and once.

Looking uses nothing up and opens nothing. What is sent is the customer's own act, as a press of a
letter's link is, and is kept as a contact of theirs, told, under the one that it is about; the clause
of the survey's purpose must still allow it. The answer, what it counts for, what follows a low score
and the use of the link go in with one commit. A link that is over, was never made, or whose purpose
may keep nothing any more leads to nothing, and nobody can tell which it was.
Source: portal note, 2 (survey) and 6 (GET never consumes); consent-standards note, 8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from policies.decide import ActorKind, Allow, decide
from policies.model import Action, Rulebook, Source, Survey
from vault.core import canonical
from vault.core import survey as rules
from vault.core.errors import NotAvailableError, VaultError
from vault.core.event import CUSTOMER
from vault.core.survey import Answer, Reading, Wrong
from vault.services import choices, follow_up, survey_link, unit
from vault.services.ask import Ask
from vault.services.consent_change import Held, hold
from vault.services.deps import Deps
from vault.services.disclosure import facts
from vault.services.interaction import MAX_CONTENT, Event, note
from vault.services.load import Load
from vault.services.profile import Change, decide_write, refuse
from vault.services.unit import Unit
from vault.store import interaction as events
from vault.store import survey as store
from vault.store import survey_count
from vault.store.engine import Conn
from vault.store.survey import LinkRow

CHANNEL: Final = "web"  # through which an answer comes
_KEPT: Final = Reading({}, {})  # twice is once


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link leads to."""

    survey: Survey
    answered: bool  # the link was used


async def look(deps: Deps, secret: str) -> Asked | None:
    """Return what a link leads to; None where it leads to nothing. Nothing is used up."""
    async with deps.database.connect() as conn:
        link = await survey_link.load(conn, deps, secret, now=deps.clock.now())
        found = await _survey(deps, conn, link) if link else None
    if link is None or found is None:
        return None
    if link.used_at is None:
        try:
            load = await choices.look(deps, link.customer)
        except NotAvailableError:
            return None
        question = replace(_vaults(load, found[1]).question, source=Source.TOLD)
        verdicts = decide(load.rulebook, question, facts(deps, load))
        if not all(isinstance(one, Allow) for one in verdicts.values()):
            return None
    return Asked(found[1], answered=link.used_at is not None)


async def answer(
    deps: Deps, secret: str, typed: Mapping[str, Sequence[str]], *, request: str | None = None
) -> Reading:
    """Keep what was answered; a reading with something wrong kept nothing and used nothing up.

    Args:
        deps: what a use case may touch.
        secret: the last part of the link.
        typed: question -> what was sent for it.
        request: our id of the request, for the entry.

    Raises:
        NotAvailableError: the link leads to nothing.
        OpenError: the customer's record is broken, so nothing can be kept.
        BusyError: nothing was kept; it is worth sending again.
    """

    async def work(it: Unit) -> VaultError | Reading:
        link = await survey_link.load(it.conn, deps, secret, now=it.now)
        found = await _survey(deps, it.conn, link) if link else None
        if link is None or found is None:
            raise NotAvailableError
        if link.used_at is not None:
            return _KEPT
        then, survey = found
        reading = _read(then, survey, typed)
        if reading.wrong:
            return reading
        held = await hold(it, link.customer)
        decided = decide_write(deps, _vaults(held.load, survey), held.load, Change({}, Source.TOLD))
        if decided.withheld:
            await store.remove(it.conn, link.hash)  # so that it is refused, and recorded, once
            return NotAvailableError() if decided.unknown else refuse(it, decided)
        if not await store.use(it.conn, link.hash, at=it.now):
            return _KEPT
        kept = await _keep(it, held, link, then, survey, reading.answers, request=request)
        return kept if isinstance(kept, VaultError) else reading

    result, _ = await unit.run(deps, work)
    if isinstance(result, VaultError):
        raise NotAvailableError
    return result


async def _keep(
    it: Unit,
    held: Held,
    link: LinkRow,
    then: Rulebook,
    survey: Survey,
    answers: Mapping[str, Answer],
    *,
    request: str | None,
) -> VaultError | UUID:
    kind = then.interactions[survey.answer].kind
    about = await events.load(it.conn, link.customer, link.about)
    said = _content(then, survey, answers)
    parent = about.interaction_id if about else None
    event = Event(kind, it.now, CHANNEL, said, parent, who=CUSTOMER)
    ask = Ask(
        customer=link.customer,
        kind=ActorKind.CUSTOMER,
        actor=CUSTOMER,
        names=(survey.answer,),
        action=Action.APPEND,
        request=request,
        present=True,
    )
    kept = await note(it, ask, held.load, event, source=Source.TOLD)
    if isinstance(kept, VaultError):
        await store.remove(it.conn, link.hash)
        return kept
    counted = {
        one.id: rules.counted(one, answers[one.id]) for one in survey.questions if one.id in answers
    }
    size = then.minimum_group
    await survey_count.add(it.conn, survey.id, then.digest, counted, size=size)
    now = held.load.rulebook
    after = now.interactions[survey.answer].follow_up
    # Of a kind that no survey of the code in force has any more, each contact is followed by itself.
    by_itself = follow_up.rule_of(now, kind) is not None
    if after is not None and not by_itself and rules.low(survey, answers):
        await follow_up.open_(it, held, event=kept, kind=kind, rule=after, at=it.now)
    return kept


async def _survey(deps: Deps, conn: Conn, link: LinkRow) -> tuple[Rulebook, Survey] | None:
    """Return the survey as it stood in the code under which it was asked."""
    then = await deps.codes.by_digest(conn, link.code_digest)
    survey = then.survey(link.survey)
    return None if survey is None else (then, survey)


def _read(then: Rulebook, survey: Survey, typed: Mapping[str, Sequence[str]]) -> Reading:
    reading = rules.read(survey, typed)
    if len(canonical.dumps(_content(then, survey, reading.answers))) > MAX_CONTENT:
        return Reading(reading.answers, {**reading.wrong, "": Wrong.TOO_LONG})
    return reading


def _content(then: Rulebook, survey: Survey, answers: Mapping[str, Answer]) -> dict[str, object]:
    return {"survey": survey.id, "code": then.version, "answers": dict(answers)}


def _vaults(load: Load, survey: Survey) -> Ask:
    """Ask for the purpose whether an answer may be kept, while the customer is there."""
    return Ask(
        customer=load.customer,
        kind=ActorKind.VAULT,
        actor="vault",
        names=(survey.answer,),
        purpose=survey.purpose,
        action=Action.APPEND,
        present=True,
    )
