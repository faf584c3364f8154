"""Packages are ordered once, made behind the order, kept sealed for a week, and one's own alone."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from policies.model import Source
from tests.services import mailbox, packages
from tests.services.packages import fetched, ordered, wish
from tests.services.test_mail import message, put
from vault.core.entry import Kind
from vault.core.errors import BusyError, NotAvailableError, OpenError, TooManyError
from vault.core.export import LIFE, Form, Part
from vault.services import customer, export, export_job, export_parts, jobs, who_looked
from vault.services.export import State
from vault.store import commit, job
from vault.store.customer import customer_key
from vault.store.export import export as table
from vault.store.export import export_piece
from vault.store.wipe import wipe


@pytest.fixture
async def ana(deps):
    return await packages.ana(deps)


async def left(deps, whose):
    """Return how many orders, pieces and keys of exports the database holds."""
    async with deps.database.connect() as conn:
        counts = [
            (
                await conn.execute(
                    select(func.count()).select_from(one).where(one.c.customer_id == whose)
                )
            ).scalar_one()
            for one in (table, export_piece)
        ]
        of_keys = select(func.count()).where(
            customer_key.c.customer_id == whose, customer_key.c.kind == 4
        )
        return (*counts, (await conn.execute(of_keys)).scalar_one())


async def lines(deps, whose, request, *, least=1):
    """Return the lines of a request, once they are in the customer's list."""
    async with asyncio.timeout(10):
        while True:
            found = await who_looked.latest(deps, whose, limit=200)
            found = [line for line in found if line.request == request]
            if len(found) >= least:
                return found
            await asyncio.sleep(0.05)


async def test_an_order_is_made_in_the_background_and_told_by_a_letter(deps, ana):
    made = await export.order(deps, ana, wish(), export_id=uuid4(), request="r")
    (waiting,) = await export.packages(deps, ana)
    assert (waiting.export_id, waiting.state) == (made, State.MAKING)
    await jobs.round_once(deps)
    (ready,) = await export.packages(deps, ana)
    assert (ready.state, ready.short, ready.fetched_at) == (State.READY, False, None)
    letter = mailbox.text(await mailbox.sent(deps))
    assert "/your-data" in letter
    for value in ("ana@example.org", "Ána", str(made), str(ana)):
        assert value not in letter


async def test_making_and_fetching_are_looks_that_name_the_fields(deps, ana):
    made = await ordered(deps, ana, wish(parts=(Part.PROFILE, Part.EVENTS)), request="making")
    await fetched(deps, ana, made, request="fetching")
    for request in ("making", "fetching"):
        (line,) = await lines(deps, ana, request)
        assert (line.kind, line.actor) == (Kind.EXPORT, "customer")
        names = {name for name, _ in line.allowed}
        assert {"contact.email", "interaction.call"} <= names


async def test_a_part_without_a_field_is_a_look_all_the_same(deps, ana):
    await ordered(deps, ana, wish(parts=(Part.WHO_LOOKED,)), request="list")
    (line,) = await lines(deps, ana, "list")
    assert (line.kind, line.allowed) == (Kind.EXPORT, ())


async def test_a_form_sent_twice_is_one_order(deps, ana):
    one = uuid4()
    orders = [export.order(deps, ana, wish(), export_id=one, request="r") for _ in range(3)]
    assert set(await asyncio.gather(*orders)) == {one}
    await jobs.round_once(deps)
    assert await export.order(deps, ana, wish(), export_id=one, request="r") == one
    assert len(await export.packages(deps, ana)) == 1
    assert await left(deps, ana) == (1, 1, 1)


async def test_while_one_is_made_no_other_is_begun(deps, ana):
    ids = [uuid4() for _ in range(4)]
    orders = [export.order(deps, ana, wish(), export_id=one, request="r") for one in ids]
    assert len(set(await asyncio.gather(*orders))) == 1
    assert await left(deps, ana) == (1, 0, 1)


