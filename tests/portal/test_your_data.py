"""A customer orders a package of their own data, sees how it stands, and fetches it."""

import json
import re
from uuid import uuid4

import pytest

from policies.model import Source
from tests.portal.conftest import ANA, VALUES
from tests.portal.person import Person, forms
from tests.services.test_export import spoil
from vault.services import customer, export, jobs
from vault.services.export import State

ORDER = "/your-data/order"


async def ready(person, deps, *, form="json", parts=()):
    """Order a package, let it be made, and return its path."""
    answer = await person.send(ORDER, ORDER, ("form", form), *(("part", part) for part in parts))
    assert (answer.status_code, answer.headers["location"]) == (303, "/your-data"), answer.text
    await jobs.round_once(deps)
    page = (await person.get("/your-data")).text
    return re.findall(r'href="(/your-data/package/[0-9a-f-]{36})"', page)[0]


async def test_a_package_is_ordered_made_and_fetched(person, deps, ana):
    empty = (await person.get("/your-data")).text
    assert "There is no package at present." in empty
    answer = await person.send(ORDER, ORDER, ("form", "json"))
    assert answer.headers["location"] == "/your-data"
    page = (await person.get("/your-data")).text
    assert "Being made" in page
    assert "Look again" in page
    assert ORDER not in page  # one at a time
    await jobs.round_once(deps)
    page = (await person.get("/your-data")).text
    assert "Ready" in page
    path = re.findall(r'href="(/your-data/package/[0-9a-f-]{36})"', page)[0]
    file = await person.send(path, path)
    assert file.status_code == 200
    assert file.headers["content-type"] == "application/json"
    assert file.headers["content-disposition"] == (
        'attachment; filename="your-data-2026-12-01.json"'
    )
    assert file.headers["cache-control"] == "no-store"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert int(file.headers["content-length"]) == len(file.content)
    held = {one["field"]: one["value"] for one in file.json()["profile"]}
    assert held == VALUES
    assert "Fetched" in (await person.get("/your-data")).text


@pytest.mark.parametrize(
    ("form", "kind", "name"),
    [
        ("html", "text/html; charset=utf-8", "your-data-2026-12-01.html"),
        ("csv", "application/zip", "your-data-2026-12-01.zip"),
    ],
)
async def test_each_form_is_a_file_to_save(person, deps, ana, form, kind, name):
    path = await ready(person, deps, form=form)
    file = await person.send(path, path)
    assert file.headers["content-type"] == kind
    assert file.headers["content-disposition"] == f'attachment; filename="{name}"'
    page = (await person.get(path)).text
    assert ("README" in page) is (form == "csv")


async def test_only_the_parts_that_were_chosen_are_in_it(person, deps, ana):
    path = await ready(person, deps, parts=("terms", "profile"))
    found = (await person.send(path, path)).json()
    assert found["parts"] == ["profile", "terms"]
    assert "events" not in found


async def test_an_order_needs_a_sign_in_of_the_last_minutes(person, deps, ana, clock):
    path = await ready(person, deps)
    clock.turn(minutes=11)
    assert (await person.get("/your-data")).status_code == 200
    for where in (ORDER, path):
        answer = await person.get(where)
        assert answer.status_code == 303, where
        assert answer.headers["location"] == f"/sign-in?fresh=1&next={where}"
    for where in (ORDER, path):
        answer = await person.post(where, ("csrf", "x"), ("form", "json"))
        assert answer.headers["location"].startswith("/sign-in?fresh=1"), where
    assert len(await export.packages(deps, ana)) == 1


async def test_whoever_signed_in_for_a_package_comes_back_to_it(person, deps, ana, clock):
    path = await ready(person, deps)
    clock.turn(minutes=11)
    answer = await person.get(path)
    assert answer.headers["location"] == f"/sign-in?fresh=1&next={path}"
    page = await person.get(answer.headers["location"])
    assert f'value="{path}"' in page.text


async def test_anothers_package_is_a_page_that_does_not_exist(person, app, deps, ana):
    path = await ready(person, deps)
    await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    eve = Person(app)
    await eve.sign_in(deps, "eve@example.org")
    texts = []
    for where in (path, f"/your-data/package/{uuid4()}", "/your-data/package/x"):
        answer = await eve.get(where)
        assert answer.status_code == 404, where
        texts.append(answer.text.replace(answer.headers["x-request-id"], ""))
    assert len(set(texts)) == 1
    token = dict(forms((await person.get(path)).text)[path])["csrf"]
    assert (await eve.post(path, ("csrf", token))).status_code == 403


