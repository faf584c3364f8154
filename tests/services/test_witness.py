"""Witnesses cosign what is published, and one that is away or refuses never stops the log."""

import base64
from dataclasses import replace

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from tests.services import logbook
from tests.services.logbook import (
    BELIEVE,
    LOG,
    ORIGIN,
    SIGNER,
    FakeClock,
    appending,
    draft,
    open_log,
)
from tests.services.witnessing import PostQuantum, Witnessing, serving
from vault.core.errors import FormatError, SignatureError
from vault.crypto.cosignature import WitnessKey
from vault.crypto.signing import verifier_key
from vault.services import witness
from vault.services.integrator import Integrator
from vault.services.publishing import Publishing
from vault.services.witness import ALARM_AHEAD, ALARM_REFUSED, ALARM_SIGNATURE, Witness, Witnesses
from vault.store import commit
from vault.store.checkpoint import log_checkpoint
from vault.verifier.note import open_note
from vault.verifier.witness import check

KEY = verifier_key(ORIGIN, SIGNER.public)


@pytest.fixture
async def opened(database):
    await open_log(database)
    return database


@pytest.fixture
async def one():
    async with serving(Witnessing("witness.example/one", KEY, ORIGIN)) as served:
        yield served


def asking(database, *some):
    known = [Witness(WitnessKey.parse(served.key), served.url) for served in some]
    return Witnesses(database, known, log_id=LOG)


async def grow(database, *followers, by=1):
    """Record looks, integrate and publish them, and let the followers finish."""
    async with appending(database) as appender:
        await appender.record([draft(seen=appender.seen)] * by)
        publishing = Publishing(SIGNER, FakeClock().now, BELIEVE, followers=followers)
        integrator = Integrator(database, log_id=LOG, publishing=publishing)
        await integrator.integrate()
        await integrator.publish(at_once=True)
        await integrator.close()


async def latest(database):
    async with database.connect() as conn:
        return await logbook.latest(conn)


async def test_what_a_witness_signs_is_kept_and_served_behind_the_log_s_own(opened, one):
    asked = asking(opened, one)
    await grow(opened, asked.follow)
    await grow(opened, asked.follow, by=300)
    assert one.asked == [200, 200]
    note = (await latest(opened)).text.encode()
    assert open_note(note, [KEY])
    (found,) = check(note, [one.key], quorum=1)
    assert found.name == one.name
    assert one.size == (await latest(opened)).size
    async with opened.connect() as conn:
        rows = (await conn.execute(select(log_checkpoint))).all()
    assert all(row.cosigned.startswith(row.text) for row in rows)


async def test_a_witness_that_knows_a_newer_size_is_asked_from_there(opened, one):
    await grow(opened, asking(opened, one).follow)
    await grow(opened, asking(opened, one).follow, by=5)  # another process, which remembers nothing
    assert one.asked == [200, 409, 200]
    assert check((await latest(opened)).text.encode(), [one.key], quorum=1)


async def test_the_same_checkpoint_is_cosigned_again_without_a_second_line(opened, one):
    asked = asking(opened, one)
    await grow(opened, asked.follow)
    before = await latest(opened)
    await asked.follow(before)
    assert one.asked == [200, 200]
    assert (await latest(opened)).text == before.text


async def test_several_witnesses_sign_one_checkpoint_and_one_that_is_away_is_left_out(opened, one):
    gone = Witnessing("witness.example/gone", KEY, ORIGIN)
    async with serving(gone):
        pass
    async with serving(Witnessing("other.example", KEY, ORIGIN, seed=bytes(32))) as other:
        with capture_logs() as said:
            await grow(opened, asking(opened, gone, one, other).follow)
    assert [line["event"] for line in said] == ["log-witness-away"]
    note = (await latest(opened)).text.encode()
    assert len(check(note, [one.key, other.key], quorum=2)) == 2


@pytest.mark.parametrize("status", [403, 404, 422, 500, 301])
async def test_a_witness_that_refuses_is_an_alarm_and_the_log_goes_on(opened, one, status):
    one.instead = status, b""
    with capture_logs() as said:
        await grow(opened, asking(opened, one).follow)
    assert [(line["event"], line["error"]) for line in said] == [(ALARM_REFUSED, str(status))]
    assert (await latest(opened)).text.count("\n— ") == 1


@pytest.mark.parametrize("size", [b"x\n", b"+2\n", b"01\n", b"", b"2\n2\n", b"\xff\n"])
async def test_a_conflict_that_names_no_size_is_an_alarm(opened, one, size):
    one.instead = 409, size
    with capture_logs() as said:
        await grow(opened, asking(opened, one).follow)
    assert [line["event"] for line in said] == [ALARM_REFUSED]


async def test_a_witness_that_goes_round_in_circles_is_left(opened, one):
    one.instead = 409, b"1\n"
    await grow(opened, asking(opened, one).follow)
    assert one.asked == [409] * witness.TRIES


