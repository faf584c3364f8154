"""Somebody who walks through pages by hand, and judges each that they come to.

A page is judged once a walk: what axe finds, where scripts run, and what no page may have. That the
browser says of a refused form that it was refused is no complaint.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser import axe
from tests.browser.hand import Keyboard, Mouse
from tests.browser.visit import HEIGHT, Visit

_NAMES = re.compile("[A-Za-z0-9_-]{9,}|[0-9]+")  # what differs between two pages of one kind
_REFUSED = "the server responded with a status of 4"


@dataclass(frozen=True)
class Way:
    """How somebody walks."""

    hand: type[Mouse]
    script: bool
    width: int


WAYS = {
    "mouse": Way(Mouse, script=True, width=1280),
    "keys without script on a phone": Way(Keyboard, script=False, width=320),
}


class Walk:
    """A browser, and a hand."""

    def __init__(self, visit: Callable[..., Visit], way: Way, **options: Any) -> None:
        self.visit = visit(
            java_script_enabled=way.script,
            viewport={"width": way.width, "height": HEIGHT},
            **options,
        )
        self.hand = way.hand(self.visit.page)
        self.wrong: list[str] = []
        self._script = way.script
        self._judged: set[str] = set()

    @property
    def page(self) -> Page:
        return self.visit.page

    @property
    def main(self) -> str:
        """Return what the page says."""
        return self.page.inner_text("main")

    def go(self, path: str, *, status: int = 200) -> None:
        """Open a page by its address."""
        self.visit.go(path, status=status)
        self._judge()

    def link(self, name: str | re.Pattern[str], *, within: str = "body") -> None:
        """Follow the first link of a name."""
        self._press(self.page.locator(within).get_by_role("link", name=name).first)

    def button(self, name: str | re.Pattern[str], *, within: str = "main") -> None:
        """Press the first button of exactly this name, or of one like the pattern."""
        self._press(self.page.locator(within).get_by_role("button", name=name, exact=True).first)

    def write(self, label: str, text: str, *, within: str = "main") -> None:
        """Write into the field of a label."""
        self.hand.write(self.field(label, within), text)

    def field(self, label: str, within: str = "main") -> Locator:
        """Return the control of a label."""
        return self.page.locator(within).get_by_label(label, exact=True).first

    def fine(self) -> bool:
        """Say whether nothing was wrong with any page, nor with the focus on it; show what was."""
        wrong = [*self.wrong, *self.hand.wrong]
        print("\n".join(wrong))
        return not wrong

    def _press(self, control: Locator) -> None:
        self.hand.press(control)
        self._judge()

    def _judge(self) -> None:
        self.page.wait_for_load_state()
        said = self.visit.complaints
        self.visit.complaints = [one for one in said if _REFUSED not in one]
        kind = _NAMES.sub("*", self.page.url) + self.page.title()
        if kind not in self._judged:
            self._judged.add(kind)
            found = self.visit.faults()
            # Without scripts axe would wait for ever: the page's promises do not go on.
            found += axe.violations(self.page) if self._script else []
            self.wrong.extend(f"{self.page.url}: {one}" for one in found)
