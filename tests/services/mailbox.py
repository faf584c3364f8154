"""Read the mails that a vault of a test has written to its folder."""

import re
from email import message_from_bytes, policy
from pathlib import Path

from tests.vaults import FakeClock
from vault.services import jobs
from vault.services.deps import Deps

LINK = re.compile(r"^(\S+/sign-in/link/(\S+))$", re.MULTILINE)
CODE = re.compile(r"^(\d{6})$", re.MULTILINE)


def folder(deps: Deps) -> Path:
    return Path(deps.mail_to.removeprefix("file:"))


def mails(deps: Deps):
    """Return what has left, the oldest first."""
    if not folder(deps).exists():
        return []
    files = sorted(folder(deps).glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


async def sent(deps: Deps, *, holding: str = ""):
    """Let the jobs run once and return the newest mail, of those that hold a text.

    A busy database may send a job back for later, as it does in production: then time goes on.
    """
    for _ in range(5):
        await jobs.round_once(deps)
        if found := [one for one in mails(deps) if re.search(holding, text(one), re.MULTILINE)]:
            return found[-1]
        assert isinstance(deps.clock, FakeClock)
        deps.clock.turn(seconds=5)
    raise AssertionError("no mail has left")


def text(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def code(mail) -> str:
    return CODE.findall(text(mail))[0]


def link(mail) -> str:
    """Return the token of the link."""
    return LINK.findall(text(mail))[0][1]
