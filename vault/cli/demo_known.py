"""Tell what it is to be known: a complaint that is settled, a card, a survey, a trait that is contested.

Each step meets the server as browsers and apps do; it goes on with the customer of `demo_story` and the
staff of `demo_console`.
Source: DESIGN 2 (interaction); consent-standards note, 8.
"""

import email
import email.policy
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

from vault.cli.demo_console import DESK, Console
from vault.cli.demo_story import PURPOSE, Step, Story, expect
from vault.cli.demo_vault import ANA
from vault.services import survey_job
from vault.store import commit
from vault.wiring import SystemClock

if TYPE_CHECKING:
    from vault.services.deps import Deps

T = TypeVar("T")
COMPLAINT: Final = "The grinder that I bought is louder than the one in your shop."
ANSWER: Final = "We are sorry. A new one comes tomorrow, and we take the loud one back."
BOUGHT: Final = timedelta(days=4)  # ago: a survey is sent three days after a purchase
LOUD: Final = "It is still a little loud."
CARD: Final = "loyalty.card"
TRAIT: Final = "traits.value"
SECONDS: Final = 15.0  # in which a letter comes, or what is recorded is on a list
_NUMBER: Final = re.compile(r"\bF[0-9A-Z]{10}\b")
_SETTLE: Final = re.compile(r'action="(/follow-ups/[0-9a-f-]{36})"')
_DIGITS: Final = re.compile(r'class="value mono"><bdi>([0-9 ]+)</bdi>')
_LINK: Final = re.compile(r"/survey/[\w-]{43}")


