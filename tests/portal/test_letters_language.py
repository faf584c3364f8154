"""A letter is in the customer's language; one that a page asked for is in the page's."""

import pytest

from tests.portal import trilingual
from tests.portal.conftest import ANA
from tests.services import mailbox
from tests.vaults import publish
from vault.services import mail, portal_choice, session, unit

SAID = "Content-Language: {}"


@pytest.fixture
async def three(deps, tmp_path):
    await publish(deps, trilingual.write(tmp_path))


async def letter(deps, customer):
    await unit.run(deps, lambda it: mail.to_customer(it, customer, session.NEW_DEVICE))
    return await mailbox.sent(deps, holding="/security")


async def test_a_letter_is_in_the_language_that_the_customer_chose(three, deps, ana):
    await portal_choice.save_lang(deps, ana, "pt-PT")
    assert SAID.format("pt-PT") in (await letter(deps, ana)).as_string()


async def test_a_letter_to_who_chose_none_is_in_the_first_language_of_the_code(three, deps, ana):
    assert SAID.format("en") in (await letter(deps, ana)).as_string()


async def test_a_language_that_the_code_lost_is_not_written_in(deps, ana):
    await portal_choice.save_lang(deps, ana, "pt-PT")
    assert SAID.format("en") in (await letter(deps, ana)).as_string()


async def test_the_code_of_sign_in_comes_in_the_language_of_the_page(three, visitor, deps, ana):
    visitor.http.headers["accept-language"] = "pt-BR"
    sent = await visitor.ask_for_code(deps, ANA)
    assert SAID.format("pt-BR") in sent.as_string()
