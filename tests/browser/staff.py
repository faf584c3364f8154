"""Members of staff of the shop, each enrolled in the browser by a link and the mailed code."""

import time

from playwright.sync_api import Browser

from tests.browser.shop import Shop
from tests.browser.visit import Visit

LONGEST = 600  # seconds after which another member enrols: a console's session ends by itself


class Staff:
    """One signed-in member for each role that was asked for."""

    def __init__(self, shop: Shop, chromium: Browser) -> None:
        self._shop = shop
        self._chromium = chromium
        self._known: dict[str, tuple[float, str]] = {}  # role -> (since when, file of the browser)
        self._count = 0

    def browser(self, role: str) -> str:
        """Return the file of a browser that is signed in to the console."""
        since, file = self._known.get(role, (0.0, ""))
        if not file or time.monotonic() - since > LONGEST:
            file = self._enrol(role)
            self._known[role] = (time.monotonic(), file)
        return file

    def _enrol(self, role: str) -> str:
        self._count += 1
        before = len(self._shop.mails())
        email = f"{role}-{self._count}@example.org"
        link = self._shop.run("staff", "invite", email, "--role", role).splitlines()[-1]
        visit = Visit(self._chromium, self._shop.issuer)
        page = visit.page
        page.goto(link)
        page.locator("#name").fill(f"Kim Sample ({role})")
        page.get_by_role("button", name="Join").click()
        page.locator("#code").fill(self._shop.code(after=before))
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/console")
        file = str(self._shop.home / f"{role}.json")
        visit.context.storage_state(path=file)
        visit.close()
        assert visit.complaints == []
        return file
