"""Publish later versions of the sample code of ethics into a vault that runs."""

import re

import pytest

from tests.vaults import SAMPLE
from vault.services import jobs, publication

NEXT = SAMPLE.with_name("sample-2026-12.yaml")
PHONE = "      contact.phone: [read]\n    recipients: [newsletter]"


def text(*swaps, version="2026-12", effective="2026-12-01", base=NEXT):
    """Return a version of the sample as YAML."""
    found = base.read_text(encoding="utf-8")
    found = re.sub(r"(?m)^version: .+$", f"version: {version}", found, count=1)
    found = re.sub(r"(?m)^effective: .+$", f"effective: {effective}", found, count=1)
    for old, new in swaps:
        assert found.count(old) == 1, old
        found = found.replace(old, new)
    return found.encode()


async def publish(deps, *swaps, **head):
    return await publication.publish(deps, text(*swaps, **head), name="next.yaml")


async def work(deps):
    """Do all jobs that are due, those that they queue too."""
    while await jobs.round_once(deps):
        pass


@pytest.fixture(autouse=True)
def one_clock(monkeypatch, clock):
    """Let the database's clock say what the test's clock says, so that days can be turned."""

    async def now(conn):
        return clock.now()

    async def unusable(line):
        return False

    monkeypatch.setattr("vault.store.moment.now", now)
    # The one statement of the line asks the real clock; the ordinary statements are told the time.
    monkeypatch.setattr("vault.store.line.Line.usable", unusable)
