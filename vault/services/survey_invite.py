"""Ask one customer a survey about one contact: a letter with a link, where all that counts allows it.

1. The customer is held, and was not asked this for as long as the survey says.
2. The newest contact is found that is old enough, not too old and was not asked about.
3. It is decided by the survey's purpose: may it read an address that reaches the customer by e-mail
   now, and keep an answer; consent, objection, restriction and the customer's own terms count here.
4. The turn, the link, the contact of its own kind where the code has one, and the letter go in with
   one commit, so that no letter is written twice. The address is opened, and all decided again, when
   the letter leaves.

Nothing is opened here. A survey by another channel than e-mail is left to the apps of its purpose:
they ask whether they may, reach the customer, and keep the answer as a contact.
Source: consent-standards note, 6 and 8; portal note, 2.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from policies.decide import ActorKind, Allow, decide
from policies.durations import Duration
from policies.model import Action, Channel, Rulebook, Source, Survey
from policies.situation import Question, Situation
from vault.core import contact, retention
from vault.core.ids import CustomerId
from vault.core.own_terms import MailKind
from vault.services import interaction, mail, quiet, reach, survey_link, unit
from vault.services.ask import Ask
from vault.services.deps import Deps
from vault.services.disclosure import facts
from vault.services.interaction import Event, note
from vault.services.load import Load, load_locked, values_of
from vault.services.situation import unix_ms
from vault.services.unit import Unit
from vault.services.unsubscribe_link import link
from vault.store import contact as contacts
from vault.store import interaction as events
from vault.store import survey as store
from vault.store.interaction import InteractionRow
from vault.store.survey import TurnRow

ACTOR: Final = "vault"
LETTER: Final = "survey"  # a template
LATER: Final = timedelta(days=1)  # what else was denied may be allowed tomorrow
_PAGE: Final = 20  # contacts looked at, the newest first


async def invite(deps: Deps, customer: CustomerId, name: str) -> bool:
    """Ask a customer a survey of the code in force; False where nothing was written.

    Raises:
        BusyError: nothing was written.
    """

    async def work(it: Unit) -> bool:
        load = await load_locked(it.conn, deps.codes, customer, at=it.now)
        survey = load.rulebook.survey(name)
        if load.found is None or survey is None or survey.channel is not Channel.EMAIL:
            return False
        turn = await store.turn(it.conn, customer, name)
        if turn is not None and turn.again_at > it.now:
            return False
        about = await _event(it, customer, survey, turn)
        if about is None:
            return False
        later = await _denied(it, load, survey)
        if later is not None:
            asked = turn.about_at if turn else None
            await store.put_turn(it.conn, TurnRow(customer, name, it.now + later, asked))
            return False
        again = retention.end(survey.at_most, it.now)
        await store.put_turn(it.conn, TurnRow(customer, name, again, about.at))
        await _note(it, load, survey, about.interaction_id)
        await _write(it, load.rulebook, customer, survey, about.interaction_id)
        return True

    sent, _ = await unit.run(deps, work)
    return sent


def window(survey: Survey, now: datetime) -> tuple[datetime, datetime]:
    """Return from when to when a contact may lie that is asked about, at the widest."""
    lasts, waits = Duration.parse(survey.expires), Duration.parse(survey.wait)
    if lasts is None or waits is None:  # which no code says that compiles
        return now, now
    return now - timedelta(days=lasts.most), now - timedelta(days=waits.fewest)


async def _event(
    it: Unit, customer: CustomerId, survey: Survey, turn: TurnRow | None
) -> InteractionRow | None:
    """Return the newest contact to ask about."""
    since, until = window(survey, it.now)
    kinds = sorted(interaction.kinds_in(survey.after))
    rows = await events.load_page(
        it.conn,
        customer,
        kinds=kinds,
        start=since,
        end=until + timedelta(microseconds=1),
        limit=_PAGE,
    )
    asked = turn.about_at if turn else None
    for row in rows:
        if asked is not None and row.at <= asked:
            return None
        ripe = retention.end(survey.wait, row.at) <= it.now < retention.end(survey.expires, row.at)
        if ripe:
            return row
    return None


async def _denied(it: Unit, load: Load, survey: Survey) -> timedelta | None:
    """Return after what time to look again; None where the customer may be asked at once."""
    names = reach.reaching(load.rulebook, survey.purpose)
    names = tuple(name for name in names if name in values_of(load, names))
    holds = facts(it.deps, load, names)
    if not names or MailKind.SURVEYS in holds.terms.no_mails:
        return LATER
    keeps = decide(load.rulebook, _keeping(survey), holds)
    if not isinstance(keeps[survey.answer], Allow):
        return LATER
    if holds.terms.at_most and _noted(load, survey, holds) is None:
        return LATER  # a contact that cannot be noted cannot be counted
    since, kinds = it.now - timedelta(milliseconds=contact.WINDOW), contact.kinds(load.rulebook)
    reached = await contacts.times_since(it.conn, [load.customer], kinds, since=since)
    ends = quiet.until(holds.terms.quiet, it.now) if holds.quiet else None
    found = contact.weigh(
        load.rulebook,
        Question(ActorKind.VAULT, names, purpose=survey.purpose),
        holds,
        reached=[unix_ms(one) for one in reached.get(load.customer, [])],
        quiet_until=unix_ms(ends) if ends else None,
    )
    if found.allowed:
        return None
    if found.not_before is None:
        return LATER
    return timedelta(milliseconds=max(found.not_before - unix_ms(it.now), 1))


def _keeping(survey: Survey) -> Question:
    """Ask whether an answer could be kept: it is the customer who will be there then."""
    return Question(
        ActorKind.VAULT,
        (survey.answer,),
        action=Action.APPEND,
        purpose=survey.purpose,
        source=Source.TOLD,
        present=True,
    )


async def _note(it: Unit, load: Load, survey: Survey, about: UUID) -> None:
    """Keep the letter as a contact, where the code has a kind for it and the purpose may add one."""
    name = _noted(load, survey, facts(it.deps, load))
    if name is None:
        return
    ask = Ask(
        customer=load.customer,
        kind=ActorKind.VAULT,
        actor=ACTOR,
        names=(name,),
        purpose=survey.purpose,
        action=Action.APPEND,
    )
    kind = load.rulebook.interactions[name].kind
    said = {"survey": survey.id, "code": load.rulebook.version}
    event = Event(kind, it.now, survey.channel.value, said, about)
    await note(it, ask, load, event, source=Source.OBSERVED)


def _noted(load: Load, survey: Survey, holds: Situation) -> str | None:
    """Return as what the letter is kept; None where it may not be."""
    name = _kind(load.rulebook, survey)
    if name is None:
        return None
    question = Question(
        ActorKind.VAULT,
        (name,),
        action=Action.APPEND,
        purpose=survey.purpose,
        source=Source.OBSERVED,
    )
    allowed = isinstance(decide(load.rulebook, question, holds)[name], Allow)
    return name if allowed else None


def _kind(rulebook: Rulebook, survey: Survey) -> str | None:
    may = rulebook.fields_of(survey.purpose, Action.APPEND)
    for one in rulebook.code.interactions:
        if one.reaches is survey.channel and one.name in may and Source.OBSERVED in one.sources:
            return one.name
    return None


async def _write(
    it: Unit, rulebook: Rulebook, customer: CustomerId, survey: Survey, about: UUID
) -> None:
    lang = await mail.of_customer(it, customer, rulebook)
    address = await survey_link.make(it, customer, rulebook, survey, about=about, lang=lang)
    stop = link(it.deps, customer, MailKind.SURVEYS)
    await mail.to_customer(
        it,
        customer,
        LETTER,
        parts={"link": address, "stop": stop, "day": retention.end(survey.expires, it.now)},
        optional=MailKind.SURVEYS,
        unsubscribe=stop,
        purpose=survey.purpose,
    )
