"""Write mails to the outbox in the transaction of their cause, and send them afterwards.

A mail carries no value, no purpose and no picture. Its address lies sealed in the outbox and goes
with the row. `file:FOLDER` writes one `.eml` a mail; all else leaves by `smtp.py`. What the other
side refuses for good is dropped, all else is tried again by the job; a mail whose use is over is
not sent.
Source: ecosystem note, 11; portal note, 6.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from policies.model import Rulebook
from vault.core import canonical
from vault.core.ids import CustomerId
from vault.crypto.mail import open_mail, seal_mail
from vault.crypto.random import uuid7
from vault.services import language, reach, smtp
from vault.services.deps import Deps
from vault.services.smtp import RefusedForGoodError
from vault.services.unit import Unit
from vault.store import commit, job, mail
from vault.store.engine import Conn
from vault.store.job import JobRow
from vault.store.mail import MailRow

KIND: Final = "mail"  # of the job
SIGN_IN: Final = "sign-in"  # a template
RECEIPT: Final = "receipt"  # another: a decision was recorded
LETTER_LIFE: Final = timedelta(days=3)  # how long a letter that cannot leave is tried

_TEXTS: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "mail_texts"),
    autoescape=select_autoescape(("html",)),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)
_LOCALES: Final = {"en": "en_GB", "pt-BR": "pt_BR", "pt-PT": "pt_PT"}  # of a day in a letter
# Wide lines, so that a link is not broken by an encoding; SMTP's own bound is 998.
_POLICY: Final = policy.SMTP.clone(max_line_length=500)

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Message:
    """A mail before it is written."""

    template: str
    to: str  # an address; "" for a letter to a customer, whose address is opened when it leaves
    send: bool  # False: the rows are written and nothing leaves, so that nobody can tell
    until: datetime  # after which it is of no use
    parts: tuple[tuple[str, str], ...]  # what the template is filled with
    lang: str = "en"  # one of `language.LETTERS`
    customer: CustomerId | None = None  # to whom, where `to` is empty
    optional: str = ""  # the kind that a customer may turn off; "" for what must be told
    unsubscribe: str = ""  # address of the one-click form, RFC 8058; "" for none
    purpose: str = ""  # whose clause decides, when it leaves; "" for a letter of the vault's own


async def queue(unit: Unit, owner: bytes, *, message: Message) -> None:
    """Write a mail and its job; it leaves after the commit, within seconds.

    Args:
        unit: the cause's.
        owner: what the bucket is chosen by: a customer's id or an address's index.
        message: what to send.
    """
    mail_id = uuid7(int(unit.now.timestamp() * 1000))
    work = job.new(owner, mail_id, kind=KIND, ref=str(mail_id), run_at=unit.now)
    content = canonical.dumps(
        {
            "to": message.to,
            "send": message.send,
            "until": int(message.until.timestamp()),
            "lang": message.lang,
            "parts": [list(part) for part in message.parts],
            "customer": str(message.customer) if message.customer else "",
            "optional": message.optional,
            "unsubscribe": message.unsubscribe,
            "purpose": message.purpose,
        }
    )
    sealed = seal_mail(
        unit.deps.keys.service("mail"), mail_id, template=message.template, message=content
    )
    row = MailRow(work.bucket, mail_id, message.template, sealed, unit.now)
    await mail.add(unit.conn, row)
    await job.add(unit.conn, [work])


async def carry_out(deps: Deps, work: JobRow) -> None:
    """Send the mail of a job and delete its row; a mail that is gone was sent before.

    Raises:
        BusyError: the transport does not take it now; the job is tried again.
    """
    async with deps.database.connect() as conn:
        row = await mail.load(conn, work.bucket, mail_id=work.id)
    if row is None:
        return
    try:
        message = await _addressed(deps, _opened(deps, row))
        if message.send and message.until > deps.clock.now():
            await _send(deps, row, message)
    except RefusedForGoodError:
        logger.warning("mail-refused")

    async def forget(conn: Conn) -> None:
        await mail.remove(conn, work.bucket, mail_id=work.id)

    await commit.request(deps.database, forget)


async def to_customer(
    unit: Unit,
    customer: CustomerId,
    template: str,
    *,
    parts: Mapping[str, str | date] = MappingProxyType({}),
    optional: str = "",
    unsubscribe: str = "",
    purpose: str = "",
) -> None:
    """Write a letter to a customer; where it goes is looked up when it leaves.

    Args:
        unit: the cause's.
        customer: to whom.
        template: its name in `mail_texts`.
        parts: what it is filled with beside `publisher` and `issuer`, a day in the letter's
            language; no value of a customer.
        optional: the kind of a letter that may be turned off.
        unsubscribe: address of the one-click form that turns it off.
        purpose: what it is for, which the letter does not say; "" for one of the vault's own.
    """
    rulebook = await unit.deps.codes.in_force(unit.conn, unit.now)
    lang = await of_customer(unit, customer, rulebook)
    said = {
        name: part if isinstance(part, str) else _day(part, lang) for name, part in parts.items()
    }
    message = Message(
        template=template,
        to="",
        send=True,
        until=unit.now + LETTER_LIFE,
        parts=fill(rulebook, unit.deps, **said),
        lang=lang,
        customer=customer,
        optional=optional,
        unsubscribe=unsubscribe,
        purpose=purpose,
    )
    await queue(unit, customer.bytes, message=message)


async def of_customer(unit: Unit, customer: CustomerId, rulebook: Rulebook) -> str:
    """Return the language of letters to a customer."""
    wish = await language.chosen(unit.conn, customer)
    return language.spoken(rulebook, wish, language.LETTERS)


def of_page(rulebook: Rulebook, lang: str) -> str:
    """Return the language of a letter that a page asked for."""
    return language.spoken(rulebook, lang, language.LETTERS)


def _day(at: date, lang: str) -> str:
    return format_date(at, "long", locale=_LOCALES[lang])


def fill(rulebook: Rulebook, deps: Deps, **more: str) -> tuple[tuple[str, str], ...]:
    """Return what a letter is filled with: who writes, from where, and what else it needs."""
    publisher = rulebook.code.publisher.name
    return (("publisher", publisher), ("issuer", deps.issuer), *more.items())


async def _addressed(deps: Deps, message: Message) -> Message:
    if message.customer is None or message.until <= deps.clock.now():
        return message
    to = await reach.address(
        deps, message.customer, optional=message.optional, purpose=message.purpose
    )
    return replace(message, to=to, send=message.send and bool(to))


def written(deps: Deps, row: MailRow, message: Message) -> EmailMessage:
    """Return a mail as it leaves: text first, the same as HTML beside it.

    Raises:
        RefusedForGoodError: an address or a name that no header can hold.
    """
    parts = dict(message.parts)
    text = _TEXTS.get_template(f"{message.lang}/{message.template}.txt").render(parts)
    subject, _, body = text.partition("\n")
    # RFC 6531: an address may hold letters of any script, and then the headers are UTF-8.
    made = EmailMessage(_POLICY.clone(utf8=not message.to.isascii()))
    try:
        made["From"] = _sender(deps, parts.get("publisher", ""))
        made["To"] = _recipient(message.to)
        made["Subject"] = subject
        made["Date"] = format_datetime(row.made_at.astimezone(UTC))
        made["Message-ID"] = f"<{row.id}@{urlsplit(deps.issuer).hostname}>"
        made["Auto-Submitted"] = "auto-generated"
        if message.unsubscribe:
            made["List-Unsubscribe"] = f"<{message.unsubscribe}>"
            made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    except (ValueError, IndexError):  # a line feed, or no address at all
        raise RefusedForGoodError from None
    made.set_content(body.lstrip("\n"))
    html = _TEXTS.get_template(f"{message.lang}/{message.template}.html").render(parts)
    made.add_alternative(html, subtype="html")
    # Last: what the body is made of takes earlier Content headers with it, to its first part.
    made["Content-Language"] = message.lang
    return made


def _recipient(address: str) -> Address:
    """Return the address of a header; `addr_spec` alone would refuse letters beyond ASCII."""
    local, _, domain = address.rpartition("@")
    if not local or not domain:
        raise ValueError
    if address.isascii():
        return Address(addr_spec=address)
    return Address(username=local, domain=domain)


def _opened(deps: Deps, row: MailRow) -> Message:
    key = deps.keys.service("mail")
    content = canonical.loads(open_mail(key, row.id, template=row.template, sealed=row.sealed))
    return Message(
        template=row.template,
        to=content["to"],
        send=content["send"],
        until=datetime.fromtimestamp(content["until"], UTC),
        parts=tuple((name, text) for name, text in content["parts"]),
        lang=content["lang"],
        customer=CustomerId(UUID(content["customer"])) if content.get("customer") else None,
        optional=content.get("optional", ""),
        unsubscribe=content.get("unsubscribe", ""),
        purpose=content.get("purpose", ""),
    )


def _sender(deps: Deps, name: str) -> Address:
    return Address(display_name=name, addr_spec=deps.mail_from)


async def _send(deps: Deps, row: MailRow, message: Message) -> None:
    made = written(deps, row, message)
    if deps.mail_to.startswith("file:"):
        # Lines end as they do in every mailbox on disk, so that tools can read them.
        content = made.as_bytes(policy=made.policy.clone(linesep="\n"))
        await asyncio.to_thread(_put, Path(deps.mail_to.removeprefix("file:")), row, content)
        return
    await smtp.post(deps.mail_to, made)


def _put(folder: Path, row: MailRow, content: bytes) -> None:
    """Write one file so that a reader sees all of it or nothing; the job's id makes twice once."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = folder / f".{row.id}.part"
    with os.fdopen(os.open(half, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(folder / f"{row.id}.eml")
