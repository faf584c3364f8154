"""A look at an address for a letter stands in who looked."""

import asyncio

from vault.services import jobs, mail, unit


async def test_a_letters_look_is_shown_as_one_to_write_to_the_customer(person, deps, ana):
    async def work(it):
        await mail.to_customer(it, ana, mail.RECEIPT)

    await unit.run(deps, work)
    await jobs.round_once(deps)
    page = ""
    for _ in range(100):
        page = (await person.get("/who-looked")).text
        if "to write to you" in page:
            break
        await asyncio.sleep(0.05)
    assert "to write to you" in page
    assert "ana@example.org" not in page
