import asyncio

import pytest
from sqlalchemy import delete, func, insert, select, update

from policies.model import Source
from tests.services import mailbox
from tests.vaults import FakeClock, vault
from vault.core.errors import (
    RefusedError,
    SignInRefusedError,
    TooManyError,
    WrongValueError,
)
from vault.crypto.random import uuid7
from vault.crypto.tokens import token_hash
from vault.services import customer, session, sign_in
from vault.store import commit
from vault.store.job import job
from vault.store.mail import mail
from vault.store.sign_in import MAX_TRIES, wrong_code
from vault.store.sign_in import sign_in as table

ANA = "ana@example.org"
BROWSER = "browser-nonce"
DEVICE = "Firefox on Linux"


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def deps(database, tmp_path, clock):
    async with vault(database, tmp_path, clock=clock) as opened:
        yield opened


@pytest.fixture
async def ana(deps):
    return await customer.add(deps, {"contact.email": ANA}, source=Source.TOLD)


async def ask(deps, email=ANA, *, browser=BROWSER, address="192.0.2.1"):
    await sign_in.start(deps, email, browser=browser, address=address)


async def by_code(deps, code, *, browser=BROWSER):
    return await sign_in.confirm_code(deps, code, browser=browser, device=DEVICE)


async def by_link(deps, link, *, browser=BROWSER):
    return await sign_in.confirm_link(deps, link, browser=browser, device=DEVICE)


async def rows(deps, of):
    async with deps.database.connect() as conn:
        return (await conn.execute(select(func.count()).select_from(of))).scalar_one()


async def entered(deps, cookie):
    found = await session.check(deps, cookie)
    assert found is not None
    return found


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_the_mailed_code_signs_in(deps, ana):
    await ask(deps)
    code = mailbox.code(await mailbox.sent(deps))
    found = await entered(deps, await by_code(deps, code))
    assert (found.customer, found.strength, found.device) == (ana, "code", DEVICE)


async def test_the_mailed_link_signs_in_the_browser_that_asked(deps, ana):
    await ask(deps)
    link = mailbox.link(await mailbox.sent(deps))
    assert await sign_in.works_here(deps, link, browser=BROWSER)
    found = await entered(deps, await by_link(deps, link))
    assert (found.customer, found.strength) == (ana, "link")


async def test_spaces_and_capital_letters_do_no_harm(deps, ana):
    await ask(deps, "  ANA@Example.org ")
    code = mailbox.code(await mailbox.sent(deps))
    assert await by_code(deps, f" {code[:3]} {code[3:]} ")


@pytest.mark.parametrize("browser", ["another-browser", None])
async def test_a_link_does_not_work_in_another_browser(deps, ana, browser):
    await ask(deps)
    link = mailbox.link(await mailbox.sent(deps))
    assert not await sign_in.works_here(deps, link, browser=browser)
    with pytest.raises(SignInRefusedError):
        await by_link(deps, link, browser=browser)


async def test_a_code_does_not_work_in_another_browser(deps, ana):
    await ask(deps)
    code = mailbox.code(await mailbox.sent(deps))
    with pytest.raises(SignInRefusedError):
        await by_code(deps, code, browser="another-browser")


async def test_an_unknown_address_gets_the_same_rows_and_no_mail(deps, ana):
    await ask(deps)
    known = [await rows(deps, one) for one in (table, mail, job)]
    await ask(deps, "nobody@example.org", browser="b2")
    assert [await rows(deps, one) for one in (table, mail, job)] == [2 * one for one in known]
    await mailbox.sent(deps)
    assert [one["To"] for one in mailbox.mails(deps)] == [ANA]
    assert await rows(deps, mail) == 0


async def test_what_waits_for_a_known_and_an_unknown_address_has_the_same_size(deps, ana):
    await ask(deps)
    await ask(deps, "eve@example.org", browser="b2")
    async with deps.database.connect() as conn:
        sealed = (await conn.execute(select(mail.c.sealed))).scalars().all()
    assert len({len(one) for one in sealed}) == 1


async def test_a_code_works_once(deps, ana):
    await ask(deps)
    code = mailbox.code(await mailbox.sent(deps))
    await by_code(deps, code)
    with pytest.raises(SignInRefusedError):
        await by_code(deps, code)


