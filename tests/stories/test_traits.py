"""What the vault works out of purchases is used, seen, called wrong, objected to, and then it is gone."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import traits
from tests.stories.served import Served
from tests.stories.shop_app import App, Customer

EMAIL = "ana@example.org"
NAMES = [f"traits.{name}" for name in traits.TRAITS]
APPROVED = [
    {"purpose": "rewards", "actions": ["append"], "datatypes": ["interaction.purchase"]},
    {"purpose": "rewards", "actions": ["read"], "datatypes": NAMES},
]
GONE = "We do not know this."
DAYS = "/home/traits.days"
SPENT = "/home/traits.spent"


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Iterator[Served]:
    """A vault with a code of ethics that works traits out, served."""
    served = Served(tmp_path / "home", database_url)
    served.home.mkdir()
    served.run("init")
    file = served.home / "traits.yaml"
    file.write_text(traits.TEXT)
    served.run("code", "publish", str(file))
    served.start()
    yield served
    served.stop()


def within(seconds: float, look: Callable[[], Any], wanted: Any) -> Any:
    """Look until it is as wanted, as a person would who was told that it takes a moment."""
    deadline = time.monotonic() + seconds
    while (found := look()) != wanted and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def test_a_trait_is_worked_out_read_contested_and_ended(shop: Served) -> None:
    who = shop.run("customer", "add", "--email", EMAIL, "--source", "told")
    app = App(shop, "loyalty", APPROVED)
    app.sign_in()
    pairwise = shop.run("app", "id", "loyalty", who)
    ana = Customer(shop, EMAIL)
    ana.sign_in()
    page = "/privacy/rewards"
    assert ana.send(page, page, ("decision", "give")).status_code == 303

    def buys(total: str, *, days: int = 1) -> None:
        at = datetime.now(UTC) - timedelta(days=days)
        event: dict[str, Any] = {"purpose": "rewards", "kind": "purchase", "channel": "shop"}
        event |= {"at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "content": {"total": total}}
        noted = app.request("POST", f"/api/v1/customers/{pairwise}/interactions", event)
        assert noted.status_code == 201, noted.text

    def known() -> dict[str, Any]:
        answer = app.request("GET", f"/api/v1/customers/{pairwise}/profile?purpose=rewards")
        return {name: one["value"] for name, one in answer.json().get("fields", {}).items()}

    for total in ("12.50", "7.25", "0.50"):
        buys(total)
    # Within a minute the daily job comes by, too; a dry run says what is left, and looks at nothing.
    assert "1 customers would be gone through." in shop.run("traits", "run", "--dry-run")
    assert "1 customers gone through." in shop.run("traits", "run")
    assert known() == {"traits.often": "seldom", "traits.spent": 20, "traits.way": "shop"}
    answer = app.request(
        "GET", f"/api/v1/customers/{pairwise}/profile?purpose=rewards&fields=traits.spent"
    )
    assert answer.json()["fields"]["traits.spent"]["source"] == "inferred"

    # The customer sees it, how it came about, and that it was worked out.
    shown = ana.http.get(SPENT).text
    for words in (
        "How we work it out",
        "We go by what you did with us.",
        'href="/interactions?kind=purchase"',
        "1 year",
        'href="/privacy"',
        "We inferred it",
    ):
        assert words in shown, words
    within(10, lambda: "to work out: How much you spend" in ana.http.get("/who-looked").text, True)
    assert "to work out: How much you spend" in ana.http.get("/who-looked").text

    # They call it wrong: it is gone, and stays gone.
    wrong = ana.send(SPENT, SPENT, ("do", "contest"))
    assert wrong.headers["location"] == f"{SPENT}?done=contest"
    assert "You said that it is wrong" in ana.http.get(SPENT).text
    assert "traits.spent" not in known()
    buys("100")
    shop.run("traits", "run")
    assert known() == {"traits.often": "often", "traits.way": "shop"}

    # They take it back, and it comes again by itself.
    ana.send(SPENT, SPENT, ("do", "take-back"))
    assert within(30, lambda: known().get("traits.spent"), 120) == 120

    # They object to what rests on an interest of the shop: it is gone, and stays gone.
    assert GONE not in ana.http.get(DAYS).text
    assert ana.send("/privacy", "/privacy/fraud", ("decision", "object")).status_code == 303
    assert within(30, lambda: GONE in ana.http.get(DAYS).text, True)

    # They stop the purpose: within seconds nothing is left to any app, and nothing comes again.
    ana.send("/privacy", page, ("decision", "withdraw"))
    assert known() == {}
    assert within(30, lambda: GONE in ana.http.get(SPENT).text, True)
    shop.run("traits", "run")
    assert GONE in ana.http.get(SPENT).text
    assert GONE in ana.http.get(DAYS).text