async def test_a_witness_that_knows_more_than_the_log_is_an_alarm(opened, one):
    """The log was restored: it proves nothing to whoever saw what it lost."""
    one.size, one.root = 1_000, bytes(32)
    with capture_logs() as said:
        await grow(opened, asking(opened, one).follow)
    assert [line["event"] for line in said] == [ALARM_AHEAD]


async def test_a_witness_that_saw_another_log_refuses_and_that_is_an_alarm(opened, one):
    asked = asking(opened, one)
    await grow(opened, asked.follow)
    one.root = bytes(32)
    with capture_logs() as said:
        await grow(opened, asked.follow)
    assert one.asked == [200, 422]
    assert [line["event"] for line in said] == [ALARM_REFUSED]


async def lines_of(one, kind):
    body = b"example.org/log\n2\nx\n"
    good = one.line(body)
    return {
        "none": b"",
        "other text": good,
        "no newline": good[:-1],
        "no line": b"thank you\n",
        "not utf-8": b"\xff\n",
        "short": f"— {one.name} {base64.b64encode(one.key_id + bytes(8)).decode()}\n".encode(),
        "too long": b"x" * 100_000,
        "other witness": replace(one, seed=bytes(32)).line(body),
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "none",
        "other text",
        "no newline",
        "no line",
        "not utf-8",
        "short",
        "too long",
        "other witness",
    ],
)
async def test_an_answer_that_is_no_cosignature_of_this_checkpoint_is_not_kept(opened, one, kind):
    one.instead = 200, await lines_of(one, kind)
    with capture_logs() as said:
        await grow(opened, asking(opened, one).follow)
    assert [line["event"] for line in said] == [ALARM_SIGNATURE]
    assert (await latest(opened)).text.count("\n— ") == 1


async def test_every_byte_of_a_cosignature_counts(opened, one):
    body = b"example.org/log\n2\nx\n"
    key, line = WitnessKey.parse(one.key), one.line(body).decode().removesuffix("\n")
    assert key.check(line, body)
    name, data = line.removeprefix("— ").split(" ")
    blob = base64.b64decode(data)
    for place in range(4, len(blob)):
        spoilt = bytearray(blob)
        spoilt[place] ^= 1
        with pytest.raises(Exception, match="signature"):
            key.check(f"— {name} {base64.b64encode(bytes(spoilt)).decode()}", body)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: key[:-4],
        lambda key: key.replace("+", " "),
        lambda key: "x" + key,
        lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
        lambda _: KEY,
        lambda _: "",
    ],
)
def test_a_key_that_is_no_witness_s_is_refused(spoil):
    served = Witnessing("witness.example/one", KEY, ORIGIN)
    assert WitnessKey.parse(served.key).name == served.name
    with pytest.raises(FormatError):
        WitnessKey.parse(spoil(served.key))


async def test_a_witness_with_ml_dsa_44_is_kept_served_and_counted(opened):
    async with serving(PostQuantum("witness.example/pq", KEY, ORIGIN)) as served:
        asked = asking(opened, served)
        await grow(opened, asked.follow)
        await grow(opened, asked.follow)
        assert served.asked == [200, 200]
        text = (await latest(opened)).text.encode()
        assert [seen.name for seen in check(text, [served.key], quorum=1)] == ["witness.example/pq"]


async def test_a_cosignature_of_ml_dsa_44_is_of_this_witness_and_this_tree_at_a_time():
    served = PostQuantum("witness.example/pq", KEY, ORIGIN)
    body = f"{ORIGIN}\n2\n{base64.b64encode(bytes(32)).decode()}\n".encode()
    key = WitnessKey.parse(served.key)

    def line(name=served.name, text=body, at=1):
        return PostQuantum(name, KEY, ORIGIN).line(text, at).decode().removesuffix("\n")

    assert key.check(line(), body)
    assert not key.check(line("witness.example/other"), body)
    others = [
        (line(text=body.replace(b"\n2\n", b"\n3\n")), body),
        (line(at=0), body),  # of no time: it may have signed a larger tree before
        (line()[:-4], body),
        (line(), b"no checkpoint\n"),
        (line(), b"\xff\n"),
        (line(), body.replace(ORIGIN.encode(), b"a" * 256)),
    ]
    for said, text in others:
        with pytest.raises(SignatureError):
            key.check(said, text)
    with pytest.raises(FormatError):
        WitnessKey.parse(PostQuantum("a" * 256, KEY, ORIGIN).key)


async def test_lines_of_witnesses_are_no_part_of_what_the_log_signs(opened, one):
    """Whoever edits the row takes lines away or adds some; the log's own stands by itself."""
    asked = asking(opened, one)
    await grow(opened, asked.follow)
    await commit.claim(
        opened, lambda conn: conn.execute(update(log_checkpoint).values(cosigned=None))
    )
    await grow(opened)
    found = await latest(opened)
    assert open_note(found.text.encode(), [KEY])