async def test_the_eleventh_order_of_a_day_is_refused(deps, ana):
    for _ in range(10):
        await ordered(deps, ana, wish(parts=(Part.TERMS,)))
    with pytest.raises(TooManyError):
        await export.order(deps, ana, wish(), export_id=uuid4(), request="r")
    assert len(await export.packages(deps, ana)) == 10


async def test_anothers_package_is_as_unknown_as_none(deps, ana):
    made = await ordered(deps, ana, wish())
    eve = await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    for one in (made, uuid4(), UUID(int=0)):
        for ask in (export.package(deps, eve, one), export.fetch(deps, eve, one, request="r")):
            with pytest.raises(NotAvailableError):
                await ask
    assert await export.packages(deps, eve) == ()


async def test_the_same_id_of_two_customers_is_two_packages(deps, ana):
    eve = await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    made = await ordered(deps, ana, wish(parts=(Part.PROFILE,)))
    await export.order(deps, eve, wish(parts=(Part.PROFILE,)), export_id=made, request="r")
    await jobs.round_once(deps)
    assert b"ana@example.org" in await fetched(deps, ana, made)
    theirs = await fetched(deps, eve, made)
    assert b"eve@example.org" in theirs
    assert b"ana@example.org" not in theirs


async def test_a_package_that_is_not_ready_cannot_be_fetched(deps, ana):
    made = await export.order(deps, ana, wish(), export_id=uuid4(), request="r")
    with pytest.raises(NotAvailableError):
        await export.fetch(deps, ana, made, request="r")


async def test_a_package_goes_after_a_week_with_its_key_and_every_piece(deps, ana, clock):
    made = await ordered(deps, ana, wish())
    clock.turn(seconds=LIFE.total_seconds() - 1)
    assert await export_job.forget(deps) == 0
    assert await fetched(deps, ana, made)
    clock.turn(seconds=1)
    with pytest.raises(NotAvailableError):
        await export.fetch(deps, ana, made, request="r")
    assert (await export.package(deps, ana, made)).state is State.GONE
    await jobs.sweep(deps)
    assert await left(deps, ana) == (0, 0, 0)
    with pytest.raises(NotAvailableError):
        await export.package(deps, ana, made)
    assert await export_job.forget(deps) == 0


async def erased(deps, whose):
    await commit.request(deps.database, lambda conn: wipe(conn, whose))


async def test_an_erasure_takes_every_package_of_the_customer_and_no_others(deps, ana):
    eve = await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    for whose in (ana, eve):
        for _ in range(2):
            await ordered(deps, whose, wish(parts=(Part.PROFILE,)))
    await erased(deps, ana)
    assert await left(deps, ana) == (0, 0, 0)
    assert await left(deps, eve) == (2, 2, 2)


async def test_a_package_whose_customer_was_erased_meanwhile_is_left_alone(deps, ana):
    made = await export.order(deps, ana, wish(), export_id=uuid4(), request="r")
    await erased(deps, ana)
    assert await jobs.round_once(deps) == 1
    assert await left(deps, ana) == (0, 0, 0)
    with pytest.raises(NotAvailableError):
        await export.package(deps, ana, made)


async def kill_at(deps, monkeypatch, step):
    """Let a worker die at its n-th piece, as a killed process does: no handler runs behind it."""
    count = 0
    kept = export_job._keep

    async def dying(*given):
        nonlocal count
        count += 1
        if count > step:
            raise KeyboardInterrupt
        await kept(*given)

    monkeypatch.setattr(export_job, "_keep", dying)
    monkeypatch.setattr(export_job, "PIECE", 2_000)
    async with deps.database.connect() as conn:
        (bucket,) = await job.due_buckets(conn, now=deps.clock.now(), kinds=[export_job.KIND])
    (row,) = await jobs._claim(deps, bucket, jobs.LONG)
    with pytest.raises(KeyboardInterrupt):
        await export_job.carry_out(deps, row)
    monkeypatch.setattr(export_job, "_keep", kept)
    return row


