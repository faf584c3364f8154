"""Each decision of a customer brings a letter that says nothing of it; what is no decision brings none."""

import pytest

from policies.model import ConsentState
from tests.services import mailbox
from tests.services.decisions import SESSION, allow, ana, clock, deps, served
from vault.core.errors import ConflictError
from vault.core.own_terms import MailKind
from vault.services import consent, jobs
from vault.services.unsubscribe import stop

__all__ = ["ana", "clock", "deps"]


async def letters(deps):
    await jobs.round_once(deps)
    return [one for one in mailbox.mails(deps) if "receipt" in one["Subject"]]


async def test_every_decision_brings_one_letter(deps, ana):
    await allow(deps, ana)
    assert len(await letters(deps)) == 1
    await consent.withdraw(deps, ana, "marketing")
    assert len(await letters(deps)) == 2
    await consent.refuse(deps, ana, "loyalty.rewards", session=SESSION)
    assert len(await letters(deps)) == 3


async def test_the_same_again_brings_none(deps, ana):
    await allow(deps, ana)
    await consent.withdraw(deps, ana, "marketing")
    before = len(await letters(deps))
    outcome = await consent.withdraw(deps, ana, "marketing")
    assert not outcome.changed
    assert len(await letters(deps)) == before


async def test_a_decision_that_does_not_stand_brings_none(deps, ana):
    asked = await served(deps, ana)
    await allow(deps, ana, "loyalty.rewards")
    before = len(await letters(deps))
    with pytest.raises(ConflictError):
        await allow(deps, ana, asked=asked)
    assert len(await letters(deps)) == before


async def test_the_letter_names_no_purpose_and_no_receipt(deps, ana):
    outcome = await allow(deps, ana)
    (letter,) = await letters(deps)
    whole = letter.as_string()
    for told in ("marketing", "Letters about", str(outcome.receipt_id), str(outcome.consent_id)):
        assert told not in whole, told
    assert f"{deps.issuer}/receipts\n" in mailbox.text(letter)


async def test_its_link_turns_these_letters_off_and_nothing_else(deps, ana):
    await allow(deps, ana)
    (letter,) = await letters(deps)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = letter["List-Unsubscribe"].strip("<>")
    await stop(deps, address.rpartition("/")[2])
    outcome = await consent.withdraw(deps, ana, "marketing")
    assert outcome.state is ConsentState.WITHDRAWN
    assert len(await letters(deps)) == 1
    assert MailKind.RECEIPTS.value == "receipts"
