"""Files that apps attach to contact events, and fetch: judged by their bytes, under the event's decision."""

from tests.api.data.conftest import Shop
from tests.api.data.test_others import EVENT, UNKNOWN, kind
from vault.core.attachment import MAX_BYTES
from vault.core.ids import CustomerId
from vault.crypto.base64url import decode
from vault.services import app as apps
from vault.store import interaction

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 8
NAMED = {"content-type": "application/pdf"}


async def called(shop: Shop, *, app: str = "delivery") -> tuple[str, str]:
    """Add a customer, append a call, and return the paths of the list and of its files."""
    who = await shop.id(app, await shop.add())
    path = f"/api/v1/customers/{who}/interactions"
    made = await shop.call(app, "POST", path, EVENT)
    assert made.status_code == 201, made.text
    return path, f"{path}/{made.json()['id']}/attachments"


async def test_a_file_comes_back_as_it_was_and_is_told_of_in_the_list(shop: Shop) -> None:
    path, files = await called(shop)
    put = await shop.call(
        "delivery", "PUT", f"{files}/1?purpose=support&name=../carta%E2%80%AE.pdf", PDF, **NAMED
    )
    assert put.status_code == 201, put.text
    told = {"number": 1, "name": "carta.pdf", "type": "application/pdf", "size": len(PDF)}
    assert {name: put.json()[name] for name in told} == told
    assert put.json()["receipt"].startswith("ownship-receipt@v1")
    listed = await shop.call("delivery", "GET", f"{path}?purpose=support")
    assert listed.json()["interactions"][0]["attachments"] == [told]
    got = await shop.call("delivery", "GET", f"{files}/1?purpose=support")
    assert (got.status_code, got.content) == (200, PDF)
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''carta.pdf"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cache-control"] == "no-store"
    assert "sandbox" in got.headers["content-security-policy"]
    assert decode(got.headers["ownship-receipt"]).startswith(b"ownship-receipt@v1")


async def test_what_may_not_be_attached_is_refused(shop: Shop) -> None:
    path, files = await called(shop)
    text = {"content-type": "text/plain"}
    cases = [
        ("1?purpose=support", PDF, {"content-type": "image/png"}, 422, "wrong-value"),
        ("1?purpose=support", b"MZ\x90\0", NAMED, 422, "wrong-value"),
        ("1?purpose=support", b"<p>", {"content-type": "text/html"}, 422, "wrong-value"),
        ("1?purpose=support", b"a\0b", text, 422, "wrong-value"),
        ("1?purpose=support", b"", text, 422, "wrong-value"),
        ("1?purpose=support", b"x" * (MAX_BYTES + 1), text, 422, "wrong-value"),
        ("1?purpose=support", b"x" * 1_048_577, text, 413, "too-large"),
        ("0?purpose=support", b"x", text, 422, "wrong-value"),
        ("5?purpose=support", b"x", text, 422, "wrong-value"),
        ("x?purpose=support", b"x", text, 422, "wrong-value"),
        ("1?purpose=delivery", b"x", text, 403, "outside-token"),
        ("1?purpose=seance", b"x", text, 400, "unknown-field"),
        ("1", b"x", text, 400, "bad-request"),
        ("1?purpose=support&more=1", b"x", text, 400, "bad-request"),
    ]
    for place, data, headers, status, code in cases:
        answer = await shop.call("delivery", "PUT", f"{files}/{place}", data, **headers)
        assert (answer.status_code, kind(answer)) == (status, code), (place, answer.text)
    listed = await shop.call("delivery", "GET", f"{path}?purpose=support")
    assert listed.json()["interactions"][0]["attachments"] == []


async def test_an_event_holds_four_files_and_none_takes_the_place_of_another(shop: Shop) -> None:
    path, files = await called(shop)
    text = {"content-type": "text/plain"}
    for number in range(1, 5):
        put = await shop.call(
            "delivery", "PUT", f"{files}/{number}?purpose=support", b"x" * number, **text
        )
        assert (put.status_code, put.json()["name"]) == (201, "attachment.txt")
    again = await shop.call("delivery", "PUT", f"{files}/1?purpose=support", b"other", **text)
    assert (again.status_code, kind(again)) == (409, "conflict")
    assert (await shop.call("delivery", "GET", f"{files}/1?purpose=support")).content == b"x"
    listed = await shop.call("delivery", "GET", f"{path}?purpose=support")
    sizes = [one["size"] for one in listed.json()["interactions"][0]["attachments"]]
    assert sizes == [1, 2, 3, 4]


