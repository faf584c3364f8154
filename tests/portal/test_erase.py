"""A customer erases everything through the portal, takes it back, and keeps a certificate."""

import re
from pathlib import Path

import pytest

from tests.portal.conftest import ANA
from tests.portal.person import Person
from tests.services import erasing, logbook, mailbox
from vault.services import erasure, jobs
from vault.verifier.__main__ import main

START = "/your-data/erase"
CONFIRM = "/your-data/erase-everything"
STATE = "/your-data/erasing"


async def asked(person):
    return await person.send(CONFIRM, CONFIRM)


async def test_the_page_says_what_goes_what_stays_and_who_has_it(person, deps, ana):
    from tests.portal import looks

    await looks.some(deps, ana)
    await logbook.integrate(deps.database)
    page = (await person.get(START)).text
    for words in (
        "What goes",
        "No law makes us keep any of your details.",
        "Delivery planner (Logistics)",
        "15 December 2026",
        "1 January 2027",
        f'href="{CONFIRM}"',
    ):
        assert words in page, words
    assert "Newsletter" not in page  # it was refused
    assert await erasure.due(deps, ana) is None


async def test_asking_and_taking_back(person, deps, ana):
    answer = await asked(person)
    assert (answer.status_code, answer.headers["location"]) == (303, STATE)
    due = await erasure.due(deps, ana)
    assert due
    page = (await person.get(STATE)).text
    assert "15 December 2026" in page
    assert "Keep my data" in page
    assert (await person.get(START)).headers["location"] == STATE
    assert (await person.get(CONFIRM)).headers["location"] == STATE
    mail = await mailbox.sent(deps)
    assert mail["Subject"] == "You asked us to erase your data"
    assert f"{deps.issuer}{STATE}" in mailbox.text(mail)
    assert "Conceição" not in mailbox.text(mail)

    answer = await person.send(STATE, STATE)
    assert (answer.status_code, answer.headers["location"]) == (303, STATE)
    assert await erasure.due(deps, ana) is None
    assert "Nothing is being erased." in (await person.get(STATE)).text


async def test_forms_sent_twice_or_too_late_are_harmless(person, deps, ana, clock):
    from tests.portal.person import forms

    pairs = forms((await person.get(CONFIRM)).text)[CONFIRM]
    assert (await person.post(CONFIRM, *pairs)).status_code == 303
    due = await erasure.due(deps, ana)
    clock.turn(minutes=5)
    assert (await person.post(CONFIRM, *pairs)).status_code == 303
    assert await erasure.due(deps, ana) == due
    back = forms((await person.get(STATE)).text)[STATE]
    for _ in range(2):
        assert (await person.post(STATE, *back)).status_code == 303
    assert (await person.post(CONFIRM, *back)).status_code == 403
    assert (await person.post(CONFIRM)).status_code == 403
    assert await erasure.due(deps, ana) is None


async def test_the_grave_pages_need_a_fresh_sign_in_and_the_way_back_does_not(person, clock):
    await asked(person)
    clock.turn(minutes=11)
    for path in (START, CONFIRM):
        answer = await person.get(path)
        assert answer.headers["location"].startswith("/sign-in?fresh=1&next=/your-data/")
    assert (await person.get(STATE)).status_code == 200
    assert (await person.send(STATE, STATE)).status_code == 303


async def test_an_old_session_asks_for_nothing(person, deps, ana, clock):
    from tests.portal.person import forms

    pairs = forms((await person.get(CONFIRM)).text)[CONFIRM]
    clock.turn(minutes=11)
    answer = await person.post(CONFIRM, *pairs)
    assert answer.headers["location"].startswith("/sign-in?fresh=1")
    assert await erasure.due(deps, ana) is None


async def test_the_certificate_stands_at_its_address_and_checks_offline(
    app, person, deps, ana, clock, tmp_path, capsys
):
    await asked(person)
    link = re.search(r'href="(/erased/[^"]+)"', (await person.get(STATE)).text)
    assert link
    visitor = Person(app)
    assert (await visitor.get(link[1])).status_code == 404
    clock.turn(days=14, seconds=1)
    await jobs.round_once(deps)
    page = await visitor.get(link[1])
    assert page.status_code == 200
    assert "Certificate of erasure" in page.text
    assert str(ana) not in page.text
    file = await visitor.get(f"{link[1]}/certificate")
    assert file.headers["content-type"] == "application/jose"
    saved, keys = tmp_path / "certificate.jws", tmp_path / "keys.json"
    saved.write_bytes(file.content)
    keys.write_bytes((await visitor.get("/.well-known/receipt-keys.json")).content)
    assert main(["certificate", str(saved), "--keys", str(keys)]) == 0
    assert "GOOD: signed by http://localhost:8000: erasure" in capsys.readouterr().out
    assert main(["certificate", str(saved)]) == 2
    changed(saved, keys)


def changed(saved: Path, keys: Path) -> None:
    good = saved.read_bytes()
    for place in range(0, len(good), 7):
        other = b"A" if good[place : place + 1] != b"A" else b"B"
        saved.write_bytes(good[:place] + other + good[place + 1 :])
        assert main(["certificate", str(saved), "--keys", str(keys)]) == 1, place


async def test_who_was_erased_is_nobody_everywhere(app, person, deps, ana):
    done = await erasing.gone(deps, ana)
    for path in ("/home", STATE, START, "/who-looked", "/receipts"):
        assert (await person.get(path)).headers["location"].startswith("/sign-in"), path
    visitor = Person(app)
    await jobs.round_once(deps)
    before = len(mailbox.mails(deps))
    answer = await visitor.send("/sign-in", "/sign-in", ("email", ANA))
    other = await Person(app).send("/sign-in", "/sign-in", ("email", "nobody@example.org"))
    assert (answer.status_code, answer.headers["location"]) == (
        other.status_code,
        other.headers["location"],
    )
    await jobs.round_once(deps)
    assert len(mailbox.mails(deps)) == before
    assert (await visitor.get(f"/erased/{done.token}")).status_code == 200


@pytest.mark.parametrize("token", ["x", "x" * 43, "%00" * 43, "..%2f" * 9])
async def test_a_guessed_token_is_a_page_that_does_not_exist(visitor, token):
    assert (await visitor.get(f"/erased/{token}")).status_code == 404
    assert (await visitor.get(f"/erased/{token}/certificate")).status_code == 404
