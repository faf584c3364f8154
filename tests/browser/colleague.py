"""A member of staff who walks through the console."""

from collections.abc import Callable
from typing import Any

from tests.browser.shop import Shop
from tests.browser.visit import Visit
from tests.browser.walk import Walk, Way


class Colleague(Walk):
    """Somebody who answers for the vault, or is about to."""

    def __init__(self, visit: Callable[..., Visit], shop: Shop, way: Way, **options: Any) -> None:
        super().__init__(visit, way, **options)
        self.shop = shop
        self.email = ""

    @property
    def handle(self) -> str:
        """Return the pseudonym that stands on each page."""
        return self.page.locator("header .mono").inner_text()

    def join(self, email: str, role: str, *, link: str = "") -> "Colleague":
        """Enrol by an invitation link and the mailed code."""
        self.email = email
        link = link or self.shop.run("staff", "invite", email, "--role", role).splitlines()[-1]
        self.go(link.removeprefix(self.shop.issuer))
        self.write("Your name", f"Sample Colleague ({role})")
        before = len(self.shop.mails())
        self.button("Join")
        self._type_code(before)
        assert self.page.inner_text("h1") == "Overview"
        return self

    def sign_in_freshly(self, path: str) -> None:
        """Sign in once more for what is grave at `path`."""
        self.go(f"/console/sign-in?fresh=1&next={path}")
        self.write("Your e-mail address", self.email)
        before = len(self.shop.mails())
        self.button("Send me a code")
        self._type_code(before)
        assert self.page.url.endswith(path)

    def menu(self, name: str) -> None:
        """Go to an entry of the menu."""
        self.link(name, within="nav.menu")

    def _type_code(self, before: int) -> None:
        self.write("The six digits", self.shop.code(after=before))
        self.button("Sign in")
