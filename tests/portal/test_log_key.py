"""The key of one's own list: fresh, recorded, told what it can do; with it the log shows what is missing."""

import json
from urllib.parse import urlparse

import pytest

from tests.portal import looks
from tests.portal.person import forms
from tests.portal.test_look_proof import line, signed
from tests.portal.test_who_looked import shown
from tests.services.decisions import execute
from tests.services.test_look_search import settled
from tests.verifier.loggen import Written
from vault.crypto import entry as cipher
from vault.crypto.keys import Kind as KeyKind
from vault.crypto.keys import unwrap
from vault.services import checkpoints
from vault.store import leaf
from vault.verifier import logkey
from vault.verifier.__main__ import main

__all__ = ["line"]

HERE = "/who-looked/key"


async def take(person, *, opens, log="0"):
    hidden = dict(forms((await person.get(HERE)).text)[HERE]) | {"log": log, "opens": opens}
    return await person.post(HERE, *hidden.items())


async def audit_key_of(deps, who):
    load = await deps.loads.ask(who, lane="customer")
    return unwrap(deps.keys.keks, load.key(KeyKind.AUDIT))


async def fetched(deps, folder):
    """Write the log as it is served."""
    await signed(deps)
    async with deps.database.connect() as conn:
        newest = await checkpoints.newest(deps, conn, deps.log_id)
        listed = await leaf.entries_at(conn, range(newest.size))
    log = Written([one.entry for one in reversed(listed)], deps.origin)
    log.save(folder)
    (folder / "checkpoint").write_text(newest.text)
    return folder


async def test_the_page_says_what_the_key_can_do(person):
    page = (await person.get(HERE)).text
    assert "finds every entry about you in our public log, for ever" in page
    assert "We cannot take it back." in page


@pytest.mark.parametrize("opens", ["no", "yes"])
async def test_the_key_is_the_customers_own_and_is_recorded(person, deps, ana, opens):
    answer = await take(person, opens=opens)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="who-looked.logkey"'
    assert answer.headers["cache-control"] == "no-store"
    found = logkey.parse(answer.content)
    key = await audit_key_of(deps, ana)
    assert found.origin == deps.origin
    assert found.keys.tag == cipher.tag_key(key)
    assert found.keys.seal == (cipher.seal_key(key) if opens == "yes" else None)
    assert "took the key of this list" in await shown(person, "took the key of this list")


async def test_the_key_needs_a_fresh_sign_in(person, clock):
    clock.turn(minutes=11)
    answer = await person.get(HERE)
    assert answer.status_code == 303
    assert urlparse(answer.headers["location"]).query.startswith("fresh=1&next=/who-looked/key")


async def test_nothing_is_handed_over_that_could_not_be_recorded(person, deps):
    hidden = dict(forms((await person.get(HERE)).text)[HERE])
    await deps.appender.close()
    answer = await person.post(HERE, *hidden.items(), ("opens", "yes"))
    assert answer.status_code == 503
    assert "ownship-logkey" not in answer.text


@pytest.mark.parametrize(("log", "status"), [("1", 404), ("-1", 400), ("x", 400), ("99", 400)])
async def test_a_log_that_is_none_gets_no_key(person, log, status):
    assert (await take(person, opens="no", log=log)).status_code == status


async def test_without_the_form_of_the_page_nothing_is_handed_over(person):
    assert (await take(person, opens="maybe")).status_code == 400
    assert (await person.post(HERE, ("log", "0"), ("opens", "no"))).status_code == 403


async def test_a_complete_list_scans_well_and_a_row_that_was_deleted_is_found(
    person, deps, ana, line, tmp_path, capsys
):
    await looks.by_app(deps, ana, "newsletter", "marketing", "contact.email", request="req-2")
    await settled(deps)
    key = tmp_path / "ana.logkey"
    key.write_bytes((await take(person, opens="yes")).content)
    await settled(deps)
    usage = tmp_path / "usage.json"
    usage.write_bytes((await person.get("/me/usage.json")).content)
    folder = await fetched(deps, tmp_path / "log")
    verifier_key = logkey.parse(key.read_bytes()).verifier_key
    command = ["scan", str(folder), str(key), "--list", str(usage)]
    command += ["--key", verifier_key, "--origin", deps.origin]
    assert main([*command, "--lines"]) == 0
    said = capsys.readouterr().out
    assert "The list is complete and shows them as they are" in said
    assert "app:delivery | delivery | contact.full_name" in said
    assert "refused: contact.email (not-asked)" in said

    place = int(line.rpartition("/")[2])
    await execute(deps, "DELETE FROM customer_entry WHERE idx = :idx", idx=place)
    usage.write_bytes((await person.get("/me/usage.json")).content)
    assert place not in [one["log"]["position"] for one in json.loads(usage.read_bytes())]
    assert main(command) == 1
    said = capsys.readouterr().err
    assert f"Entry {place} (read, " in said
    assert "is not on the list that you were shown" in said


async def test_a_line_that_was_changed_is_found(person, deps, ana, line, tmp_path, capsys):
    key = tmp_path / "ana.logkey"
    key.write_bytes((await take(person, opens="no")).content)
    await settled(deps)
    folder = await fetched(deps, tmp_path / "log")
    place = int(line.rpartition("/")[2])
    edit = "UPDATE log_leaf SET entry = (SELECT hash FROM log_leaf WHERE idx = 0) WHERE idx = :idx"
    await execute(deps, edit, idx=place)
    usage = tmp_path / "usage.json"
    usage.write_bytes((await person.get("/me/usage.json")).content)
    verifier_key = logkey.parse(key.read_bytes()).verifier_key
    command = ["scan", str(folder), str(key), "--list", str(usage)]
    assert main([*command, "--key", verifier_key, "--origin", deps.origin]) == 1
    assert f"shows entry {place} otherwise than it is in the log" in capsys.readouterr().err
