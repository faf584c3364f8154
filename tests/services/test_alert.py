"""Sweeps and spikes are found once, by however many processes look, and told without a name."""

import asyncio

import pytest

from policies.model import StaffRole
from tests.portal import looks
from tests.portal.console.conftest import ana, app
from tests.portal.console.member import Member
from tests.services import mailbox
from tests.services.test_look_search import settled
from vault.core import alert as rules
from vault.core.alert import AlertKind, Rule
from vault.core.errors import ConflictError, NotAvailableError, WrongValueError
from vault.core.ids import NOBODY
from vault.services import alert

__all__ = ["ana", "app"]

LOW = tuple(Rule(one.kind, one.what, one.period, 2, one.times) for one in rules.RULES)
NAMES = ("contact.full_name",)


@pytest.fixture(autouse=True)
def low(monkeypatch):
    monkeypatch.setattr(alert, "RULES", LOW)


@pytest.fixture
async def compliance(app, deps):
    return await Member(app).join(deps, "compliance@example.org", StaffRole.COMPLIANCE)


async def reads(deps, who, times):
    for _ in range(times):
        await looks.by_app(deps, who, "delivery", "delivery", *NAMES)
    await settled(deps)


async def found(deps, member):
    return [
        (one.kind, one.subject, one.count)
        for one in await alert.list_(deps, await member.known(deps))
    ]


async def test_a_sweep_is_one_alert_that_grows_and_one_letter(deps, ana, compliance):
    await reads(deps, ana, 2)
    await alert.watch(deps)
    assert await found(deps, compliance) == []
    await reads(deps, ana, 1)
    await asyncio.gather(alert.watch(deps), alert.watch(deps))
    await alert.watch(deps)
    assert await found(deps, compliance) == [(AlertKind.SWEEP, "app:delivery", 3)]
    letter = await mailbox.sent(deps, holding="/console/alerts")
    assert letter["To"] == "compliance@example.org"
    assert "delivery" not in letter.as_string().lower().replace("content-delivery", "")
    await reads(deps, ana, 2)
    await alert.watch(deps)
    assert await found(deps, compliance) == [(AlertKind.SWEEP, "app:delivery", 5)]
    await mailbox.sent(deps)
    assert sum("/console/alerts" in str(one) for one in mailbox.mails(deps)) == 1


async def test_what_is_usual_at_this_hour_is_no_sweep(deps, ana, clock, compliance):
    for _ in range(rules.DAYS_BEFORE):
        await reads(deps, ana, 2)
        await alert.watch(deps)
        clock.turn(days=1)
    await reads(deps, ana, 6)
    await alert.watch(deps)
    assert await found(deps, compliance) == []
    await reads(deps, ana, 1)
    await alert.watch(deps)
    assert await found(deps, compliance) == [(AlertKind.SWEEP, "app:delivery", 7)]


async def test_refusals_and_asks_about_nobody_are_told_apart(deps, ana, compliance):
    for who in (ana, ana, ana, NOBODY, NOBODY, NOBODY):
        await looks.by_app(deps, who, "newsletter", "marketing", "contact.email")
    await settled(deps)
    await alert.watch(deps)
    assert sorted(await found(deps, compliance)) == [
        (AlertKind.SPIKE, "app:newsletter", 6),
        (AlertKind.UNKNOWN_IDS, "app:newsletter", 3),
    ]


async def test_staff_who_look_at_many_are_an_alert(deps, ana, compliance):
    await looks.by_app(deps, ana, "delivery", "delivery", *NAMES)
    await settled(deps)
    index = (await compliance.get("/console/log?app=delivery")).text.split("/console/log/")[1]
    path = f"/console/log/{index.split(chr(34))[0]}"
    answer = await compliance.send(path, path, ("why", "audit.control"), ("case", "T-1"))
    for _ in range(3):
        assert (await compliance.get(answer.headers["location"])).status_code == 200
    await settled(deps)
    await alert.watch(deps)
    assert await found(deps, compliance) == [(AlertKind.STAFF, f"staff:{compliance.handle}", 3)]


async def test_compliance_marks_an_alert_as_seen_once_for_a_case(app, deps, ana, compliance):
    await reads(deps, ana, 3)
    await alert.watch(deps)
    assert await alert.count_open(deps) == 1
    steward = await Member(app).join(deps, "steward@example.org", StaffRole.STEWARD)
    page = (await steward.get("/console/alerts")).text
    assert "many more customers" in page
    assert "/console/log?" not in page
    who = await compliance.known(deps)
    (one,) = await alert.list_(deps, who)
    with pytest.raises(NotAvailableError):
        await alert.see(deps, await steward.known(deps), one.id, case="T-1")
    with pytest.raises(WrongValueError):
        await alert.see(deps, who, one.id, case="Ana Example")
    here = "/console/alerts"
    assert (await compliance.send(here, here, ("case", "Ana Example"))).status_code == 422
    assert (await compliance.send(here, here, ("case", "T-1"))).status_code == 303
    page = (await compliance.get(here)).text
    assert compliance.handle in page
    assert "T-1" in page
    assert str(ana) not in page
    with pytest.raises(ConflictError):
        await alert.see(deps, who, one.id, case="T-2")
    assert await alert.count_open(deps) == 0


async def test_one_process_looks_within_a_minute(deps):
    assert await alert.sweep(deps)
    assert not await alert.sweep(deps)


async def test_a_log_of_years_is_counted_from_the_last_days_on(deps, ana, clock, monkeypatch):
    await reads(deps, ana, 3)
    clock.turn(days=30)
    seen = []
    real = rules.cells

    def counted(facts, unknown):
        seen.extend(facts)
        return real(facts, unknown)

    monkeypatch.setattr(rules, "cells", counted)
    await alert.watch(deps)
    assert seen == []
    await reads(deps, ana, 1)
    await alert.watch(deps)
    assert [one.app for one in seen] == ["delivery"]
