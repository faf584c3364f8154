"""An erasure takes everything at once, on every replica, and nothing brings it back."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import String, Uuid, select, update

from policies.model import Source
from tests.services import erasing, logbook, mailbox
from tests.services.erasing import ANA, VALUES
from tests.vaults import FakeClock, vault
from vault.core import entry, terms
from vault.core.errors import (
    BusyError,
    ConflictError,
    ErasedError,
    NotAvailableError,
    NotReadyError,
)
from vault.core.ids import CustomerId
from vault.services import (
    certificate,
    customer,
    erase,
    erasure,
    erasure_journal,
    jobs,
    own,
    sign_in,
    tombstone,
    unit,
)
from vault.store import commit, leaf
from vault.store.customer import load_keys, standing
from vault.store.erased import erased
from vault.store.metadata import CUSTOMER, OUTLIVES
from vault.store.tables import TABLES
from vault.store.wipe import OWNERS, owner_of


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def deps(database, tmp_path, clock):
    async with vault(database, tmp_path, clock=clock) as opened:
        yield opened


@pytest.fixture
async def ana(deps):
    return await erasing.add(deps)


async def integrated(deps):
    await logbook.integrate(deps.database)


async def system_entries(deps):
    await integrated(deps)
    async with deps.database.connect() as conn:
        rows = (await conn.execute(select(leaf.log_leaf.c.entry))).scalars().all()
    found = [entry.parse(bytes(row)) for row in rows]
    return [json.loads(payload) for header, payload in found if header.entry_class.name == "SYSTEM"]


async def test_nothing_is_left_of_an_erased_customer(deps, ana):
    await erasing.read(deps, ana)
    await integrated(deps)
    assert {"value", "standing", "customer_key", "lookup"} <= (
        await erasing.left(deps.database, ana)
    ).keys()
    assert await erase.erase(deps, ana)
    assert await erasing.left(deps.database, ana) == {}
    assert await erasing.read(deps, ana) == ([], ["unknown-customer"])
    with pytest.raises(NotAvailableError):
        await erasure.due(deps, ana)


async def test_another_customer_keeps_everything(deps, ana):
    other = await erasing.add(
        deps, **{"contact.email": "ben@example.org", "contact.phone": "+353 85 012 3457"}
    )
    before = await erasing.left(deps.database, other)
    await erase.erase(deps, ana)
    assert await erasing.left(deps.database, other) == before
    assert (await erasing.read(deps, other))[0] == [VALUES["contact.postal_address"]]


async def test_every_replica_is_blind_from_the_commit_on(database, tmp_path, clock, deps, ana):
    async with vault(database, tmp_path, clock=clock) as replica:
        assert (await erasing.read(replica, ana))[0]
        await erase.erase(deps, ana)
        assert await erasing.read(replica, ana) == ([], ["unknown-customer"])
        assert all(one.value is None for one in await _held(replica, ana))


async def _held(deps, who):
    return await own.held(deps, who, request="r")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_files_hold_no_old_key_once_it_is_acknowledged(deps, database_url, ana):
    """`secure_delete` alone leaves the wrapped keys in the write-ahead log."""
    async with deps.database.connect() as conn:
        wrapped = [row.wrapped for row in await load_keys(conn, ana)]
    file = Path(database_url.removeprefix("sqlite:///"))

    def found():
        contents = [one.read_bytes() for one in file.parent.glob(f"{file.name}*")]
        return sum(key in content for key in wrapped for content in contents)

    assert found() >= 2
    await erase.erase(deps, ana)
    assert found() == 0


async def test_looks_that_were_under_way_leave_no_list(deps, ana, clock):
    load = await deps.loads.ask(ana, lane="x")
    await erase.erase(deps, ana)
    # A look that had loaded before is recorded behind the erasure.
    from policies.decide import ActorKind
    from vault.services.ask import Ask
    from vault.services.disclosure import decide_ask, record

    ask = Ask(customer=ana, kind=ActorKind.CUSTOMER, actor="customer", names=("contact.email",))
    with deps.appender.looking() as seen:
        await record(deps, [decide_ask(deps, ask, load)], seen=seen)
    clock.turn(minutes=2)
    if deps.database.dialect == "postgresql":
        await jobs.round_once(deps)
        await integrated(deps)
        assert (await erasing.left(deps.database, ana)).keys() == {"customer_entry"}
        clock.turn(minutes=2)
    await jobs.round_once(deps)
    assert await erasing.left(deps.database, ana) == {}


async def test_the_log_says_which_keys_died_and_names_nobody(deps, ana):
    async with deps.database.connect() as conn:
        keys = sorted(str(row.key_id) for row in await load_keys(conn, ana))
    done = await erasing.gone(deps, ana)
    (said,) = [one for one in await system_entries(deps) if one["kind"] == entry.Kind.ERASE]
    assert sorted(said["keys"].split()) == keys
    assert said["erasure"] == str(done.erasure_id)
    assert said["tombstones"] == 2
    assert str(ana) not in json.dumps(said)


async def test_an_erased_identifier_is_not_added_again(deps, ana):
    await erase.erase(deps, ana)
    for value in (ANA, ANA.lower(), f" {ANA} "):
        with pytest.raises(ErasedError):
            await customer.add(deps, {"contact.email": value}, source=Source.TOLD)
    values = {"contact.email": "new@example.org", "contact.phone": VALUES["contact.phone"]}
    with pytest.raises(ErasedError):
        await customer.add(deps, values, source=Source.TOLD)


async def test_only_the_person_joins_anew(deps, ana):
    await erase.erase(deps, ana)

    async def join(it):
        one = erasing.identity(deps, ANA)
        assert await tombstone.check(it.conn, [one]) == [one]
        await tombstone.lift(it, [one])
        assert await tombstone.check(it.conn, [one]) == []

    await unit.run(deps, join)
    again = await customer.add(deps, {"contact.email": ANA}, source=Source.TOLD)
    assert again != ana
    await erase.erase(deps, again)
    with pytest.raises(ErasedError):
        await customer.add(deps, {"contact.email": ANA}, source=Source.TOLD)


async def test_an_erased_address_gets_the_answer_of_an_unknown_one(deps, ana):
    await erase.erase(deps, ana)
    await jobs.round_once(deps)
    before = len(mailbox.mails(deps))
    await sign_in.start(deps, ANA, browser="b" * 43, address="127.0.0.1")
    await jobs.round_once(deps)
    assert len(mailbox.mails(deps)) == before


async def test_the_last_letter_goes_to_the_address_that_is_gone(deps, ana):
    done = await erasing.gone(deps, ana)
    mail = await mailbox.sent(deps)
    assert mail["To"].lower() == ANA.lower()
    said = mailbox.text(mail)
    assert f"/erased/{done.token}" in said
    assert "Unfindable" not in said


async def test_the_certificate_is_found_by_its_token_alone(deps, ana):
    token = erasure.token(deps, ana)
    with pytest.raises(NotAvailableError):
        await certificate.load(deps, token)
    done = await erasing.gone(deps, ana)
    assert done.token == token
    found = await certificate.load(deps, token)
    assert found.told.erasure_id == done.erasure_id
    assert len(found.told.keys) == 2
    assert found.told.backups == done.backups
    for wrong in ("", "x" * 43, token[:-1], token + "A"):
        with pytest.raises(NotAvailableError):
            await certificate.load(deps, wrong)


async def test_a_planted_certificate_is_not_shown(deps, ana):
    done = await erasing.gone(deps, ana)
    found = await certificate.load(deps, done.token)
    head, body, tail = found.signed.split(".")
    forged = f"{head}.{body[:-4]}AAAA.{tail}"
    await commit.request(
        deps.database, lambda conn: conn.execute(update(erased).values(certificate=forged))
    )
    with pytest.raises(NotAvailableError):
        await certificate.load(deps, done.token)


async def test_a_law_keeps_what_the_code_says_and_nothing_else(deps, clock, tmp_path):
    from vault.store import retained

    await erasing.publish_rich(deps)
    ana = await erasing.add(deps)
    event = await erasing.buy(deps, ana)
    done = await erasing.gone(deps, ana)
    told = (await certificate.load(deps, done.token)).told
    assert [(one.purpose, set(one.names)) for one in told.kept] == [
        ("tax", {"contact.full_name", "interaction.purchase"})
    ]
    assert told.kept[0].until == clock.now().replace(year=2032, microsecond=0)
    async with deps.database.connect() as conn:
        rows = await retained.load(conn, ana)
    assert {row.name for row in rows} == {"contact.full_name", "interaction.purchase"}
    assert event in {row.value_id for row in rows}
    assert all("section 886" in row.law for row in rows)
    # Nobody is let near it: what it was a part of is gone.
    assert await erasing.read(deps, ana, "contact.full_name") == ([], ["unknown-customer"])
    clock.turn(days=365 * 6)
    await jobs.sweep(deps)
    async with deps.database.connect() as conn:
        assert await retained.load(conn, ana)
    clock.turn(days=3)
    await _sweep_again(deps)
    async with deps.database.connect() as conn:
        assert await retained.load(conn, ana) == []
        assert await retained.load_key(conn, ana) is None


async def _sweep_again(deps):
    from sqlalchemy import delete

    from vault.store.lease import lease

    await commit.request(deps.database, lambda conn: conn.execute(delete(lease)))
    assert await jobs.sweep(deps)


async def test_asking_restricts_at_once_and_taking_back_restores(deps, ana, clock):
    at = await erasure.ask(deps, ana)
    assert (at - clock.now()).days == 14
    assert await erasing.read(deps, ana) == ([], ["restricted"])
    assert await erasure.ask(deps, ana) == at  # twice is once
    assert await erasure.due(deps, ana) == at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert await erasure.take_back(deps, ana)
    assert not await erasure.take_back(deps, ana)
    assert (await erasing.read(deps, ana))[0]
    clock.turn(days=15)
    await jobs.round_once(deps)
    assert (await erasing.read(deps, ana))[0]


async def test_what_was_restricted_before_stays_so_when_it_is_taken_back(deps, ana):
    from vault.services import standing_change
    from vault.services.consent_change import hold

    async def restrict(it):
        held = await hold(it, ana)
        after = replace(held.standing, flags=terms.RESTRICTED)
        await standing_change.change(it, held, after, kind=entry.Kind.RESTRICTED)

    await unit.run(deps, restrict)
    await erasure.ask(deps, ana)
    await erasure.take_back(deps, ana)
    assert await erasing.read(deps, ana) == ([], ["restricted"])


async def test_it_happens_when_the_time_is_over_and_not_before(deps, ana, clock):
    await erasure.ask(deps, ana)
    await jobs.round_once(deps)
    clock.turn(days=13, hours=23)
    await jobs.round_once(deps)
    assert await erasure.due(deps, ana)
    clock.turn(hours=2)
    with pytest.raises(ConflictError):
        await erasure.take_back(deps, ana)
    await jobs.round_once(deps)
    assert await erasing.left(deps.database, ana) == {}
    await jobs.round_once(deps)
    subjects = [one["Subject"] for one in mailbox.mails(deps)]
    assert subjects == ["You asked us to erase your data", "Your data is erased"]


async def test_an_erasure_asked_again_later_keeps_its_own_time(deps, ana, clock):
    await erasure.ask(deps, ana)
    clock.turn(days=10)
    await erasure.take_back(deps, ana)
    second = await erasure.ask(deps, ana)
    clock.turn(days=5)  # the first one's job is due
    await jobs.round_once(deps)
    assert await erasure.due(deps, ana) is not None
    clock.moment = second
    await jobs.round_once(deps)
    assert await erasing.left(deps.database, ana) == {}


async def test_a_row_that_somebody_edits_erases_nobody(deps, ana, clock):
    from uuid import uuid4

    from vault.store import job

    edited = terms.dump_terms(replace(terms.load_terms("{}"), erase_at=1))
    planted = job.new(
        ana.bytes, uuid4(), kind=erase.KIND, ref=str(ana), run_at=clock.now().replace(year=2020)
    )

    async def plant(conn):
        await conn.execute(
            update(standing).where(standing.c.customer_id == ana).values(terms=edited)
        )
        await job.add(conn, [planted])

    await commit.request(deps.database, plant)
    await jobs.round_once(deps)
    assert "value" in await erasing.left(deps.database, ana)


async def test_a_broken_standing_row_saves_nobody_from_an_operators_erasure(deps, ana):
    async def damage(conn):
        await conn.execute(update(standing).where(standing.c.customer_id == ana).values(mac=b"x"))

    await commit.request(deps.database, damage)
    assert await erase.erase(deps, ana)
    assert await erasing.left(deps.database, ana) == {}


async def test_erasing_twice_is_erasing_once(deps, ana):
    import asyncio

    found = await asyncio.gather(
        erase.erase(deps, ana), erase.erase(deps, ana), return_exceptions=True
    )
    assert sum(isinstance(one, erase.Done) for one in found) == 1
    assert await erase.erase(deps, ana) is None
    assert len(await erasure_journal.read(deps)) == 1


async def test_somebody_who_does_not_exist_is_not_erased(deps):
    from uuid import uuid4

    assert await erase.erase(deps, CustomerId(uuid4())) is None
    assert await erasure_journal.read(deps) == []


async def test_without_the_journal_nobody_is_erased(deps, ana, tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(NotReadyError):
        await erase.erase(replace(deps, erasures=blocked / "journal"), ana)
    assert (await erasing.read(deps, ana))[0]


async def test_a_journal_that_does_not_reach_the_disk_erases_nobody(deps, ana, monkeypatch):
    def full(_):
        raise OSError

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(BusyError):
        await erase.erase(deps, ana)
    monkeypatch.undo()
    assert (await erasing.read(deps, ana))[0]


def test_every_table_of_a_customer_is_emptied_or_says_why_not():
    """A column that leads to a person has a name that the erasure looks for."""
    outliving = {table.name for table in TABLES.sorted_tables if OUTLIVES in table.info}
    assert outliving == {"retained", "retained_key", "legal_hold"}
    for table in TABLES.sorted_tables:
        if table.info["shard"] == CUSTOMER:
            assert owner_of(table) is table.c.customer_id
            continue
        names = {
            column.name
            for column in table.c
            if isinstance(column.type, (Uuid, String)) and ("customer" in column.name)
        }
        assert names <= {*OWNERS} or table.name == "log_outbox", table.name


async def test_no_cell_of_the_database_holds_the_customers_id(deps, ana, clock):
    await erasing.read(deps, ana)
    await erase.erase(deps, ana)
    await integrated(deps)
    clock.turn(minutes=2)
    await jobs.round_once(deps)
    await jobs.round_once(deps)
    spellings = {str(ana), ana.hex, ana}
    assert [cell for cell in await erasing.everything(deps.database) if cell in spellings] == []