class Known:
    """This part of one run; the steps are taken in their order, each once."""

    def __init__(self, story: Story, console: Console) -> None:
        """Begin where the others ended."""
        self._story = story
        self._console = console
        self._number = ""  # of the follow-up

    def steps(self) -> list[Step]:
        """Return the steps with their names."""
        return [
            ("complaint", self.complain),
            ("what was done", self.answer),
            ("settled", self.settle),
            ("card at the till", self.show_card),
            ("benefits", self.see_benefits),
            ("survey", self.answer_survey),
            ("low score", self.follow_low_score),
            ("trait", self.work_out),
            ("contested", self.contest),
            ("numbers", self.count),
        ]

    def complain(self) -> str:
        """Tell the business what went wrong, as a customer."""
        landed = self._story.ana.send("/tell-us", "/tell-us", kind="complaint", text=COMPLAINT)
        expect(landed == "/follow-ups?done=told", f"it led to {landed}")
        found = _NUMBER.search(self._story.ana.page("/follow-ups"))
        expect(found is not None, "the follow-up has no number")
        self._number = found[0] if found else ""
        queue = self._console.desk.page("/console/follow-ups")
        expect(self._number in queue and ANA not in queue, "it is not in the queue, or not alone")
        return f"{self._number} is owed by the support desk"

    def answer(self) -> str:
        """Read it for its case, say what is done, and offer that it is settled."""
        desk, place = self._console.desk, f"/console/follow-ups/{self._number}"
        page = f"{place}?purpose={DESK}"
        expect(COMPLAINT in desk.page(page), "the support desk does not see the complaint")
        given = {"purpose": DESK, "kind": "email_sent"}
        desk.send(page, place, do="answer", text=ANSWER, **given)
        desk.send(page, place, do="offer", outcome="solved", text="", **given)
        return "answered, and offered as solved: the customer has the last word"

    def settle(self) -> str:
        """Read what was done, and agree."""
        page = self._story.ana.page("/follow-ups")
        expect(ANSWER in page and COMPLAINT in page, "the thread is not whole")
        place = _SETTLE.search(page)
        expect(place is not None, "nothing can be agreed to")
        self._story.ana.send("/follow-ups", place[1] if place else "", do="agree")
        tree = self._story.ana.page("/interactions?view=tree")
        expect(COMPLAINT in tree and ANSWER in tree, "the tree does not hold both")
        return "settled by the customer; complaint and answer stand in the tree"

    def show_card(self) -> str:
        """Allow the card again, show it at the till, and be known in one call."""
        self._allow(PURPOSE)
        found = _DIGITS.search(self._story.ana.page("/card"))
        expect(found is not None, "the page shows no number")
        number = found[1] if found else ""
        app, _ = self._story.app()
        app.authorize(
            PURPOSE,
            (CARD, "loyalty.points", "preferences.coffee"),
            scope="profile.read customers.resolve",
        )
        reply = app.look_up(PURPOSE, CARD, number)
        expect(reply.status == 200, f"the till got {reply.status}")
        return f"{len(reply.body['fields'])} details for a shown card, with a receipt"

    def see_benefits(self) -> str:
        """See what each detail is good for."""
        page = self._story.ana.page("/card")
        asked = self._story.ana.page(f"/privacy/{PURPOSE}")
        for words in ("A drink on your birthday", "A drink for every ten"):
            expect(words in page and words in asked, f"“{words}” is not beside its choice")
        return "each stands beside the detail that it needs"

    def answer_survey(self) -> str:
        """Be asked after a purchase, by a letter with one link, and answer without signing in."""
        self._allow("survey")
        app, customer = self._story.app()
        app.authorize(
            PURPOSE, ("interaction.purchase",), scope="interactions.append", action="append"
        )
        at = datetime.fromtimestamp(SystemClock().now().timestamp(), UTC) - BOUGHT
        bought = {
            "purpose": PURPOSE,
            "kind": "purchase",
            "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "channel": "shop",
            "content": {"items": "Grinder", "total": "89.00"},
        }
        reply = app.note(customer, bought)
        expect(reply.status == 201, f"the purchase got {reply.status}")
        self._story.in_vault(_look_whom_to_ask)
        place = self._within(self._letter, "no letter with a survey came")
        self._story.ana.send(place, place, **{"q.satisfied": "2", "q.words": LOUD})
        return "answered by one link, each question free to leave out"

    def follow_low_score(self) -> str:
        """Find that a low score is followed up, without having to ask."""
        self._within(
            lambda: LOUD in self._story.ana.page("/follow-ups"), "nothing follows the low score"
        )
        return "the low score opened a follow-up that only the customer settles"

    def work_out(self) -> str:
        """Allow that the vault works something out, and see what, from what and how."""
        self._allow("advice")
        self._story.run("traits", "run")
        page = self._story.ana.page(f"/home/{TRAIT}")
        expect("How we work it out" in page, "the page does not say how")
        expect('value="contest"' in page, "nothing was worked out")
        return f"{TRAIT} is shown with how it came about"

    def contest(self) -> str:
        """Say that it is wrong: it goes, and does not come back."""
        place = f"/home/{TRAIT}"
        self._story.ana.send(place, place, do="contest")
        self._story.run("traits", "run")
        page = self._story.ana.page(place)
        expect("You said that it is wrong" in page, "the page does not say so")
        expect('value="contest"' not in page, "it came back")
        return "deleted, and not worked out again"

    def count(self) -> str:
        """Count what names nobody, and count the published scorecard again."""
        self._story.run("numbers", "count")
        said = self._story.run("numbers", "check")
        expect("is what the log gives" in said, said)
        page = self._story.ana.page("/scorecard")
        expect("Nobody looks without a clause" in page, "the scorecard is not public")
        return "the scorecard is public, and counting again gives the same"

    def _allow(self, purpose: str) -> None:
        place = f"/privacy/{purpose}"
        landed = self._story.ana.send(place, place, decision="give")
        expect(landed.startswith("/privacy?done="), f"the decision led to {landed}")

    def _letter(self) -> str:
        """Return the path in the newest letter that leads to a survey; "" for none."""
        for path in sorted((self._story.home / "mail").glob("*.eml"), reverse=True):
            letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            body = letter.get_body(("plain",))
            found = _LINK.search(body.get_content()) if body else None
            if found and str(letter["To"]) == ANA:
                return urlsplit(found[0]).path
        return ""

    def _within(self, look: Callable[[], T], otherwise: str) -> T:
        """Look until something is there."""
        deadline = time.monotonic() + SECONDS
        while not (found := look()):
            expect(time.monotonic() < deadline, otherwise)
            time.sleep(0.1)
        return found


async def _look_whom_to_ask(deps: "Deps") -> None:
    """Queue what the server queues once an hour."""
    await commit.request(deps.database, lambda conn: survey_job.queue(deps, conn))