async def test_a_form_sent_twice_is_one_package(person, deps, ana):
    pairs = [*forms((await person.get(ORDER)).text)[ORDER], ("form", "json")]
    for _ in range(2):
        assert (await person.post(ORDER, *pairs)).status_code == 303
    await jobs.round_once(deps)
    assert (await person.post(ORDER, *pairs)).status_code == 303
    assert len(await export.packages(deps, ana)) == 1


@pytest.mark.parametrize(
    "period",
    [
        {"since": "2026-13-01"},
        {"since": "yesterday"},
        {"until": "0001-01-01"},
        {"until": "9999-12-31"},
        {"since": "2026-11-02", "until": "2026-11-01"},
        {"since": "<script>"},
        {"until": "٢٠٢٦-١١-٠١"},
    ],
)
async def test_days_that_are_none_are_said_to_be_and_kept(person, deps, ana, period):
    answer = await person.send(ORDER, ORDER, ("form", "html"), ("part", "events"), *period.items())
    assert answer.status_code == 422
    assert "<title>Error: Order a package" in answer.text
    assert "Write each day as 2026-11-01" in answer.text
    assert 'value="events" checked' in answer.text
    assert answer.text.count(" checked") == 1
    assert "<script>" not in answer.text
    assert await export.packages(deps, ana) == ()


async def test_a_period_of_one_day_is_a_period(person, deps, ana):
    pairs = (("form", "json"), ("since", "2026-12-01"), ("until", "2026-12-01"))
    assert (await person.send(ORDER, ORDER, *pairs)).status_code == 303
    (one,) = await export.packages(deps, ana)
    assert one.wish.since
    assert one.wish.until
    assert (one.wish.until - one.wish.since).days == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"form": "pdf"},
        {"part": "everything"},
        {"order": "x"},
        {"order": "00000000-0000-0000-0000-000000000000"},
    ],
)
async def test_what_no_form_of_ours_sends_orders_nothing(person, deps, ana, wrong):
    pairs = dict([*forms((await person.get(ORDER)).text)[ORDER], ("form", "json")]) | wrong
    assert (await person.post(ORDER, *pairs.items())).status_code == 400
    assert await export.packages(deps, ana) == ()


async def test_the_form_has_nothing_chosen(person):
    page = (await person.get(ORDER)).text
    assert " checked" not in page
    assert page.count('type="checkbox"') == 5


async def test_the_eleventh_order_of_a_day_says_to_wait(person, deps, ana):
    for _ in range(10):
        await ready(person, deps, parts=("terms",))
    answer = await person.send(ORDER, ORDER, ("form", "json"))
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


async def test_a_package_that_was_tampered_with_is_a_page_and_no_file(person, deps, ana):
    path = await ready(person, deps)
    await spoil(deps, lambda _, sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]))
    answer = await person.send(path, path)
    assert answer.status_code == 409
    assert "content-disposition" not in answer.headers
    assert "did not pass its check" in answer.text
    assert ANA not in answer.text


async def test_a_package_that_is_over_is_gone(person, app, deps, ana, clock):
    path = await ready(person, deps)
    clock.turn(days=7)
    again = Person(app)
    await again.sign_in(deps, ANA)
    assert "Gone" in (await again.get("/your-data")).text
    page = await again.get(path)
    assert "Save the file" not in page.text
    await jobs.sweep(deps)
    assert (await again.get(path)).status_code == 404
    assert "There is no package at present." in (await again.get("/your-data")).text


async def test_what_could_not_be_made_is_said_and_can_be_ordered_again(
    person, deps, ana, monkeypatch
):
    async def broken(*_, **__):
        raise RuntimeError

    monkeypatch.setattr("vault.services.export_job.look", broken)
    await person.send(ORDER, ORDER, ("form", "json"))
    await jobs.round_once(deps)
    (one,) = await export.packages(deps, ana)
    assert one.state is State.FAILED
    page = (await person.get("/your-data")).text
    assert "Could not be made" in page
    assert ORDER in page


async def test_the_schema_is_public_and_is_json(visitor):
    answer = await visitor.get("/schema/export/1")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "max-age" in answer.headers["cache-control"]
    assert json.loads(answer.content)["$id"] == "http://localhost:8000/schema/export/1"
