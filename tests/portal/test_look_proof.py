"""Each line has its proof; a check explains it, and says loudly when something was changed."""

import base64
import hashlib
import re
from functools import partial

import pytest
from sqlalchemy import text

from policies.model import Source
from tests.portal import looks
from tests.portal.test_who_looked import shown
from tests.services.decisions import execute
from tests.services.test_look_search import settled
from tests.vaults import vault
from vault.core import log_proof as proof_file
from vault.crypto.signing import SigningKey, sign_note
from vault.services import checkpoints, customer, log_keys
from vault.services.integrator import Integrator
from vault.verifier.__main__ import main


@pytest.fixture
async def deps(database, tmp_path, clock):
    """A vault whose log is integrated as it grows, and signed when a test says so."""
    async with vault(database, tmp_path, clock=clock) as opened:
        integrator = Integrator(database, log_id=opened.log_id)
        integrator.start()
        yield opened
        await integrator.close()


async def signed(deps):
    """Sign what is integrated, as the leader does each second."""
    await settled(deps)
    key = SigningKey(deps.keys.service("log").secret)
    now = deps.clock.now()
    believe = partial(checkpoints.believed, deps)
    return await checkpoints.publish(
        deps.database, key, believe=believe, log_id=deps.log_id, now=now
    )


async def look_of(person, deps, ana):
    """Let an app look, and return the path of the line."""
    await looks.by_app(deps, ana, "delivery", "delivery", "contact.full_name", request="req-1")
    page = await shown(person, "req-1", path="/who-looked?who=app:delivery")
    (path,) = set(re.findall(r'href="(/who-looked/\d+)"', page))
    return path


@pytest.fixture
async def line(person, deps, ana):
    return await look_of(person, deps, ana)


async def test_each_line_of_the_list_leads_to_its_check(person, line):
    page = await shown(person, "looked at your own page")
    assert f'href="{line}/check">Check this' in page
    places = set(re.findall(r'href="/who-looked/(\d+)/check"', page))
    usage = (await person.get("/me/usage.json")).json()
    assert places <= {str(one["log"]["position"]) for one in usage}
    assert len(places) > 1
    assert f'href="{line}/proof" download' in (await person.get(line)).text


async def test_a_line_that_holds_is_said_to_with_what_that_does_not_prove(person, deps, line):
    await signed(deps)
    answer = await person.get(f"{line}/check")
    assert answer.status_code == 200
    page = answer.text
    assert "<h1>This line is in the log</h1>" in page
    assert page.count("<span>Holds</span>") == 3
    assert "That no other line is missing." in page
    assert "never written down" in page
    assert f"--origin {deps.origin}" in page


async def test_the_command_that_the_page_shows_is_the_checkers(person, deps, line, tmp_path):
    await signed(deps)
    page = (await person.get(f"{line}/check")).text
    command = r"ownship-verify proof (\S+) --key '(\S+)' --origin (\S+)</pre>"
    ((name, key, origin),) = re.findall(command, page)
    answer = await person.get(f"{line}/proof")
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    file = tmp_path / name
    file.write_bytes(answer.content)
    assert main(["proof", str(file), "--key", key, "--origin", origin]) == 0
    data = bytearray(answer.content)
    data[answer.content.index(b"extra ") + 100] ^= 1
    file.write_bytes(bytes(data))
    assert main(["proof", str(file), "--key", key, "--origin", origin]) == 1


async def test_a_line_that_is_not_signed_yet_is_ready_in_a_second(person, deps, line):
    page = (await person.get(f"{line}/check")).text
    assert "Its proof is made in a second" in page
    assert "ownship-verify" not in page
    answer = await person.get(f"{line}/proof")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{line}/check")
    await signed(deps)
    assert "This line is in the log" in (await person.get(f"{line}/check")).text


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE log_leaf SET entry = (SELECT hash FROM log_leaf WHERE idx = 0) WHERE idx = :idx",
        "UPDATE log_leaf SET hash = (SELECT hash FROM log_leaf WHERE idx = 0) WHERE idx = :idx",
        "UPDATE log_leaf SET entry = (SELECT entry FROM log_leaf WHERE idx = 0) WHERE idx = :idx",
        "DELETE FROM log_leaf WHERE idx = :idx",
        "UPDATE log_checkpoint SET text = replace(text, ' ', '  ')",
        "UPDATE log_checkpoint SET text = :text",
    ],
    ids=["entry", "hash", "another", "gone", "checkpoint", "signed-by-another"],
)
async def test_what_was_changed_in_the_database_is_said_loudly(person, deps, line, edit):
    found = await signed(deps)
    other = SigningKey(bytes(32))
    forged = sign_note(other, deps.origin, found.checkpoint.body())
    given = {"idx": int(line.rpartition("/")[2]), "text": forged}
    await execute(deps, edit, **given)
    answer = await person.get(f"{line}/check")
    assert answer.status_code == 409
    assert "<h1>This line does not hold</h1>" in answer.text
    assert "Do not trust this line." in answer.text
    assert 'href="/requests/new?kind=question"' in answer.text
    assert "<span>Does not hold</span>" in answer.text


async def test_a_line_that_is_put_on_anothers_list_is_not_theirs(person, deps, ana, line):
    eve = await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    await looks.by_app(deps, eve, "delivery", "delivery", "contact.email")
    await signed(deps)
    async with deps.database.connect() as conn:
        last = (await conn.execute(text("SELECT max(idx) FROM access_fact"))).scalar_one()
    await execute(
        deps,
        "UPDATE customer_entry SET customer_id = :who WHERE idx = :idx",
        who=ana,
        idx=last,
    )
    page = (await person.get(f"/who-looked/{last}/check")).text
    assert "This line does not hold" in page
    assert page.count("<span>Holds</span>") == 2


async def test_nobody_checks_anothers_lines(person, deps, line):
    eve = await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    await looks.by_app(deps, eve, "delivery", "delivery", "contact.email")
    await signed(deps)
    async with deps.database.connect() as conn:
        last = (await conn.execute(text("SELECT max(idx) FROM access_fact"))).scalar_one()
    for place in (last, 0, 10**9, 2**62):
        for what in ("check", "proof"):
            assert (await person.get(f"/who-looked/{place}/{what}")).status_code == 404, place
    for place in ("x", "-1", "1.0", "٣", "9" * 40):
        assert (await person.get(f"/who-looked/{place}/check")).status_code == 404, place


async def test_a_list_for_programs_names_the_leaf_hash_of_each_line(person, deps, line):
    await signed(deps)
    usage = (await person.get("/me/usage.json")).json()
    page = (await person.get("/who-looked.json")).json()["lines"]
    position = int(line.rpartition("/")[2])
    for lines in (usage, page):
        (said,) = [one["log"] for one in lines if one["log"]["position"] == position]
        proof = proof_file.parse((await person.get(f"{line}/proof")).text)
        assert said == {
            "origin": deps.origin,
            "position": position,
            "hash": _base64(proof.entry),
        }


async def test_the_key_that_is_shown_is_the_published_one(person, deps, line):
    await signed(deps)
    published = [one.verifier_key for one in await log_keys.published(deps) if one.use == "log"]
    page = (await person.get(f"{line}/check")).text
    assert published[0] in page


def _base64(entry):
    return base64.b64encode(hashlib.sha256(b"\0" + entry).digest()).decode()
