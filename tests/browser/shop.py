"""The sample shop as the browser finds it: served, with an app, and a customer who has been there.

What customers have is made by commands and by the pages themselves.
"""

import time
from email import message_from_bytes, policy
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.visit import Visit
from tests.followed import followed, staffed, swapped
from tests.services import mailbox
from tests.stories.served import Served
from tests.stories.shop_app import App

CODE = Path(__file__).parents[2] / "policies" / "codes" / "sample-2026-12.yaml"
FIELDS = ["contact.email", "contact.full_name", "preferences.topics"]
APPROVED = [{"purpose": "marketing", "actions": ["read"], "datatypes": FIELDS}]
READ = "profile?purpose=marketing"
READ_ORDER = "profile?purpose=delivery"
ORDERS = [
    {"purpose": "delivery", "actions": ["read"], "datatypes": ["contact.full_name"]},
    {
        "purpose": "support",
        "actions": ["read", "append"],
        "datatypes": ["interaction.call", "interaction.complaint"],
    },
]
PDF = b"%PDF-1.7\n% a sample of a scanned letter\n"
ANA = "ana@example.org"
# Of letters that break nowhere by themselves, with an accent, an apostrophe and a tag.
NAME = "Ána O'Brien-Conceição <b>Wolfeschlegelsteinhausenbergerdorff</b>"
VALUES = (
    f"contact.full_name={NAME}",
    "contact.postal_address=12 Quay Street\nCork\nآيرلندا",
    "contact.birth_date=1980-02-29",
    "preferences.coffee=flat_white",
    "preferences.topics=coffee;tea",
    "preferences.diet=nuts;milk",
)
CARD = "loyalty.card=79927398713"  # of Ana: no two customers have one number
PATIENCE = 10  # seconds for a mail


def longer(text: str) -> str:
    """Return a version to come, under which one consent lasts longer and one app is gone."""
    return swapped(
        text,
        ("version: 2026-12\neffective: 2026-12-01", "version: 2026-12-2\neffective: 2099-01-01"),
        ("expiry: P6M", "expiry: P12M"),
        ("recipients: [delivery, carrier]", "recipients: [delivery]"),
        (
            "  carrier: {name: Parcel carrier, team: Quayside Parcels, country: IE, external: yes}\n",
            "",
        ),
    )


class Shop(Served):
    """A served vault with the shop's customers."""

    app: App
    delivery: App

    def open(self) -> None:
        """Install and serve, with two apps registered, of which the newsletter's calls."""
        self.home.mkdir()
        self.run("init")
        code = followed(staffed(CODE.read_text(encoding="utf-8")))
        code = swapped(code, ("  - no-sharing\n", "  - no-sharing\n  - at-most\n"))
        for name, text in (("code.yaml", code), ("later.yaml", longer(code))):
            (self.home / name).write_text(text, encoding="utf-8")
            self.run("code", "publish", str(self.home / name))
        self.start()
        self.app = App(self, "newsletter", APPROVED)
        self.app.sign_in()
        self.delivery = App(self, "delivery", ORDERS)

    def customer(self, email: str, *values: str) -> str:
        """Add a customer and return the id."""
        pairs = [word for value in values for word in ("--set", value)]
        return self.run("customer", "add", "--email", email, "--source", "told", *pairs)

    def look(self, customer: str) -> int:
        """Let the app ask for what the letters need; return the status."""
        name = self.run("app", "id", "newsletter", customer)
        return self.app.request("GET", f"/api/v1/customers/{name}/{READ}").status_code

    def contacts(self, customer: str) -> None:
        """Let the delivery's app note a complaint with a letter, and the call that solved it."""
        who = self.run("app", "id", "delivery", customer)
        path = f"/api/v1/customers/{who}/interactions"
        self.delivery.sign_in()
        event = {
            "purpose": "support",
            "kind": "complaint",
            "at": "2026-11-20T09:00:00Z",
            "channel": "letter",
            "who": "customer",
            "content": {"text": f"The parcel for {NAME} was wet.\nآيرلندا"},
        }
        first = self.delivery.request("POST", path, event)
        assert first.status_code == 201, first.text
        top = first.json()["id"]
        file = f"{path}/{top}/attachments/1?purpose=support&name=a%20letter.pdf"
        assert self.delivery.send(file, PDF, "application/pdf").status_code == 201
        answer = {"kind": "call", "channel": "telephone", "parent": top, "outcome": "solved"}
        said = {"who": "Delivery team", "content": {"text": "A new parcel goes out today."}}
        assert self.delivery.request("POST", path, {**event, **answer, **said}).status_code == 201

    def mails(self) -> list[Path]:
        """Return all mails, the oldest first."""
        return sorted(
            (self.home / "mail").glob("*.eml"), key=lambda file: (file.stat().st_mtime_ns, file)
        )

    def code(self, *, after: int) -> str:
        """Return the digits of the sign-in mail that follows `after` mails, waiting for it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for file in self.mails()[after:]:
                mail = message_from_bytes(file.read_bytes(), policy=policy.default)
                if "code" in str(mail["Subject"]):
                    return mailbox.code(mail)
            time.sleep(0.05)
        raise AssertionError("no mail came")

    def sign_in(self, page: Page, customer: str) -> None:
        """Sign in by a link of the command, which no limit of mails stops."""
        page.goto(self.run("customer", "link", customer))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/home")

    @staticmethod
    def wait_for(page: Page, link: str) -> None:
        """Load a page again until it has a link, as somebody who waits does."""
        deadline = time.monotonic() + PATIENCE
        while not page.get_by_role("link", name=link).count():
            assert time.monotonic() < deadline, link
            page.wait_for_timeout(100)
            page.reload()

    def regular(self, chromium: Browser) -> str:
        """Return the file of a browser signed in as Ana, who allowed, stopped and was looked at."""
        who = self.customer(ANA, *VALUES, CARD)
        visit = Visit(chromium, self.issuer)
        self.sign_in(visit.page, who)
        self.look(who)
        self.contacts(who)
        for purpose in ("marketing", "loyalty.rewards"):
            visit.go(f"/privacy/{purpose}")
            visit.page.get_by_role("button", name="Allow", exact=True).click()
        self.look(who)
        visit.page.locator("#loyalty\\.rewards").get_by_role("button", name="Stop").click()
        visit.go("/requests/new?kind=rectify")
        visit.page.locator("textarea").fill(f"My name is {NAME}, not Ana.")
        visit.page.get_by_role("button", name="Send it").click()
        visit.go("/tell-us")
        visit.page.get_by_role("radio", name="Complaint").check()
        visit.page.locator("textarea").fill(f"The parcel of {NAME} was open.")
        visit.page.get_by_role("button", name="Send it").click()
        visit.go("/your-data/order")
        visit.page.get_by_role("button", name="A page to read").click()
        self.wait_for(visit.page, "Fetch it")
        file = str(self.home / "ana.json")
        visit.context.storage_state(path=file)
        visit.close()
        assert visit.complaints == []
        return file
