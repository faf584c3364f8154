"""Compliance sees whether a no takes effect, by the log: counts, and how to have it named."""

from policies.model import Source
from tests.services.test_barrier import learned, planted
from vault.services import barrier, customer

HERE = "/console/log/barrier"


async def test_before_the_first_night_the_page_says_so(compliance):
    page = (await compliance.get(HERE)).text
    assert "The log has not been judged yet." in page
    assert "<pre>ownship log barrier</pre>" in page


async def test_a_log_that_keeps_the_rule_is_said_to(deps, compliance):
    await barrier.walk(deps)
    page = (await compliance.get(HERE)).text
    assert "Nothing was allowed by what had ended, and no change is hidden." in page
    assert "breaks this rule" not in page


async def test_a_broken_rule_is_said_in_red_and_is_an_alert_that_leads_here(deps, compliance):
    who = await customer.add(deps, {"contact.email": "x@example.org"}, source=Source.TOLD)
    await learned(deps)
    await planted(deps, who, epoch=7)
    deps.clock.turn(minutes=1)
    found = await barrier.walk(deps)
    assert [one.epochs for one in found.named] == [(1, 7)]
    page = (await compliance.get(HERE)).text
    assert "The log breaks this rule 1 time." in page
    assert "ownship log barrier" in page
    assert "x@example.org" not in page
    alerts = (await compliance.get("/console/alerts")).text
    assert "The access log shows looks under what had ended" in alerts
    assert f'href="{HERE}">What the log shows' in alerts
