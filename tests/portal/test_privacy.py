"""Consent is asked with both answers alike, and every decision is what the customer sent."""

import hashlib
import json
import re

from policies.model import Source
from tests.portal import looks
from tests.portal.conftest import ANA
from tests.portal.person import Person, forms
from vault.core import notice
from vault.services import customer, receipts

PURPOSE = "marketing"
PAGE = f"/privacy/{PURPOSE}"
STOP = ("decision", "withdraw")


async def decide(person, *fields, page=PAGE):
    return await person.send(page, PAGE, *fields)


async def give(person):
    return await decide(person, ("decision", "give"))


async def reads(deps, who):
    return await looks.by_app(deps, who, "newsletter", PURPOSE, "contact.email")


async def test_the_page_shows_the_notice_with_the_customers_own_values(person):
    page = (await person.get(PAGE)).text
    assert f'<output data-field="contact.email">{ANA}</output>' in page
    assert "{{7*7}} &lt;script&gt;" in page
    assert "<script" not in page
    sha256 = hashlib.sha256(notice.empty(page)).hexdigest()
    kept = await person.get(f"/notices/{sha256}")
    assert kept.status_code == 200
    assert hashlib.sha256(kept.content).hexdigest() == sha256
    assert ANA not in kept.text


async def test_both_answers_are_the_same_element_and_nothing_is_chosen(person):
    for path in (PAGE, f"{PAGE}?view=grid"):
        page = (await person.get(path)).text
        buttons = re.findall(r"<button ([^>]*)>([^<]*)</button>", page.partition("choices")[2])
        plain = [(re.sub(r'value="\w+"', "", attributes), words) for attributes, words in buttons]
        assert [words for _, words in plain] == ["Allow", "Do not allow"]
        assert plain[0][0] == plain[1][0]
        for word in ("checked", "selected", "<details open"):
            assert word not in page


async def test_allowing_opens_the_very_next_read_and_stopping_closes_it(person, deps, ana):
    assert not (await reads(deps, ana)).opened
    assert (await give(person)).status_code == 303
    assert [one.value for one in (await reads(deps, ana)).opened] == [ANA]
    stopped = await person.send("/privacy", PAGE, STOP)
    assert stopped.status_code == 303
    assert not (await reads(deps, ana)).opened


async def test_the_next_page_says_what_happened_and_links_the_receipt(person, deps, ana):
    answer = await give(person)
    page = (await person.get(answer.headers["location"])).text
    assert 'role="status"' in page
    assert "You allowed “Letters about what is new” until 1 December 2027." in page
    (path,) = set(re.findall(r'href="(/receipts/[0-9a-f-]{36})"', page))
    assert (await person.get(path)).headers["content-type"].startswith("text/html")
    receipt = await person.get(f"{path}.json")
    assert receipt.headers["content-disposition"].startswith("attachment; filename=")
    document = json.loads(receipt.content)
    assert document["@type"] == "https://w3id.org/dpv#ConsentReceipt"
    assert document["signature"]
    keys = (await person.get("/.well-known/receipt-keys.json")).json()["keys"]
    assert keys[0]["crv"] == "Ed25519"


async def test_stopping_is_one_press_and_giving_is_two(person, deps, ana):
    await give(person)
    page = (await person.get("/privacy")).text
    assert {name for name, _ in forms(page)[PAGE]} == {"csrf", "gone"}
    assert "You get no such letters." in page
    answer = await person.send("/privacy", PAGE, STOP)
    said = (await person.get(answer.headers["location"])).text
    assert "You stopped “Letters about what is new”. It works from this moment." in said
    assert "Stopped by you on 1 December 2026" in said


async def test_refusing_needs_nothing_but_the_form_token(person, deps, ana):
    hidden = dict(forms((await person.get(PAGE)).text)[PAGE])
    answer = await person.post(PAGE, ("csrf", hidden["csrf"]), ("decision", "refuse"))
    assert answer.status_code == 303
    assert "You said no on 1 December 2026" in (await person.get("/privacy")).text


async def test_withdrawing_twice_is_once(person, deps, ana):
    hidden = dict(forms((await person.get(PAGE)).text)[PAGE])
    fields = (("csrf", hidden["csrf"]), ("decision", "withdraw"))
    nothing = await person.post(PAGE, *fields)
    assert nothing.headers["location"] == "/privacy?done=nothing"
    assert "There was nothing to stop." in (await person.get("/privacy?done=nothing")).text
    await give(person)
    first, second = await person.post(PAGE, *fields), await person.post(PAGE, *fields)
    assert first.headers["location"] == second.headers["location"]
    assert len(await receipts.list_(deps, ana)) == 2


