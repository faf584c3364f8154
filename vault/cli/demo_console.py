"""Tell the rest of the main job: what staff see of it, and what customers see of staff.

Each step meets the server as browsers and apps do. It is told after `demo_story`, whose customer and
app it goes on with.
Source: issue of the console, shown by; security note, 8.
"""

import csv
import io
import json
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from policies.model import StaffRole
from vault.cli import demo_staff
from vault.cli.caller import Caller
from vault.cli.demo_story import APP, Step, Story, expect
from vault.cli.demo_vault import ANA
from vault.cli.sample_staff import SampleStaff

if TYPE_CHECKING:
    from vault.services.deps import Deps

CASE: Final = "T-2026-1"
DESK: Final = "support"  # the purpose under which the support desk reads
TOLD_SECONDS: Final = 5.0  # within which a look of staff is on the customer's list
ASKED: Final = "Which of my details does your support desk see?"
ANSWERED: Final = "Those that the code of ethics names for it. You find each look under Who looked."


class Console:
    """The console's part of one run; the steps are taken in their order, each once."""

    def __init__(self, story: Story, stack: ExitStack) -> None:
        """Begin with nobody signed in; the stack closes what the steps open."""
        self._story = story
        self._stack = stack
        self._members: dict[StaffRole, SampleStaff] = {}
        self._question = ""  # path of the customer's request
        self._number = ""  # by which staff know it

    @property
    def desk(self) -> SampleStaff:
        """The support desk's browser."""
        return self._members[StaffRole.SUPPORT]

    def steps(self) -> list[Step]:
        """Return the steps with their names."""
        return [
            ("staff", self.enter),
            ("staff look", self.look),
            ("told in seconds", self.told),
            ("question", self.ask),
            ("answer", self.answer),
            ("access log", self.search),
            ("record of processing", self.record),
            ("freeze", self.freeze),
            ("two people", self.thaw),
        ]

    def enter(self) -> str:
        """Enrol the sample members of staff, and sign each in."""

        async def links(deps: "Deps") -> dict[StaffRole, tuple[str, str]]:
            members = await demo_staff.enrol(deps)
            return {
                role: (member.handle, await demo_staff.link(deps, member))
                for role, member in members.items()
            }

        for role, (handle, link) in self._story.in_vault(links).items():
            browser = self._stack.enter_context(Caller(self._story.issuer))
            member = SampleStaff(browser, handle=handle)
            member.enter(link)
            self._members[role] = member
        return ", ".join(f"{role.value} {one.handle}" for role, one in self._members.items())

    def look(self) -> str:
        """Look at a customer for a case; the clause decides what is shown."""
        desk = self._members[StaffRole.SUPPORT]
        page = desk.look(purpose=DESK, case=CASE, customer=ANA)
        expect(ANA in page, "the support desk does not see what its clause names")
        nobody = desk.look(purpose=DESK, case=CASE, customer="nobody@example.org")
        expect("There is nothing here" in nobody, "somebody unknown does not look like nobody")
        return f"{desk.handle} sees what the clause {DESK} names, for {CASE}"

    def told(self) -> str:
        """See that look in the customer's list."""
        desk = self._members[StaffRole.SUPPORT]
        deadline = time.monotonic() + TOLD_SECONDS
        page = ""
        while time.monotonic() < deadline and CASE not in page:
            page = self._story.ana.page("/who-looked?who=staff")
            time.sleep(0.05)
        expect(CASE in page and desk.handle in page, "the look is not in the list")
        return f"the customer sees {desk.handle}, purpose and case, and no name"

    def ask(self) -> str:
        """Ask the business something, as a customer."""
        place = self._story.ana.send("/requests/new?kind=question", "/requests/new", text=ASKED)
        self._question = place
        queue = self._members[StaffRole.SUPPORT].page("/console/requests")
        page = self._story.ana.page(place)
        number = page.partition("Request R")[2][:10]
        expect(f"R{number}" in queue, "the request is not in the queue")
        self._number = f"R{number}"
        return f"{self._number} is in the queue"

    def answer(self) -> str:
        """Answer it, as staff; both read the same."""
        place = f"/console/requests/{self._number}"
        self._members[StaffRole.SUPPORT].send(place, place, do="answer", text=ANSWERED)
        for page in (
            self._story.ana.page(self._question),
            self._members[StaffRole.COMPLIANCE].page(place),
        ):
            expect(ANSWERED in page and "Answered" in page, "the answer is not on the page")
        return "customer and compliance read the same answer"

    def search(self) -> str:
        """Find the look of the support desk in the log, by its case, and open nothing."""
        lines = self._of_compliance(f"/console/log.ndjson?case={CASE}").splitlines()
        found = [json.loads(line) for line in lines]
        handle = self._members[StaffRole.SUPPORT].handle
        mine = [one for one in found if one["staff"] == handle]
        expect(bool(mine), f"{len(found)} entries have this case, none of {handle}")
        expect(ANA not in "".join(lines), "the export of the log names a customer")
        return f"entries of {handle} for {CASE}: {len(mine)}, none of them opened"

    def record(self) -> str:
        """Fetch the record of processing: what the code says and what is registered."""
        rows = list(csv.DictReader(io.StringIO(self._of_compliance("/console/record.csv"))))
        expect(len(rows) > 0, "the record of processing is empty")
        expect(any(APP in cell for row in rows for cell in row.values()), f"{APP} is not in it")
        return f"{len(rows)} lines of purpose and detail"

    def freeze(self) -> str:
        """Freeze the app; its very next call, with the same token, gets nothing."""
        place = f"/console/apps/{APP}"
        self._members[StaffRole.STEWARD].send(place, place, reason="key-lost")
        reply = self._story.read_as_app()
        kind = reply.body.get("type", "")
        expect(reply.status == 401 and kind.endswith("/frozen"), f"the app got {reply.status}")
        return f"{APP} gets 401 at its next call"

    def thaw(self) -> str:
        """Let the app go on: the steward proposes it, compliance approves what was proposed."""
        here = "/console/proposals"
        steward, compliance = (
            self._members[role] for role in (StaffRole.STEWARD, StaffRole.COMPLIANCE)
        )
        place = urlsplit(steward.send(here, here, do="thaw", app=APP)).path
        expect(steward.status(f"{place}/decide") == 404, "the proposer may decide")
        compliance.send(f"{place}/decide", f"{place}/decide", do="approve")
        reply = self._story.authorize_again()
        expect(reply.status == 200, f"the token endpoint answered {reply.status}")
        return f"{steward.handle} proposed, {compliance.handle} approved, {APP} goes on"

    def _of_compliance(self, path: str) -> str:
        return self._members[StaffRole.COMPLIANCE].page(path)