@pytest.mark.parametrize("step", [0, 1, 3])
async def test_a_worker_that_died_is_followed_by_one_that_begins_anew(
    deps, ana, clock, monkeypatch, step
):
    made = await export.order(deps, ana, wish(), export_id=uuid4(), request="r")
    row = await kill_at(deps, monkeypatch, step)
    assert (await left(deps, ana))[1] == step
    with pytest.raises(NotAvailableError):
        await export.fetch(deps, ana, made, request="r")
    clock.turn(seconds=61)
    await jobs.round_once(deps)
    assert b'"cut":[]' in await fetched(deps, ana, made)
    # The dead one wakes up: it holds nothing any more, and changes nothing.
    before = await left(deps, ana)
    await export_job.carry_out(deps, row)
    assert await left(deps, ana) == before
    assert await fetched(deps, ana, made)
    assert len(mailbox.mails(deps)) <= 1


async def test_a_worker_that_was_overtaken_writes_nothing_more(deps, ana, clock, monkeypatch):
    await export.order(deps, ana, wish(), export_id=uuid4(), request="r")
    monkeypatch.setattr(export_job, "PIECE", 2_000)
    kept = export_job._keep
    other: list[bool] = []

    async def slow(*given):
        if not other:
            other.append(True)
            clock.turn(seconds=61)
            await jobs.round_once(deps)
        await kept(*given)

    monkeypatch.setattr(export_job, "_keep", slow)
    await jobs.round_once(deps)
    (one,) = await export.packages(deps, ana)
    assert one.state is State.READY
    body = await fetched(deps, ana, one.export_id)
    assert body.endswith(b'"cut":[]}\n')


async def test_a_database_that_was_away_means_later_and_not_never(deps, ana, clock, monkeypatch):
    made = await export.order(deps, ana, wish(), export_id=uuid4(), request="r")
    kept = export_job._keep

    async def away(*_):
        raise BusyError

    monkeypatch.setattr(export_job, "PIECE", 2_000)
    monkeypatch.setattr(export_job, "_keep", away)
    await jobs.round_once(deps)
    assert (await export.package(deps, ana, made)).state is State.MAKING
    monkeypatch.setattr(export_job, "_keep", kept)
    clock.turn(seconds=10)
    await jobs.round_once(deps)
    assert await fetched(deps, ana, made)


async def test_what_never_works_is_given_up_and_another_may_be_ordered(
    deps, ana, clock, monkeypatch
):
    made = await export.order(deps, ana, wish(), export_id=uuid4(), request="r")
    source = export_parts.terms

    async def broken(*_):
        if deps:
            raise BusyError
        yield []

    monkeypatch.setitem(export_parts.SOURCES, Part.TERMS, broken)
    for _ in range(export_job.TRIES):
        await jobs.round_once(deps)
        clock.turn(hours=2)
    assert (await export.package(deps, ana, made)).state is State.FAILED
    assert await left(deps, ana) == (1, 0, 0)
    with pytest.raises(NotAvailableError):
        await export.fetch(deps, ana, made, request="r")
    monkeypatch.setitem(export_parts.SOURCES, Part.TERMS, source)
    assert await fetched(deps, ana, await ordered(deps, ana, wish()))


async def test_a_defect_gives_up_at_once(deps, ana, monkeypatch):
    async def broken(*_):
        if deps:
            raise RuntimeError
        yield []

    monkeypatch.setitem(export_parts.SOURCES, Part.TERMS, broken)
    made = await ordered(deps, ana, wish())
    assert (await export.package(deps, ana, made)).state is State.FAILED


async def spoil(deps, change):
    async def work(conn):
        rows = (await conn.execute(select(export_piece))).all()
        for row in rows:
            where = (
                export_piece.c.customer_id == row.customer_id,
                export_piece.c.export_id == row.export_id,
                export_piece.c.number == row.number,
            )
            values = {"sealed": change(row.number, row.sealed)}
            await conn.execute(update(export_piece).where(*where).values(values))

    await commit.request(deps.database, work)


