"""One press from a letter: no cookie, no origin, no redirect, the same for everybody (RFC 8058)."""

import pytest

from tests.portal.person import Person
from vault.core.ids import NOBODY
from vault.core.own_terms import MailKind
from vault.services import terms
from vault.services.unsubscribe_link import link

ONE_CLICK = b"List-Unsubscribe=One-Click"
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
PARTS = (
    b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
)
BODIES = [(URLENCODED, ONE_CLICK), (MULTIPART, PARTS), (None, b""), (URLENCODED, b"%zz&&=")]


def path(deps, who, what=MailKind.REMINDERS):
    return link(deps, who, what).removeprefix(deps.issuer)


async def press(visitor, where, kind=URLENCODED, body=ONE_CLICK):
    headers = {"content-type": kind} if kind else {}
    return await visitor.http.post(where, content=body, headers=headers)


async def off(deps, who):
    return (await terms.load(deps, who)).terms.no_mails


async def test_looking_shows_a_button_and_stops_nothing(visitor, deps, ana):
    answer = await visitor.get(path(deps, ana))
    assert answer.status_code == 200
    assert f'<form class="card" method="post" action="{path_of(answer)}">' in answer.text
    assert "csrf" not in answer.text
    assert await off(deps, ana) == set()


def path_of(answer):
    return answer.request.url.path


@pytest.mark.parametrize(("kind", "body"), BODIES, ids=str)
async def test_one_press_stops_whatever_the_body_is(visitor, deps, ana, kind, body):
    answer = await press(visitor, path(deps, ana), kind, body)
    assert answer.status_code == 200
    assert "location" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert await off(deps, ana) == {"reminders"}


async def test_everybody_gets_the_same_answer(visitor, deps, ana):
    def same(answer):
        return answer.status_code, answer.text.replace(path_of(answer), "PATH")

    where = [
        path(deps, ana),
        path(deps, ana),  # stopped already
        path(deps, ana, "marketing"),
        path(deps, ana, "nothing"),
        path(deps, NOBODY),
        "/u/made-up",
        "/u/" + "x" * 192,
    ]
    pressed = {same(await press(visitor, one)) for one in where}
    seen = {same(await visitor.get(one)) for one in where}
    assert len(pressed) == len(seen) == 1


async def test_a_press_from_elsewhere_and_with_a_session_counts_too(person, deps, ana):
    where = path(deps, ana)
    headers = {"content-type": URLENCODED, "origin": "https://mail.example"}
    headers["sec-fetch-site"] = "cross-site"
    answer = await person.http.post(where, content=ONE_CLICK, headers=headers)
    assert answer.status_code == 200
    assert await off(deps, ana) == {"reminders"}


async def test_a_body_is_forgotten_but_not_without_bound(visitor, deps, ana):
    where = path(deps, ana)
    assert (await press(visitor, where, MULTIPART, b"x" * 65_537)).status_code == 413
    assert await off(deps, ana) == set()
    assert (await press(visitor, where, MULTIPART, b"x" * 65_536)).status_code == 200


async def test_no_other_way_takes_a_body_of_parts(person):
    for where in ("/privacy/marketing", "/privacy/terms", "/sign-out"):
        headers = {"content-type": MULTIPART, "sec-fetch-site": "same-origin"}
        answer = await person.http.post(where, content=PARTS, headers=headers)
        assert answer.status_code == 415


async def test_the_customer_turns_them_on_again(person, app, deps, ana):
    await press(Person(app), path(deps, ana))
    page = (await person.get("/privacy/terms")).text
    assert "Send them again" in page
