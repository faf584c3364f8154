"""Every unsafe way takes only forms of ours, in the session they were made for, of bounded size."""

import pytest

from portal.app import WAYS
from portal.forms import MAX_FORM, MAX_NAMES
from tests.portal.conftest import ANA
from tests.portal.person import SAME, Person, forms
from vault.crypto.tokens import csrf

ISSUER = "http://localhost:8000"
UNSAFE = [way.path for way in WAYS if way.post and not way.open_post]
FILLED = {"{token}": "x" * 43, "{purpose}": "marketing", "{name}": "contact.phone"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


# What the guard decides does not depend on the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ELSEWHERE: tuple[dict[str, str], ...] = (
    {},  # neither header: not a browser that we know
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": ISSUER},  # the newer header counts
    {"origin": "null"},
    {"origin": "https://evil.example"},
    {"origin": ISSUER + ".evil.example"},
    {"origin": "http://localhost:8001"},
)
OURS = (SAME, {"sec-fetch-site": "none"}, {"origin": ISSUER})


def filled(path):
    for name, value in FILLED.items():
        path = path.replace(name, value)
    return path


def good(person, path):
    """Return the token that a page of this person's would hold for a way."""
    before = path in BEFORE
    cookie = person.http.cookies["ownship-browser" if before else "ownship"]
    return csrf(cookie if before else cookie.partition(".")[0], path)


async def test_one_way_alone_takes_what_no_page_of_ours_sent(person):
    assert [way.path for way in WAYS if way.open_post] == ["/u/{token}"]


# Whose forms are bound to the browser, for they need nobody signed in.
BEFORE = {filled(way.path) for way in WAYS if way.asks_in}


async def test_a_form_from_elsewhere_is_refused(person):
    for path in map(filled, UNSAFE):
        for headers in ELSEWHERE:
            answer = await person.post(path, ("csrf", good(person, path)), headers=headers)
            assert answer.status_code == 403, (path, headers)


@pytest.mark.parametrize("path", UNSAFE)
async def test_a_form_of_ours_passes_the_guard(person, path):
    where = filled(path)
    for headers in OURS:
        token = good(person, where)
        answer = await person.post(where, ("csrf", token), headers=headers)
        assert answer.status_code != 403, headers
        if path in {"/sign-out", "/leave"}:
            return  # the next one would be nobody's


async def test_a_form_needs_the_token_of_its_session_and_way(person, app, deps):
    other = Person(app)
    await other.sign_in(deps, ANA)
    for path in map(filled, UNSAFE):
        right = good(person, path)
        near = right[:-1] + ("A" if right[-1] != "A" else "E")
        for token in ("", "x", near, good(other, path), good(person, path + "x")):
            answer = await person.post(path, ("csrf", token))
            assert answer.status_code == 403, (path, token)
        assert (await person.post(path)).status_code == 403
        twice = (("csrf", right), ("csrf", right))
        assert (await person.post(path, *twice)).status_code == 400


async def raw(person, body, **headers):
    return await person.http.post("/sign-in", content=body, headers={**FORM, **SAME, **headers})


async def test_a_form_of_exactly_64_kib_is_read_and_one_byte_more_is_not(visitor):
    hidden = dict(forms((await visitor.get("/sign-in")).text)["/sign-in"])["csrf"]
    start = f"csrf={hidden}&email=x&pad="
    whole = start + "x" * (MAX_FORM - len(start))
    assert (await raw(visitor, whole)).status_code == 422
    assert (await raw(visitor, whole + "x")).status_code == 413


async def test_a_form_of_a_hundred_names_is_read_and_one_more_is_not(visitor):
    hidden = dict(forms((await visitor.get("/sign-in")).text)["/sign-in"])["csrf"]
    pairs = [f"csrf={hidden}", "email=x", *(f"n{number}=1" for number in range(MAX_NAMES - 2))]
    assert (await raw(visitor, "&".join(pairs))).status_code == 422
    assert (await raw(visitor, "&".join([*pairs, "m=1"]))).status_code == 413


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{}", "application/json", 415),
        ("csrf=x", "multipart/form-data; boundary=x", 415),
        ("csrf=x", "text/plain", 415),
        ("csrf=%ff%fe", "application/x-www-form-urlencoded", 400),
        ("no-pair-at-all", "application/x-www-form-urlencoded", 400),
        ("csrf=\u00e9", "application/x-www-form-urlencoded", 400),
    ],
)
async def test_what_is_no_form_is_refused(visitor, body, kind, status):
    await visitor.get("/sign-in")
    answer = await raw(visitor, body.encode(), **{"content-type": kind})
    assert answer.status_code == status


async def test_a_megabyte_is_refused_by_the_outer_guard(visitor):
    assert (await raw(visitor, b"x" * 1_048_577)).status_code == 413