@pytest.mark.parametrize(
    "change",
    [
        lambda number, sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]) if number == 2 else sealed,
        lambda number, sealed: sealed[:-1] if number == 1 else sealed,
        lambda number, sealed: sealed + b"\0" if number == 1 else sealed,
        lambda number, sealed: b"OEX2" + sealed[4:] if number == 0 else sealed,
        lambda number, sealed: b"" if number == 3 else sealed,
    ],
    ids=["a bit", "cut", "longer", "another format", "a piece emptied"],
)
async def test_a_package_that_was_tampered_with_gives_nothing(deps, ana, monkeypatch, change):
    monkeypatch.setattr(export_job, "PIECE", 5_000)
    made = await ordered(deps, ana, wish())
    assert (await left(deps, ana))[1] >= 4
    await spoil(deps, change)
    with pytest.raises(OpenError):
        await export.fetch(deps, ana, made, request="r")
    assert (await export.package(deps, ana, made)).fetched_at is None


async def test_a_package_of_another_order_does_not_open_in_this_ones_place(deps, ana):
    first = await ordered(deps, ana, wish(parts=(Part.PROFILE,)))
    second = await ordered(deps, ana, wish(parts=(Part.TERMS,)))

    async def swap(conn):
        found = {
            row.export_id: row.sealed for row in (await conn.execute(select(export_piece))).all()
        }
        for one, other in ((first, second), (second, first)):
            await conn.execute(
                update(export_piece)
                .where(export_piece.c.customer_id == ana, export_piece.c.export_id == one)
                .values(sealed=found[other])
            )

    await commit.request(deps.database, swap)
    for one in (first, second):
        with pytest.raises(OpenError):
            await export.fetch(deps, ana, one, request="r")


@pytest.mark.parametrize("edited", [{"size": 7}, {"format": "html"}, {"format": "csv"}])
async def test_an_order_that_was_edited_gives_nothing(deps, ana, edited):
    made = await ordered(deps, ana, wish())

    async def edit(conn):
        await conn.execute(update(table).where(table.c.customer_id == ana).values(**edited))

    await commit.request(deps.database, edit)
    with pytest.raises(OpenError):
        await export.fetch(deps, ana, made, request="r")


async def test_a_look_that_cannot_be_recorded_opens_no_package(deps, ana):
    made = await ordered(deps, ana, wish())
    await deps.appender.close()
    with pytest.raises(BusyError):
        await export.fetch(deps, ana, made, request="r")


async def test_fetching_is_noted(deps, ana, clock):
    made = await ordered(deps, ana, wish(form=Form.HTML))
    clock.turn(hours=3)
    await fetched(deps, ana, made)
    assert (await export.package(deps, ana, made)).fetched_at == clock.now()


async def test_no_mail_waits_for_a_package(deps, ana, monkeypatch):
    begun, go_on = asyncio.Event(), asyncio.Event()
    source = export_parts.terms

    async def slow(*given):
        begun.set()
        await go_on.wait()
        async for page in source(*given):
            yield page

    monkeypatch.setitem(export_parts.SOURCES, Part.TERMS, slow)
    stop = asyncio.Event()
    loop = asyncio.create_task(jobs.run(deps, stop))
    made = await export.order(deps, ana, wish(parts=(Part.TERMS,)), export_id=uuid4(), request="r")
    await asyncio.wait_for(begun.wait(), 5)
    await put(deps, message(deps.clock))
    jobs.wake()
    async with asyncio.timeout(5):
        while not mailbox.mails(deps):  # noqa: ASYNC110  a folder rings no bell
            await asyncio.sleep(0.02)
    assert (await export.package(deps, ana, made)).state is State.MAKING
    # A stop does not wait for it either; its lease ends, and another worker begins it anew.
    stop.set()
    await asyncio.wait_for(loop, 5)
    assert (await export.package(deps, ana, made)).state is State.MAKING
    go_on.set()
    deps.clock.turn(seconds=61)
    await jobs.round_once(deps)
    assert await fetched(deps, ana, made)


async def test_a_package_ends_a_week_after_its_order(deps, ana, clock):
    made = await ordered(deps, ana, wish())
    found = await export.package(deps, ana, made)
    assert found.ends_at - found.ordered_at == timedelta(days=7)
