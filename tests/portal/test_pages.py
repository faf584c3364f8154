"""Every page answers, says what it must, and escapes what customers wrote."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select, update

from policies.compile import compile_
from portal.app import WAYS
from tests import vaults
from vault.services import own
from vault.store import code as code_store
from vault.store import commit
from vault.store.value import value


async def test_every_page_of_a_signed_in_customer_answers(person):
    for path in (
        "/",
        "/home",
        "/home/contact.email",
        "/interactions",
        "/privacy",
        "/privacy/marketing",
        "/who-looked",
        "/your-data",
        "/your-data/order",
        "/receipts",
        "/code",
    ):
        answer = await person.get(path)
        assert answer.status_code == 200, (path, answer.text[:200])
        assert answer.text.count("<h1") == 1, path
        assert 'class="skip" href="#main"' in answer.text
        assert '<html lang="en">' in answer.text


async def test_home_shows_values_as_text_and_never_as_markup(person):
    page = (await person.get("/home")).text
    assert (
        "<bdi>Ána O&#39;Brien-Conceição {{7*7}} &lt;script&gt;alert(1)&lt;/script&gt;</bdi>" in page
    )
    assert "<bdi>Flat white</bdi>" in page
    assert "<bdi>Coffee</bdi><bdi>Tea</bdi>" in page
    assert "<bdi>29 February 1980</bdi>" in page
    assert "<script" not in page


async def test_home_says_why_who_and_until_when(person):
    page = (await person.get("/home")).text
    for words in (
        "To bring what you order to the right door.",
        "Delivery planner (Logistics)",
        "3 years",
    ):
        assert words in page
    assert "We know nothing here." in page


async def test_a_page_that_needs_a_session_leads_to_sign_in_and_back(visitor):
    for way in WAYS:
        if way.signed_in and way.get:
            path = way.path.replace("{purpose}", "marketing").replace("{receipt}", "x")
            answer = await visitor.get(path)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in?next=/"), path


async def test_what_does_not_exist_is_a_page_with_a_reference(visitor):
    answer = await visitor.get("/no/such/page")
    assert answer.status_code == 404
    assert answer.headers["x-request-id"] in answer.text
    assert (await visitor.post("/no/such/page")).status_code == 404


async def test_another_method_is_refused_and_told_which_there_are(visitor):
    answer = await visitor.http.put("/home")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert (await visitor.post("/code")).status_code == 405


async def test_head_answers_like_get_without_a_body(person):
    for path in ("/", "/code", "/home", "/static/000000000000/ownship.css"):
        get, head = await person.get(path), await person.http.head(path)
        assert head.status_code == get.status_code, path
        assert head.content == b""


async def test_the_code_is_there_as_page_text_and_json(visitor):
    page = await visitor.get("/code")
    assert "Letters about what is new" in page.text
    assert 'id="marketing"' in page.text
    text = await visitor.get("/code/2026-11.txt")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Letters about what is new" in text.text
    document = await visitor.get("/code/2026-11.json")
    assert document.json()["version"] == "2026-11"
    assert document.headers["access-control-allow-origin"] == "*"
    for path in ("/code/1999-01", "/code/1999-01.txt", "/code/x"):
        assert (await visitor.get(path)).status_code == 404


async def test_a_code_is_in_force_since_it_took_effect_not_since_its_own_day(visitor, deps, clock):
    began = datetime(2026, 11, 20, tzinfo=UTC)
    rulebook = compile_(vaults.LATER.read_bytes(), name="later")
    row = replace(
        vaults._row(deps.codes, clock.now(), vaults.LATER),
        effective_at=began,
        mac=deps.codes.mac(rulebook, effective_at=began),
    )
    await commit.request(deps.database, lambda conn: code_store.publish(conn, row))
    shown = (await visitor.get("/code")).text
    assert shown.count("20 November 2026") >= 2  # above the code, and below each page
    assert "1 December 2026" not in shown


async def test_each_problem_has_a_page(visitor):
    for code, status in (("not-available", "404"), ("outside-token", "403"), ("busy", "503")):
        page = await visitor.get(f"/problems/{code}")
        assert page.status_code == 200
        assert code in page.text
        assert f"HTTP status: {status}" in page.text
    assert (await visitor.get("/problems/none-such")).status_code == 404


async def test_our_files_are_served_for_ever_under_their_hash(visitor):
    page = (await visitor.get("/")).text
    path = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    style = await visitor.get(path)
    assert style.status_code == 200
    assert "immutable" in style.headers["cache-control"]
    assert len(style.content) <= 15 * 1024
    assert (await visitor.get(path.replace(path[8:20], "0" * 12))).status_code == 404
    assert (await visitor.get("/favicon.ico")).headers["content-type"] == "image/svg+xml"


async def test_a_damaged_value_is_said_to_be_damaged_and_hides_no_other(person, deps, ana):
    async def spoil(conn):
        of_email = value.c.field == "contact.email"
        sealed = (await conn.execute(select(value.c.sealed).where(of_email))).scalar_one()
        spoilt = sealed[:-1] + bytes([sealed[-1] ^ 1])
        await conn.execute(update(value).where(of_email).values(sealed=spoilt))

    await commit.request(deps.database, spoil)
    page = (await person.get("/home")).text
    assert "“E-mail address” did not pass its check" in page
    assert "This did not pass its check and was not opened." in page
    assert "12 Quay Street" in page


async def test_an_error_that_nobody_expected_says_only_that_it_happened(person, monkeypatch):
    async def broken(*_, **__):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(own, "held", broken)
    answer = await person.get("/home")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert "secret detail" not in answer.text


async def test_a_look_that_cannot_be_recorded_opens_nothing(person, deps):
    await deps.appender.close()
    answer = await person.get("/home")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert "Quay" not in answer.text


async def test_a_version_that_is_no_name_is_not_there(visitor):
    for path in ("/code/%00", "/code/%00.txt", "/code/%00.json", "/code/" + "9" * 500):
        assert (await visitor.get(path)).status_code == 404, path
