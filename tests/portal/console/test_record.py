"""The record of processing of the running system: on the page and in the table alike."""

import csv
import io

import pytest

from tests.api.data.conftest import APPROVED, SCOPES
from tests.api.oauth.party import Party
from tests.integrated import clock
from tests.vaults import RULEBOOK
from vault.core.approval import SHELL
from vault.core.export_cells import FORMULA, MARK
from vault.services import app as apps
from vault.services import app_change, unit

__all__ = ["clock"]
# What is built is the same on both; `tests/core/test_processing_record.py` has the rules.
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def register(deps, clock, app, approved):
    """Register an app, or change its registration, whoever is enrolled by now."""
    document = Party(clock, app).metadata(scope=SCOPES, own={"approved": approved})

    async def work(it):
        change = await app_change.weigh(deps, it.conn, document, now=it.now)
        await app_change.register(it, change, SHELL)

    await unit.run(deps, work)


async def rows(member):
    answer = await member.get("/console/record.csv")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    text = answer.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_code_and_registrations_are_in_it_and_nothing_else(deps, clock, steward):
    for app, approved in APPROVED.items():
        await register(deps, clock, app, approved)
    found = await rows(steward)
    assert {(row["purpose_id"], row["detail_id"]) for row in found} == {
        (purpose.id, use.name) for purpose in RULEBOOK.code.purposes for use in purpose.uses
    }
    registered = {
        (app, one["purpose"], name)
        for app, approved in APPROVED.items()
        for one in approved
        for name in one["datatypes"]
    }
    names = {
        f"{one.name.get('en')} ({one.team.get('en')})": one.id for one in RULEBOOK.code.recipients
    }
    said = {
        (names[one.rpartition(": ")[0]], row["purpose_id"], row["detail_id"])
        for row in found
        for one in row["recipients"].split("; ")
        if one
    }
    assert said == registered
    assert {row["code_digest"] for row in found} == {RULEBOOK.digest}
    assert {row["controller"].startswith(RULEBOOK.code.publisher.name) for row in found} == {True}


async def test_a_registration_that_changes_changes_page_and_table(deps, clock, admin):
    await register(deps, clock, "delivery", APPROVED["delivery"][:1])
    email = [row for row in await rows(admin) if row["detail_id"] == "contact.email"]
    assert any(row["recipients"] for row in email if row["purpose_id"] == "delivery")
    less = [{**APPROVED["delivery"][0], "datatypes": ["contact.phone"]}]
    await register(deps, clock, "delivery", less)
    (row,) = (
        row
        for row in await rows(admin)
        if (row["purpose_id"], row["detail_id"]) == ("delivery", "contact.email")
    )
    assert row["recipients"] == ""
    assert "delivery" in row["named_and_not_registered"].lower()
    await apps.freeze(deps, "delivery")
    assert "(frozen)" in (await admin.get("/console/record")).text


@ONE
async def test_the_page_names_code_controller_and_measures(deps, compliance):
    page = (await compliance.get("/console/record")).text
    publisher = RULEBOOK.code.publisher
    for words in (
        RULEBOOK.digest,
        RULEBOOK.version,
        publisher.dpo.email,
        "replaced every 30 days",
        "encrypted under a key of its customer",
        *(purpose.label.get("en") for purpose in RULEBOOK.code.purposes),
    ):
        assert words in page


@ONE
async def test_no_cell_of_the_table_is_a_formula(deps, clock, compliance):
    await register(deps, clock, "delivery", APPROVED["delivery"])
    for row in await rows(compliance):
        assert not [cell for cell in row.values() if cell.startswith(FORMULA)]
        assert MARK in row["detail_id"] or "." in row["detail_id"]


@ONE
async def test_support_has_no_record(support):
    for path in ("/console/record", "/console/record.csv"):
        assert (await support.get(path)).status_code == 404
