"""Hand a mail to a mail server: `smtp://` demands STARTTLS outside loopback, `smtps://` is TLS.

It knows nothing of who is written to and why. What the server refuses for good is told apart from
what may go later.
Source: ecosystem note, 11.
"""

import ipaddress
from email.message import EmailMessage
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from vault.core.errors import BusyError, VaultError

SECONDS: Final = 10  # for the whole talk with a mail server


class RefusedForGoodError(VaultError):
    """The mail server will never take this mail."""

    code = "mail-refused"
    sentence = "The mail server refused a mail for good. It was dropped."


async def post(url: str, made: EmailMessage) -> None:
    """Hand a mail over.

    Raises:
        RefusedForGoodError: the server will never take it.
        BusyError: it does not take it at present.
    """
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    tls = parts.scheme == "smtps"
    try:
        await aiosmtplib.send(
            made,
            hostname=host,
            port=parts.port or (465 if tls else 25),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=tls,
            # On loopback only where it is offered; elsewhere an unencrypted talk is no mail at all.
            start_tls=None if tls or _is_loopback(host) else True,
            timeout=SECONDS,
        )
    except aiosmtplib.SMTPResponseException as error:
        if 500 <= error.code < 600:
            raise RefusedForGoodError from None
        raise BusyError from None
    except aiosmtplib.SMTPRecipientsRefused as error:
        if all(500 <= one.code < 600 for one in error.recipients):
            raise RefusedForGoodError from None
        raise BusyError from None
    except (aiosmtplib.SMTPException, OSError):
        raise BusyError from None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
