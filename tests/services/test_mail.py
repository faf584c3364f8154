import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from aiosmtpd.smtp import SMTP

from tests.services import mailbox
from tests.vaults import FakeClock, vault
from vault.core.errors import BusyError
from vault.crypto.random import uuid7
from vault.services import jobs, mail, smtp, unit
from vault.services.mail import Message
from vault.store.mail import MailRow


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def deps(database, tmp_path, clock):
    async with vault(database, tmp_path, clock=clock) as opened:
        yield opened


class Postbox:
    """A mail server that keeps what it takes, and answers as told."""

    def __init__(self):
        self.answer = "250 OK"
        self.taken = []
        self.port = 0
        self.smtputf8 = False

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.taken.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"


@pytest.fixture
async def postbox():
    box = Postbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(box, hostname="test", enable_SMTPUTF8=box.smtputf8), "127.0.0.1", 0
    )
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()
    await server.wait_closed()


def message(clock, **changes):
    given = {
        "template": mail.SIGN_IN,
        "to": "ana@example.org",
        "send": True,
        "until": clock.now() + timedelta(minutes=10),
        "parts": (
            ("code", "012345"),
            ("link", "http://localhost:8000/x"),
            ("publisher", "Café & Söhne"),
        ),
    } | changes
    return Message(**given)


async def put(deps, one):
    async def work(now):
        await mail.queue(now, b"owner", message=one)

    await unit.run(deps, work)


def with_smtp(deps, port):
    return replace(deps, mail_to=f"smtp://127.0.0.1:{port}")


async def test_a_mail_is_one_readable_file(deps, clock):
    await put(deps, message(clock))
    assert await jobs.round_once(deps) == 1
    (one,) = mailbox.mails(deps)
    assert one["To"] == "ana@example.org"
    assert one["Subject"] == "Your sign-in code for Café & Söhne"
    assert one["Auto-Submitted"] == "auto-generated"
    assert mailbox.code(one) == "012345"
    assert "Café &amp; Söhne" in one.get_body(("html",)).get_content()
    (file,) = mailbox.folder(deps).iterdir()
    assert file.suffix == ".eml"
    assert file.stat().st_mode & 0o077 == 0


async def test_a_file_holds_code_and_link_unbroken(deps, clock):
    link = "http://localhost:8000/sign-in/link/" + "x" * 43
    await put(
        deps, message(clock, parts=(("code", "012345"), ("link", link), ("publisher", "Café")))
    )
    await jobs.round_once(deps)
    (file,) = mailbox.folder(deps).iterdir()
    lines = file.read_bytes().split(b"\n")
    assert b"012345" in lines
    assert link.encode() in lines


async def test_the_outbox_keeps_no_address_in_clear(deps, clock):
    await put(deps, message(clock))
    async with deps.database.connect() as conn:
        kept = (await conn.exec_driver_sql("SELECT * FROM mail")).all()
    assert len(kept) == 1
    assert "ana" not in repr(kept)


async def test_a_mail_that_is_too_late_is_not_sent(deps, clock):
    await put(deps, message(clock))
    clock.turn(minutes=11)
    assert await jobs.round_once(deps) == 1
    assert mailbox.mails(deps) == []


async def test_a_mail_for_nobody_is_not_sent(deps, clock):
    await put(deps, message(clock, send=False))
    assert await jobs.round_once(deps) == 1
    assert mailbox.mails(deps) == []


async def test_a_line_feed_in_a_header_drops_the_mail(deps, clock):
    parts = (("code", "1"), ("link", "x"), ("publisher", "A\r\nBcc: eve@example.org"))
    await put(deps, message(clock, parts=parts))
    assert await jobs.round_once(deps) == 1
    assert mailbox.mails(deps) == []
    assert await jobs.round_once(deps) == 0


async def test_a_mail_server_gets_the_mail(deps, clock, postbox):
    await put(deps, message(clock))
    assert await jobs.round_once(with_smtp(deps, postbox.port)) == 1
    ((to, content),) = postbox.taken
    assert to == ["ana@example.org"]
    assert b"012345" in content


@pytest.mark.parametrize("to", ["ü@example.org", "अना@example.org"])
async def test_an_address_of_any_script_gets_its_mail(deps, clock, to):
    await put(deps, message(clock, to=to))
    await jobs.round_once(deps)
    (file,) = mailbox.folder(deps).iterdir()
    assert f"To: {to}".encode() in file.read_bytes()
    assert b"\n012345\n" in file.read_bytes()


async def test_a_mail_server_that_can_gets_an_address_of_any_script(deps, clock, postbox):
    postbox.smtputf8 = True
    await put(deps, message(clock, to="ü@example.org"))
    assert await jobs.round_once(with_smtp(deps, postbox.port)) == 1
    ((to, _),) = postbox.taken
    assert to == ["ü@example.org"]


async def test_not_now_is_tried_again(deps, clock, postbox):
    postbox.answer = "451 later"
    there = with_smtp(deps, postbox.port)
    await put(deps, message(clock))
    await jobs.round_once(there)
    assert postbox.taken == []
    postbox.answer = "250 OK"
    clock.turn(seconds=2)
    await jobs.round_once(there)
    assert len(postbox.taken) == 1


async def test_never_is_not_tried_again(deps, clock, postbox):
    postbox.answer = "550 no such person"
    there = with_smtp(deps, postbox.port)
    await put(deps, message(clock))
    await jobs.round_once(there)
    clock.turn(hours=2)
    assert await jobs.round_once(there) == 0


async def test_a_server_without_encryption_gets_nothing_from_afar(
    deps, clock, postbox, monkeypatch
):
    # Loopback is told from afar by its name alone, so the name is made one of afar.
    monkeypatch.setattr(smtp, "_is_loopback", lambda host: False)
    await put(deps, message(clock))
    await jobs.round_once(with_smtp(deps, postbox.port))
    assert postbox.taken == []


async def test_nobody_listening_is_busy(deps, clock):
    with pytest.raises(BusyError):
        await smtp.post("smtp://127.0.0.1:1", mail.written(deps, _row(clock), message(clock)))


def _row(clock):
    return MailRow(0, uuid7(1), mail.SIGN_IN, b"", clock.now())