async def test_files_are_attached_to_an_apps_own_events_and_read_as_their_events_are(
    shop: Shop,
) -> None:
    known = await shop.add()
    who, other = await shop.id("delivery", known), await shop.id("loyalty", known)
    path, theirs = (f"/api/v1/customers/{one}/interactions" for one in (who, other))
    call = (await shop.call("delivery", "POST", path, EVENT)).json()["id"]
    complaint = await shop.call("delivery", "POST", path, {**EVENT, "kind": "complaint"})
    for event in (call, complaint.json()["id"]):
        place = f"{path}/{event}/attachments/1?purpose=support"
        assert (await shop.call("delivery", "PUT", place, PDF, **NAMED)).status_code == 201
    listed = await shop.call("loyalty", "GET", f"{theirs}?purpose=support")
    (seen,) = listed.json()["interactions"]  # calls alone
    place = f"{theirs}/{seen['id']}/attachments"
    assert (await shop.call("loyalty", "GET", f"{place}/1?purpose=support")).content == PDF
    # Another app's event, an event that is not there, a file that is not there: one answer.
    bodies = set()
    for method, path_, app in (
        ("PUT", f"{place}/2?purpose=support", "loyalty"),
        ("PUT", f"{theirs}/{UNKNOWN}/attachments/1?purpose=support", "loyalty"),
        ("GET", f"{theirs}/{UNKNOWN}/attachments/1?purpose=support", "loyalty"),
        ("GET", f"{theirs}/{call}/attachments/1?purpose=support", "loyalty"),  # of another sector
        ("GET", f"{place}/4?purpose=support", "loyalty"),
        ("GET", f"{place}/x?purpose=support", "loyalty"),
        ("GET", f"{path}/{call}/attachments/1?purpose=support".replace(who, UNKNOWN), "delivery"),
    ):
        answer = await shop.call(
            app,
            method,
            path_,
            PDF if method == "PUT" else None,
            **(NAMED if method == "PUT" else {}),
        )
        assert answer.status_code == 404, (path_, answer.text)
        bodies.add(answer.content)
    assert len(bodies) == 1


async def test_a_thread_is_one_event_with_all_under_it(shop: Shop) -> None:
    path, files = await called(shop)
    top = files.split("/")[-2]
    letter = {**EVENT, "kind": "complaint", "parent": top, "who": "customer", "outcome": "solved"}
    child = (await shop.call("delivery", "POST", path, letter)).json()["id"]
    last = (await shop.call("delivery", "POST", path, {**EVENT, "parent": child})).json()["id"]
    await shop.call("delivery", "POST", path, EVENT)
    found = await shop.call("delivery", "GET", f"{path}?purpose=support&thread={top}")
    body = found.json()
    assert [one["id"] for one in body["interactions"]] == [top, child, last]
    assert (body["cut"], body["next"]) == (False, None)
    told = body["interactions"][1]
    assert (told["who"], told["outcome"], told["parent"]) == ("customer", "solved", top)
    assert (body["interactions"][0]["who"], body["interactions"][0]["outcome"]) == (None, None)
    none = await shop.call("delivery", "GET", f"{path}?purpose=support&thread={UNKNOWN}")
    assert none.json()["interactions"] == []
    both = await shop.call("delivery", "GET", f"{path}?purpose=support&thread={top}&cursor=x")
    assert (both.status_code, kind(both)) == (400, "bad-request")
    # Of kinds that the ask names: what is under a kind that it does not is not reached.
    calls = await shop.call("delivery", "GET", f"{path}?purpose=support&thread={top}&kind=call")
    assert [one["id"] for one in calls.json()["interactions"]] == [top]


async def test_who_and_outcome_out_of_bounds_are_refused(shop: Shop) -> None:
    who = await shop.id("delivery", await shop.add())
    path = f"/api/v1/customers/{who}/interactions"
    for change, status in (
        ({"who": "x" * 65}, 422),
        ({"who": "\u202eabc"}, 422),
        ({"outcome": "Solved"}, 422),
        ({"who": 7}, 400),
        ({"outcome": None, "who": None}, 201),
    ):
        answer = await shop.call("delivery", "POST", path, {**EVENT, **change})
        assert answer.status_code == status, (change, answer.text)


async def test_ten_events_stand_under_each_other_and_no_more(shop: Shop) -> None:
    path, files = await called(shop)
    parent = files.split("/")[-2]
    for _ in range(9):
        made = await shop.call("delivery", "POST", path, {**EVENT, "parent": parent})
        assert made.status_code == 201, made.text
        parent = made.json()["id"]
    deeper = await shop.call("delivery", "POST", path, {**EVENT, "parent": parent})
    assert (deeper.status_code, kind(deeper)) == (422, "wrong-value")


async def test_a_parent_that_the_app_may_not_read_is_not_there(shop: Shop) -> None:
    known = await shop.add()
    path = f"/api/v1/customers/{await shop.id('delivery', known)}/interactions"
    theirs = f"/api/v1/customers/{await shop.id('loyalty', known)}/interactions"
    await shop.call("delivery", "POST", path, {**EVENT, "kind": "complaint"})
    async with shop.deps.database.connect() as conn:
        (row,) = await interaction.load_page(conn, known)
    guessed = await apps.pairwise(shop.deps, "loyalty", CustomerId(row.interaction_id))
    answer = await shop.call("loyalty", "POST", theirs, {**EVENT, "parent": guessed})
    gone = await shop.call("loyalty", "POST", theirs, {**EVENT, "parent": UNKNOWN})
    assert (answer.status_code, answer.content) == (422, gone.content)
