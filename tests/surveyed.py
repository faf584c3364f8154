"""A code of ethics that asks a survey after a purchase, and what customers and apps do with it."""

import re
from datetime import timedelta

from policies.compile import compile_
from policies.decide import ActorKind
from policies.model import Action, Source
from tests import richer
from tests.policies.documents import swapped
from tests.services import mailbox
from tests.services.decisions import allow
from vault.services import customer, interaction, jobs, survey_job
from vault.services.ask import Ask
from vault.services.interaction import Event
from vault.store import commit, survey_count
from vault.store import interaction as interaction_store

KINDS = """\
  survey_letter:
    label: Questions by e-mail
    why: So that you see what we sent you.
    category: Communication
    sensitivity: ordinary
    sources: [observed]
    retention: P1Y
    reaches: email
  survey_answer:
    label: Answers to our questions
    why: To mend what went wrong.
    category: Communication
    sensitivity: ordinary
    sources: [told]
    retention: P1Y
    follow_up: {within: P5D, owner: support}
recipients:
"""
PURPOSE = """\
  feedback:
    label: Feedback
    types: [ServiceOptimisation]
    what: We ask how it was.
    why: To mend what went wrong.
    benefit: What went wrong is mended.
    without: You are never asked.
    basis: consent
    expiry: P12M
    required:
      contact.email: [read]
      interaction.purchase: [read]
      interaction.survey_answer: [read, append]
    optional:
      interaction.survey_letter: [append]
    recipients: [loyalty]
  fraud:
"""
SURVEYS = """\
surveys:
  visit:
    label: Your last visit
    invitation: How was it? Each question may be left out.
    thanks: Thank you. Whoever can mend it reads it.
    purpose: feedback
    after: [interaction.purchase]
    answer: interaction.survey_answer
    channel: email
    wait: P1D
    at_most: P90D
    expires: P30D
    questions:
      recommend: {type: nps, label: "Would you recommend us?", low: 6}
      happy: {type: csat, label: "How satisfied are you?", low: 2}
      best: {type: choice, label: "What was best?", choices: {taste: The taste, calm: The calm}}
      missed: {type: several, label: "What was missing?", choices: {milk: Milk, seat: A seat}}
      again: {type: flag, label: "Will you come again?"}
      words: {type: text, label: "What else?"}
minimum_group: 5
"""
TERMS = "terms: [pause, never-purpose, never-channel, quiet-hours]"
TEXT = (
    swapped(
        ("recipients:\n  delivery", KINDS + "  delivery"),
        ("  fraud:\n", PURPOSE),
        ("version: 2026-11\n", "version: 2026-11-9\n"),
        ("terms: [pause, never-purpose]", TERMS),
    )
    + SURVEYS
)
BOOK = compile_(TEXT.encode(), name="surveyed.yaml")
(VISIT,) = BOOK.code.surveys
LINK = re.compile(r"^(\S+/survey/([\w-]{43})\?lang=\S+)$", re.MULTILINE)
EMAIL = "ana@example.org"


async def publish(deps):
    """Put the code in force."""
    await richer.publish(deps, rulebook=BOOK, source=TEXT.encode())


async def buys(deps, who, *, days=2):
    """Let a purchase have been noted some days ago; return its id."""
    ask = Ask(
        customer=who,
        kind=ActorKind.OPERATOR,
        actor="operator",
        names=("interaction.purchase",),
        action=Action.APPEND,
    )
    at = deps.clock.now() - timedelta(days=days)
    event = Event("purchase", at, "shop", {"what": "Beans"})
    found, _ = await interaction.append(deps, ask, event)
    return found


async def served(deps, email=EMAIL):
    """A customer who said yes to being asked, and bought something two days ago."""
    who = await customer.add(deps, {"contact.email": email}, source=Source.TOLD)
    await allow(deps, who, "feedback")
    await buys(deps, who)
    return who


async def ask(deps):
    """Let the hour's look happen, and its letters leave; return the letters of surveys."""
    await commit.request(deps.database, lambda conn: survey_job.queue(deps, conn))
    while await jobs.round_once(deps):
        pass
    return letters(deps)


def letters(deps):
    return [one for one in mailbox.mails(deps) if LINK.search(mailbox.text(one))]


def path(letter):
    """Return the path of the link in a letter, without its language."""
    return f"/survey/{secret(letter)}"


def secret(letter):
    return LINK.findall(mailbox.text(letter))[0][1]


async def events(deps, who, kind):
    """Return the rows of a customer's contacts of a kind."""
    async with deps.database.connect() as conn:
        return await interaction_store.load_page(conn, who, kinds=[kind])


async def counts(deps):
    """Return every count as (question, answer) -> how many, over all slots."""
    async with deps.database.connect() as conn:
        rows = await survey_count.load(conn)
    found: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row.question, row.answer)
        found[key] = found.get(key, 0) + row.count
    return found


async def count(deps, answers, *, times=1, size=5):
    """Count answers that nobody gave: question -> the answers that are counted."""

    async def work(conn):
        for _ in range(times):
            await survey_count.add(conn, "visit", BOOK.digest, answers, size=size)

    await commit.request(deps.database, work)