async def test_of_two_at_once_one_gets_in(deps, ana):
    await ask(deps)
    code = mailbox.code(await mailbox.sent(deps))
    results = await asyncio.gather(*(by_code(deps, code) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(one, str) for one in results) == 1
    assert all(isinstance(one, (str, SignInRefusedError)) for one in results)


async def test_a_code_is_over_after_ten_minutes(deps, ana, clock):
    await ask(deps)
    code = mailbox.code(await mailbox.sent(deps))
    clock.turn(minutes=10)
    with pytest.raises(SignInRefusedError):
        await by_code(deps, code)


async def test_only_the_newest_code_works(deps, ana):
    await ask(deps)
    first = mailbox.code(await mailbox.sent(deps))
    await ask(deps, browser="b2")
    second = mailbox.code(await mailbox.sent(deps))
    with pytest.raises(SignInRefusedError):
        await by_code(deps, first)
    assert await by_code(deps, second, browser="b2")


async def test_the_sixth_try_fails_even_when_it_is_right(deps, ana):
    await ask(deps)
    code = mailbox.code(await mailbox.sent(deps))
    for _ in range(MAX_TRIES):
        with pytest.raises(SignInRefusedError):
            await by_code(deps, wrong(code))
    with pytest.raises(SignInRefusedError):
        await by_code(deps, code)


async def test_after_thirty_wrong_codes_only_links_work(deps, ana, clock):
    for number in range(6):
        await ask(deps, browser=f"b{number}")
        code = mailbox.code(await mailbox.sent(deps))
        for _ in range(MAX_TRIES):
            with pytest.raises(SignInRefusedError):
                await by_code(deps, wrong(code), browser=f"b{number}")
        clock.turn(hours=2)
    await ask(deps)
    newest = await mailbox.sent(deps)
    with pytest.raises(SignInRefusedError):
        await by_code(deps, mailbox.code(newest))
    await by_link(deps, mailbox.link(newest))
    await ask(deps, browser="after")
    assert await by_code(deps, mailbox.code(await mailbox.sent(deps)), browser="after")


async def test_the_sixth_mail_within_an_hour_is_refused_and_says_how_long(deps, ana):
    for number in range(5):
        await ask(deps, browser=f"b{number}", address=f"192.0.2.{number}")
    with pytest.raises(TooManyError) as raised:
        await ask(deps, address="192.0.2.99")
    assert raised.value.seconds == 720


async def test_an_unknown_address_is_limited_like_a_known_one(deps):
    for number in range(5):
        await ask(deps, "nobody@example.org", browser=f"b{number}", address=f"192.0.2.{number}")
    with pytest.raises(TooManyError):
        await ask(deps, "nobody@example.org", address="192.0.2.99")


async def test_a_network_may_ask_twenty_times_an_hour(deps):
    for number in range(20):
        await ask(
            deps, f"n{number}@example.org", browser=f"b{number}", address=f"2001:db8::{number}"
        )
    with pytest.raises(TooManyError):
        await ask(deps, "n99@example.org", address="2001:db8::99")
    await ask(deps, "n99@example.org", address="2001:db8:0:1::1")


@pytest.mark.parametrize("text", ["", "ana", "a@b@c", "ana@exa mple.org", "a" * 300 + "@b.org"])
async def test_what_is_no_address_is_refused(deps, text):
    with pytest.raises(WrongValueError):
        await ask(deps, text)
    assert await rows(deps, table) == 0


async def test_a_row_that_names_another_customer_signs_nobody_in(deps, ana):
    eve = await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    await ask(deps, "eve@example.org")
    code = mailbox.code(await mailbox.sent(deps))

    async def edit(conn):
        await conn.execute(update(table).where(table.c.customer_id == eve).values(customer_id=ana))

    await commit.request(deps.database, edit)
    with pytest.raises(SignInRefusedError):
        await by_code(deps, code)


async def test_a_row_that_was_added_to_the_database_signs_nobody_in(deps, ana):
    await ask(deps)  # the victim's row has everything that an intruder would copy
    link = "l" * 43

    async def plant(conn):
        real = (await conn.execute(select(table))).one()._asdict()
        # Whatever is kept of a link, the intruder can hash.
        real |= dict.fromkeys({"link_hash", "link_mac"} & real.keys(), token_hash(link))
        await conn.execute(insert(table).values(real | {"hash": token_hash("intruder")}))

    await commit.request(deps.database, plant)
    assert not await sign_in.works_here(deps, link, browser="intruder")
    with pytest.raises(SignInRefusedError):
        await by_link(deps, link, browser="intruder")


async def test_a_row_copied_to_another_address_signs_nobody_in(deps, ana):
    eve = await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    await ask(deps, browser="victim")
    await mailbox.sent(deps)
    await ask(deps, "eve@example.org")
    link = mailbox.link(await mailbox.sent(deps))

    async def move(conn):
        mine = table.c.customer_id == ana
        hers = (await conn.execute(select(table.c.address_idx).where(mine))).scalar_one()
        moved = {"address_idx": hers, "customer_id": ana}
        await conn.execute(update(table).where(table.c.customer_id == eve).values(moved))

    await commit.request(deps.database, move)
    with pytest.raises(SignInRefusedError):
        await by_link(deps, link)


async def test_a_link_cannot_be_made_to_last(deps, ana, clock):
    await ask(deps)
    link = mailbox.link(await mailbox.sent(deps))
    clock.turn(minutes=11)

    async def edit(conn):
        await conn.execute(update(table).values(expires_at=clock.now() + sign_in.LIFE))

    await commit.request(deps.database, edit)
    with pytest.raises(SignInRefusedError):
        await by_link(deps, link)


async def test_a_code_cannot_be_made_to_last(deps, ana, clock):
    await ask(deps)
    code = mailbox.code(await mailbox.sent(deps))
    clock.turn(minutes=11)

    async def edit(conn):
        await conn.execute(update(table).values(expires_at=clock.now() + sign_in.LIFE))

    await commit.request(deps.database, edit)
    with pytest.raises(SignInRefusedError):
        await by_code(deps, code)


async def test_setting_the_tries_back_gives_no_more_of_them(deps, ana):
    await ask(deps)
    code = mailbox.code(await mailbox.sent(deps))
    for _ in range(MAX_TRIES):
        with pytest.raises(SignInRefusedError):
            await by_code(deps, wrong(code))

        async def edit(conn):
            await conn.execute(update(table).values(tries=0))

        await commit.request(deps.database, edit)
    with pytest.raises(SignInRefusedError):
        await by_code(deps, code)


async def test_wiping_the_wrong_codes_does_not_bring_codes_back(deps, ana, clock):
    for number in range(6):
        await ask(deps, browser=f"b{number}")
        code = mailbox.code(await mailbox.sent(deps))
        for _ in range(MAX_TRIES):
            with pytest.raises(SignInRefusedError):
                await by_code(deps, wrong(code), browser=f"b{number}")
        clock.turn(hours=2)

    async def wipe(conn):
        await conn.execute(delete(wrong_code))

    await commit.request(deps.database, wipe)
    await ask(deps)
    newest = await mailbox.sent(deps)
    with pytest.raises(SignInRefusedError):
        await by_code(deps, mailbox.code(newest))
    await by_link(deps, mailbox.link(newest))


async def test_an_address_gets_twenty_mails_a_day_and_one_more_each_72_minutes(deps, clock):
    async def one(number):
        await ask(deps, browser=f"b{number}", address=f"192.0.2.{number}")
        clock.turn(minutes=12)  # as many as an hour allows

    for number in range(23):  # twenty, and three regained in these hours
        await one(number)
    with pytest.raises(TooManyError) as raised:
        await one(23)
    assert raised.value.seconds == 72 * 60


async def test_a_limit_does_not_begin_afresh_at_midnight(deps, clock):
    clock.turn(hours=11, minutes=59)  # 23:59 UTC
    for number in range(5):
        await ask(deps, browser=f"b{number}", address=f"192.0.2.{number}")
    clock.turn(minutes=2)
    with pytest.raises(TooManyError):
        await ask(deps, address="192.0.2.99")
    clock.turn(minutes=10)
    await ask(deps, browser="b9", address="192.0.2.99")
    with pytest.raises(TooManyError):
        await ask(deps, address="192.0.2.98")


async def test_a_demo_link_signs_in_any_browser_once(deps, ana):
    link = (await sign_in.demo_link(deps, ana)).rpartition("/")[2]
    found = await entered(deps, await by_link(deps, link, browser=None))
    assert found.customer == ana
    with pytest.raises(SignInRefusedError):
        await by_link(deps, link, browser=None)


async def test_an_edited_demo_link_signs_nobody_in(deps, ana):
    link = (await sign_in.demo_link(deps, ana)).rpartition("/")[2]
    other = uuid7(1)

    async def edit(conn):
        await conn.execute(update(table).values(customer_id=other, address_idx=b"\0" + other.bytes))

    await commit.request(deps.database, edit)
    with pytest.raises(SignInRefusedError):
        await by_link(deps, link, browser=None)


async def test_no_demo_link_exists_for_a_public_issuer(database, tmp_path, clock):
    async with vault(database, tmp_path, clock=clock, issuer="https://vault.example") as deps:
        ana = await customer.add(deps, {"contact.email": ANA}, source=Source.TOLD)
        with pytest.raises(RefusedError):
            await sign_in.demo_link(deps, ana)


async def test_a_guessed_link_is_refused(deps, ana):
    with pytest.raises(SignInRefusedError):
        await by_link(deps, "x" * 43)


async def test_the_store_keeps_neither_code_nor_link_nor_address(deps, ana):
    await ask(deps)
    newest = await mailbox.sent(deps)
    async with deps.database.connect() as conn:
        kept = repr((await conn.execute(select(table))).all())
    for secret in (mailbox.link(newest), ANA):
        assert secret not in kept