async def test_one_detail_is_allowed_alone(person, deps, ana):
    grid = f"{PAGE}?view=grid"
    answer = await decide(person, ("field", "contact.email"), ("decision", "give"), page=grid)
    assert answer.status_code == 303
    both = await looks.by_app(
        deps, ana, "newsletter", PURPOSE, "contact.email", "contact.full_name"
    )
    assert [one.name for one in both.opened] == ["contact.email"]
    assert [(one.name, one.reason) for one in both.withheld] == [
        ("contact.full_name", "not-ticked")
    ]


async def test_the_grid_without_a_detail_is_asked_again(person, deps, ana):
    answer = await decide(person, ("decision", "give"), page=f"{PAGE}?view=grid")
    assert answer.status_code == 422
    assert "Choose at least one detail" in answer.text
    assert dict(forms(answer.text)[PAGE])["view"] == "grid"
    assert not (await reads(deps, ana)).opened


async def test_a_stale_page_is_answered_with_the_new_notice(person, deps, ana):
    hidden = forms((await person.get(PAGE)).text)[PAGE]
    await person.send("/privacy/loyalty.rewards", "/privacy/loyalty.rewards", ("decision", "give"))
    answer = await person.post(PAGE, *hidden, ("decision", "give"))
    assert answer.status_code == 409
    again = forms(answer.text)[PAGE]
    assert dict(again)["epoch"] != dict(hidden)["epoch"]
    assert (await person.post(PAGE, *again, ("decision", "give"))).status_code == 303


async def test_giving_without_what_the_page_held_is_asked_again(person, deps, ana):
    hidden = forms((await person.get(PAGE)).text)[PAGE]
    for missing in ("notice", "epoch"):
        rest = [pair for pair in hidden if pair[0] != missing]
        assert (await person.post(PAGE, *rest, ("decision", "give"))).status_code == 409
    assert not (await reads(deps, ana)).opened


async def test_anothers_notice_is_asked_again(person, app, deps, ana):
    await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    eve = Person(app)
    await eve.sign_in(deps, "eve@example.org")
    foreign = dict(forms((await eve.get(PAGE)).text)[PAGE])["notice"]
    hidden = dict(forms((await person.get(PAGE)).text)[PAGE]) | {"notice": foreign}
    answer = await person.post(PAGE, *hidden.items(), ("decision", "give"))
    assert answer.status_code == 409


async def test_a_form_that_no_page_sends_is_refused(person, deps, ana):
    hidden = dict(forms((await person.get(PAGE)).text)[PAGE])
    for changed in (
        [("decision", "maybe")],
        [],
        [("decision", "give"), ("decision", "refuse")],
        [("decision", "give"), ("epoch", "x")],
        [("decision", "give"), ("field", "contact.none")],
        [("decision", "refuse"), ("view", "sideways")],
    ):
        names = {name for name, _ in changed}
        rest = [pair for pair in hidden.items() if pair[0] not in names]
        assert (await person.post(PAGE, *rest, *changed)).status_code == 400, changed
    assert await receipts.list_(deps, ana) == ()


async def test_what_cannot_be_decided_does_not_exist(person):
    for purpose in ("delivery", "none", "Marketing", "a.b.c.d", "%00"):
        assert (await person.get(f"/privacy/{purpose}")).status_code == 404, purpose


async def test_nobody_elses_receipt_can_be_found(person, app, deps, ana):
    await give(person)
    mine = str((await receipts.list_(deps, ana))[0].receipt_id)
    await customer.add(deps, {"contact.email": "eve@example.org"}, source=Source.TOLD)
    eve = Person(app)
    await eve.sign_in(deps, "eve@example.org")
    for end in ("", ".json"):
        foreign = await eve.get(f"/receipts/{mine}{end}")
        absent = await eve.get(f"/receipts/01a20e37-30b2-793e-bca4-2227acfb5dd6{end}")
        assert foreign.status_code == absent.status_code == 404
    shown = (await eve.get(f"/privacy?done={mine}")).text
    assert 'role="status"' not in shown


async def test_a_notice_that_was_never_shown_does_not_exist(visitor):
    for sha256 in ("0" * 64, "x", "A" * 64, "../../etc/passwd"):
        assert (await visitor.get(f"/notices/{sha256}")).status_code == 404, sha256
